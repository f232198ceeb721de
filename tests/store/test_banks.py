"""The directory of banks: replaced as a whole, seen whole, asked in one statement."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.domain.banks import Bank, BankDirectory, DirectoryRefused
from adapter.store.banks import StoredBanks
from adapter.store.database import Database
from tests.fakes import FakeClock
from tests.scale import scale

DAY = dt.date(2026, 9, 17)


def bank(number: int, name: str = "БАНК") -> Bank:
    return Bank(bic=f"{44_500_000 + number:09}", name=name, place="г. Москва", correspondent_account="3" * 20)


def directory(banks: Sequence[Bank], day: dt.date = DAY) -> BankDirectory:
    return BankDirectory(business_date=day, banks=banks, file_sha256=b"x" * 32)


@pytest.fixture
def banks(database: Database) -> StoredBanks:
    return StoredBanks(database)


def test_without_a_directory_nothing_is_known_and_that_is_told_from_an_unknown_bank(
    banks: StoredBanks, clock: FakeClock
) -> None:
    assert banks.find_banks(["044525225"]) is None
    assert banks.read_loaded() is None
    banks.replace(directory([bank(1)]), clock.now())
    assert banks.find_banks(["044525225"]) == {}
    assert banks.find_banks([]) == {}


def test_banks_are_found_by_bic_many_at_once(banks: StoredBanks, clock: FakeClock) -> None:
    office = replace(
        bank(2), correspondent_account=None, unified_treasury_account="4" * 20, is_central_bank_office=True
    )
    closing = replace(bank(3), place=None, is_closing=True)
    banks.replace(directory([bank(1), office, closing, bank(4)]), clock.now())
    wanted = [f"{number:09}" for number in range(44_500_001, 44_540_000)]
    assert banks.find_banks(wanted) == {one.bic: one for one in (bank(1), office, closing, bank(4))}
    assert banks.find_banks([office.bic, "044525225"]) == {office.bic: office}


def test_a_load_replaces_everything_and_tells_what_changed(banks: StoredBanks, clock: FakeClock) -> None:
    many = [bank(number) for number in range(20)]
    first = banks.replace(directory(many), clock.now())
    assert (len(first.added), first.removed, first.changed) == (20, [], [])
    clock.advance(days=1)
    renamed, new = bank(5, "БАНК ПЯТЬ"), bank(100)
    after = [one for one in many if one not in (bank(5), bank(6))] + [renamed, new]
    changes = banks.replace(directory(after, DAY + dt.timedelta(days=1)), clock.now())
    assert (changes.added, changes.removed, changes.changed) == ([new], [bank(6)], [(bank(5), renamed)])
    assert banks.find_banks([bank(6).bic, new.bic]) == {new.bic: new}
    loaded = banks.read_loaded()
    assert loaded is not None
    assert (loaded.business_date, loaded.loaded_at, loaded.banks) == (DAY + dt.timedelta(days=1), clock.now(), 20)


def test_an_older_directory_is_refused_unless_forced(banks: StoredBanks, clock: FakeClock) -> None:
    banks.replace(directory([bank(1)]), clock.now())
    older = directory([bank(1), bank(2)], DAY - dt.timedelta(days=1))
    with pytest.raises(DirectoryRefused):
        banks.replace(older, clock.now())
    assert banks.find_banks([bank(2).bic]) == {}
    banks.replace(directory([bank(1)]), clock.now())  # the same day again is no harm
    banks.replace(older, clock.now(), force=True)
    assert banks.find_banks([bank(2).bic]) == {bank(2).bic: bank(2)}


def test_a_directory_that_loses_more_than_a_tenth_of_the_banks_is_refused_unless_forced(
    banks: StoredBanks, clock: FakeClock
) -> None:
    many = [bank(number) for number in range(20)]
    banks.replace(directory(many), clock.now())
    with pytest.raises(DirectoryRefused):
        banks.replace(directory(many[:17]), clock.now())
    assert len(banks.find_banks([one.bic for one in many]) or {}) == 20
    banks.replace(directory(many[:18]), clock.now())
    banks.replace(directory(many[:1]), clock.now(), force=True)
    assert banks.find_banks([one.bic for one in many]) == {bank(0).bic: bank(0)}


def test_a_load_that_fails_in_the_middle_leaves_the_old_directory(banks: StoredBanks, clock: FakeClock) -> None:
    banks.replace(directory([bank(1)]), clock.now())
    with pytest.raises(sa.exc.IntegrityError):
        banks.replace(directory([bank(1), bank(2), bank(2)]), clock.now())
    assert banks.find_banks([bank(1).bic, bank(2).bic]) == {bank(1).bic: bank(1)}
    loaded = banks.read_loaded()
    assert loaded is not None
    assert loaded.banks == 1


def test_readers_never_see_half_a_directory_while_others_are_loaded(database: Database, clock: FakeClock) -> None:
    banks = StoredBanks(database)
    numbers = range(300)
    directories = [directory([bank(number, name) for number in numbers]) for name in ("ОДИН", "ДВА")]
    banks.replace(directories[0], clock.now())
    wanted = [bank(number).bic for number in numbers]
    is_over = threading.Event()
    errors: list[BaseException] = []

    def load(one: BankDirectory) -> None:
        try:
            for _ in range(scale(4, 40)):
                banks.replace(one, clock.now())
        except BaseException as error:
            errors.append(error)

    loaders = [threading.Thread(target=load, args=[one]) for one in directories]

    def end() -> None:
        for loader in loaders:
            loader.join()
        is_over.set()

    for thread in (*loaders, threading.Thread(target=end)):
        thread.start()
    seen: set[str] = set()
    while not is_over.is_set():
        found = banks.find_banks(wanted)
        assert found is not None
        assert len(found) == len(wanted)
        names = {one.name for one in found.values()}
        assert len(names) == 1, "a mixture of two directories"
        seen |= names
    assert errors == []
    assert seen <= {"ОДИН", "ДВА"}
