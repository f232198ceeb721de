"""Wrong in its feed of entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adapter.domain.core import CoreBalance, Deadline, EntryPage, Mark
from adapter.domain.money import Money
from adapter.domain.statements import EntryDetails
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank


class TellsDetailsWrong(MemoryBank):
    """Something is lost between the books and the message."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        told = [replace(one, details=one.details and self.spoil(one.details)) for one in page.entries]
        return replace(page, entries=tuple(told))

    def spoil(self, details: EntryDetails) -> EntryDetails:
        return details


@wrong(
    "days.late-entry-on-earlier-page",
    "entries.has-more",
    "entries.page-of-one",
    "entries.small-pages",
    "together.readers",
    by_chance="together.entries",
)
class SkipsBetweenPages(MemoryBank):
    """The next page begins one row too far."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if not page.has_more:
            return page
        rest = super().pull_entries(core_account_id, page.mark, 1, deadline)
        return replace(page, mark=rest.mark, has_more=rest.has_more)


@wrong("entries.small-pages", "together.readers", by_chance="together.entries")
class RepeatsBetweenPages(MemoryBank):
    """The next page begins with the last row of the one before: `>=` for `>`."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if not page.has_more or limit == 1:
            return page
        return replace(page, mark=super().pull_entries(core_account_id, after, limit - 1, deadline).mark)


@wrong("days.late-entry-on-earlier-page", "entries.page-of-one")
class TurnsInACircleOnPagesOfOne(MemoryBank):
    """`>=` for `>`, met by a reader of single entries."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        return replace(page, mark=after) if limit == 1 and page.has_more and after else page


@wrong("days.late-entry-on-earlier-page", "entries.has-more", "entries.page-limit")
class OneMoreThanAsked(MemoryBank):
    """The row that was read to know whether there is more is told too."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        return super().pull_entries(core_account_id, after, limit + 1, deadline)


@wrong(
    "entries.has-more", "entries.page-of-one", "entries.small-pages", "together.readers", by_chance="together.entries"
)
class NeverSaysThatThereIsMore(MemoryBank):
    """has_more was forgotten."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        return replace(super().pull_entries(core_account_id, after, limit, deadline), has_more=False)


@wrong("entries.has-more")
class FullPageMeansMore(MemoryBank):
    """has_more is told from the page being full."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        return replace(page, has_more=len(page.entries) == limit)


@wrong("entries.nothing-new")
class EmptyPageLeadsPastTheNext(MemoryBank):
    """The mark of an empty page is one too far."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if page.entries or not after or after.text == "0":
            return page
        life, number, day = page.mark.text.split(" ")
        return replace(page, mark=Mark(f"{life} {int(number) + 1} {day}"))

    def _read_mark(self, mark: Mark | None, end: int) -> tuple[int, str]:
        return super()._read_mark(mark, end + 1)


@wrong("entries.order-of-change")
class OrdersByDate(MemoryBank):
    """ORDER BY booking_date within a page."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        ordered = sorted(page.entries, key=lambda one: one.details.booking_date if one.details else self._today())
        return replace(page, entries=tuple(ordered))


@wrong("entries.equal-entries")
class MergesEqualFees(MemoryBank):
    """The id is made of the values, so that two equal fees are one."""

    def book(self, account: str, details: EntryDetails, document_id: str | None = None) -> str:
        for core_id, known in self._ledgers[account].current.items():
            if known == details and details.purpose == "Комиссия":
                return core_id
        return super().book(account, details, document_id)


@wrong("entries.all-details")
class CutsPurposes(TellsDetailsWrong):
    """A column of 140 characters."""

    def spoil(self, details: EntryDetails) -> EntryDetails:
        return replace(details, purpose=details.purpose[:140])


@wrong("entries.budget")
class LosesBudgetFields(TellsDetailsWrong):
    """Fields 104-109 are not in the view."""

    def spoil(self, details: EntryDetails) -> EntryDetails:
        return replace(details, budget=None)


@wrong("entries.sums")
class CountsInFloats(TellsDetailsWrong):
    """Sums went through a number of seven digits."""

    def spoil(self, details: EntryDetails) -> EntryDetails:
        return replace(details, amount=Money.of(f"{float(f'{details.amount.amount:.7g}'):.2f}"))


@wrong("entries.value-date")
class KnowsOneDate(TellsDetailsWrong):
    """The day in the books stands for all three."""

    def spoil(self, details: EntryDetails) -> EntryDetails:
        return replace(details, date=details.booking_date, value_date=details.booking_date)


@wrong("entries.own-account", "fates.booked-once")
class OneFeedForAllAccounts(MemoryBank):
    """The filter by account is missing."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        known = core_account_id in self._ledgers
        return super().pull_entries("acc-1" if known else core_account_id, after, limit, deadline)


@wrong("entries.unknown-account")
class UnknownAccountIsAnError(MemoryBank):
    """404 where an empty feed is right."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        if core_account_id not in self._ledgers:
            raise LookupError(core_account_id)
        return super().pull_entries(core_account_id, after, limit, deadline)


@wrong("entries.as-of")
class PagesWithoutZone(MemoryBank):
    """Moments without an offset."""

    def pull_entries(self, *call: Any) -> EntryPage:
        page = super().pull_entries(*call)
        return replace(page, as_of=page.as_of.replace(tzinfo=None))


@wrong("entries.currency")
class TellsDaysInDollars(MemoryBank):
    """The totals of days come from another table, in the bank's currency of reporting."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        days = [replace(day, opening=_dollars(day.opening), closing=_dollars(day.closing)) for day in page.closed_days]
        return replace(page, closed_days=tuple(days))


@wrong("entries.currency")
class TellsBalancesInDollars(MemoryBank):
    """A balance in the bank's currency of reporting."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        told = super().read_balances(core_account_ids, deadline)
        return tuple(replace(one, booked=_dollars(one.booked), available=_dollars(one.available)) for one in told)


def _dollars(amount: Money) -> Money:
    return Money(amount.amount, "USD")
