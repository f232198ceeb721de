"""Wrong in its days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from adapter.domain.core import CoreEntry, Deadline, EntryPage, Mark
from adapter.domain.money import Money
from adapter.domain.statements import DayTotals
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank

DAY = dt.timedelta(days=1)


class TellsDaysWrong(MemoryBank):
    """Closed days are spoilt on their way out."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        return replace(page, closed_days=tuple(self.spoil(list(page.closed_days))))

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return days


@wrong("days.add-up", "days.leap-day")
class DaysDoNotAddUp(TellsDaysWrong):
    """A kopeck is lost every day."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return [replace(day, closing=Money(day.closing.amount - Money.of("0.01").amount)) for day in days]


@wrong(
    "days.late-entry",
    "days.late-entry-on-earlier-page",
    "days.leap-day",
    "days.month-ends",
    "days.moscow-midnight",
    "days.moved-entry",
    "days.yesterday-closed",
)
class YesterdayIsNotClosed(TellsDaysWrong):
    """The books close a day late."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return [day for day in days if day.day < self._today() - DAY]


@wrong("days.moscow-midnight", "days.once")
class TellsDaysEveryTime(MemoryBank):
    """Days are told with every page, touched or not."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if page.closed_days or page.has_more or page.entries or core_account_id not in self._ledgers:
            return page
        days = self._closed_days(self._ledgers[core_account_id], self._today() - 2 * DAY)
        return replace(page, closed_days=tuple(days))


@wrong("days.late-entry", "days.late-entry-on-earlier-page", "days.month-end-entries", "days.moved-entry")
class LateEntryTellsItsDayOnly(TellsDaysWrong):
    """The days after a late entry keep their old totals."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return days[:1] if len(days) < 300 else days


@wrong("days.late-entry-on-earlier-page")
class ForgetsEarlierPages(MemoryBank):
    """Only the last page says which days were touched."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if not page.has_more or after is None:
            return page
        life, number, _ = page.mark.text.split(" ")
        return replace(page, mark=Mark(f"{life} {number} {self._today() - DAY}"))


@wrong("days.moved-entry")
class NewDayOfAMovedEntryOnly(MemoryBank):
    """A correction of the booking date forgets the day where the entry was."""

    def _write(self, account: str, entry: CoreEntry) -> None:
        super()._write(account, entry)
        log = self._ledgers[account].log
        if entry.details is not None:
            log[-1] = (entry, entry.details.booking_date)


@wrong("days.booked-at-midnight", "days.moscow-midnight")
class LivesInUtc(MemoryBank):
    """Dates are those of Greenwich."""

    def _today(self) -> dt.date:
        return self.clock.now().date()


@wrong("days.add-up", "days.month-end-entries", "days.month-ends")
class SkipsMonthEnds(TellsDaysWrong):
    """Months have thirty days."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return [day for day in days if day.day.day != 31]


@wrong("days.add-up", "days.month-end-entries", "days.month-ends")
class SkipsFirstDays(TellsDaysWrong):
    """Periods without their first day, month by month."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return [day for day in days if day.day.day != 1]


@wrong("days.leap-day")
class KnowsNoLeapDay(TellsDaysWrong):
    """February has 28 days."""

    def spoil(self, days: list[DayTotals]) -> list[DayTotals]:
        return [day for day in days if (day.day.month, day.day.day) != (2, 29)]
