"""`bank-adapter db restored`, `documents recover` and `feed rebuild`: what the bank's operator sees."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from adapter.cli import main
from adapter.store.accounts import StoredAccounts
from adapter.store.database import open_database
from adapter.store.tables import feeds
from tests.fakes import ACCOUNT, NOON
from tests.payment_desk import Desk
from tests.store.feed_bank import core_account


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path}/adapter.db"
    monkeypatch.setenv("BANK_ADAPTER_DATABASE_URL", found)
    monkeypatch.setenv("BANK_ADAPTER_SANDBOX_DATABASE_URL", f"sqlite:///{tmp_path}/sandbox.db")
    monkeypatch.setenv("BANK_ADAPTER_SECRET_KEY", "k" * 32)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    return found


def test_a_restored_database_is_not_served_before_it_is_recovered(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr("adapter.supervisor.become", started.append)
    run = CliRunner()
    assert "0 drafts are in doubt" in run.invoke(main, ["db", "restored"]).output
    for command in ("serve", "worker"):
        told = run.invoke(main, [command])
        assert told.exit_code == 1
        assert "bank-adapter documents recover" in told.output
    told = run.invoke(main, ["documents", "recover"])
    assert told.output == "0 events, 0 payments recreated\nThe product accepts and sends again.\n"
    assert run.invoke(main, ["serve"]).exit_code == 0
    assert len(started) == 1


def test_what_will_leave_after_the_recovery_is_named_before_it_does(url: str) -> None:
    database = open_database(url)
    desk = Desk(database)
    waiting, _ = desk.submit(desk.order())
    database.close()
    run = CliRunner()
    assert "1 drafts are in doubt" in run.invoke(main, ["db", "restored"]).output
    told = run.invoke(main, ["documents", "recover"])
    assert told.exit_code == 0
    (line,) = [one for one in told.output.splitlines() if one.startswith("leaves when a worker starts")]
    assert line.endswith(waiting.id)


def test_a_copy_of_the_database_is_restored_and_recovered(url: str, tmp_path: Path) -> None:
    database = open_database(url)
    StoredAccounts(database).register("cus-1", [core_account()], NOON)
    run = CliRunner()
    assert run.invoke(main, ["db", "backup", "copy.db"]).exit_code == 0
    assert run.invoke(main, ["db", "backup", "copy.db"]).exit_code == 1
    database.close()
    for lost in tmp_path.glob("adapter.db*"):
        lost.unlink()
    (tmp_path / "copy.db").rename(tmp_path / "adapter.db")
    for command in (["db", "restored"], ["documents", "recover"]):
        assert run.invoke(main, command).exit_code == 0
    database = open_database(url)
    with database.reading() as connection:
        generation, numbers_since = connection.execute(sa.select(feeds.c.generation, feeds.c.numbers_since)).one()
    assert generation == numbers_since > 1
    database.close()


def test_an_account_is_read_anew_by_its_number(url: str) -> None:
    database = open_database(url)
    StoredAccounts(database).register("cus-1", [core_account()], NOON)
    run = CliRunner()
    assert run.invoke(main, ["feed", "rebuild", "--yes"]).exit_code == 2
    assert run.invoke(main, ["feed", "rebuild", "40702810400000000018", "--yes"]).exit_code == 1
    assert run.invoke(main, ["feed", "rebuild", ACCOUNT], input="n\n").exit_code == 1
    assert run.invoke(main, ["feed", "rebuild", ACCOUNT, "--yes"]).exit_code == 0
    assert run.invoke(main, ["feed", "rebuild", "--all", "--yes"]).exit_code == 0
    with database.reading() as connection:
        assert connection.execute(sa.select(feeds.c.generation, feeds.c.rebuilding_after)).one() == (3, 0)
    database.close()
