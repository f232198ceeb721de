"""The folder in/: a file is read once and moved; a bad one gets a report and keeps no other; one not finished waits."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapter.connectors.files.folders import Folders
from adapter.connectors.files.opening import FilesCore, open_files_core
from adapter.connectors.files.tables import files_read
from adapter.domain.core import Deadline
from adapter.store.database import Database
from tests.connectors.files.conftest import open_core_of
from tests.connectors.files.paper_bank import BIC, DIRECTORY, MAIN, MARKET, PaperBank
from tests.connectors.files.statements import FIRST, MADE, Desk, fee, file_of
from tests.fakes import FakeClock
from tests.scale import scale


@pytest.fixture
def desk(files_core: FilesCore) -> Desk:
    return Desk(files_core)


def directory_of(made_at: dt.datetime = MADE, **changed: object) -> bytes:
    return json.dumps({"made_at": made_at.isoformat(), **DIRECTORY, **changed}, ensure_ascii=False).encode()


def soon() -> Deadline:
    return Deadline.after(30)


def test_a_file_that_cannot_be_read_goes_to_error_with_a_report_and_the_rest_goes_on(desk: Desk) -> None:
    broken = (
        file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE).decode("windows-1251").replace("Сумма=50.00", "Сумма=50,0x")
    )
    desk.drop("1-broken.txt", broken.encode("windows-1251"))
    desk.drop("2-good.txt", file_of(MARKET, FIRST, FIRST, [fee(FIRST)], MADE))
    desk.core.scan()
    assert desk.names("error") == ["1-broken.txt", "1-broken.txt.report.txt"]
    report = (desk.core.scanner.folders.error / "1-broken.txt.report.txt").read_text("utf-8-sig")
    line = broken.splitlines().index("Сумма=50,0x") + 1
    assert f"строка {line}, Сумма" in report
    assert (len(desk.entries(MAIN)), len(desk.entries(MARKET))) == (0, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01",
        b"{",
        b"[1]",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b":20:x",
        b"document_id;x\n1;2\n",
        b"document_id;status;at\x00\r1;2",
        b'document_id;"status\n;at',
        b"document_id;status;at;" + b"x" * 200_000,
        b"document_id;status;at\np1;01;0001-01-01T00:00:00+14:00\n",
        b'{"made_at": "2026-11-19T09:00:00+03:00", "users": [{"id": "\\ud800", "name": "\\ud800"}]}',
    ],
)
def test_whatever_lies_in_the_folder_is_taken_out_of_it(desk: Desk, data: bytes) -> None:
    desk.drop("x.txt", data)
    desk.core.scan()
    assert (desk.names("in"), desk.names("error")) == ([], ["x.txt", "x.txt.report.txt"])
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    assert len(desk.entries(MAIN)) == 1


@pytest.mark.parametrize("name", ["a.txt.part", "a.TMP", ".a.txt", "a.filepart"])
def test_a_file_with_an_unfinished_name_waits(desk: Desk, name: str) -> None:
    desk.drop(name, file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    assert desk.core.scan() is False
    (desk.core.scanner.folders.incoming / name).rename(desk.core.scanner.folders.incoming / "a.txt")
    assert desk.core.scan() is True
    assert len(desk.entries(MAIN)) == 1


def test_a_file_that_still_grows_waits(database: Database, exchange: Path, clock: FakeClock) -> None:
    core = open_files_core(str(exchange), clock=clock, reader=database.reader, writer=database.writer, settle_s=0.05)
    desk, data = Desk(core), file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE)
    desk.drop("a.txt", data[:100])
    assert core.scan() is False  # seen for the first time
    desk.drop("a.txt", data)
    assert core.scan() is False  # it grew
    settled = threading.Event()
    assert not settled.wait(0.06)  # the time that a file must lie still
    assert core.scan() is True
    assert (len(desk.entries(MAIN)), desk.names("error")) == (1, [])


def test_states_whose_writer_paused_are_read_to_their_end(paper_bank: PaperBank, desk: Desk, exchange: Path) -> None:
    banking, at = desk.core.banking, MADE.isoformat()
    place = exchange / "in" / "states.csv"
    with place.open("w") as file:
        file.write(f"document_id;status;at\npay_1;01;{at}\n")
        file.flush()
        desk.core.scan()
        file.write(f"pay_2;01;{at}\n")  # into the archive by now
    desk.core.scan()
    told = [one.document_id for one in banking.pull_document_events(None, 10, soon()).events]
    assert told == ["pay_1", "pay_2"]
    desk.core.scan()
    assert len(banking.pull_document_events(None, 10, soon()).events) == 2


def test_a_file_put_under_the_name_of_one_being_read_is_read_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (file_of(account, FIRST, FIRST, [fee(FIRST)], MADE) for account in (MAIN, MARKET))
    take = Folders.take

    def take_and_replace(folders: Folders, file: Path) -> None:
        take(folders, file)
        if not (folders.incoming / "again").exists():
            (folders.incoming / "again").mkdir()
            desk.drop(file.name, second)

    monkeypatch.setattr(Folders, "take", take_and_replace)
    desk.deliver(first)
    desk.core.scan()
    assert (len(desk.entries(MAIN)), len(desk.entries(MARKET))) == (1, 1)


@pytest.mark.parametrize(
    "name", [b"a" * 250 + b".txt", "ы".encode() * 120, b"\xff\xfe.txt", b"a b;c.txt", "ы".encode("windows-1251") * 200]
)
def test_a_file_may_have_any_name(desk: Desk, name: bytes) -> None:
    (desk.core.scanner.folders.incoming / os.fsdecode(name)).write_bytes(b"what is this")
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    assert (len(desk.names("error")), desk.names("in"), len(desk.entries(MAIN))) == (2, [], 1)


@pytest.mark.parametrize("kind", ["pipe", "dangling link", "folder", "no right"])
def test_what_cannot_be_opened_does_not_lie_in_the_way(desk: Desk, kind: str) -> None:
    place = desk.core.scanner.folders.taken / "0a0b0c0d.odd.txt"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "dangling link":
        place.symlink_to("nowhere")
    elif kind == "folder":
        place.mkdir()
    else:
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        place.write_bytes(b"x")
        place.chmod(0)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    assert len(desk.entries(MAIN)) == 1
    assert list(desk.core.scanner.folders.taken.iterdir()) == []
    assert (desk.core.scanner.folders.error / "odd.txt.report.txt").exists()


def test_states_with_the_line_ends_of_an_old_mac_are_read(desk: Desk) -> None:
    desk.deliver(b"document_id;status;at\rp1;01;2026-11-20T10:00:00\r")
    assert desk.names("error") == []


def test_links_and_folders_are_not_files(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    folder = desk.core.scanner.folders.incoming
    (folder / "link.txt").symlink_to(secret)
    (folder / "folder").mkdir()
    assert desk.core.scan() is False
    assert len(desk.entries(MAIN)) == 0
    desk.deliver(secret.read_bytes())
    assert len(desk.entries(MAIN)) == 1


def test_read_files_are_kept_by_day_with_their_digest(desk: Desk, database: Database, clock: FakeClock) -> None:
    desk.drop("a.txt", file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    desk.core.scan()
    desk.drop("a.txt", file_of(MAIN, FIRST, FIRST, [fee(FIRST)], clock.now()))
    desk.core.scan()
    names = desk.names("archive")
    assert len(names) == 2
    assert "2026-11-20/a.txt" in names
    assert all(name.startswith("2026-11-20/") for name in names)
    with database.reading() as connection:
        assert len(connection.execute(sa.select(files_read.c.sha256).distinct()).all()) == 2


def test_files_with_one_name_in_error_do_not_replace_each_other(desk: Desk) -> None:
    for data in (b"one", b"two"):
        desk.drop("a.txt", data)
        desk.core.scan()
    assert len(desk.names("error")) == 4


# the directory


def test_a_directory_is_taken_whole(desk: Desk) -> None:
    desk.deliver(directory_of())
    banking = desk.core.banking
    (found,) = banking.find_customers("u-1", soon())
    assert (found.customer_id, found.party.inn, found.role) == ("vega", "7701234560", "Генеральный директор")
    assert [one.number for one in banking.list_accounts("vega", soon())] == [MAIN, MARKET]
    desk.deliver(directory_of(MADE + dt.timedelta(hours=1), accounts=DIRECTORY["accounts"][:1]))
    assert [one.number for one in banking.list_accounts("vega", soon())] == [MAIN]


def test_an_older_directory_changes_nothing(desk: Desk) -> None:
    desk.deliver(directory_of(), directory_of(MADE - dt.timedelta(hours=1), accounts=[]))
    assert len(desk.core.banking.list_accounts("vega", soon())) == 2
    assert desk.names("error") == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"accounts": [{"number": "1", "bic": BIC, "customer_id": "vega"}]}, "/accounts/0/number"),
        ({"accounts": [{"number": MAIN, "bic": BIC, "customer_id": "nobody"}]}, "нет в справочнике: nobody"),
        ({"accounts": [*DIRECTORY["accounts"], DIRECTORY["accounts"][0]]}, MAIN),
        ({"users": "all"}, "/users"),
        ({"mandates": [{"user_id": "u-1"}]}, "/mandates/0/customer_id"),
    ],
)
def test_a_damaged_directory_leaves_the_last_good_one(desk: Desk, changed: dict[str, object], told: str) -> None:
    desk.deliver(directory_of())
    desk.drop("bad.json", directory_of(MADE + dt.timedelta(hours=1), **changed))
    desk.core.scan()
    assert told in (desk.core.scanner.folders.error / "bad.json.report.txt").read_text("utf-8-sig")
    assert len(desk.core.banking.list_accounts("vega", soon())) == 2
    desk.deliver(directory_of(MADE + dt.timedelta(hours=2), accounts=[]))
    assert list(desk.core.banking.list_accounts("vega", soon())) == []


# several at once


@pytest.mark.race
@pytest.mark.parametrize("see_each_other", [True, False], ids=["one machine", "locks that are not seen"])
def test_scanners_at_once_read_each_file_once(
    postgres: Database, exchange: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, see_each_other: bool
) -> None:
    if not see_each_other:
        monkeypatch.setattr(Folders, "scanning", _always)
    desk = Desk(open_core_of(postgres, exchange, clock))
    files = scale(15, 200)
    for number in range(files):
        day = FIRST + dt.timedelta(days=number % 10)
        entries = [fee(day, number=str(each)) for each in range(number + 1)]
        data = file_of(MAIN, day, day, entries, MADE + dt.timedelta(minutes=number))
        desk.drop(f"{number}.txt", data)
        desk.drop(f"{number}-again.txt", data)
    cores = [open_core_of(postgres, exchange, clock) for _ in range(4)]
    errors: list[BaseException] = []

    def scan(core: FilesCore) -> None:
        try:
            while desk.names("in"):
                core.scan()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=scan, args=(core,)) for core in cores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert desk.names("error") == []
    expected: Counter[object] = Counter()
    for number in range(max(0, files - 10), files):
        day = FIRST + dt.timedelta(days=number % 10)
        expected.update(fee(day, number=str(each)) for each in range(number + 1))
    assert desk.contents(MAIN) == expected
    with postgres.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(files_read)).scalar_one() == files


@contextmanager
def _always(_folders: Folders) -> Iterator[bool]:
    yield True


def test_a_folder_that_is_away_is_told_and_harms_nothing(database: Database, exchange: Path, clock: FakeClock) -> None:
    exchange.parent.mkdir(exist_ok=True)
    exchange.write_text("not a folder")
    core = open_core_of(database, exchange, clock)
    assert core.banking.probe(soon()).is_up is False
    os.unlink(exchange)
    assert core.banking.probe(soon()).is_up is True
