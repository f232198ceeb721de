"""Wrong in statements of a period."""

from __future__ import annotations

from dataclasses import replace

from adapter.domain.core import (
    CoreEntry,
    CoreStatement,
    CoreStatementOrder,
    Deadline,
    StatementAnswer,
    StatementPending,
)
from adapter.domain.money import Money
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank


class TellsStatementsWrong(MemoryBank):
    """Statements are spoilt on their way out."""

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        answer = super().read_statement(order_id, deadline)
        return self.spoil(answer) if isinstance(answer, CoreStatement) else answer

    def spoil(self, statement: CoreStatement) -> CoreStatement:
        return statement


@wrong("statements.adds-up")
class ClosingIsOfToday(TellsStatementsWrong):
    """The closing balance is the available one."""

    def spoil(self, statement: CoreStatement) -> CoreStatement:
        return replace(statement, closing=Money(statement.closing.amount - 1))


@wrong("statements.both-ends", "statements.equals-feed")
class StatementsHaveIdsOfTheirOwn(TellsStatementsWrong):
    """The id is the number of the line."""

    def spoil(self, statement: CoreStatement) -> CoreStatement:
        lines = [replace(one, core_id=f"line-{number}") for number, one in enumerate(statement.entries)]
        return replace(statement, entries=lines)


@wrong("statements.equals-feed")
class StatementsKeepRemovedEntries(MemoryBank):
    """Statements are made from another copy of the books."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.gone: list[CoreEntry] = []

    def remove(self, account: str, core_id: str) -> None:
        self.gone.append(self._last(account, core_id))
        super().remove(account, core_id)

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        answer = super().read_statement(order_id, deadline)
        return replace(answer, entries=[*answer.entries, *self.gone]) if isinstance(answer, CoreStatement) else answer


@wrong("statements.adds-up", "statements.both-ends")
class LastDayIsNotInIt(TellsStatementsWrong):
    """`<` for `<=` at the end of a period."""

    def spoil(self, statement: CoreStatement) -> CoreStatement:
        kept = [one for one in statement.entries if one.details and one.details.booking_date < statement.date_to]
        return replace(statement, entries=kept)


@wrong("statements.same-order")
class LastOrderWins(MemoryBank):
    """An order that is sent again takes over the new period."""

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        self._statement_orders[order.id] = order


@wrong("statements.names-itself")
class ForgetsWhoseStatementItIs(TellsStatementsWrong):
    """The number of the account where its id is asked."""

    def spoil(self, statement: CoreStatement) -> CoreStatement:
        return replace(statement, core_account_id="40702810400000000017")


@wrong("statements.unknown-order")
class UnknownOrdersArePending(MemoryBank):
    """No row yet means: not ready."""

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        if order_id not in self._statement_orders:
            return StatementPending(order_id=order_id, again_after_s=1)
        return super().read_statement(order_id, deadline)


@wrong("statements.unknown-account")
class UnknownAccountIsAnEmptyStatement(MemoryBank):
    """An account without entries and one that is not there are the same to it."""

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        order = self._statement_orders.get(order_id)
        if order is None or order.core_account_id in self._ledgers:
            return super().read_statement(order_id, deadline)
        return CoreStatement(
            order_id=order_id,
            core_account_id=order.core_account_id,
            date_from=order.date_from,
            date_to=order.date_to,
            opening=Money.of("0"),
            closing=Money.of("0"),
            entries=(),
            as_of=self.clock.now(),
        )
