"""`bank-adapter partner …` and `bank-adapter staff …`: the staff's desk from the command line of the bank's own server.

Whoever may run commands there is trusted with adding and disabling staff; decisions on partners still name an employee
(`--as LOGIN`), ask for that employee's password and one-time code, need the employee's role, and two different ones
where two are needed.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import click
from sqlalchemy.engine import Connection, Engine

from oauth import consents, partners, staff
from oauth.errors import NotAllowed, NotFound, OAuthError, SamePerson, Stale, WrongState
from oauth.partner_rules import thumbprint
from oauth.ports import Clock
from oauth.settings import OAuthSettings
from oauth.staff import Employee, SignInRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffice:
    """What the commands work with."""

    settings: OAuthSettings
    writer: Engine
    clock: Clock

    def transaction(self) -> AbstractContextManager[Connection]:
        return self.writer.begin()

    def now(self) -> datetime:
        return self.clock.now()


OpenOffice = Callable[[], BackOffice]
as_login = click.option("--as", "login", required=True, metavar="LOGIN", help="the employee who decides")
because = click.option("--reason", required=True, help="kept in the audit log, shown to the partner")


def partner_commands(open_office: OpenOffice) -> click.Group:
    """The group `partner`; `open_office` is called when a command runs."""
    group = click.Group("partner", help="Partners: list, approve (two people), suspend (one), resume, reissue.")
    for command in (_list, _show, _approve, _suspend, _resume, _reissue):
        group.add_command(_with_office(command, open_office))
    return group


def staff_commands(open_office: OpenOffice) -> click.Group:
    """The group `staff`."""
    group = click.Group("staff", help="Employees of the bank who look after partners.")
    for command in (_add_staff, _list_staff, _disable_staff, _reset_totp):
        group.add_command(_with_office(command, open_office))
    return group


def _with_office(command: click.Command, open_office: OpenOffice) -> click.Command:
    """The same command, called with the office first and with our errors told in one line."""
    run = command.callback
    assert run is not None

    def call(**arguments: object) -> None:
        try:
            run(open_office(), **arguments)
        except OAuthError as error:
            raise click.ClickException(_explain(error)) from error

    return click.Command(command.name, params=command.params, help=command.help, callback=call)


def _explain(error: OAuthError) -> str:
    words: dict[type[OAuthError], str] = {
        SamePerson: "the second approval must come from another employee",
        NotAllowed: "the role of this employee does not allow it",
        NotFound: "there is no such thing",
        SignInRefused: "login, password or one-time code is wrong",
        WrongState: "it is not in a state that allows this",
    }
    for kind, text in words.items():
        if isinstance(error, kind):
            return f"{text} ({error})" if str(error) else text
    return str(error)


@click.command("list", help="All partners, newest first.")
@click.option("--state", type=click.Choice(["applied", "approved", "suspended", "closed"]))
@click.option("--search", default="", help="part of a name, an INN or a client id")
@click.option("--limit", default=50, show_default=True)
def _list(office: BackOffice, state: str | None, search: str, limit: int) -> None:
    with office.writer.connect() as connection:
        for partner in partners.list_partners(connection, state=state, search=search, limit=limit):
            click.echo(f"{partner.id}  {partner.state:<10} {partner.inn:<12}  {partner.name}")


@click.command("show", help="One partner and what waits for a decision.")
@click.argument("partner_id")
def _show(office: BackOffice, partner_id: str) -> None:
    with office.writer.connect() as connection:
        partner = partners.read_partner(connection, partner_id)
        changes = partners.list_changes(connection, partner_id=partner_id)
        living = consents.count_active(connection, partner_id, now=office.now())
    lines = {
        "partner": f"{partner.name}, {partner.legal_name}, INN {partner.inn}",
        "state": partner.state + (f" ({partner.state_reason})" if partner.state_reason else ""),
        "client id": partner.client_id,
        "authentication": partner.auth_method,
        "redirect URIs": " ".join(partner.redirect_uris),
        "scopes": " ".join(partner.scopes),
        "addresses": " ".join(partner.ip_ranges) or "any",
        "contact": f"{partner.contact_name}, {partner.contact_email}",
        "living consents": str(living),
    }
    for name, value in lines.items():
        click.echo(f"{name:<16} {value}")
    for key in partner.jwks["keys"]:
        click.echo(f"{'key':<16} {thumbprint(key)}")
    for change in changes:
        for key in (change.payload.get("jwks") or {"keys": []})["keys"]:
            click.echo(f"{'new key':<16} {thumbprint(key)}")
        click.echo(f"{'waits':<16} {change.kind}, {'second' if change.first_by else 'first'} approval, {change.digest}")


@click.command("approve", help="Approve what `show` printed under DIGEST: the first or the second of two people.")
@click.argument("partner_id")
@click.argument("digest")
@as_login
def _approve(office: BackOffice, partner_id: str, digest: str, login: str) -> None:
    employee = _sign_in(office, login)
    with office.transaction() as tx:
        waiting = [change for change in partners.list_changes(tx, partner_id=partner_id) if change.digest == digest]
        if not waiting:
            raise Stale("nothing with this digest waits for a decision")
        change = partners.approve(
            tx, waiting[0].id, staff_id=employee.id, role=employee.role, seen_digest=digest, now=office.now()
        )
    done = change.outcome == "approved"
    click.echo(f"{change.kind}: " + ("approved by two" if done else "approved first, another employee must confirm"))
    if change.receipt_code is not None:
        click.echo(f"receipt code for the partner, told this once: {change.receipt_code}")


@click.command("suspend", help="Stop a partner at once; one person is enough.")
@click.argument("partner_id")
@as_login
@because
def _suspend(office: BackOffice, partner_id: str, login: str, reason: str) -> None:
    _decide(office, partners.suspend, partner_id, login, reason)
    click.echo("suspended: its next call fails")


@click.command("resume", help="Ask to lift a suspension; another employee confirms with `approve`.")
@click.argument("partner_id")
@as_login
@because
def _resume(office: BackOffice, partner_id: str, login: str, reason: str) -> None:
    _decide(office, partners.request_resume, partner_id, login, reason)
    click.echo("asked for; another employee confirms with: partner approve")


@click.command("reissue", help="Ask for new credentials; another employee confirms with `approve`.")
@click.argument("partner_id")
@as_login
@because
@click.option("--compromised", is_flag=True, help="the old ones were stolen: end them and all tokens when approved")
def _reissue(office: BackOffice, partner_id: str, login: str, reason: str, compromised: bool) -> None:
    _decide(office, partial(partners.request_reissue, compromised=compromised), partner_id, login, reason)
    click.echo("asked for; another employee confirms with: partner approve")


def _decide(office: BackOffice, change: Callable[..., object], partner_id: str, login: str, reason: str) -> None:
    employee = _sign_in(office, login)
    with office.transaction() as tx:
        change(tx, partner_id, staff_id=employee.id, role=employee.role, reason=reason, now=office.now())


def _sign_in(office: BackOffice, login: str) -> Employee:
    """Whoever decides here proves who they are as at the desk; the audit log tells the account of this computer too."""
    password = click.prompt("Password", hide_input=True)
    code = click.prompt("One-time code", hide_input=True)
    via = {"via": "cli", "os_user": _os_user(), "command": click.get_current_context().command_path}
    return staff.sign_in(office, login=login, password=password, code=code, ip="cli", via=via)


def _os_user() -> str:
    """By the number, since the name in the environment is anybody's to set."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


