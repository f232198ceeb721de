"""Running cases over a bench: kept, broken, or not tried and why."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from adapter.core_kit.bench import Act, Bench, Effort, list_acts
from adapter.core_kit.case import Case
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import Broken

WHAT_ACTS_ARE = {Act.SET_CLOCK: "a clock of the bank that can be set"}


class Verdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    case: Case
    verdict: Verdict
    detail: str = ""  # what was seen, or what is missing to try
    seconds: float = 0.0


def run_cases(cases: Iterable[Case], bench: Bench, effort: Effort | None = None) -> Iterator[Outcome]:
    """One after another; a broken one stops none of the others."""
    ground = Ground(bench, effort)
    for case in cases:
        yield run_case(case, ground)


def run_case(case: Case, ground: Ground) -> Outcome:
    started = time.monotonic()
    try:
        missing = why_not(case, ground)
        if missing:
            return Outcome(case=case, verdict=Verdict.NOT_TRIED, detail=missing)
        case.run(ground)
    except Broken as error:
        return _broken(case, str(error), started)
    except Exception as error:  # a core that raises anything else is as wrong as one that answers wrongly
        return _broken(case, f"{type(error).__name__}: {error}", started)
    return Outcome(case=case, verdict=Verdict.KEPT, seconds=time.monotonic() - started)


def why_not(case: Case, ground: Ground) -> str:
    """What is missing to try a case; empty where nothing is."""
    acts = case.acts - list_acts(ground.bench)
    if acts:
        return "the bench cannot: " + ", ".join(sorted(WHAT_ACTS_ARE.get(act, act.value) for act in acts))
    if case.capability and not getattr(ground.core.capabilities(), case.capability):
        return f"the core says {case.capability}=false"
    return ""


def _broken(case: Case, detail: str, started: float) -> Outcome:
    return Outcome(case=case, verdict=Verdict.BROKEN, detail=detail, seconds=time.monotonic() - started)
