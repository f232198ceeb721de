"""`partner` and `staff` on the command line."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner, Result

from oauth.context import Context
from oauth.web.commands import BackOffice, partner_commands, staff_commands
from tests.oauth.web import actors


@pytest.fixture
def run(server: Context) -> object:
    office = BackOffice(settings=server.settings, writer=server.writer, clock=server.clock)
    main = click.Group("main")
    main.add_command(partner_commands(lambda: office))
    main.add_command(staff_commands(lambda: office))

    def call(line: str, text: str = "") -> Result:
        return CliRunner().invoke(main, line.split(), input=text, catch_exceptions=False)

    return call


def test_a_partner_is_approved_by_two_and_suspended_by_one(run, server: Context, codes: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    assert "applied" in run("partner list --state applied").output
    assert "first approval" in run(f"partner show {partner_id}").output
    assert "approved first" in run(f"partner approve {partner_id} --as olga").output
    alone = run(f"partner approve {partner_id} --as olga")
    assert (alone.exit_code, "another employee" in alone.output) == (1, True)
    assert "approved by two" in run(f"partner approve {partner_id} --as pavel").output
    assert run(f"partner suspend {partner_id} --as oper --reason test").exit_code == 0
    assert "suspended (test)" in run(f"partner show {partner_id}").output
    assert run(f"partner resume {partner_id} --as olga --reason fine").exit_code == 0
    assert run(f"partner approve {partner_id} --as pavel").exit_code == 0
    assert "approved" in run("partner list --search platrum").output


def test_new_credentials_need_two(run, server: Context, codes: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    actors.approve(server, partner_id)
    assert run(f"partner reissue {partner_id} --as olga --reason lost").exit_code == 0
    assert run(f"partner approve {partner_id} --as olga").exit_code == 1
    assert "reissue: approved by two" in run(f"partner approve {partner_id} --as pavel").output


@pytest.mark.parametrize(
    "line",
    [
        "partner show pa_unknown",
        "partner suspend pa_unknown --as oper --reason x",
        "partner approve pa_unknown --as olga",
        "partner approve pa_unknown --as nobody",
        "staff disable nobody",
        "staff reset-totp nobody",
    ],
)
def test_mistakes_are_told_in_one_line(run, codes: dict[str, str], line: str) -> None:  # type: ignore[no-untyped-def]
    result = run(line)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


def test_a_role_must_allow_what_it_does(run, server: Context, codes: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    assert "role" in run(f"partner approve {partner_id} --as oper").output
    run("staff disable olga")
    assert run(f"partner approve {partner_id} --as olga").exit_code == 1
    assert run(f"partner approve {partner_id} --as pavel").exit_code == 0


def test_an_employee_is_added_once_and_disabled(run) -> None:  # type: ignore[no-untyped-def]
    added = run("staff add maria --name Мария --role operator --password-stdin", "a long password\n")
    assert added.output.startswith("otpauth://totp/")
    assert "active" in run("staff list").output
    assert run("staff add maria --name Мария --role operator --password-stdin", "a long password\n").exit_code == 1
    assert run("staff add anna --name Анна --role operator --password-stdin", "short\n").exit_code == 1
    assert run("staff reset-totp maria").output.startswith("otpauth://totp/")
    run("staff disable maria")
    assert "disabled" in run("staff list").output
