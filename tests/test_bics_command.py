"""`bank-adapter bics …`: what a bank's operator sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapter.cli import main
from tests.formats.ed807_files import SBER, directory, entry, zipped


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("BANK_ADAPTER_DATABASE_URL", sqlite_url)
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def load(run: CliRunner, data: bytes, *options: str) -> Result:
    Path("ed807").write_bytes(data)
    return run.invoke(main, ["bics", "load", "ed807", *options])


def test_a_directory_is_loaded_and_shown(run: CliRunner) -> None:
    assert run.invoke(main, ["bics", "show"]).exit_code == 1
    told = load(run, zipped(directory()))
    assert told.exit_code == 0
    assert told.output.startswith("1 banks, in force from 2026-09-17.\n1 added, 0 removed, 0 changed\n+ 044525225")
    shown = run.invoke(main, ["bics", "show", SBER, "044525593"])
    assert "30101810400000000225  ПАО Сбербанк, г. Москва" in shown.output
    assert "044525593  not in the directory" in shown.output


def test_the_next_day_tells_what_changed(run: CliRunner) -> None:
    load(run, directory(entry(), entry("044525593", "АО АЛЬФА-БАНК"), day="2026-09-17"))
    told = load(run, directory(entry(rstr="LWRS"), entry("044525593", "АО АЛЬФА-БАНК"), day="2026-09-18"))
    assert "0 added, 0 removed, 1 changed\n* 044525225" in told.output
    assert told.output.rstrip().endswith("closing")


def test_a_damaged_file_is_refused_with_its_lines_and_the_old_directory_stays(run: CliRunner) -> None:
    load(run, directory())
    told = load(run, directory(entry("12"), entry("044525593", "")))
    assert told.exit_code == 1
    assert "line 3: БИК 12: БИК состоит из 9 цифр" in told.output
    assert "line 4: БИК 044525593: нет наименования участника" in told.output
    assert "ПАО Сбербанк" in run.invoke(main, ["bics", "show", SBER]).output


def test_an_older_directory_needs_force(run: CliRunner) -> None:
    load(run, directory(day="2026-09-17"))
    told = load(run, directory(day="2026-09-16"))
    assert told.exit_code == 1
    assert "--force" in told.output
    assert load(run, directory(day="2026-09-16"), "--force").exit_code == 0
