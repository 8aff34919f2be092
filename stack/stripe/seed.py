"""What every world begins with: the platform's own account."""

from stack.stripe.resources import accounts, external_accounts
from stack.stripe.settings import NOBODY, PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World


def plant(world: World) -> None:
    """Have the platform's account, ready to charge cards and to pay out to its bank."""
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
    world.store.insert(NOBODY, body)
    call = Call(world, PLATFORM, {}, {})
    bank = external_accounts.make(
        call, body, {"account_number": external_accounts.GOOD, "country": "US", "currency": "usd"}
    )
    body["external_accounts"].update(data=[bank], total_count=1)
    world.store.save(body)
