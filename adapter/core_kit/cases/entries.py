"""The feed of entries: pages, order, whole values."""

from __future__ import annotations

from dataclasses import replace

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import DAY, Ground
from adapter.core_kit.judging import check, check_equal
from adapter.core_kit.samples import BUDGET, ONE_KOPECK, THIRTEEN_DIGITS, entry_details
from adapter.domain.statements import Direction, DocumentType

entries = Section("entries")
BOOK = (Act.BOOK,)


@entries.case(
    "small-pages",
    "Small pages give what one large page gives: no gap, no repeat.",
    mend="Take rows after the mark by one key that grows with every change; the mark is the key of the last row told.",
    acts=BOOK,
)
def _small_pages(ground: Ground) -> None:
    mark = ground.end_of_entries()
    booked = [ground.book(number=str(number)) for number in range(1, 8)]
    check_equal([one.core_id for one in ground.read_entries(mark)], booked, "entries on one large page")
    for limit in (2, 3, 7):
        told = [one.core_id for one in ground.read_entries(mark, limit=limit)]
        check_equal(told, booked, f"entries on pages of {limit}")


@entries.case(
    "page-of-one",
    "Pages of one entry lead through all of them.",
    mend="The mark must tell apart changes of one moment: a timestamp alone does not.",
    acts=BOOK,
)
def _pages_of_one(ground: Ground) -> None:
    mark = ground.end_of_entries()
    booked = [ground.book() for _ in range(4)]
    check_equal([one.core_id for one in ground.read_entries(mark, limit=1)], booked, "entries on pages of one")


@entries.case(
    "page-limit",
    "A page holds at most its limit.",
    mend="limit is an upper bound for entries, also where several changes have one moment.",
    acts=BOOK,
)
def _page_limit(ground: Ground) -> None:
    mark = ground.end_of_entries()
    for _ in range(3):
        ground.book()
    page = ground.core.pull_entries(ground.bench.account, mark, 2, ground.soon())
    check(len(page.entries) <= 2, f"limit=2 gave {len(page.entries)} entries")


@entries.case(
    "has-more",
    "has_more is true exactly while entries are left.",
    mend="Read one row more than the limit, and tell from it whether there is more.",
    acts=BOOK,
)
def _has_more(ground: Ground) -> None:
    mark = ground.end_of_entries()
    for _ in range(3):
        ground.book()
    first = ground.core.pull_entries(ground.bench.account, mark, 2, ground.soon())
    check(first.has_more, "one entry is left, and has_more is false: it would wait for the next change")
    last = ground.core.pull_entries(ground.bench.account, first.mark, 2, ground.soon())
    check(not last.has_more, "all entries are told, and has_more is true")
    exact = ground.core.pull_entries(ground.bench.account, mark, 3, ground.soon())
    check(not exact.has_more, "the page holds exactly what there is, and has_more is true")


@entries.case(
    "nothing-new",
    "Where nothing is new, the page is empty and its mark goes on.",
    mend="An empty page carries a mark too: the one that was asked with, or a later one.",
    acts=BOOK,
)
def _nothing_new(ground: Ground) -> None:
    page = ground.core.pull_entries(ground.bench.account, ground.end_of_entries(), 10, ground.soon())
    check_equal(list(page.entries), [], "entries where nothing is new")
    check(not page.has_more, "nothing is new, and has_more is true")
    core_id = ground.book()
    told = [one.core_id for one in ground.read_entries(page.mark)]
    check_equal(told, [core_id], "entries after the mark of an empty page")


@entries.case(
    "order-of-change",
    "Entries come in the order in which they were written, whatever their dates.",
    mend="Order by the number of the change, not by booking date.",
    acts=BOOK,
)
def _order_of_change(ground: Ground) -> None:
    mark = ground.end_of_entries()
    booked = [ground.book(ago=ago) for ago in (0, 5, 1, 3)]
    check_equal([one.core_id for one in ground.read_entries(mark)], booked, "entries of four days")


@entries.case(
    "equal-entries",
    "Two entries that are equal in all values are two entries.",
    mend="core_id comes from the books, or from the values and a number of occurrence; never from the values alone.",
    acts=BOOK,
)
def _equal_entries(ground: Ground) -> None:
    mark = ground.end_of_entries()
    booked = [
        ground.book("25.00", Direction.DEBIT, document_type=DocumentType.BANK_ORDER, purpose="Комиссия") for _ in "12"
    ]
    told = [one.core_id for one in ground.read_entries(mark)]
    check_equal(len(told), 2, "entries of two equal fees")
    check(told[0] != told[1], "two equal fees have one id")
    check_equal(told, booked, "ids of two equal fees")


