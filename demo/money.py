"""What the demonstration charges and how it shows money."""

# A demonstration's minute: what one charge buys. The platform's own setting is 60.
MINUTE_SECONDS = 3
MINUTE_PRICE = 399
# Price lists are per real minute.
RATE = MINUTE_PRICE * 60 // MINUTE_SECONDS
CURRENCY = "USD"


def shown(amount: int) -> str:
    """Return an amount in minor units of dollars as people write it."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount) // 100:,}.{abs(amount) % 100:02d}"


def minutes(billed_seconds: int) -> int:
    """Return how many of the demonstration's minutes were billed, a begun one counted whole."""
    return -(-billed_seconds // MINUTE_SECONDS)
