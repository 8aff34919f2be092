"""What every world begins with: the platform's own account."""

from stack.stripe.resources import accounts
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World

_NOBODY = "stripe"


def plant(world: World) -> None:
    """Have the platform's account, ready to charge cards; it is nobody's connected account."""
    if world.store.find(PLATFORM) is not None:
        return
    body: Body = {
        **accounts.blank(Call(world, PLATFORM, {}, {"type": "standard"})),
        "id": PLATFORM,
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "details_submitted": True,
        "email": "platform@soulseer.test",
        "payouts_enabled": True,
    }
    body["business_profile"]["name"] = "SoulSeer"
    body["controller"] = {"type": "account"}
    body["external_accounts"]["url"] = f"/v1/accounts/{PLATFORM}/external_accounts"
    world.store.insert(_NOBODY, body)
