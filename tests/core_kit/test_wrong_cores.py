"""The kit notices every fault that it is for and blames nothing else: a wrong core breaks its cases and no others."""

from __future__ import annotations

import pytest

from adapter.core_kit.bench import Effort
from adapter.core_kit.catalogue import ALL_CASES
from adapter.core_kit.ground import Ground
from adapter.core_kit.running import Verdict, run_case
from tests.connectors.benches import MemoryBench
from tests.core_kit.wrong import (
    WRONG_BANKS,
    changes,  # noqa: F401 - they fill WRONG_BANKS
    days,  # noqa: F401
    drafts,  # noqa: F401
    entries,  # noqa: F401
    fates,  # noqa: F401
    people,  # noqa: F401
    periods,  # noqa: F401
    together,  # noqa: F401
)
from tests.fakes import FakeClock, MemoryBank

SMALL = Effort(lines=60, races=2, writes=5)


def broken_by(bank: type[MemoryBank]) -> set[str]:
    """Every case on a fresh bank of this kind."""
    return {case.id for case in ALL_CASES if run_case(case, fresh_ground(bank)).verdict is Verdict.BROKEN}


def fresh_ground(bank: type[MemoryBank]) -> Ground:
    clock = FakeClock()
    return Ground(MemoryBench(bank(clock), clock), SMALL)


@pytest.mark.parametrize("bank", WRONG_BANKS, ids=lambda bank: bank.__name__)
def test_a_wrong_core_breaks_its_cases_and_no_others(bank: type[MemoryBank]) -> None:
    breaks = WRONG_BANKS[bank]
    assert broken_by(bank) - breaks.by_chance == breaks.surely


def test_a_right_core_breaks_none() -> None:
    assert broken_by(MemoryBank) == set()


def test_each_case_is_broken_by_a_wrong_core() -> None:
    assert {case.id for case in ALL_CASES} - set().union(*(breaks.surely for breaks in WRONG_BANKS.values())) == set()
