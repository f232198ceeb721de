"""How much is told of what is wrong, so that no answer outgrows what was sent.

Every wrong order has its first errors told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapter.domain.errors import FieldError
from adapter.domain.statements import ReadWarning

TOLD_MAX = 10_000  # errors, or warnings, in one answer: the first of every order of a full batch
MESSAGE_MAX = 500  # characters; a message may quote what was sent


def limit_errors(errors: Sequence[FieldError]) -> list[FieldError]:
    """All of them where they are not too many, else the first of each order; the last then says how many more."""
    kept, left = _limit(errors)
    message = f"Это не все ошибки, их больше на {left}: сначала исправьте эти"
    return [*kept, FieldError(pointer="", code="too_many_errors", message=message)] if left else kept


def limit_warnings(warnings: Sequence[FieldError]) -> list[FieldError]:
    """As `limit_errors`."""
    kept, left = _limit(warnings)
    message = f"Это не все предупреждения, их больше на {left}"
    return [*kept, FieldError(pointer="", code="too_many_warnings", message=message)] if left else kept


def limit_repairs(warnings: Sequence[ReadWarning]) -> list[ReadWarning]:
    """The first repairs of a file; the last then says how many more there are."""
    if len(warnings) <= TOLD_MAX:
        return list(warnings)
    message = f"Это не все исправления, их больше на {len(warnings) - TOLD_MAX}"
    return [*warnings[:TOLD_MAX], ReadWarning(line=warnings[TOLD_MAX].line, code="too_many_warnings", message=message)]


def share_of_each(counts: Iterable[int]) -> int:
    """How many errors of each order are told where the orders have so many."""
    found = [count for count in counts if count]
    return TOLD_MAX if sum(found) <= TOLD_MAX else max(1, TOLD_MAX // len(found))


def _limit(errors: Sequence[FieldError]) -> tuple[list[FieldError], int]:
    """The first of each order, and how many were left out."""
    share = share_of_each(Counter(map(_order_of, errors)).values())
    told: Counter[str] = Counter()
    kept: list[FieldError] = []
    for error in errors:
        order = _order_of(error)
        told[order] += 1
        if told[order] <= share and len(kept) < TOLD_MAX:
            kept.append(_shorten(error))
    return kept, len(errors) - len(kept)


def _order_of(error: FieldError) -> str:
    """`/payments/3` of `/payments/3/payee/bic`; all others are one."""
    parts = error.pointer.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "payments" else ""


def _shorten(error: FieldError) -> FieldError:
    if len(error.message) <= MESSAGE_MAX:
        return error
    return replace(error, message=error.message[:MESSAGE_MAX] + "…")
