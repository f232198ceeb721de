"""Statement files in any order, twice, overlapping, in parts: the account ends the same, and nothing is told twice."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.connectors.files.opening import FilesCore
from adapter.domain.core import Deadline, Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.statements import Direction, EntryDetails
from adapter.formats import mt940
from tests.connectors.files.paper_bank import MAIN, MARKET, as_camt, whole_statement
from tests.connectors.files.statements import DAY, FIRST, MADE, Desk, corrected, fee, file_of, partial_file_of
from tests.fakes import FakeClock, entry_details
from tests.scale import scale


@pytest.fixture
def desk(files_core: FilesCore) -> Desk:
    return Desk(files_core)


def later(hours: int = 1) -> dt.datetime:
    return MADE + dt.timedelta(hours=hours)


def test_two_equal_fees_are_two_entries(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST)], MADE))
    assert desk.contents(MAIN) == Counter({fee(FIRST): 2})


def test_the_same_file_again_tells_nothing_new(desk: Desk) -> None:
    file = file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST)], MADE)
    desk.deliver(file)
    mark = desk.end(MAIN)
    desk.deliver(file)
    page = desk.pull(MAIN, mark)
    assert (list(page.entries), list(page.closed_days)) == ([], [])
    assert (desk.names("in"), desk.names("error"), len(desk.names("archive"))) == ([], [], 2)


def test_the_same_statement_made_again_tells_nothing_new(desk: Desk) -> None:
    entries = [fee(FIRST), fee(FIRST)]
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, MADE))
    mark = desk.end(MAIN)
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, later()))
    page = desk.pull(MAIN, mark)
    assert (list(page.entries), list(page.closed_days)) == ([], [])


def test_an_overlap_adds_only_what_is_new(desk: Desk) -> None:
    entries = [fee(FIRST), fee(FIRST + DAY), fee(FIRST + 2 * DAY)]
    desk.deliver(file_of(MAIN, FIRST, FIRST + DAY, entries, MADE))
    mark = desk.end(MAIN)
    desk.deliver(file_of(MAIN, FIRST + DAY, FIRST + 2 * DAY, entries, later()))
    assert [one.details for one in desk.pull(MAIN, mark).entries] == [entries[2]]


def test_a_corrected_line_is_one_change_under_its_id(desk: Desk) -> None:
    entries = [fee(FIRST), fee(FIRST, number="8"), fee(FIRST, number="8")]
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, MADE))
    (core_id,) = [name for name, one in desk.entries(MAIN).items() if one.details == entries[0]]
    mark = desk.end(MAIN)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [corrected(entries[0]), *entries[1:]], later()))
    assert [(one.core_id, one.details) for one in desk.pull(MAIN, mark).entries] == [(core_id, corrected(entries[0]))]


def test_an_older_file_that_comes_late_undoes_nothing(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [corrected(fee(FIRST))], later()))
    mark = desk.end(MAIN)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST, number="9")], MADE))
    assert list(desk.pull(MAIN, mark).entries) == []
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], later(2)))  # a newer one does
    assert desk.contents(MAIN) == Counter([fee(FIRST)])


def test_a_whole_day_without_an_entry_removes_it_and_its_id_is_not_used_again(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    (core_id,) = desk.entries(MAIN)
    mark = desk.end(MAIN)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [], later()))
    assert [(one.core_id, one.details) for one in desk.pull(MAIN, mark).entries] == [(core_id, None)]
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], later(2)))
    assert core_id not in desk.entries(MAIN)
    assert desk.contents(MAIN) == Counter([fee(FIRST)])


def test_a_day_told_in_part_removes_nothing_and_closes_nothing(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    days = desk.days(MAIN)
    desk.deliver(partial_file_of(MAIN, FIRST, FIRST + DAY, [fee(FIRST, number="8"), fee(FIRST + DAY)], later()))
    assert desk.contents(MAIN) == Counter([fee(FIRST), fee(FIRST, number="8"), fee(FIRST + DAY)])
    assert desk.days(MAIN) == days


def test_a_statement_that_does_not_add_up_removes_nothing(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST, number="8")], MADE))
    cut = file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST, number="8")], later()).decode("windows-1251")
    first, rest = cut.split("СекцияДокумент", 1)
    _, second = rest.split("СекцияДокумент", 1)
    desk.deliver((first + "СекцияДокумент" + second).encode("windows-1251"))  # one document is lost on the way
    assert len(desk.entries(MAIN)) == 2


def test_a_balance_is_the_closing_one_of_the_newest_statement(desk: Desk) -> None:
    entries = [fee(FIRST), fee(FIRST + DAY, "30.00")]
    desk.deliver(file_of(MAIN, FIRST, FIRST + DAY, entries, later(), opening="1000"))
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, MADE, opening="1000"))
    assert desk.balance(MAIN) == Decimal("920.00")
    (told,) = desk.core.banking.read_balances([MAIN], _soon())
    assert told.as_of == later()


def test_a_balance_holds_entries_that_came_in_part_after_its_statement(desk: Desk) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE, opening="1000"))
    desk.deliver(partial_file_of(MAIN, FIRST, FIRST + DAY, [fee(FIRST), fee(FIRST + DAY, "10.00")], later()))
    assert desk.balance(MAIN) == Decimal("940.00")


def test_history_that_comes_later_does_not_move_the_balance(desk: Desk) -> None:
    entries = [fee(FIRST), fee(FIRST + DAY, "30.00")]
    desk.deliver(file_of(MAIN, FIRST + DAY, FIRST + DAY, entries, MADE, opening="1000"))
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, later(), opening="1000"))
    assert desk.balance(MAIN) == Decimal("920.00")


def test_several_accounts_and_days_in_one_file_are_told_apart(desk: Desk) -> None:
    one = file_of(MAIN, FIRST, FIRST + DAY, [fee(FIRST), fee(FIRST + DAY)], MADE).decode("windows-1251")
    two = file_of(MARKET, FIRST, FIRST, [fee(FIRST, "9.00")], MADE).decode("windows-1251")
    both = one.replace("КонецФайла\r\n", "") + two[two.index("СекцияРасчСчет") :]
    desk.deliver(both.encode("windows-1251"))
    assert desk.contents(MAIN) == Counter([fee(FIRST), fee(FIRST + DAY)])
    assert desk.contents(MARKET) == Counter([fee(FIRST, "9.00")])
    assert list(desk.days(MAIN)) == [FIRST, FIRST + DAY]


def test_all_three_formats_are_told_by_their_content(desk: Desk) -> None:
    entry = entry_details("12.00", Direction.CREDIT, FIRST)
    told = whole_statement(MAIN, FIRST, FIRST, Decimal(0), {1: entry}, MADE)
    desk.deliver(as_camt(told))
    assert desk.contents(MAIN) == Counter([entry])
    desk.deliver(b"".join(mt940.render_statement(replace(told, account=replace(told.account, number=MARKET)))))
    (found,) = desk.entries(MARKET).values()
    assert found.details
    assert str(found.details.amount) == "12.00"
    assert desk.names("error") == []


def test_the_banks_reference_shows_a_correction_also_in_a_file_told_in_part(desk: Desk) -> None:
    entry = entry_details("12.00", Direction.CREDIT, FIRST)
    told = whole_statement(MAIN, FIRST, FIRST, Decimal(0), {1: entry}, MADE)
    desk.deliver(as_camt(told))
    (core_id,) = desk.entries(MAIN)
    changed = replace(entry, number="18", purpose="Исправлено")
    again = whole_statement(MAIN, FIRST, FIRST, Decimal(0), {1: changed}, later())
    partial = as_camt(again).replace(b"CLBD", b"ITAV")  # no closing balance
    mark = desk.end(MAIN)
    desk.deliver(partial)
    assert [(one.core_id, one.details) for one in desk.pull(MAIN, mark).entries] == [(core_id, changed)]
    desk.deliver(as_camt(whole_statement(MAIN, FIRST, FIRST, Decimal(0), {1: entry}, MADE + dt.timedelta(seconds=1))))
    assert desk.contents(MAIN) == Counter([changed])


def _named(day: dt.date, before: str, hours: int, *entries: tuple[str, EntryDetails]) -> bytes:
    """A camt.053 of one day, each entry under the bank's reference; `NtryRef` counts within the file."""
    told = {place: one for place, (_, one) in enumerate(entries)}
    statement = whole_statement(MAIN, day, day, Decimal(before), told, later(hours))
    named = [replace(one, id=name) for one, (name, _) in zip(statement.entries, entries, strict=True)]
    numbers = itertools.count(1)
    return re.sub(
        rb"<NtryRef>[^<]*<", lambda _: b"<NtryRef>%d<" % next(numbers), as_camt(replace(statement, entries=named))
    )


