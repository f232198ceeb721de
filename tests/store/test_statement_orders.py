"""Records of ordered statements: one per key, few unfinished, seen by one consent; leases; what is kept no longer."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.domain.errors import (
    IdempotencyKeyReused,
    NotFound,
    RequestInProgress,
    StatementExpired,
    TooManyStatementOrders,
)
from adapter.domain.statement_orders import Failure, LeaseLost, StatementFile, StatementOrderStatus
from adapter.store.database import Database
from tests.scale import scale
from tests.statement_desk import Caller, StatementOrderDesk, claim

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def desk(database: Database) -> StatementOrderDesk:
    return StatementOrderDesk(database)


def test_what_is_stored_is_read_back(desk: StatementOrderDesk) -> None:
    order = desk.order()
    assert desk.read(order.id) == order


@pytest.mark.parametrize("other", [{"consent_id": "cn_2"}, {"partner_id": "pa_2"}, {"customer_id": "cus-2"}])
def test_orders_of_others_are_not_found(desk: StatementOrderDesk, other: dict[str, str]) -> None:
    order = desk.order()
    with pytest.raises(NotFound):
        desk.book.read(replace(desk.caller, **other), order.id)
    assert desk.book.read(desk.caller, order.id)


def test_a_key_makes_one_order(desk: StatementOrderDesk) -> None:
    first = desk.order(key="k")
    assert desk.order(key="k") == first
    with pytest.raises(IdempotencyKeyReused):
        desk.order("json", key="k")
    assert desk.order("json").id != first.id


@pytest.mark.race
def test_equal_requests_at_once_make_one_order(postgres: Database) -> None:
    desk = StatementOrderDesk(postgres)
    for n in range(scale(5, 100)):

        def order(_: int, key: str = f"key-{n}") -> str:
            try:
                return desk.order(key=key).id
            except RequestInProgress:
                return desk.order(key=key).id

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(order, range(8)))) == 1
    assert desk.count("statement_orders") == scale(5, 100)


def test_a_consent_has_few_files_at_a_time(desk: StatementOrderDesk) -> None:
    orders = replace(desk.orders, files_max=2)
    for _ in range(2):
        orders.order(desk.caller, claim(None, "x"), desk.wish())
        desk.maker().make_next()
    with pytest.raises(TooManyStatementOrders):
        orders.order(desk.caller, claim(None, "x"), desk.wish())
    assert orders.order(replace(desk.caller, consent_id="cn_2"), claim(None, "x"), desk.wish())
    desk.clock.advance(hours=72)
    desk.maker().sweep()
    assert orders.order(desk.caller, claim(None, "x"), desk.wish())


@pytest.mark.race
def test_requests_at_once_do_not_exceed_the_limit(postgres: Database) -> None:
    desk = StatementOrderDesk(postgres)
    for n in range(scale(5, 100)):
        caller = Caller(account_ids=(desk.account_id,), consent_id=f"cn_race_{n}")

        def order(_: int, caller: Caller = caller) -> bool:
            wish = desk.wish()
            try:
                replace(desk.orders, unfinished_max=3).order(caller, claim(None, "x"), wish)
            except TooManyStatementOrders:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(order, range(8))) == 3


def test_a_lease_is_for_one_maker(desk: StatementOrderDesk) -> None:
    order, now = desk.order(), desk.clock.now()
    leased = desk.workshop.lease("a", now, now + MINUTE)
    assert leased
    assert (leased.id, leased.status, leased.attempt) == (order.id, StatementOrderStatus.MAKING, 1)
    assert desk.workshop.lease("b", now, now + MINUTE) is None
    again = desk.workshop.lease("b", now + MINUTE, now + 2 * MINUTE)
    assert again
    assert again.attempt == 2


@pytest.mark.race
def test_makers_at_once_take_every_order_once(postgres: Database) -> None:
    desk = StatementOrderDesk(postgres)
    wanted = {desk.order().id for _ in range(scale(20, 200))}
    now = desk.clock.now()

    def take(owner: int) -> list[str]:
        taken = []
        while len(taken) < len(wanted):
            leased = desk.workshop.lease(f"maker-{owner}", now, now + MINUTE)
            if leased is None:
                break
            taken.append(leased.id)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [one for part in pool.map(take, range(8)) for one in part]
    while leased := desk.workshop.lease("last", now, now + MINUTE):  # one may be passed over while another looks at it
        taken.append(leased.id)
    assert len(taken) == len(wanted)
    assert set(taken) == wanted


def test_who_lost_the_lease_writes_nothing(desk: StatementOrderDesk) -> None:
    desk.order()
    now = desk.clock.now()
    late = desk.workshop.lease("late", now, now + MINUTE)
    present = desk.workshop.lease("present", now + MINUTE, now + 2 * MINUTE)
    assert late
    assert present
    file = StatementFile(media_type="text/plain", name="x", size=1, sha256=b"1" * 32, as_of=now)
    for write in (
        lambda order: desk.workshop.note_progress(order, 3, 1, now),
        lambda order: desk.workshop.add_piece(order, 0, b"late", now),
        lambda order: desk.workshop.finish(order, file, now, now),
        lambda order: desk.workshop.put_back(order, now, 1),
        lambda order: desk.workshop.fail(order, Failure.NOT_MADE),
    ):
        with pytest.raises(LeaseLost):
            write(late)
    assert desk.count("statement_order_chunks") == 0
    desk.workshop.add_piece(present, 0, b"1", now + 2 * MINUTE)
    desk.workshop.finish(present, file, now, now + MINUTE)
    assert desk.read(present.id).file == file
    with pytest.raises(LeaseLost):
        desk.workshop.add_piece(present, 1, b"after the end", now)


def test_a_new_attempt_drops_the_pieces_of_the_one_before(desk: StatementOrderDesk) -> None:
    desk.order()
    now = desk.clock.now()
    first = desk.workshop.lease("a", now, now + MINUTE)
    assert first
    for place in range(40):
        desk.workshop.add_piece(first, place, b"x", now + MINUTE)
    assert desk.workshop.lease("b", now + MINUTE, now + 2 * MINUTE)
    assert desk.count("statement_order_chunks") == 0


def test_a_slow_reader_holds_nothing_between_two_pieces(database: Database) -> None:
    desk = StatementOrderDesk(database, entries=4000)
    order = desk.order()
    desk.maker().make_next()
    for _ in desk.pieces(desk.read(order.id)):
        for engine in (database.reader, database.writer):
            assert isinstance(engine.pool, sa.QueuePool)
            assert engine.pool.checkedout() == 0


def test_files_are_dropped_after_their_time_and_orders_forgotten_later(desk: StatementOrderDesk) -> None:
    order = desk.order()
    desk.maker().make_next()
    desk.clock.advance(hours=71)
    desk.maker().sweep()
    ready = desk.read(order.id)
    assert desk.fetch(order.id)
    desk.clock.advance(hours=1)
    assert desk.read(order.id).status is StatementOrderStatus.EXPIRED  # before anybody sweeps
    desk.maker().sweep()
    assert desk.count("statement_order_chunks") == 0
    with pytest.raises(StatementExpired):  # in the middle of a download
        list(desk.pieces(ready))
    desk.clock.advance(days=60)
    assert desk.read(order.id).status is StatementOrderStatus.EXPIRED
    desk.maker().sweep()
    with pytest.raises(NotFound):
        desk.read(order.id)


@pytest.mark.parametrize("allowed", [None, [], ["acc_other"]])
def test_what_the_consent_no_longer_allows_is_dropped_and_not_made(
    desk: StatementOrderDesk, allowed: list[str] | None
) -> None:
    made, waiting = desk.order(), desk.order()
    desk.maker().make_next()
    desk.maker().sweep()
    assert desk.count("statement_order_chunks") == 1
    desk.permits.account_ids = allowed
    desk.maker().sweep()
    assert desk.count("statement_order_chunks") == 0
    assert desk.read(made.id).status is desk.read(waiting.id).status is StatementOrderStatus.EXPIRED
    assert not desk.maker().make_next()


def test_a_maker_loses_an_order_whose_consent_ended(desk: StatementOrderDesk) -> None:
    desk.order()
    now = desk.clock.now()
    leased = desk.workshop.lease("a", now, now + MINUTE)
    assert leased
    desk.workshop.add_piece(leased, 0, b"x", now + MINUTE)
    desk.permits.account_ids = None
    desk.maker().sweep()
    with pytest.raises(LeaseLost):
        desk.workshop.add_piece(leased, 1, b"x", now + MINUTE)
    assert desk.count("statement_order_chunks") == 0


def test_unfinished_orders_are_never_forgotten(desk: StatementOrderDesk) -> None:
    order = desk.order()
    desk.clock.advance(days=400)
    desk.maker().sweep()
    assert desk.read(order.id).status is StatementOrderStatus.QUEUED
