"""Cursors: what comes back is what was given, and nothing else is accepted."""

from __future__ import annotations

import datetime as dt
from base64 import urlsafe_b64encode
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.cursors import CURSOR_CHARACTERS_MAX, continue_run, dump_cursor, finish_at, move_to, parse_cursor
from adapter.domain.errors import BadCursor, CursorExpired
from adapter.domain.feeds import FeedHead, Span

NUMBERS = st.integers(min_value=0, max_value=10**18 - 1)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    keys = draw(st.lists(NUMBERS, unique=True, max_size=5))
    found = []
    for key in keys:
        base, position, until = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
        generation = draw(st.integers(min_value=1, max_value=9))
        span = Span(key=key, generation=generation, base=base, position=position, until=until)
        found.append(finish_at(span) if span.is_over else span)
    return tuple(found)


def span(base: int = 3, position: int = 5, until: int = 9, key: int = 7, generation: int = 1) -> Span:
    return Span(key=key, generation=generation, base=base, position=position, until=until)


def head(number: int, key: int = 7, generation: int = 1, numbers_since: int = 1) -> FeedHead:
    now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    return FeedHead(
        account_id=f"acc_{key}",
        key=key,
        generation=generation,
        numbers_since=numbers_since,
        number=number,
        as_of=now,
        read_at=now,
        complete_through=None,
    )


def encoded(data: list[int]) -> str:
    return urlsafe_b64encode(bytes(data)).decode().rstrip("=")


@given(spans())
def test_a_cursor_comes_back_as_it_was_given(given_spans: tuple[Span, ...]) -> None:
    assert parse_cursor(dump_cursor(given_spans)) == given_spans


@given(st.text(max_size=200))
def test_any_other_text_is_a_bad_cursor(text: str) -> None:
    try:
        found = parse_cursor(text)
    except BadCursor:
        return
    assert dump_cursor(found) == text


@given(st.binary(max_size=60))
def test_any_bytes_in_the_right_alphabet_are_a_bad_cursor_or_our_own(data: bytes) -> None:
    text = urlsafe_b64encode(data).decode().rstrip("=")
    try:
        found = parse_cursor(text)
    except BadCursor:
        return
    assert dump_cursor(found) == text


@pytest.mark.parametrize(
    "data",
    [
        [],
        [1, 7, 2, 5],  # another format
        [2, 7, 2],
        [2, 7, 2, 5, 8],
        [2, 7, 3, 5, 1],
        [2, 7, 2, 0x85],  # cut off inside a number
        [2, 7, 2, 0x85, 0x00],  # a second spelling
        [2, 7, 3, 5, 0, 0],  # a finished run is written short
        [2, 7, 2, 5, 7, 2, 6],  # one feed twice
        [2, 7, 2, *[0xFF] * 8, 0x7F],  # wider than the database's integers
        [2, 7, 2, *[0xFF] * 9, 0x01],
    ],
)
def test_a_damaged_cursor_is_refused(data: list[int]) -> None:
    with pytest.raises(BadCursor):
        parse_cursor(encoded(data))
    assert parse_cursor(encoded([2, 7, 2, 5])) == (span(5, 5, 5),)
    assert parse_cursor(encoded([2, 7, 3, 3, 2, 4])) == (span(3, 5, 9),)


def test_two_hundred_feeds_in_the_middle_of_a_run_fit_into_a_request() -> None:
    feeds = [span(2**27, 2**27 + 2**26, 2**28 - 1, key=2**40 - 1 - n) for n in range(200)]
    text = dump_cursor(feeds)
    assert len(text) < 6000
    assert parse_cursor(text) == tuple(feeds)


def test_padding_and_a_foreign_alphabet_are_refused() -> None:
    good = dump_cursor([span()])
    for text in (good + "=", good + "A", good[:-1] + "*", " " + good, good + "\n", "+" + good):
        with pytest.raises(BadCursor):
            parse_cursor(text)


def test_a_cursor_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadCursor):
        parse_cursor("M" * (CURSOR_CHARACTERS_MAX + 1))


def test_an_unfinished_run_keeps_its_end_while_the_feed_goes_on() -> None:
    assert continue_run([head(20)], [span(3, 5, 9)]) == (span(3, 5, 9),)


def test_after_a_finished_run_the_next_begins_where_it_ended() -> None:
    assert continue_run([head(20)], [span(9, 9, 9)]) == (span(9, 9, 20),)


def test_a_finished_feed_waits_for_the_others_of_its_run() -> None:
    given_spans = [span(9, 9, 9, key=7), span(0, 2, 4, key=8)]
    assert continue_run([head(20, key=7), head(30, key=8)], given_spans) == tuple(given_spans)


def test_without_a_cursor_everything_is_read() -> None:
    assert continue_run([head(20)], []) == (span(0, 0, 20),)


def test_a_new_account_starts_from_nothing_also_inside_a_run() -> None:
    found = continue_run([head(20, key=7), head(30, key=8)], [span(3, 5, 9, key=7)])
    assert found == (span(3, 5, 9, key=7), span(0, 0, 30, key=8))


def test_an_account_that_left_the_consent_drops_out() -> None:
    assert continue_run([head(20, key=7)], [span(9, 9, 9, key=7), span(1, 2, 3, key=8)]) == (span(9, 9, 20, key=7),)


def restart_of(heads: Sequence[FeedHead], given_spans: Sequence[Span]) -> str | None:
    with pytest.raises(CursorExpired) as expired:
        continue_run(heads, given_spans)
    return expired.value.restart


def test_a_cursor_from_before_a_rebuilding_goes_on_at_the_same_places() -> None:
    restart = restart_of([head(20, generation=3)], [span(3, 5, 9)])
    assert restart is not None
    assert continue_run([head(20, generation=3)], parse_cursor(restart)) == (span(3, 5, 9, generation=3),)


def test_feeds_that_were_not_rebuilt_go_on_beside_the_one_that_was() -> None:
    heads = [head(20, key=7, generation=2), head(30, key=8), head(40, key=9)]
    restart = restart_of(heads, [span(9, 9, 9, key=7), span(4, 4, 4, key=8)])
    assert restart is not None
    found = continue_run(heads, parse_cursor(restart))
    assert found == (span(9, 9, 20, key=7, generation=2), span(4, 4, 30, key=8), span(0, 0, 40, key=9))


@pytest.mark.parametrize("now", [head(20, generation=5, numbers_since=5), head(8)], ids=["numbers lost", "set back"])
def test_a_cursor_of_lost_numbers_starts_from_the_beginning(now: FeedHead) -> None:
    assert restart_of([now], [span(3, 5, 9)]) is None
    assert continue_run([head(9)], [span(3, 5, 9)])


def test_reaching_the_end_of_a_run_makes_it_the_base_of_the_next() -> None:
    assert move_to(span(3, 5, 9), 8) == span(3, 8, 9)
    assert move_to(span(3, 5, 9), 9) == span(9, 9, 9)
