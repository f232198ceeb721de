"""All cases of the contract, in the order in which a report tells them."""

from __future__ import annotations

from adapter.core_kit.case import Case
from adapter.core_kit.cases.changes import changes
from adapter.core_kit.cases.days import days
from adapter.core_kit.cases.deadlines import deadlines
from adapter.core_kit.cases.drafts import drafts
from adapter.core_kit.cases.entries import entries
from adapter.core_kit.cases.fates import fates
from adapter.core_kit.cases.marks import marks
from adapter.core_kit.cases.people import balances, core, people
from adapter.core_kit.cases.periods import statements
from adapter.core_kit.cases.together import together
from adapter.core_kit.cases.withdrawals import withdrawals

SECTIONS = (
    core,
    people,
    balances,
    entries,
    changes,
    marks,
    days,
    statements,
    drafts,
    fates,
    withdrawals,
    deadlines,
    together,
)
ALL_CASES: tuple[Case, ...] = tuple(case for section in SECTIONS for case in section.cases)


def find_cases(wanted: str) -> tuple[Case, ...]:
    """Cases whose id is `wanted` or begins with it; raises ValueError where there is none."""
    found = tuple(case for case in ALL_CASES if case.id == wanted or case.id.startswith(f"{wanted}."))
    if not found:
        raise ValueError(f"there is no case {wanted!r}")
    return found
