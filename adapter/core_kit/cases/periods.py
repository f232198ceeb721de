"""Statements of a period beside the feed, to compare the two."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import DAY, Ground
from adapter.core_kit.judging import Broken, check, check_equal
from adapter.core_kit.samples import entry_details, signed_sum
from adapter.domain.core import CoreStatement, CoreStatementOrder, StatementAnswer, StatementPending, StatementRefused

statements = Section("statements", capability="can_order_statements")
READY_S = 60.0


@statements.case(
    "adds-up",
    "Opening plus the entries is closing.",
    mend="Take balances and entries of one moment.",
    acts=(Act.BOOK,),
)
def _adds_up(ground: Ground) -> None:
    ground.book("5.00", ago=2)
    ground.book("1.00")
    statement = _read_ready(ground, _order(ground, 3))
    moved = sum((signed_sum(one.details).amount for one in statement.entries if one.details), Decimal(0))
    check_equal(statement.closing.amount, statement.opening.amount + moved, "closing")


@statements.case(
    "equals-feed",
    "The statement of a period has the entries that the feed ended with, under the same ids.",
    mend="Make both from the same books: removed entries are in neither, corrected ones as they are now.",
    acts=(Act.BOOK, Act.CHANGE, Act.REMOVE),
)
def _equals_feed(ground: Ground) -> None:
    mark = ground.end_of_entries()
    ids = [ground.book(amount, ago=1) for amount in ("5.00", "6.00", "7.00")]
    ground.bench.change(ground.bench.account, ids[0], entry_details(ground.today() - DAY, "5.50"))
    ground.bench.remove(ground.bench.account, ids[1])
    fed = {one.core_id: one.details for one in ground.read_entries(mark)}
    statement = _read_ready(ground, _order(ground, 1))
    told = {one.core_id: one.details for one in statement.entries if one.core_id in ids}
    check_equal(told, {core_id: details for core_id, details in fed.items() if details}, "the statement of yesterday")


@statements.case(
    "both-ends",
    "Both days of a period are in it, and no other.",
    mend="from and to are both included.",
    acts=(Act.BOOK,),
)
def _both_ends(ground: Ground) -> None:
    ids = [ground.book("2.00", ago=ago) for ago in (4, 3, 2, 1)]
    order = replace(_order(ground, 3), date_to=ground.today() - 2 * DAY)
    statement = _read_ready(ground, order)
    check_equal(
        [one.core_id for one in statement.entries if one.core_id in ids], ids[1:3], "entries of two days of four"
    )


@statements.case(
    "same-order",
    "The same order asked twice is one order.",
    mend="Keep our id with the order; the second time change nothing.",
)
def _same_order(ground: Ground) -> None:
    order = _order(ground, 2)
    first = _read_ready(ground, order)
    ground.core.order_statement(replace(order, date_from=ground.today()), ground.soon())
    again = _read(ground, order.id)
    check(isinstance(again, CoreStatement), "an order that was ready is not ready any more")
    told = (again.date_from, again.date_to) if isinstance(again, CoreStatement) else None
    check_equal(told, (first.date_from, first.date_to), "the period of an order that was asked twice")


@statements.case(
    "names-itself",
    "A statement says which order, account and period it is.",
    mend="Give back our order id, the account and both dates as asked.",
)
def _names_itself(ground: Ground) -> None:
    order = _order(ground, 2)
    told = _read_ready(ground, order)
    wanted = (order.id, order.core_account_id, order.date_from, order.date_to)
    check_equal((told.order_id, told.core_account_id, told.date_from, told.date_to), wanted, "what the statement is of")
    check(told.as_of.tzinfo is not None, "as_of has no zone")


@statements.case(
    "unknown-order",
    "An order that was never made is refused.",
    mend="Answer refused with a reason, not pending for ever.",
)
def _unknown_order(ground: Ground) -> None:
    answer = ground.core.read_statement(ground.new_id(), ground.soon())
    check(isinstance(answer, StatementRefused), f"an unknown order was answered with {type(answer).__name__}")


@statements.case(
    "unknown-account",
    "A statement of an unknown account is refused.",
    mend="Answer refused with a reason when the statement is read; not an empty statement.",
)
def _unknown_account(ground: Ground) -> None:
    order = replace(_order(ground, 1), core_account_id="unknown")
    ground.core.order_statement(order, ground.soon())
    answer = _read(ground, order.id)
    check(isinstance(answer, StatementRefused), f"an unknown account was answered with {type(answer).__name__}")


def _order(ground: Ground, days: int) -> CoreStatementOrder:
    """From so many days ago up to today."""
    return CoreStatementOrder(
        id=ground.new_id(),
        core_account_id=ground.bench.account,
        date_from=ground.today() - days * DAY,
        date_to=ground.today(),
    )


def _read_ready(ground: Ground, order: CoreStatementOrder) -> CoreStatement:
    ground.core.order_statement(order, ground.soon())
    answer = _read(ground, order.id)
    if not isinstance(answer, CoreStatement):
        raise Broken(f"a statement of own account is not given: {answer}")
    return answer


def _read(ground: Ground, order_id: str) -> StatementAnswer:
    """The answer once the core made up its mind."""
    end = time.monotonic() + READY_S
    while True:
        answer = ground.core.read_statement(order_id, ground.soon())
        if not isinstance(answer, StatementPending):
            return answer
        if time.monotonic() > end:
            raise Broken(f"a statement of a few days is still pending after {READY_S:.0f} s")
        time.sleep(min(answer.again_after_s, 1.0))
