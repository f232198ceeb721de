"""One bank, three formats that spell its entries otherwise, whole days and selections: each entry is one entry."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.connectors.files.opening import FilesCore
from adapter.domain.statements import Direction, EntryDetails
from tests.connectors.files.paper_bank import MAIN
from tests.connectors.files.spelled import Booked, Told
from tests.connectors.files.statements import DAY, FIRST, MADE, Desk
from tests.scale import scale

FORMATS = ("1c", "camt", "mt940")
OTHER_FORMATS = list(permutations(FORMATS, 2))
LAST = FIRST + 2 * DAY
PAID = Booked(reference="R1", day=FIRST, kopecks=-5000, number="101", drawn=FIRST - DAY, purpose="Оплата по счету 17")


@pytest.fixture
def desk(files_core: FilesCore) -> Desk:
    return Desk(files_core)


def told(form: str, entries: Sequence[Booked], hours: int, *, is_whole: bool, account: str = MAIN) -> Told:
    """A file of the first day, made so many hours after the first."""
    made_at = MADE + dt.timedelta(hours=hours)
    days = {"first": FIRST, "last": FIRST, "opening": Decimal("1000")}
    return Told(format=form, account=account, entries=entries, made_at=made_at, is_whole=is_whole, **days)  # type: ignore[arg-type]


@pytest.mark.parametrize(("one", "other"), OTHER_FORMATS)
def test_an_entry_told_otherwise_in_a_selection_is_the_same(desk: Desk, one: str, other: str) -> None:
    for is_whole_made_first, does_whole_come_first in product((True, False), repeat=2):
        account = _new_account()
        whole = told(one, [PAID], 0 if is_whole_made_first else 2, is_whole=True, account=account)
        partial = told(other, [PAID], 1, is_whole=False, account=account)
        desk.deliver(*(file.render() for file in ([whole, partial] if does_whole_come_first else [partial, whole])))
        (core_id,) = desk.entries(account)
        assert desk.balance(account) == Decimal("950")
        desk.deliver(told(other, [PAID], 3, is_whole=True, account=account).render())  # a whole day says it its way
        assert list(desk.entries(account)) == [core_id]
        assert not any(change.details is None for change in desk.pull(account).entries)
    assert desk.names("error") == []


def test_a_whole_day_is_not_respelled_by_selections(desk: Desk) -> None:
    desk.deliver(told("1c", [PAID], 0, is_whole=True).render())
    mark = desk.end(MAIN)
    desk.deliver(*(told(form, [PAID], 1, is_whole=False).render() for form in ("mt940", "camt", "mt940")))
    assert list(desk.pull(MAIN, mark).entries) == []


@pytest.mark.parametrize(("one", "other"), OTHER_FORMATS)
def test_two_payments_alike_stay_two_in_every_spelling(desk: Desk, one: str, other: str) -> None:
    twice = [PAID, replace(PAID, reference="R2")]
    desk.deliver(told(one, twice, 0, is_whole=False).render())
    for hours, entries in enumerate((twice, twice[1:], twice), 1):
        desk.deliver(told(other, entries, hours, is_whole=False).render())
        assert len(desk.entries(MAIN)) == 2
    desk.deliver(told(one, twice, 5, is_whole=True).render())
    assert len(desk.entries(MAIN)) == 2


def test_a_third_payment_alike_is_added_whatever_it_is_spelled_like(desk: Desk) -> None:
    thrice = [replace(PAID, reference=f"R{place}") for place in range(3)]
    desk.deliver(told("1c", thrice[:2], 0, is_whole=True).render(), told("mt940", thrice, 1, is_whole=False).render())
    assert len(desk.entries(MAIN)) == 3
    assert desk.balance(MAIN) == Decimal("850")


@pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
def test_two_equal_fees_with_names_of_their_own_in_two_selections_are_two(desk: Desk, arrival: tuple[int, int]) -> None:
    files = [told("camt", [replace(PAID, reference=f"R{place}")], place, is_whole=False).render() for place in (0, 1)]
    desk.deliver(*(files[place] for place in arrival))
    assert len(desk.entries(MAIN)) == 2
    again = [told("camt", [replace(PAID, reference="R1")], hours, is_whole=False).render() for hours in (2, 3)]
    desk.deliver(*again)
    assert len(desk.entries(MAIN)) == 2


def test_a_fee_with_a_name_of_its_own_joins_that_of_a_whole_day(desk: Desk) -> None:
    files = [told("camt", [PAID], 0, is_whole=True), told("camt", [replace(PAID, reference="R2")], 1, is_whole=False)]
    desk.deliver(*(file.render() for file in files))
    assert len(desk.entries(MAIN)) == 2
    desk.deliver(told("camt", [replace(PAID, reference="R3")], 2, is_whole=True).render())  # one it is, says the day
    assert len(desk.entries(MAIN)) == 1


def test_entries_without_a_number_are_not_recognised_by_their_amount(desk: Desk) -> None:
    one, other = (replace(PAID, number="", purpose=text) for text in ("За ведение счета", "За справку"))
    desk.deliver(told("1c", [one], 0, is_whole=False).render(), told("1c", [other], 1, is_whole=False).render())
    assert len(desk.entries(MAIN)) == 2


def _new_account() -> str:
    return f"40702810{uuid.uuid4().int % 10**12:012d}"


# Any bank, any files, any order


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Booked], list[Told], list[int]]:
    """The books of a new account, files made as they grew, and an order in which these arrive, some twice."""
    account = _new_account()
    books = [
        Booked(
            reference=f"R{place}",
            day=(day := FIRST + draw(st.integers(0, 2)) * DAY),
            kopecks=draw(st.sampled_from([-100, -200, 100])),
            number=draw(st.sampled_from(["7", "8"])),
            drawn=day - draw(st.integers(0, 1)) * DAY,
            purpose=draw(st.sampled_from(["Комиссия", "Оплата по счету 17", "Аренда за ноябрь"])),
        )
        for place in range(draw(st.integers(1, 7)))
    ]
    known, files = 0, []
    for hours in range(draw(st.integers(2, 6))):
        known = draw(st.integers(known, len(books)))
        first, last = sorted((draw(st.integers(0, 2)), draw(st.integers(0, 2))))
        files.append(_file(draw, account, books[:known], FIRST + first * DAY, FIRST + last * DAY, hours))
    repeats = draw(st.lists(st.integers(0, len(files) - 1), max_size=2))
    return books, files, draw(st.permutations([*range(len(files)), *repeats]))


def _file(draw: st.DrawFn, account: str, books: Sequence[Booked], first: dt.date, last: dt.date, hours: int) -> Told:
    entries, is_whole = [one for one in books if first <= one.day <= last], draw(st.booleans())
    return Told(
        format=draw(st.sampled_from(FORMATS)),
        account=account,
        first=first,
        last=last,
        opening=sum((Decimal(one.kopecks) / 100 for one in books if one.day < first), Decimal(1000)),
        entries=entries if is_whole else [one for one in entries if draw(st.booleans())],
        made_at=MADE + dt.timedelta(hours=hours),
        is_whole=is_whole,
    )


@settings(max_examples=scale(40, 1000), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(history=histories())
def test_no_entry_is_ever_told_twice_or_taken_back(
    desk: Desk, history: tuple[list[Booked], list[Told], list[int]]
) -> None:
    books, files, order = history
    account = files[0].account
    for place in order:
        desk.deliver(files[place].render())
    assert desk.names("error") == []
    for day in (FIRST, FIRST + DAY, LAST):
        fewest, most = _bounds(files, day)
        present = _present(desk, account, day)
        assert all(fewest[key] <= present[key] <= most[key] for key in fewest | most | present), (day, present)
    assert not any(one.details is None for one in desk.pull(account).entries)
    end = Told(
        format=files[-1].format,
        account=account,
        first=FIRST,
        last=LAST,
        opening=Decimal(1000),
        entries=books,
        made_at=MADE + DAY / 2,
        is_whole=True,
    )
    desk.deliver(end.render())
    everything = sum((_present(desk, account, day) for day in (FIRST, FIRST + DAY, LAST)), Counter[object]())
    assert everything == Counter(one.key for one in books)
    assert not any(one.details is None for one in desk.pull(account).entries)
    assert desk.balance(account) == end.closing


def _bounds(files: Sequence[Told], day: dt.date) -> tuple[Counter[object], Counter[object]]:
    """At least, and at most: of the newest whole telling of a day and all later files, one file and all distinct."""
    of_day = [file for file in files if file.first <= day <= file.last]
    newest = max((place for place, file in enumerate(of_day) if file.is_whole), default=0)
    fewest, distinct = Counter[object](), set()
    for file in of_day[newest:]:
        told_now = [one for one in file.entries if one.day == day]
        fewest |= Counter(one.key for one in told_now)
        distinct |= set(told_now)
    return fewest, Counter(one.key for one in distinct)


def _present(desk: Desk, account: str, day: dt.date) -> Counter[object]:
    found = [one.details for one in desk.entries(account).values() if one.details]
    return Counter(_key(details) for details in found if details.booking_date == day)


def _key(details: EntryDetails) -> tuple[object, ...]:
    sign = 1 if details.direction is Direction.CREDIT else -1
    moved = sign * details.amount.kopecks
    return details.booking_date, moved, details.number.lstrip("0"), details.counterparty.account