def test_a_running_number_within_a_file_names_no_entry(desk: Desk) -> None:
    first, second = entry_details("1.00", Direction.CREDIT, FIRST), entry_details("2.00", Direction.CREDIT, FIRST + DAY)
    desk.deliver(_named(FIRST, "0", 0, ("R1", first)), _named(FIRST + DAY, "1", 24, ("R2", second)))
    assert desk.contents(MAIN) == Counter([first, second])
    without = re.sub(rb"<AcctSvcrRef>[^<]*</AcctSvcrRef>", b"", _named(FIRST + DAY, "1", 25, ("", second)))
    desk.deliver(without)
    assert desk.contents(MAIN) == Counter([first, second])


def test_a_reversal_under_the_reference_of_its_entry_is_an_entry_of_its_own(desk: Desk) -> None:
    paid = entry_details("100.00", Direction.DEBIT, FIRST)
    back = entry_details("100.00", Direction.CREDIT, FIRST + DAY, purpose="Сторно")
    again = entry_details("100.00", Direction.DEBIT, FIRST + 2 * DAY)
    desk.deliver(_named(FIRST, "0", 0, ("R7", paid)), _named(FIRST + DAY, "-100", 24, ("R7", back)))
    desk.deliver(_named(FIRST + 2 * DAY, "0", 48, ("R7", again)))
    assert desk.contents(MAIN) == Counter([paid, back, again])


