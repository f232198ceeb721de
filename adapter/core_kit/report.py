"""What a bank's team reads after a check: each case, what to mend, a summary; the same as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from adapter.core_kit.running import Outcome, Verdict

SIGNS = {Verdict.KEPT: "✓", Verdict.BROKEN: "✗", Verdict.NOT_TRIED: "–"}
WIDTH = 110
SLOW_S = 5.0


def render_outcome(outcome: Outcome) -> str:
    """One case: a line, and where it is broken what was seen and what to mend."""
    line = f"{SIGNS[outcome.verdict]} {outcome.case.id}: {outcome.case.promise}"
    if outcome.verdict is Verdict.NOT_TRIED:
        return f"{line}\n    not tried: {outcome.detail}"
    if outcome.verdict is Verdict.BROKEN:
        return "\n".join([line, _wrap("seen:    ", outcome.detail), _wrap("to mend: ", outcome.case.mend)])
    return f"{line} ({outcome.seconds:.0f} s)" if outcome.seconds >= SLOW_S else line


def render_summary(outcomes: Sequence[Outcome]) -> str:
    """How many of which, and what is missing to try the rest."""
    count = Counter(one.verdict for one in outcomes)
    told = f"{count[Verdict.KEPT]} kept, {count[Verdict.BROKEN]} broken, {count[Verdict.NOT_TRIED]} not tried."
    return "\n".join([told, *_missing(outcomes), *_advice(count)])


def dump_report(core: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The whole report for a program."""
    count = Counter(one.verdict for one in outcomes)
    return {
        "core": core,
        "kept": count[Verdict.KEPT],
        "broken": count[Verdict.BROKEN],
        "not_tried": count[Verdict.NOT_TRIED],
        "cases": [_dump_outcome(one) for one in outcomes],
    }


def has_failed(outcomes: Sequence[Outcome]) -> bool:
    """Whether a promise is broken; what was not tried is no failure, and no proof either."""
    return any(one.verdict is Verdict.BROKEN for one in outcomes)


def _dump_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.case.id,
        "verdict": outcome.verdict.value,
        "promise": outcome.case.promise,
        "detail": outcome.detail,
        "mend": outcome.case.mend if outcome.verdict is Verdict.BROKEN else "",
        "seconds": round(outcome.seconds, 3),
    }


def _missing(outcomes: Sequence[Outcome]) -> Iterator[str]:
    reasons = Counter(one.detail for one in outcomes if one.verdict is Verdict.NOT_TRIED)
    for reason, times in reasons.most_common():
        yield f"  {times} not tried: {reason}"


def _advice(count: Counter[Verdict]) -> Iterator[str]:
    if count[Verdict.BROKEN]:
        yield "This core is not ready: mend what is broken and run the check again."
    elif count[Verdict.NOT_TRIED]:
        yield "Nothing is broken; give the bench the missing acts to try the rest."


def _wrap(label: str, text: str) -> str:
    indent = " " * (4 + len(label))
    return textwrap.fill(text, WIDTH, initial_indent="    " + label, subsequent_indent=indent)