@click.command("add", help="Add an employee; prints once what an authenticator app reads.")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(staff.ROLES))
@click.option("--password-stdin", is_flag=True, help="read the password from standard input")
def _add_staff(office: BackOffice, login: str, name: str, role: str, password_stdin: bool) -> None:
    password = _read_password(password_stdin)
    with office.writer.begin() as tx:
        _id, secret = staff.add_staff(tx, login=login, name=name, role=role, password=password, now=office.now())
    click.echo(staff.totp_uri(login, secret, office.settings.bank_name))


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


@click.command("list", help="All employees.")
def _list_staff(office: BackOffice) -> None:
    with office.writer.connect() as connection:
        for employee in staff.list_staff(connection):
            click.echo(f"{employee.login:<20} {employee.role:<10} {employee.state:<10} {employee.name}")


@click.command("disable", help="Stop an account at once, open sessions included.")
@click.argument("login")
def _disable_staff(office: BackOffice, login: str) -> None:
    with office.writer.begin() as tx:
        staff.disable_staff(tx, login, office.now())
    click.echo(f"{login} is disabled")


@click.command("reset-totp", help="A new secret for one-time codes, printed once.")
@click.argument("login")
def _reset_totp(office: BackOffice, login: str) -> None:
    with office.writer.begin() as tx:
        secret = staff.reset_totp(tx, login, office.now())
    click.echo(staff.totp_uri(login, secret, office.settings.bank_name))
