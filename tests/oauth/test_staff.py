"""Bank employees: accounts, passwords, one-time codes, throttling; on both databases, since codes are claimed there."""

from __future__ import annotations

import threading

import pyotp
import pytest

import oauth
from adapter.store.database import Database
from oauth import audit, staff
from oauth.context import Context
from oauth.errors import NotFound, WrongState
from oauth.throttle import note_failure
from oauth.use_counter import UseCounter
from tests.conftest import FakeClock
from tests.oauth.web.actors import PASSWORD, insert_employee
from tests.oauth.web.fakes import FakeBank


def make_context(database: Database, clock: FakeClock) -> Context:
    bank = FakeBank(clock)
    return Context(
        settings=oauth.OAuthSettings(issuer="http://127.0.0.1:8000", secret_key="k" * 40, bank_name="Банк «Заря»"),
        reader=database.reader,
        writer=database.writer,
        customer_login=bank,
        directory=bank,
        statement_desk=bank,
        operations_desk=bank,
        clock=clock,
        uses=UseCounter(database.writer, 0),
    )


@pytest.fixture
def server(database: Database, clock: FakeClock) -> Context:
    return make_context(database, clock)


def meet(server: Context) -> str:
    """Olga works here; gives the secret of her one-time codes."""
    with server.transaction() as tx:
        return insert_employee(tx, server, "olga", "Ольга", "approver")


def add(server: Context, login: str = "olga", **values: str) -> str:
    """Add an employee as the bank does; gives the secret of the one-time codes."""
    account = {"name": "Ольга", "role": "approver", "password": PASSWORD} | values
    with server.transaction() as tx:
        return staff.add_staff(tx, login=login, now=server.now(), **account)[1]


def sign_in(server: Context, secret: str, **values: str) -> staff.Employee:
    given = {"login": "olga", "password": PASSWORD, "code": pyotp.TOTP(secret).at(server.now()), "ip": "203.0.113.1"}
    return staff.sign_in(server, **(given | values))


def test_login_password_and_code_name_the_employee(server: Context) -> None:
    employee = sign_in(server, add(server))
    assert (employee.login, employee.role, employee.may_approve) == ("olga", "approver", True)


@pytest.mark.parametrize("drift", [-30, 30])
def test_a_phone_whose_clock_is_half_a_minute_off_works(server: Context, clock: FakeClock, drift: int) -> None:
    secret = meet(server)
    assert sign_in(server, secret, code=pyotp.TOTP(secret).at(int(clock.now().timestamp()) + drift))


@pytest.mark.parametrize("drift", [-90, 90])
def test_an_older_or_later_code_does_not(server: Context, clock: FakeClock, drift: int) -> None:
    secret = meet(server)
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret, code=pyotp.TOTP(secret).at(int(clock.now().timestamp()) + drift))
    assert sign_in(server, secret)


def test_an_earlier_code_is_dead_once_a_later_one_was_used(server: Context, clock: FakeClock) -> None:
    secret = meet(server)
    earlier = pyotp.TOTP(secret).at(server.now())
    clock.advance(seconds=30)
    sign_in(server, secret)
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret, code=earlier)


@pytest.mark.race
def test_one_code_opens_one_desk_even_for_two_at_once(postgres: Database, clock: FakeClock) -> None:
    server = make_context(postgres, clock)
    secret = meet(server)
    together, outcomes = threading.Barrier(8), []

    def attempt() -> None:
        together.wait()
        try:
            outcomes.append(sign_in(server, secret).login)
        except staff.SignInRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["olga"] + ["refused"] * 7


def test_a_guesser_is_stopped_without_locking_the_employee_out(server: Context) -> None:
    secret = meet(server)
    for _attempt in range(6):
        with pytest.raises(staff.SignInRefused):
            sign_in(server, secret, password="wrong", ip="198.51.100.7")
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret, ip="198.51.100.7")
    assert sign_in(server, secret, ip="203.0.113.1")


def test_one_address_cannot_try_many_logins(server: Context) -> None:
    secret = meet(server)
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret, login="nobody", ip="198.51.100.7")
    with server.transaction() as tx:
        for _attempt in range(staff.FAILURES_PER_IP - 1):
            note_failure(tx, "staff-ip:198.51.100.7", server.now())
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret, ip="198.51.100.7")
    assert sign_in(server, secret)


def test_a_flood_leaves_counts_and_no_rows_in_the_audit_log(server: Context) -> None:
    secret = meet(server)
    for _attempt in range(staff.FAILURES_PER_LOGIN_AND_IP + 3):
        with pytest.raises(staff.SignInRefused):
            sign_in(server, secret, password="wrong", ip="198.51.100.7")
    with server.reading() as connection:
        refused = audit.list_events(connection, action="staff.sign_in_refused")
    assert len(refused) == staff.FAILURES_PER_LOGIN_AND_IP
    assert sign_in(server, secret)


def test_signing_in_rightly_counts_for_nothing(server: Context, clock: FakeClock) -> None:
    secret = meet(server)
    for _attempt in range(staff.FAILURES_PER_LOGIN_AND_IP + 2):
        assert sign_in(server, secret)
        clock.advance(seconds=30)


def test_a_disabled_employee_is_out_at_once(server: Context, clock: FakeClock) -> None:
    secret = meet(server)
    with server.transaction() as tx:
        staff.disable_staff(tx, "olga", server.now())
    with pytest.raises(staff.SignInRefused):
        sign_in(server, secret)
    with pytest.raises(WrongState), server.transaction() as tx:
        staff.disable_staff(tx, "olga", server.now())


def test_after_a_reset_only_the_new_secret_counts(server: Context) -> None:
    old = meet(server)
    with server.transaction() as tx:
        new = staff.reset_totp(tx, "olga", server.now())
    with pytest.raises(staff.SignInRefused):
        sign_in(server, old)
    assert sign_in(server, new)


@pytest.mark.parametrize(
    "values",
    [
        {"login": "Ольга"},
        {"login": ""},
        {"login": "a" * 61},
        {"login": "a b"},
        {"name": " "},
        {"role": "director"},
        {"password": "short"},
    ],
)
def test_an_account_that_breaks_a_rule_is_not_made(server: Context, values: dict[str, str]) -> None:
    with pytest.raises(staff.BadStaffAccount):
        add(server, **values)
    with server.reading() as connection:
        assert staff.list_staff(connection) == []
    add(server)


def test_a_login_is_given_once(server: Context) -> None:
    add(server)
    with pytest.raises(staff.BadStaffAccount):
        add(server)


def test_unknown_logins_are_told_to_the_command_line(server: Context) -> None:
    with pytest.raises(NotFound), server.reading() as connection:
        staff.read_staff(connection, "nobody")


def test_the_authenticator_app_is_told_bank_and_login() -> None:
    uri = staff.totp_uri("olga", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "Bank")
    assert uri == "otpauth://totp/Bank:olga?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bank"
