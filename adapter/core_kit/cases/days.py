"""Banking days: they close at midnight in Moscow, and opening + entries = closing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import DAY, Ground
from adapter.core_kit.judging import check, check_equal
from adapter.core_kit.samples import entry_details, signed_sum
from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import Direction

days = Section("days")
LEAP_DAY = dt.date(2028, 2, 29)


@days.case(
    "add-up",
    "Opening plus the day's entries is closing, and the next day opens with it.",
    mend="Compute a day's totals from the entries as they are now, corrected and removed ones included.",
    acts=(Act.BOOK, Act.CHANGE, Act.REMOVE),
)
def _days_add_up(ground: Ground) -> None:
    ids = [ground.book(amount, ago=ago) for ago, amount in ((3, "5.00"), (3, "6.00"), (1, "7.00"))]
    moved = entry_details(ground.today() - 2 * DAY, "5.75", Direction.DEBIT)
    ground.bench.change(ground.bench.account, ids[0], moved)
    ground.bench.remove(ground.bench.account, ids[1])
    entries, told, _ = ground.walk(None)
    current = {one.core_id: one.details for one in entries}
    sums: dict[dt.date, Decimal] = defaultdict(Decimal)
    for details in filter(None, current.values()):
        sums[details.booking_date] += signed_sum(details).amount
    for day, after in pairwise(told):
        check_equal(
            (after.day, after.opening), (day.day + DAY, day.closing), f"the day after {day.day}, and its opening"
        )
    for day in told:
        check_equal(day.closing.amount, day.opening.amount + sums[day.day], f"closing of {day.day}")


@days.case(
    "yesterday-closed",
    "The last closed day is yesterday by Moscow time.",
    mend="A day is closed when its books are: tell it after midnight in Moscow, not before; not today.",
)
def _yesterday_is_closed(ground: Ground) -> None:
    told = ground.read_days(None)
    check(bool(told), "no closed day is told")
    check_equal(told[-1].day, ground.today() - DAY, "the last closed day")


@days.case(
    "once",
    "A closed day that nothing touched is not told again.",
    mend="Keep in the mark how far closed days were told.",
)
def _days_are_told_once(ground: Ground) -> None:
    check_equal(ground.read_days(ground.end_of_entries()), [], "closed days after the end")


@days.case(
    "late-entry",
    "An entry that comes late tells its day and all later ones again.",
    mend="A change in a closed day moves the totals of that day and of each day after it: tell them all again.",
    acts=(Act.BOOK,),
)
def _late_entry(ground: Ground) -> None:
    before = {one.day: one for one in ground.read_days(None)}
    mark = ground.end_of_entries()
    ground.book("40.00", ago=4)
    told = ground.read_days(mark)
    check_equal([one.day for one in told], [ground.today() - ago * DAY for ago in (4, 3, 2, 1)], "days told again")
    check_equal(told[0].opening, before[told[0].day].opening, "opening of the day of a late entry")
    for day in told:
        check_equal(
            day.closing.amount, before[day.day].closing.amount + 40, f"closing of {day.day} after a late credit of 40"
        )


@days.case(
    "late-entry-on-earlier-page",
    "A late entry on an earlier page is not forgotten when the days are told.",
    mend="Days are told with the last page and cover everything that the pages before touched: carry it in the mark.",
    acts=(Act.BOOK,),
)
def _late_entry_on_earlier_page(ground: Ground) -> None:
    mark = ground.end_of_entries()
    ground.book(ago=2)
    ground.book()
    first = ground.core.pull_entries(ground.bench.account, mark, 1, ground.soon())
    check_equal(list(first.closed_days), [], "closed days before the last page")
    last = ground.core.pull_entries(ground.bench.account, first.mark, 1, ground.soon())
    check_equal([one.day for one in last.closed_days], [ground.today() - ago * DAY for ago in (2, 1)], "closed days")


@days.case(
    "moved-entry",
    "An entry whose booking date moves tells both days again.",
    mend="The earlier of the two dates decides from where days are told again.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _moved_entry(ground: Ground) -> None:
    for before, after in ((2, 5), (5, 2)):
        core_id = ground.book("9.00", ago=before)
        mark = ground.end_of_entries()
        ground.bench.change(ground.bench.account, core_id, entry_details(ground.today() - after * DAY, "9.00"))
        told = [one.day for one in ground.read_days(mark)]
        check_equal(told, [ground.today() - ago * DAY for ago in (5, 4, 3, 2, 1)], "days told again")


@days.case(
    "moscow-midnight",
    "A day closes at midnight in Moscow, not in UTC.",
    mend="Turn moments into dates in the zone of Moscow (UTC+3), everywhere.",
    acts=(Act.SET_CLOCK,),
)
def _moscow_midnight(ground: Ground) -> None:
    late = dt.datetime.combine(ground.today() + DAY, dt.time(23, 59, 59), MOSCOW)
    ground.bench.clock.set(late.astimezone(dt.UTC))
    mark = ground.end_of_entries()
    check_equal(ground.read_days(mark), [], "closed days at 23:59:59")
    ground.bench.clock.set((late + dt.timedelta(seconds=1)).astimezone(dt.UTC))
    check_equal([one.day for one in ground.read_days(mark)], [late.date()], "closed days at 00:00:00")


@days.case(
    "booked-at-midnight",
    "What is booked a second before midnight in Moscow is of the old day, at midnight of the new.",
    mend="booking_date is the bank's day in Moscow; at 00:00 there it is 21:00 of the day before in UTC.",
    acts=(Act.SET_CLOCK, Act.BOOK, Act.REVERSE),
)
def _booked_at_midnight(ground: Ground) -> None:
    core_id = ground.book("1.00")
    late = dt.datetime.combine(ground.today() + DAY, dt.time(23, 59, 59), MOSCOW)
    for moment in (late, late + dt.timedelta(seconds=1)):
        ground.bench.clock.set(moment.astimezone(dt.UTC))
        mark = ground.end_of_entries()
        ground.bench.reverse(ground.bench.account, core_id)
        told = [one.details.booking_date for one in ground.read_entries(mark) if one.details]
        check_equal(told, [moment.date()], f"booking date of what was booked at {moment:%H:%M:%S}")


@days.case(
    "month-ends",
    "The last day of a month and the first of the next are days like others.",
    mend="Count days with a calendar: no day is left out, none comes twice, at any month's or year's end.",
    acts=(Act.SET_CLOCK,),
)
def _month_ends(ground: Ground) -> None:
    first = ground.today()
    mark = ground.end_of_entries()
    later = first + 400 * DAY
    ground.bench.clock.set(dt.datetime.combine(later, dt.time(12), MOSCOW).astimezone(dt.UTC))
    told = [one.day for one in ground.read_days(mark)]
    check_equal(told, [first + ahead * DAY for ahead in range(400)], "closed days of thirteen months")


@days.case(
    "month-end-entries",
    "Entries of the last day of a month and of the first of the next stay in their days.",
    mend="Group by booking_date, both ends of a period included.",
    acts=(Act.BOOK,),
)
def _month_end_entries(ground: Ground) -> None:
    first = (ground.today() - DAY).replace(day=1)  # a day that is closed
    before = {one.day: one.closing.amount - one.opening.amount for one in ground.read_days(None)}
    mark = ground.end_of_entries()
    for day, amount in ((first - DAY, "3.00"), (first, "4.00")):
        ground.bench.book(ground.bench.account, entry_details(day, amount))
    moved = {one.day: one.closing.amount - one.opening.amount for one in ground.read_days(mark)}
    for day, added in ((first - DAY, 3), (first, 4)):
        check(day in moved, f"{day} is not told again")
        check_equal(moved[day], before.get(day, Decimal(0)) + added, f"what {day} moved")


@days.case(
    "leap-day",
    "29 February 2028 is a day like others: it is booked on, told and closed.",
    mend="Check how dates are parsed and counted around 29 February.",
    acts=(Act.SET_CLOCK, Act.BOOK),
)
def _leap_day(ground: Ground) -> None:
    if ground.today() > LEAP_DAY:
        return  # this bench's clock went past it
    ground.bench.clock.set(dt.datetime.combine(LEAP_DAY, dt.time(12), MOSCOW).astimezone(dt.UTC))
    mark = ground.end_of_entries()
    core_id = ground.book("29.02")
    entries, told, after = ground.walk(mark)
    booked = [(one.core_id, one.details and one.details.booking_date) for one in entries]
    check_equal(booked, [(core_id, LEAP_DAY)], "what was booked on the leap day")
    check_equal(told, [], "closed days on the leap day itself")
    ground.bench.clock.set(dt.datetime.combine(LEAP_DAY + DAY, dt.time(12), MOSCOW).astimezone(dt.UTC))
    closed = [(one.day, one.closing.amount - one.opening.amount) for one in ground.read_days(after)]
    check_equal(closed, [(LEAP_DAY, Decimal("29.02"))], "closed days on 1 March 2028")
