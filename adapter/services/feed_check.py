"""Is our feed what the bank's books say?

The core's statement of a period, ordered beside the feed, is compared with what we hold.  An entry that is booked while
we look may be in one of the two only, so what differs is looked at twice.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapter.domain.accounts import Account
from adapter.domain.core import CoreStatement, CoreStatementOrder, Deadline, StatementPending, StatementRefused
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable
from adapter.domain.feed_check import Difference, FeedCheckReport, Side, compare
from adapter.domain.feeds import Viewer
from adapter.domain.money import Money
from adapter.ports import CoreBanking, FeedWriter, StatementBook
from adapter.services.feeds import Feeds, is_in_currency

PAUSE_MIN_S = 0.05
BUSY_PAUSE_S = 0.2
NOBODY = Viewer(partner_id="", history_from=dt.date.min)  # no partner looks


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCheck:
    core: CoreBanking
    feeds: Feeds
    writer: FeedWriter
    book: StatementBook
    read_timeout_s: float
    pause: Callable[[float], object] = time.sleep

    def check(self, account: Account, date_from: dt.date, date_to: dt.date, deadline: Deadline) -> FeedCheckReport:
        """Compare a period, both days in it, as far as the account was this customer's.

        Raises CoreUnavailable, also where the core makes no statements or this one did not come by the deadline.
        """
        if not self.core.capabilities().can_order_statements:
            raise CoreUnavailable("this core makes no statements beside its feed")
        date_from = max(date_from, account.owned_from or date_from)
        if date_from > date_to:
            return FeedCheckReport(account=account, date_from=date_from, date_to=date_to)
        first = self._compare(account, date_from, date_to, deadline)
        if not first.differences:
            return first
        return self._compare(account, date_from, date_to, deadline)

    def _compare(self, account: Account, date_from: dt.date, date_to: dt.date, deadline: Deadline) -> FeedCheckReport:
        told = self._read_statement(account, date_from, date_to, deadline)
        if isinstance(told, StatementRefused):
            return FeedCheckReport(account=account, date_from=date_from, date_to=date_to, refusal=told.reason)
        self._read_feed(account, deadline)
        return FeedCheckReport(
            account=account,
            date_from=date_from,
            date_to=date_to,
            entries=len(told.entries),
            differences=tuple(self._list_differences(account, told)),
        )

    def _read_feed(self, account: Account, deadline: Deadline) -> None:
        """Another process may be reading the account, perhaps since before the statement: it is read after that."""
        while not self.feeds.refresh(account.id, self._soon(deadline)):
            if not deadline.seconds_left:
                raise CoreUnavailable("the account could not be read from the core in time")
            self.pause(BUSY_PAUSE_S)

    def _list_differences(self, account: Account, told: CoreStatement) -> Sequence[Difference]:
        ids = self.writer.list_entry_ids(account.id, [one.core_id for one in told.entries])
        held = self.book.read_statement(account, told.date_from, told.date_to, NOBODY).statement
        return compare(
            Side(
                opening=told.opening,
                closing=told.closing,
                entries={ids[one.core_id]: one.details for one in told.entries if one.details},
            ),
            Side(
                opening=held.opening_balance,
                closing=held.closing_balance,
                entries={one.id: one.details for one in held.entries},
            ),
        )

    def _read_statement(
        self, account: Account, date_from: dt.date, date_to: dt.date, deadline: Deadline
    ) -> CoreStatement | StatementRefused:
        order = CoreStatementOrder(
            id=f"check_{uuid.uuid4().hex}", core_account_id=account.core_id, date_from=date_from, date_to=date_to
        )
        self.core.order_statement(order, self._soon(deadline))
        while deadline.seconds_left:
            answer = self.core.read_statement(order.id, self._soon(deadline))
            if isinstance(answer, CoreStatement) and not is_in_currency(account.currency, *_sums(answer)):
                raise CoreAnswerWrong("statement-orders", "a statement in another currency than its account's")
            if not isinstance(answer, StatementPending):
                return answer
            self.pause(min(max(answer.again_after_s, PAUSE_MIN_S), deadline.seconds_left))
        raise CoreUnavailable("the core's statement did not come in time")

    def _soon(self, deadline: Deadline) -> Deadline:
        return Deadline.after(min(self.read_timeout_s, deadline.seconds_left))


def _sums(told: CoreStatement) -> Sequence[Money]:
    return [told.opening, told.closing, *(one.details.amount for one in told.entries if one.details)]
