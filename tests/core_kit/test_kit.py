"""The kit as a bank's team meets it: the command, the pytest plugin, the acts over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import flask
import httpx2
import pytest
from click.testing import CliRunner

from adapter.bank_server import BankOptions, create_bank_app, open_bank
from adapter.cli import main
from adapter.connectors.http.connection import Connection
from adapter.connectors.http.core import HttpCore
from adapter.core_kit.bench import Act, Effort, Subjects, list_acts
from adapter.core_kit.catalogue import ALL_CASES, find_cases
from adapter.core_kit.control_bench import ActFailed, Control, ControlBench
from adapter.core_kit.control_server import build_control
from adapter.core_kit.report import render_outcome, render_summary
from adapter.core_kit.running import Verdict, run_cases
from adapter.core_kit.sandbox_bench import StandClock
from adapter.core_kit.watching_bench import WatchingBench
from adapter.domain.core import Deadline
from adapter.settings import Settings
from tests.connectors.benches import MemoryBench
from tests.connectors.http_servers import serving
from tests.core_kit.wrong.entries import CutsPurposes
from tests.fakes import FakeClock, MemoryBank, entry_details

ROOT = Path(__file__).parents[2]
CLOCK_CASES = [case for case in ALL_CASES if Act.SET_CLOCK in case.acts]
SMALL = Effort(lines=60, races=2, writes=5)


@pytest.fixture
def bench() -> MemoryBench:
    clock = FakeClock()
    return MemoryBench(MemoryBank(clock), clock)


@pytest.fixture
def controlled(bench: MemoryBench) -> Iterator[ControlBench]:
    """The same bench, its acts over HTTP."""
    app = flask.Flask("control")
    app.register_blueprint(build_control(bench))
    with serving(app) as url:
        yield ControlBench(bench.core, Control(url), FakeClock())


def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """Run `bank-adapter core check`; its exit code and what it says."""
    monkeypatch.setenv("BANK_ADAPTER_SANDBOX_DATABASE_URL", f"sqlite:///{tmp_path}/bank.db")
    monkeypatch.setenv("BANK_ADAPTER_DATABASE_URL", f"sqlite:///{tmp_path}/adapter.db")
    done = CliRunner().invoke(main, ["core", "check", *arguments])
    return done.exit_code, done.output


def wrong_bench() -> MemoryBench:
    """Found by `--bench tests.core_kit.test_kit:wrong_bench`."""
    clock = FakeClock()
    return MemoryBench(CutsPurposes(clock), clock)


def broken_bench() -> MemoryBench:
    """Found by `--bench tests.core_kit.test_kit:broken_bench`."""
    raise OSError("the stand is switched off")


class TestCases:
    def test_each_has_its_own_id_a_promise_and_what_to_mend(self) -> None:
        assert len({case.id for case in ALL_CASES}) == len(ALL_CASES)
        assert all(case.promise.endswith(".") and case.mend.endswith(".") for case in ALL_CASES)

    def test_are_found_by_id_and_by_part(self) -> None:
        assert [case.id for case in find_cases("core.is-up")] == ["core.is-up"]
        assert all(case.id.startswith("days.") for case in find_cases("days"))
        with pytest.raises(ValueError, match="no case"):
            find_cases("day")


class TestCommand:
    def test_the_sandbox_passes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        code, said = check(tmp_path, monkeypatch, "--yes", "--only", "core", "--only", "entries", "--only", "fates")
        assert code == 0, said
        assert "0 broken, 0 not tried" in said

    def test_a_wrong_core_ends_with_1_and_is_told_what_to_mend(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report = tmp_path / "report.json"
        bench = ("--bench", "tests.core_kit.test_kit:wrong_bench")
        code, said = check(tmp_path, monkeypatch, "--yes", "--only", "entries", "--json", str(report), *bench)
        assert code == 1
        assert "✗ entries.all-details" in said
        assert "details of an entry: [0].purpose: the core told" in said
        assert "to mend: Compare the values in the message" in said
        told = json.loads(report.read_bytes())
        assert [one["id"] for one in told["cases"] if one["verdict"] == "broken"] == ["entries.all-details"]

    def test_it_writes_nothing_unless_told_yes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        code, said = check(tmp_path, monkeypatch, "--only", "core.is-up")
        assert code == 1
        assert "test drafts" in said
        assert not (tmp_path / "bank.db").exists()
        assert check(tmp_path, monkeypatch, "--yes", "--only", "core.is-up")[0] == 0

    def test_the_list_tells_what_each_case_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        code, said = check(tmp_path, monkeypatch, "--list")
        assert code == 0
        assert len(said.splitlines()) == len(ALL_CASES)
        assert "[needs sign, can_withdraw]" in said

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--only", "entry"], "no case 'entry'"),
            (
                ["--core", "mainframe", *(f"--{one}=x" for one in ("user", "customer", "account"))],
                "no core 'mainframe'",
            ),
            (["--core", "http", "--core-url", "http://127.0.0.1:9", "--user", "u"], "--second-account"),
            (["--core", "http", "--core-url", "http://127.0.0.1:9", "--control-url", "http://127.0.0.1:9"], "control"),
            (["--bench", "no_such_module:bench"], "no_such_module"),
            (["--bench", "tests.core_kit.test_kit:broken_bench"], "OSError: the stand is switched off"),
        ],
    )
    def test_wrong_options_are_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
    ) -> None:
        code, said = check(tmp_path, monkeypatch, "--yes", *arguments)
        assert code == 1
        assert told in said
        assert "Traceback" not in said


class TestReport:
    def test_what_was_not_tried_is_told_with_what_is_missing(self, bench: MemoryBench) -> None:
        subjects = Subjects(
            user="user-1", customer="cus-1", account="acc-1", second_account="acc-2", foreign_account="acc-foreign"
        )
        watching = WatchingBench(bench.core, subjects, FakeClock())
        outcomes = list(run_cases(ALL_CASES, watching, SMALL))
        assert not [one for one in outcomes if one.verdict is Verdict.BROKEN]
        untried = [one for one in outcomes if one.verdict is Verdict.NOT_TRIED]
        assert {one.case.id for one in untried} == {case.id for case in ALL_CASES if case.acts}
        assert "the bench cannot: book" in render_outcome(next(one for one in untried if one.case.id == "entries.sums"))
        assert "Nothing is broken; give the bench the missing acts" in render_summary(outcomes)

    def test_a_core_that_raises_is_a_broken_one(self, bench: MemoryBench) -> None:
        bench.core = object()  # type: ignore[assignment]
        (outcome,) = run_cases(find_cases("core.is-up"), bench)
        assert outcome.verdict is Verdict.BROKEN
        assert "AttributeError" in outcome.detail


class TestActsOverHttp:
    def test_the_whole_contract_holds(self, controlled: ControlBench) -> None:
        outcomes = list(run_cases(ALL_CASES, controlled, SMALL))
        assert [(one.case.id, one.detail) for one in outcomes if one.verdict is not Verdict.KEPT] == []

    def test_every_act_goes_over(self, bench: MemoryBench, controlled: ControlBench) -> None:
        assert list_acts(controlled) == list_acts(bench) == frozenset(Act)
        moment = dt.datetime(2028, 2, 29, 20, 59, 59, tzinfo=dt.UTC)
        controlled.clock.set(moment)
        assert bench.clock.now() == controlled.clock.now() == moment

    def test_the_bank_that_is_served_lets_its_clock_be_set(self, tmp_path: Path) -> None:
        options = BankOptions(host="127.0.0.1", port=0, url="http://bank", adapter_url="http://a", with_control=True)
        clock = StandClock(FakeClock())
        bank = open_bank(Settings(sandbox_database_url=f"sqlite:///{tmp_path}/bank.db"), options, clock)
        with serving(create_bank_app(bank, options, clock)) as url:
            core = HttpCore(Connection(url), FakeClock())
            outcomes = list(run_cases(CLOCK_CASES, ControlBench(core, Control(url), FakeClock()), SMALL))
            assert [(one.case.id, one.detail) for one in outcomes if one.verdict is not Verdict.KEPT] == []
            assert clock.now().year == 2028
            health = core.probe(Deadline.after(5))
            assert health.is_up
            core.close()
        bank.database.close()

    def test_an_act_that_is_not_possible_raises(self, controlled: ControlBench) -> None:
        with pytest.raises(ActFailed, match="409"):
            controlled.sign("nothing")
        assert controlled.book("acc-1", entry_details())

    def test_a_body_that_is_not_understood_is_refused(self, bench: MemoryBench) -> None:
        app = flask.Flask("control")
        app.register_blueprint(build_control(bench))
        as_json = {"Content-Type": "application/json"}
        with serving(app) as url:
            as_a_form = {"Content-Type": "text/plain"}  # what a page of another site may send
            assert httpx2.post(f"{url}/control/v1/execute", content=b"{}", headers=as_a_form).status_code == 422
            assert httpx2.post(f"{url}/control/v1/restore", content=b"{}", headers=as_a_form).status_code == 422
            for body in (b"{", b"[]", b"{}", b'{"account": "acc-1", "entry": {"entry_id": "x", "removed": true}}'):
                assert httpx2.post(f"{url}/control/v1/book", content=body, headers=as_json).status_code == 422
        assert not bench.bank.pull_entries("acc-1", None, 1, None).entries  # type: ignore[arg-type]


def test_a_banks_team_gets_one_test_for_each_case(tmp_path: Path) -> None:
    (tmp_path / "test_our_core.py").write_text(
        "import pytest\n"
        "from tests.core_kit.test_kit import wrong_bench\n"
        "@pytest.fixture\n"
        "def core_bench(): return wrong_bench()\n"
        "def test_our_core(core_contract): core_contract()\n"
    )
    plugin = ("-p", "adapter.core_kit.pytest_plugin", "-p", "no:cacheprovider")
    chosen = ("-k", "people or all-details", "--rootdir", str(tmp_path), str(tmp_path))
    command = [sys.executable, "-m", "pytest", *plugin, "-q", *chosen]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"1 failed, {len(find_cases('people'))} passed" in done.stdout, done.stdout
    assert "to mend: Compare the values in the message" in done.stdout
