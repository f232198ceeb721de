"""`bank-adapter reconciliation …` and `bank-adapter feed check` over a sandbox bank."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from adapter import migrations
from adapter.cli import main
from adapter.connectors.sandbox import sample
from adapter.domain.core import Deadline
from adapter.parts import Parts, open_parts
from adapter.settings import Settings

ACCOUNT = next(row["number"] for row in sample.read_rows("accounts") if row["id"] == "vega-main")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{tmp_path}/adapter.db", sandbox_database_url=f"sqlite:///{tmp_path}/bank.db"
    )


@pytest.fixture
def parts(settings: Settings) -> Parts:
    parts = open_parts(settings)
    migrations.upgrade(parts.database.writer)
    parts.directory.accounts("vega")
    return parts


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("BANK_ADAPTER_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("BANK_ADAPTER_SANDBOX_DATABASE_URL", settings.sandbox_database_url)
    return CliRunner().invoke(main, words)


def test_a_feed_that_is_the_banks_agrees_and_one_that_lost_an_entry_does_not(
    settings: Settings, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = run(settings, monkeypatch, "feed", "check", ACCOUNT)
    assert good.exit_code == 0, good.output
    assert "all agree" in good.output
    with parts.database.transaction() as tx:
        last = tx.execute(
            sa.text("SELECT max(number) FROM entries WHERE booking_date < date('now', '-1 day')")
        ).scalar_one()
        tx.execute(sa.text("DELETE FROM entries WHERE number = :last"), {"last": last})
    bad = run(settings, monkeypatch, "feed", "check", ACCOUNT)
    assert bad.exit_code == 1
    assert "only in the bank's statement" in bad.output
    assert "closing balance" in bad.output
    assert "0 of 1 accounts agree" in bad.output


def test_every_account_can_be_checked(settings: Settings, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(settings, monkeypatch, "feed", "check", "--all", "--from", "2026-01-01", "--to", "2026-01-31")
    assert result.exit_code == 0, result.output
    assert "accounts agree" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody",), "no such account"),
        ((), "name one account"),
        ((ACCOUNT, "--all"), "name one account"),
        ((ACCOUNT, "--from", "2026-02-01", "--to", "2026-01-01"), "--from comes after --to"),
        ((ACCOUNT, "--from", "01.02.2026"), "does not match the format"),
    ],
)
def test_a_wrong_wish_is_told(
    settings: Settings, parts: Parts, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    result = run(settings, monkeypatch, "feed", "check", *words)
    assert result.exit_code != 0
    assert told in result.output
    assert run(settings, monkeypatch, "feed", "check", ACCOUNT).exit_code == 0


def test_reconciliation_tells_what_does_not_meet_and_when_all_does(
    settings: Settings, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account_id,) = [one.id for one in _accounts(parts) if one.number == ACCOUNT]
    assert parts.services.feeds.refresh(account_id, Deadline.after(30))
    assert run(settings, monkeypatch, "reconciliation", "run").exit_code == 0
    _name_payment(parts, account_id, "pay_unknown")
    found = run(settings, monkeypatch, "reconciliation", "run")
    assert found.exit_code == 1
    assert "the entry names a payment that is not here: payment pay_unknown" in found.output
    assert "0 matched by their fields, 1 new, 0 put right" in found.output
    assert "1 open" in run(settings, monkeypatch, "reconciliation", "list").output
    _name_payment(parts, account_id, None)
    assert "1 put right" in run(settings, monkeypatch, "reconciliation", "run").output
    quiet = run(settings, monkeypatch, "reconciliation", "list")
    assert (quiet.exit_code, quiet.output) == (0, "Nothing is open.\n")


def _accounts(parts: Parts) -> list[object]:
    with parts.database.reading() as connection:
        ids = connection.execute(sa.text("SELECT id FROM accounts")).scalars().all()
    return list(parts.services.accounts.list_accounts(ids))


def _name_payment(parts: Parts, account_id: str, payment_id: str | None) -> None:
    """The latest entry is said to be the booking of this payment."""
    with parts.database.transaction() as tx:
        tx.execute(
            sa.text(
                "UPDATE entries SET payment_id = :payment WHERE account_id = :account "
                "AND number = (SELECT max(number) FROM entries WHERE account_id = :account)"
            ),
            {"payment": payment_id, "account": account_id},
        )
