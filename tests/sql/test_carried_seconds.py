"""Absences of any length and order: what is billed in the end are the seconds both were there, to the second."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import Marketplace

_MINIMUM = 10
# Longer than patience lasts, and altogether shorter than the pauses one session may have.
_AWAY = st.tuples(st.sampled_from(["client", "reader", "both"]), st.integers(46, 110))
_TOGETHER = st.tuples(st.just("nobody"), st.integers(1, 130))
_STRETCH = st.tuples(st.one_of(_TOGETHER, _AWAY), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.integers(1, 2000),
    stretches=st.lists(_STRETCH, min_size=1, max_size=8).filter(
        lambda all_: sum(seconds for (who, seconds), _ in all_ if who != "nobody") < 600
    ),
)
def test_billed_seconds_are_those_that_were_shared(
    market: Marketplace, rate: int, stretches: Sequence[tuple[tuple[str, int], bool]]
) -> None:
    session = market.started(market.client(funds=100_000), market.reader(rate=rate))
    shared = 0
    for (absent, seconds), workers in stretches:
        here = [
            p for p, side in ((session.client, "client"), (session.reader, "reader")) if absent not in {side, "both"}
        ]
        session.talk(seconds, here, workers=workers)
        # Whoever was away is back at the end of it.
        session.by(session.client, "heartbeat")
        session.by(session.reader, "heartbeat")
        shared += seconds if absent == "nobody" else 0
    ended = session.by(session.reader, "end")
    billed = shared if shared >= _MINIMUM else 0
    assert (ended["end_reason"], ended["billed_seconds"]) == ("reader_ended", billed)
    assert ended["total_cost"] == rate * billed // 60
    assert market.wallet(session.client)["balance"] == 100_000 - ended["total_cost"]
    assert market.problems() == []
