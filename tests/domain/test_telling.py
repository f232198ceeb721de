"""However much is wrong, an answer stays in proportion, and no wrong order goes without its first error."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.errors import FieldError
from adapter.domain.statements import ReadWarning
from adapter.domain.telling import TOLD_MAX, limit_errors, limit_repairs, limit_warnings, share_of_each


def errors(orders: int, of_each: int, message: str = "плохо") -> list[FieldError]:
    return [
        FieldError(pointer=f"/payments/{order}/f{place}", code=f"c{place}", message=message)
        for order in range(orders)
        for place in range(of_each)
    ]


def test_what_is_not_too_much_is_told_whole() -> None:
    assert limit_errors(errors(1_000, 10)) == errors(1_000, 10)


def test_each_order_tells_its_first_errors_and_the_last_says_how_many_more() -> None:
    *told, last = limit_errors(errors(5_000, 5))
    assert len(told) == TOLD_MAX
    assert [error.code for error in told[:4]] == ["c0", "c1", "c0", "c1"]
    assert {error.pointer.split("/")[2] for error in told} == {str(order) for order in range(5_000)}
    assert (last.code, last.pointer) == ("too_many_errors", "")
    assert "15000" in last.message
    assert limit_warnings(errors(5_000, 5))[-1].code == "too_many_warnings"


def test_a_file_of_errors_without_orders_tells_the_first() -> None:
    lines = [FieldError(pointer="", code="c", message="m", line=line) for line in range(TOLD_MAX + 7)]
    *told, last = limit_errors(lines)
    assert told == lines[:TOLD_MAX]
    assert "7" in last.message


def test_a_long_message_is_cut() -> None:
    (told,) = limit_errors(errors(1, 1, "я" * 1_000_000))
    assert len(told.message) < 1_000


def test_repairs_of_a_file_are_told_up_to_the_limit() -> None:
    repairs = [ReadWarning(line=line, code="comment", message="m") for line in range(TOLD_MAX + 3)]
    assert limit_repairs(repairs[:TOLD_MAX]) == repairs[:TOLD_MAX]
    assert [one.code for one in limit_repairs(repairs)[-2:]] == ["comment", "too_many_warnings"]


@given(st.lists(st.integers(0, 60), max_size=10_000))
def test_the_share_keeps_the_whole_within_the_limit(counts: list[int]) -> None:
    share = share_of_each(counts)
    assert sum(min(count, share) for count in counts) <= TOLD_MAX
    assert share >= 1
