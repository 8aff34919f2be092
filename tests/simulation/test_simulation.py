"""A short run of the simulator: clean seeds come to rest, a seed replays exactly, mutants are caught.

All of it happens in spawned processes: a simulation turns logging off and replaces clocks, and other tests need theirs.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from stack.instance import Stack
from tests.simulation.crew import Verdict, hunt_in, in_processes, run_in
from tests.simulation.seeds import Outcome

_STEPS = 350
# Both are caught by the first seed, soon.
_MUTANTS = ("float-split", "hold-kept")


@pytest.fixture(scope="module")
def outcomes(stack: Stack) -> dict[int, list[Outcome]]:
    """What became of two seeds, of the first one twice."""
    found = defaultdict(list)
    for what, told in in_processes(2, run_in, stack.paths.name, [(1, _STEPS), (2, _STEPS), (1, _STEPS)]):
        if what == "done":
            found[told.seed].append(told)
    return found


def test_seeds_come_to_rest_without_a_violation(outcomes: dict[int, list[Outcome]]) -> None:
    ended = [outcome for runs in outcomes.values() for outcome in runs]
    assert len(ended) == 3
    assert [
        f"seed {outcome.seed}, step {outcome.steps}: {outcome.violation}" for outcome in ended if outcome.violation
    ] == []
    assert all(outcome.steps == _STEPS and outcome.postings > 0 and outcome.faults > 0 for outcome in ended)


def test_a_seed_replays_exactly(outcomes: dict[int, list[Outcome]]) -> None:
    first, again = outcomes[1]
    assert (first.digest, first.postings, first.faults) == (again.digest, again.postings, again.faults)
    assert first.trail == again.trail
    assert first.digest != outcomes[2][0].digest


def test_mutants_are_caught(stack: Stack) -> None:
    told = in_processes(2, hunt_in, stack.paths.name, [(name, [1]) for name in _MUTANTS])
    verdicts: dict[str, Verdict] = {verdict.name: verdict for what, verdict in told if what == "done"}
    assert set(verdicts) == set(_MUTANTS)
    assert [verdict for verdict in verdicts.values() if not verdict.is_caught] == []