def test_a_fee_under_the_reference_of_its_payment_never_takes_its_place(desk: Desk) -> None:
    paid = entry_details("1000.00", Direction.DEBIT, FIRST)
    fee_of_it = entry_details("30.00", Direction.DEBIT, FIRST, purpose="Комиссия")
    desk.deliver(_named(FIRST, "0", 0, ("R5", paid)), _named(FIRST, "0", 1, ("R5", paid), ("R5", fee_of_it)))
    mark = desk.end(MAIN)
    desk.deliver(*(_named(FIRST, "0", hours, ("R5", fee_of_it), ("R5", paid)) for hours in (2, 3)))
    assert list(desk.pull(MAIN, mark).entries) == []
    assert desk.contents(MAIN) == Counter([paid, fee_of_it])
    changed = replace(paid, purpose="Исправлено", number="18")
    desk.deliver(_named(FIRST, "0", 4, ("R5", changed), ("R5", fee_of_it)))
    assert [one.details for one in desk.pull(MAIN, mark).entries] == [changed]


@pytest.mark.parametrize("balance", ["НачальныйОстаток", "КонечныйОстаток"])
def test_a_selection_that_states_one_balance_removes_nothing(desk: Desk, balance: str) -> None:
    entries = [fee(FIRST), fee(FIRST, "70.00", number="8")]
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries, MADE))
    days = desk.days(MAIN)
    text = file_of(MAIN, FIRST, FIRST, entries[1:], later()).decode("windows-1251")
    cut = [line for line in text.splitlines() if not line.startswith(balance)]
    desk.deliver("\r\n".join(cut).encode("windows-1251"))
    assert desk.contents(MAIN) == Counter(entries)
    assert (desk.days(MAIN), desk.names("error")) == (days, [])
    desk.deliver(file_of(MAIN, FIRST, FIRST, entries[1:], later(2)))  # the whole day says it
    assert desk.contents(MAIN) == Counter(entries[1:])


def test_balances_of_the_first_and_the_last_day_do_not_tell_the_day_between(desk: Desk) -> None:
    back = entry_details("100.00", Direction.CREDIT, FIRST + DAY, number="55")
    entries = [fee(FIRST), fee(FIRST + DAY, "100.00"), back, fee(FIRST + 2 * DAY)]
    desk.deliver(file_of(MAIN, FIRST, FIRST + 2 * DAY, entries, MADE, opening="1000"))
    days = desk.days(MAIN)
    desk.deliver(_of_sections([FIRST, FIRST + 2 * DAY], entries, later()))
    assert desk.contents(MAIN) == Counter(entries)
    assert (desk.days(MAIN), desk.names("error")) == (days, [])
    desk.deliver(_of_sections([FIRST, FIRST + DAY, FIRST + 2 * DAY], entries[::3], later(2)))  # these tell all of it
    assert desk.contents(MAIN) == Counter(entries[::3])


def _of_sections(days: Sequence[dt.date], entries: Sequence[EntryDetails], made_at: dt.datetime) -> bytes:
    """One file with a section of balances for each of the days."""
    files = [file_of(MAIN, day, day, entries, made_at, opening="1000").decode("windows-1251") for day in days]
    head, _, _ = files[0].partition("СекцияРасчСчет")
    sections = [file[file.index("СекцияРасчСчет") : file.index("КонецРасчСчет") + 15] for file in files]
    documents = [file[at : file.index("КонецФайла")] for file in files if (at := file.find("СекцияДокумент")) >= 0]
    return "".join([head, *sections, *documents, "КонецФайла\r\n"]).encode("windows-1251")


