"""Making ordered statements: whole files, progress, retries and makers that lost their lease."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping

import pytest

from adapter.api.shapes import SHAPES, render_file
from adapter.domain.errors import CoreUnavailable, TooManyEntries
from adapter.domain.feeds import StatementReading
from adapter.domain.statement_orders import Failure, Rendering, StatementOrderStatus
from adapter.services import statement_making
from adapter.services.statement_making import ATTEMPTS_MAX, CORE_FAILURES_MAX, FAILURES_MAX
from adapter.store.database import Database
from tests.statement_desk import StatementOrderDesk

Options = Mapping[str, str]


@pytest.fixture
def desk(database: Database) -> StatementOrderDesk:
    return StatementOrderDesk(database)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_made_file_is_what_the_direct_answer_holds(database: Database, shape: str) -> None:
    desk = StatementOrderDesk(database, entries=3)
    order = desk.order(shape)
    assert desk.maker().make_next()
    made = desk.fetch(order.id)
    if shape not in ("xlsx", "pdf"):  # these hold the moment of their making
        assert made == desk.direct(shape)
    ready = desk.read(order.id)
    assert (ready.status, ready.progress, ready.entries) == (StatementOrderStatus.READY, 100, 3)
    assert ready.file
    assert ready.file.media_type == SHAPES[shape].content_type(order.wish.options)


def test_a_large_file_is_kept_in_pieces_of_one_size(database: Database) -> None:
    desk = StatementOrderDesk(database, entries=5000)
    order = desk.order()
    assert desk.maker().make_next()
    sizes = [len(piece) for piece in desk.pieces(desk.read(order.id))]
    assert len(sizes) > 2
    assert {*sizes[:-1]} == {statement_making.PIECE_BYTES}
    assert desk.fetch(order.id) == desk.direct()
    assert desk.count("statement_order_chunks") == len(sizes)


def test_progress_is_a_percentage_of_the_entries(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_making, "BEAT_S", 0.0)
    desk = StatementOrderDesk(database, entries=1000)
    order = desk.order()
    seen: list[int] = []

    def render(name: str, options: Options, reading: StatementReading) -> Rendering:
        rendering = render_file(name, options, reading)

        def pieces() -> Iterator[bytes]:
            for piece in rendering.pieces:
                seen.append(desk.read(order.id).progress)
                yield piece

        return Rendering(media_type=rendering.media_type, file_name=rendering.file_name, pieces=pieces())

    assert desk.maker(render=render).make_next()
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert {20, 40, 60, 80} & set(seen)
    assert max(seen) <= 99
    assert desk.read(order.id).progress == 100


def test_a_renderer_that_fails_is_tried_a_few_times_and_then_no_more(desk: StatementOrderDesk) -> None:
    def render(_name: str, _options: Options, _reading: StatementReading) -> Rendering:
        raise ZeroDivisionError

    order = desk.order()
    for _ in range(FAILURES_MAX):
        assert desk.maker(render=render).make_next()
        desk.clock.advance(seconds=601)
    failed = desk.read(order.id)
    assert (failed.status, failed.failure) == (StatementOrderStatus.FAILED, Failure.NOT_MADE)
    assert not desk.maker().make_next()
    again = desk.order()
    assert desk.maker().make_next()
    assert desk.fetch(again.id) == desk.direct()


def test_a_file_that_broke_in_its_middle_is_made_again_whole(database: Database) -> None:
    desk = StatementOrderDesk(database, entries=3000)
    order = desk.order()

    def render(name: str, options: Options, reading: StatementReading) -> Rendering:
        rendering = render_file(name, options, reading)

        def pieces() -> Iterator[bytes]:
            for place, piece in enumerate(rendering.pieces):
                yield piece
                if place == 20:
                    raise ZeroDivisionError

        return Rendering(media_type=rendering.media_type, file_name=rendering.file_name, pieces=pieces())

    assert desk.maker(render=render).make_next()
    again = desk.read(order.id)
    assert (again.status, again.failures, again.progress) == (StatementOrderStatus.QUEUED, 1, 0)
    assert not desk.maker().make_next()
    desk.clock.advance(seconds=5)
    assert desk.maker().make_next()
    assert desk.fetch(order.id) == desk.direct()


def test_the_core_is_waited_for_with_growing_pauses_and_not_for_ever(desk: StatementOrderDesk) -> None:
    def render(_name: str, _options: Options, _reading: StatementReading) -> Rendering:
        raise CoreUnavailable("down")

    order, began, tried_at = desk.order(), desk.clock.now(), []
    while desk.read(order.id).status is not StatementOrderStatus.FAILED:
        if desk.maker(render=render).make_next():
            tried_at.append((desk.clock.now() - began).total_seconds())
        desk.clock.advance(seconds=5)
    pauses = [round(after - before) for before, after in itertools.pairwise(tried_at)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses == sorted(pauses)
    assert max(pauses) == 600
    assert len(tried_at) == CORE_FAILURES_MAX
    assert desk.read(order.id).failure is Failure.CORE_UNAVAILABLE


def test_what_is_too_long_for_its_shape_is_not_tried_again(desk: StatementOrderDesk) -> None:
    def render(_name: str, _options: Options, _reading: StatementReading) -> Rendering:
        raise TooManyEntries(2, 3)

    order = desk.order()
    assert desk.maker(render=render).make_next()
    assert desk.read(order.id).failure is Failure.TOO_MANY_ENTRIES
    assert not desk.maker().make_next()


def test_an_order_that_kills_every_maker_ends(desk: StatementOrderDesk) -> None:
    order = desk.order()
    for _ in range(ATTEMPTS_MAX):  # each maker dies right after it took the order
        now = desk.clock.now()
        assert desk.workshop.lease("dead", now, now + dt.timedelta(seconds=60))
        desk.clock.advance(seconds=60)
    assert desk.maker().make_next()
    assert desk.read(order.id).failure is Failure.NOT_MADE


@pytest.mark.parametrize("moment", ["before the first piece", "between pieces", "before the end"])
def test_a_maker_whose_lease_was_taken_over_changes_nothing(database: Database, moment: str) -> None:
    desk = StatementOrderDesk(database, entries=4000)
    order = desk.order()

    def take_over() -> None:
        """The first maker sleeps too long; another makes the file whole."""
        desk.clock.advance(seconds=61)
        assert desk.maker("second").make_next()

    def render(name: str, options: Options, reading: StatementReading) -> Rendering:
        rendering = render_file(name, options, reading)

        def pieces() -> Iterator[bytes]:
            if moment == "before the first piece":
                take_over()
            for place, piece in enumerate(rendering.pieces):
                yield piece.replace(b"a", b"b")
                if place == 30 and moment == "between pieces":
                    take_over()
            if moment == "before the end":
                take_over()

        return Rendering(media_type="wrong", file_name="wrong", pieces=pieces())

    assert desk.maker("first", render).make_next()
    ready = desk.read(order.id)
    assert (ready.status, ready.attempt) == (StatementOrderStatus.READY, 2)
    assert desk.fetch(order.id) == desk.direct()
    desk.maker().sweep()
    assert desk.fetch(order.id) == desk.direct()
    assert desk.count("statement_order_chunks") == len(list(desk.pieces(ready)))


def test_a_maker_keeps_its_lease_while_it_works(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work takes ten times the lease, and no second maker gets it."""
    monkeypatch.setattr(statement_making, "BEAT_S", 0.0)
    desk = StatementOrderDesk(database, entries=2000)
    desk.order()

    def render(name: str, options: Options, reading: StatementReading) -> Rendering:
        rendering = render_file(name, options, reading)

        def pieces() -> Iterator[bytes]:
            for piece in rendering.pieces:
                yield piece
                desk.clock.advance(seconds=6)
                assert not desk.maker("second").make_next()

        return Rendering(media_type=rendering.media_type, file_name=rendering.file_name, pieces=pieces())

    assert desk.maker("first", render).make_next()
    assert desk.count("statement_order_chunks") > 0


def test_a_worker_that_is_to_stop_gives_the_order_back_in_its_middle(database: Database) -> None:
    desk = StatementOrderDesk(database, entries=4000)
    order = desk.order()
    looks = itertools.count(1)
    assert desk.maker().make_next(is_stopping=lambda: next(looks) > 15)
    assert next(looks) == 17
    given_back = desk.read(order.id)
    assert (given_back.status, given_back.failures) == (StatementOrderStatus.QUEUED, 0)
    assert desk.maker("second").make_next()
    assert desk.fetch(order.id) == desk.direct()