@entries.case(
    "all-details",
    "All details of an entry arrive unchanged.",
    mend="Compare the values in the message one by one: leading zeros, quotes, № and Ё, 210 characters of purpose.",
    acts=BOOK,
)
def _all_details(ground: Ground) -> None:
    mark = ground.end_of_entries()
    details = entry_details(
        ground.today(), "10.07", Direction.DEBIT, number="000017", purpose="№ Ёё «" + "я" * 203 + "»", priority=3
    )
    ground.bench.book(ground.bench.account, details)
    check_equal([one.details for one in ground.read_entries(mark)], [details], "details of an entry")


@entries.case(
    "budget",
    "Fields 22 and 101-109 of a tax payment arrive unchanged.",
    mend="Tell uin and budget with every entry that has them; «0» is a value.",
    acts=BOOK,
)
def _budget(ground: Ground) -> None:
    mark = ground.end_of_entries()
    details = replace(
        entry_details(ground.today(), "500.00", Direction.DEBIT), uin="18209965144380684245", budget=BUDGET
    )
    ground.bench.book(ground.bench.account, details)
    told = [one.details for one in ground.read_entries(mark)]
    check_equal([(one.uin, one.budget) for one in told if one], [(details.uin, BUDGET)], "uin and budget")


@entries.case(
    "sums",
    "One kopeck and thirteen digits are told exactly.",
    mend="Sums are decimal texts with two places; a float loses the kopecks of large ones.",
    acts=BOOK,
)
def _sums(ground: Ground) -> None:
    mark = ground.end_of_entries()
    for amount in (ONE_KOPECK, THIRTEEN_DIGITS):
        ground.book(amount)
        ground.book(amount, Direction.DEBIT)  # the account is as before
    told = [str(one.details.amount) for one in ground.read_entries(mark) if one.details]
    check_equal(told, [ONE_KOPECK, ONE_KOPECK, THIRTEEN_DIGITS, THIRTEEN_DIGITS], "sums")


@entries.case(
    "currency",
    "Entries, closed days and the balance of an account are in its currency.",
    mend="An account has one currency; tell what is booked in it, not the sum of the document in another.",
    acts=BOOK,
)
def _one_currency(ground: Ground) -> None:
    accounts = ground.core.list_accounts(ground.bench.customer, ground.soon())
    (wanted,) = [one.currency for one in accounts if one.core_id == ground.bench.account]
    mark = ground.end_of_entries()
    ground.book("1.00", ago=1)  # late: its day is told again
    told, days, _ = ground.walk(mark)
    sums = [one.details.amount for one in told if one.details]
    sums += [one for day in days for one in (day.opening, day.closing)]
    for balance in ground.core.read_balances([ground.bench.account], ground.soon()):
        sums += [balance.booked, balance.available]
    check_equal({one.currency for one in sums}, {wanted}, "currencies that were told of the account")


@entries.case(
    "value-date",
    "Document, booking and value dates are told apart.",
    mend="date is the document's, booking_date the day in the books, value_date валютирование.",
    acts=BOOK,
)
def _three_dates(ground: Ground) -> None:
    mark = ground.end_of_entries()
    today = ground.today()
    ground.book(date=today - 9 * DAY, value_date=today - DAY)
    told = [one.details for one in ground.read_entries(mark)]
    check_equal(
        [(one.date, one.booking_date, one.value_date) for one in told if one],
        [(today - 9 * DAY, today, today - DAY)],
        "dates",
    )


@entries.case(
    "own-account",
    "An account's feed tells that account's entries only.",
    mend="Filter by account, and keep marks by account.",
    acts=BOOK,
)
def _own_account(ground: Ground) -> None:
    mark = ground.end_of_entries(ground.bench.second_account)
    ground.book()
    told = ground.read_entries(mark, ground.bench.second_account)
    check_equal(told, [], "entries of the second account after the first had one")


@entries.case(
    "unknown-account",
    "An unknown account has an empty feed.",
    mend="Answer an empty page with a mark that can be asked with again, not an error.",
)
def _unknown_account(ground: Ground) -> None:
    page = ground.core.pull_entries("unknown", None, 10, ground.soon())
    check_equal(
        (list(page.entries), page.has_more, list(page.closed_days)), ([], False, []), "an unknown account's page"
    )
    check(
        not ground.core.pull_entries("unknown", page.mark, 10, ground.soon()).has_more, "asked again, has_more is true"
    )


@entries.case(
    "as-of",
    "A page says of which moment it is, with its zone.",
    mend="as_of carries an offset: «+03:00» or «Z».",
)
def _page_has_a_moment(ground: Ground) -> None:
    page = ground.core.pull_entries(ground.bench.account, ground.end_of_entries(), 1, ground.soon())
    check(page.as_of is not None and page.as_of.tzinfo is not None, "as_of is missing or has no zone")
