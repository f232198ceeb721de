"""`partner` and `staff` on the command line."""

from __future__ import annotations

import click
import pyotp
import pytest
from click.testing import CliRunner, Result

from oauth import audit, partners
from oauth.context import Context
from oauth.web.commands import BackOffice, partner_commands, staff_commands
from tests.fakes import FakeClock
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


@pytest.fixture
def run_as(run, codes: dict[str, str], clock: FakeClock) -> object:  # type: ignore[no-untyped-def]
    """A command that an employee confirms with password and one-time code, each time with the next code."""

    def call(line: str, login: str) -> Result:
        clock.advance(seconds=30)
        code = pyotp.TOTP(codes[login]).at(clock.now())
        result: Result = run(f"{line} --as {login}", f"{actors.PASSWORD}\n{code}\n")
        return result

    return call


def digest_of(server: Context, partner_id: str) -> str:
    with server.reading() as connection:
        [change] = partners.list_changes(connection, partner_id=partner_id)
    return change.digest


def test_a_partner_is_approved_by_two_and_suspended_by_one(run, run_as, server: Context) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    assert "applied" in run("partner list --state applied").output
    digest = digest_of(server, partner_id)
    assert f"first approval, {digest}" in run(f"partner show {partner_id}").output
    approve = f"partner approve {partner_id} {digest}"
    assert "approved first" in run_as(approve, "olga").output
    alone = run_as(approve, "olga")
    assert (alone.exit_code, "another employee" in alone.output) == (1, True)
    assert "approved by two" in run_as(approve, "pavel").output
    assert run_as(f"partner suspend {partner_id} --reason test", "oper").exit_code == 0
    assert "suspended (test)" in run(f"partner show {partner_id}").output
    assert run_as(f"partner resume {partner_id} --reason fine", "olga").exit_code == 0
    assert run_as(approve, "pavel").exit_code == 1  # that digest is the application's
    assert run_as(f"partner approve {partner_id} {digest_of(server, partner_id)}", "pavel").exit_code == 0
    assert "approved" in run("partner list --search platrum").output


def test_new_credentials_need_two(run_as, server: Context) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    actors.approve(server, partner_id)
    assert run_as(f"partner reissue {partner_id} --reason lost --compromised", "olga").exit_code == 0
    approve = f"partner approve {partner_id} {digest_of(server, partner_id)}"
    assert run_as(approve, "olga").exit_code == 1
    done = run_as(approve, "pavel").output
    assert "reissue: approved by two" in done
    with server.reading() as connection:
        assert partners.read_by_receipt(connection, done.split()[-1]).id == partner_id


@pytest.mark.parametrize("text", ["wrong\n{code}\n", "{password}\n000000\n"])
def test_a_name_alone_decides_nothing(run, run_as, server: Context, codes: dict[str, str], text: str) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    actors.approve(server, partner_id)
    line = f"partner suspend {partner_id} --reason test"
    code = pyotp.TOTP(codes["oper"]).at(server.now())
    refused = run(f"{line} --as oper", text.format(code=code, password=actors.PASSWORD))
    assert (refused.exit_code, "code is wrong" in refused.output) == (1, True)
    with server.reading() as connection:
        assert partners.read_partner(connection, partner_id).state == "approved"
    assert run_as(line, "oper").exit_code == 0
    with server.reading() as connection:
        signed_in = audit.list_events(connection, action="staff.signed_in")[0]
    assert (signed_in.detail["via"], signed_in.ip) == ("cli", "cli")
    assert set(signed_in.detail) == {"via", "os_user", "command"}


def test_show_names_each_key_by_its_thumbprint(run, server: Context) -> None:  # type: ignore[no-untyped-def]
    """The example of RFC 8037, appendix A.3."""
    key = {"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    partner_id, _receipt = actors.apply(server, auth_method="private_key_jwt", jwks={"keys": [key]})
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" in run(f"partner show {partner_id}").output


@pytest.mark.parametrize(
    "line",
    [
        "partner show pa_unknown",
        "staff disable nobody",
        "staff reset-totp nobody",
    ],
)
def test_mistakes_are_told_in_one_line(run, codes: dict[str, str], line: str) -> None:  # type: ignore[no-untyped-def]
    result = run(line)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("line", ["partner suspend pa_unknown --reason x", "partner approve pa_unknown digest"])
def test_an_unknown_partner_is_told_in_one_line(run_as, line: str) -> None:  # type: ignore[no-untyped-def]
    result = run_as(line, "olga")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: ")


def test_a_role_must_allow_what_it_does(run, run_as, server: Context) -> None:  # type: ignore[no-untyped-def]
    partner_id, _receipt = actors.apply(server)
    approve = f"partner approve {partner_id} {digest_of(server, partner_id)}"
    assert "role" in run_as(approve, "oper").output
    run("staff disable olga")
    assert run_as(approve, "olga").exit_code == 1
    assert run_as(approve, "pavel").exit_code == 0


def test_an_employee_is_added_once_and_disabled(run) -> None:  # type: ignore[no-untyped-def]
    added = run("staff add maria --name Мария --role operator --password-stdin", "a long password\n")
    assert added.output.startswith("otpauth://totp/")
    assert "active" in run("staff list").output
    assert run("staff add maria --name Мария --role operator --password-stdin", "a long password\n").exit_code == 1
    assert run("staff add anna --name Анна --role operator --password-stdin", "short\n").exit_code == 1
    assert run("staff reset-totp maria").output.startswith("otpauth://totp/")
    run("staff disable maria")
    assert "disabled" in run("staff list").output
