"""What cases stand on: the bench with sample values, and reading of the core's logs to their end.

Places once reached are remembered, so that a core with years of entries is read through once and not by every case.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal

from adapter.core_kit.bench import Bench, Effort
from adapter.core_kit.judging import Broken, check
from adapter.core_kit.samples import entry_details, payment_order
from adapter.domain.core import (
    Accepted,
    CoreDocument,
    CoreEntry,
    Deadline,
    DocumentState,
    Mark,
    Result,
)
from adapter.domain.moscow import moscow_day
from adapter.domain.payments import PaymentOrder, PaymentStatus
from adapter.domain.statements import DayTotals, Direction

DAY = dt.timedelta(days=1)
CALL_S = 30.0
PAGE = 500


class Ground:
    """One for a run over one bench."""

    def __init__(self, bench: Bench, effort: Effort | None = None) -> None:
        self.bench = bench
        self.core = bench.core
        self.effort = effort or Effort()
        self._entries_reached: dict[str, Mark] = {}
        self._events_reached: Mark | None = None

    # sample values

    @staticmethod
    def soon() -> Deadline:
        return Deadline.after(CALL_S)

    @staticmethod
    def new_id() -> str:
        return f"pay_{uuid.uuid4().hex}"

    def today(self) -> dt.date:
        return moscow_day(self.bench.clock.now())

    def draft(self, amount: str = "1500.00", order: PaymentOrder | None = None, origin: str = "") -> CoreDocument:
        return CoreDocument(
            id=self.new_id(),
            customer_id=self.bench.customer,
            core_account_id=self.bench.account,
            order=order or payment_order(self.today(), amount),
            partner_name="Учёт онлайн",
            origin=origin,
        )

    # acts

    def book(
        self,
        amount: str = "1500.00",
        direction: Direction = Direction.CREDIT,
        *,
        ago: int = 0,
        account: str | None = None,
        **changed: object,
    ) -> str:
        """Book an entry `ago` days before today; answers its core id."""
        details = entry_details(self.today() - ago * DAY, amount, direction, **changed)
        return self.bench.book(account or self.bench.account, details)

    def restore(self) -> None:
        """The core is as after a restore: places reached before mean nothing any more."""
        self.bench.restore()
        self._entries_reached.clear()
        self._events_reached = None

    def submit(self, *documents: CoreDocument) -> list[Result]:
        return list(self.core.submit_documents(documents, self.soon()))

    def accept(self, *documents: CoreDocument) -> list[Accepted]:
        """Submit drafts that any core must accept."""
        results = self.submit(*documents)
        check(len(results) == len(documents), f"{len(documents)} drafts were sent, {len(results)} results came")
        accepted = [one for one in results if isinstance(one, Accepted)]
        if len(accepted) < len(results):
            raise Broken(f"a good draft was not accepted: {next(one for one in results if one not in accepted)}")
        return accepted

    # reading

    def read_booked(self) -> Decimal:
        """The booked balance of the account under test."""
        balances = self.core.read_balances([self.bench.account], self.soon())
        check(len(balances) == 1, f"one balance was asked, {len(balances)} came")
        return balances[0].booked.amount

    def read_entries(self, after: Mark | None, account: str | None = None, limit: int = PAGE) -> list[CoreEntry]:
        """Everything after a mark, page by page."""
        return self.walk(after, account, limit)[0]

    def read_days(self, after: Mark | None) -> list[DayTotals]:
        return self.walk(after)[1]

    def walk(
        self, after: Mark | None, account: str | None = None, limit: int = PAGE
    ) -> tuple[list[CoreEntry], list[DayTotals], Mark]:
        """Entries, closed days and the mark at the end."""
        account = account or self.bench.account
        entries: list[CoreEntry] = []
        days: list[DayTotals] = []
        while True:
            page = self.core.pull_entries(account, after, limit, self.soon())
            entries += page.entries
            days += page.closed_days
            check_goes_on(page.has_more, after, page.mark)
            after = page.mark
            if not page.has_more:
                return entries, days, page.mark

    def end_of_entries(self, account: str | None = None) -> Mark:
        account = account or self.bench.account
        mark = self.walk(self._entries_reached.get(account), account)[2]
        self._entries_reached[account] = mark
        return mark

    def end_of_events(self) -> Mark:
        self._events_reached = self._walk_events(self._events_reached, PAGE)[1]
        return self._events_reached

    def read_events(self, after: Mark | None, *documents: CoreDocument, limit: int = PAGE) -> list[DocumentState]:
        """Events of these documents after a mark; a living core tells others' too."""
        ours = {one.id for one in documents}
        return [one for one in self._walk_events(after, limit)[0] if one.document_id in ours]

    def read_way(self, after: Mark | None, document: CoreDocument) -> list[PaymentStatus]:
        """The states that a document took after a mark."""
        return [one.status for one in self.read_events(after, document)]

    def find(self, document: CoreDocument) -> DocumentState:
        """Where a document is that the core must know."""
        (answer,) = self.core.find_documents([document.id], self.soon())
        if not isinstance(answer, DocumentState):
            raise Broken(f"find_documents does not find a draft that was accepted: {document.id}")
        return answer

    def _walk_events(self, after: Mark | None, limit: int) -> tuple[list[DocumentState], Mark]:
        events: list[DocumentState] = []
        while True:
            page = self.core.pull_document_events(after, limit, self.soon())
            events += page.events
            check_goes_on(page.has_more, after, page.mark)
            after = page.mark
            if not page.has_more:
                return events, page.mark


def check_goes_on(has_more: bool, before: Mark | None, after: Mark) -> None:
    """A page that says there is more must lead on, or its reader turns in a circle."""
    if has_more and before == after:
        raise Broken(f"has_more is true, but the mark stays where it was: {after.text!r}")


def run_together(*jobs: Callable[[], object]) -> None:
    """Run jobs in threads that start at one moment; the first error of any is raised here."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            start.wait()
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def parts_of(documents: Sequence[CoreDocument], size: int) -> list[Sequence[CoreDocument]]:
    return [documents[start : start + size] for start in range(0, len(documents), size)]