def test_a_file_from_the_future_does_not_outlive_later_ones(desk: Desk, clock: FakeClock) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], clock.now() + dt.timedelta(hours=1)))
    clock.advance(minutes=5)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [corrected(fee(FIRST))], clock.now()))
    assert desk.contents(MAIN) == Counter([corrected(fee(FIRST))])


@pytest.mark.parametrize("text", ["", "x", "9 9 9", "-1 0", "999999 0", "0 999999"])
def test_a_mark_that_was_never_given_is_not_known(desk: Desk, text: str) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    if text:
        with pytest.raises(MarkUnknown):
            desk.pull(MAIN, Mark(text))
    assert len(desk.pull(MAIN, None).entries) == 1


# Any order ends the same

WORDS = st.sampled_from(["Комиссия", "Оплата", "Аренда"])
BOOKED = st.builds(
    lambda ago, kopecks, number, purpose: fee(FIRST + ago * DAY, f"{kopecks}.00", number, purpose),
    st.integers(0, 4),
    st.integers(1, 2),
    st.sampled_from(["7", "8"]),
    WORDS,
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[tuple[dt.date, dt.date, list[object], int, bool]], list[int]]:
    """Files of one account as its books grew, the last with a corrected line; and an order in which they arrive."""
    books = draw(st.lists(BOOKED, min_size=1, max_size=10))
    files: list[tuple[dt.date, dt.date, list[object], int, bool]] = []
    for made in range(draw(st.integers(1, 5))):
        present = books[: draw(st.integers(1, len(books)))]
        first, last = sorted((draw(st.integers(0, 4)), draw(st.integers(0, 4))))
        files.append((FIRST + first * DAY, FIRST + last * DAY, list(present), made, draw(st.booleans())))
    slip = draw(st.integers(0, len(books) - 1))
    right = [corrected(one) if place == slip else one for place, one in enumerate(books)]
    files.append((FIRST, FIRST + 4 * DAY, list(right), 50, True))
    repeats = draw(st.lists(st.integers(0, len(files) - 1), max_size=4))
    return files, draw(st.permutations([*range(len(files)), *repeats]))


def render(account: str, file: tuple[dt.date, dt.date, list[object], int, bool]) -> bytes:
    first, last, entries, made, is_whole = file
    make = file_of if is_whole else partial_file_of
    return make(account, first, last, entries, later(made))  # type: ignore[arg-type]  # of entries


@settings(max_examples=scale(20, 300), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told=deliveries())
def test_files_in_any_order_and_twice_end_in_the_same_account(
    desk: Desk, told: tuple[list[tuple[dt.date, dt.date, list[object], int, bool]], list[int]]
) -> None:
    files, order = told
    straight, mixed = _new_account(), _new_account()
    desk.deliver(*(render(straight, file) for file in files))
    desk.deliver(*(render(mixed, files[place]) for place in order))
    assert desk.contents(mixed) == desk.contents(straight)
    assert desk.days(mixed) == desk.days(straight)
    assert desk.balance(mixed) == desk.balance(straight)


@settings(max_examples=scale(20, 300), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(books=st.lists(BOOKED, min_size=1, max_size=12), place=st.integers(0, 11))
def test_one_corrected_line_is_always_one_change(desk: Desk, books: list[object], place: int) -> None:
    account = _new_account()
    desk.deliver(file_of(account, FIRST, FIRST + 4 * DAY, books, MADE))  # type: ignore[arg-type]
    mark, before = desk.end(account), set(desk.entries(account))
    right = [corrected(one) if at == place % len(books) else one for at, one in enumerate(books)]  # type: ignore[arg-type]
    desk.deliver(file_of(account, FIRST, FIRST + 4 * DAY, right, later()))  # type: ignore[arg-type]
    (change,) = desk.pull(account, mark).entries
    assert change.core_id in before
    assert set(desk.entries(account)) == before


def _new_account() -> str:
    return f"40702810{uuid.uuid4().int % 10**12:012d}"


def _soon() -> Deadline:
    return Deadline.after(30)


def test_an_account_that_no_statement_told_of_has_no_moment(files_core: FilesCore) -> None:
    page = files_core.banking.pull_entries("40702810000000000000", None, 10, Deadline.after(5))
    assert (page.as_of, list(page.entries), page.has_more) == (None, [], False)
