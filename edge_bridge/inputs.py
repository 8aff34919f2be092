"""Checks the JSON bodies of calls before anything is done with them."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from soulseer.errors import BadRequestError

MAX_BODY_BYTES: Final = 16 * 1024
# The largest amount the database's bigint columns and JavaScript's numbers both hold exactly.
_MOST: Final = 2**53 - 1


class Input(BaseModel):
    """Base of all inputs: nothing is converted, nothing unknown is accepted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TopupInput(Input):
    """Body of POST /topups and of POST /topups/checkout.

    Attributes:
        amount: Minor units.
        currency: Three letters.
        idempotency_key: The caller's key; the same key returns the same top-up.
        save_card: Whether Stripe is to keep the card, so that auto-reload may charge it.
    """

    amount: Annotated[int, Field(gt=0, le=_MOST)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    save_card: bool = False


class PayoutAccountInput(Input):
    """Body of POST /payout-account: an empty object, or nothing."""


class TurnInput(Input):
    """Body of POST /turn-credentials.

    Attributes:
        session_id: The session whose media is to be relayed.
    """

    session_id: UUID


class DownloadInput(Input):
    """Body of POST /downloads.

    Attributes:
        product_id: The product that was bought.
    """

    product_id: UUID


InputT = TypeVar("InputT", bound=Input)


def check(body: bytes, kind: type[InputT]) -> InputT:
    """Return a call's checked body.

    Args:
        body: The body as it came; an empty one reads as an empty object.
        kind: What it must be.

    Raises:
        BadRequestError: invalid_json or invalid_input.
    """
    try:
        return kind.model_validate_json(body or b"{}")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        raise BadRequestError("invalid_json", "The body is not JSON.")
    fields = [{"field": ".".join(map(str, problem["loc"])), "problem": problem["msg"]} for problem in problems]
    raise BadRequestError("invalid_input", "The body is not what this call takes.", status=422, details=fields)
