"""Login by OpenID Connect with a provider that is right in all but one thing; a login that works ends each test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from adapter.connectors import key_sets
from adapter.connectors.logins import discovery, oidc
from adapter.connectors.logins.oidc import OidcLogin, OidcOptions
from adapter.connectors.logins.pending import forget_logins
from adapter.connectors.tables import core_logins
from adapter.store.database import Database
from oauth import LoginRefused, LoginRequest, LoginUnavailable
from tests.connectors.logins.crooked_provider import CLIENT_ID, SECRET, CrookedProvider, serve_provider
from tests.fakes import FakeClock

NOT_A_TIME = [None, "1700000000", True, -1, 10**15]


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[CrookedProvider]:
    provider = CrookedProvider(clock)
    with serve_provider(provider):
        yield provider


def registered(provider: CrookedProvider, **changes: Any) -> OidcOptions:
    told: dict[str, Any] = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "client_key_file": "",
        "scope": "openid profile",
        "strong_acrs": ("otp", "key"),
        "ca_file": "",
    }
    return OidcOptions(**(told | changes))


@pytest.fixture
def login(sqlite: Database, provider: CrookedProvider, clock: FakeClock) -> OidcLogin:
    return OidcLogin(registered(provider), clock, sqlite.writer)


def ask(state: str = "state-1", **changes: Any) -> LoginRequest:
    told: dict[str, Any] = {"return_url": "https://adapter.example/oauth/login/callback", "max_age_s": 300}
    return LoginRequest(state=state, **(told | changes))


def check_works(login: OidcLogin, provider: CrookedProvider) -> None:
    """A right login after the wrong one."""
    provider.straighten()
    result = login.finish(provider.log_in(login.begin(ask("another state"))))
    assert (result.user_id, result.user_name) == ("u_ivanova", "Иванова Мария Петровна")
    assert (result.acr, result.amr, result.is_strong) == ("otp", ("pwd", "otp"), True)


def test_a_person_logs_in(login: OidcLogin, provider: CrookedProvider) -> None:
    check_works(login, provider)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another login"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"aud": []},
        {"azp": "another client"},
        {"iss": "https://another.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "u" * 201},
        {"sub": "u\x00"},
        {"sub": 17},
        {"acr": ["otp"]},
        {"acr": "a" * 101},
        {"amr": "otp"},
        {"amr": [["otp"]]},
        {"amr": ["otp"] * 11},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        *({"auth_time": value} for value in NOT_A_TIME),
    ],
    ids=str,
)
def test_an_id_token_with_a_wrong_claim_logs_nobody_in(
    login: OidcLogin, provider: CrookedProvider, wrong: dict[str, Any]
) -> None:
    provider.claims.update(wrong)
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask())))
    check_works(login, provider)


@pytest.mark.parametrize(
    ("claim", "seconds"),
    [("exp", -11), ("iat", 11), ("auth_time", -311), ("auth_time", 11), ("nbf", 11)],
)
def test_a_moment_outside_its_bounds_logs_nobody_in(
    login: OidcLogin, provider: CrookedProvider, clock: FakeClock, claim: str, seconds: int
) -> None:
    provider.claims[claim] = int(clock.now().timestamp()) + seconds
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask())))
    check_works(login, provider)


@pytest.mark.parametrize(
    ("claim", "seconds"), [("exp", -9), ("iat", 9), ("auth_time", -309), ("auth_time", 9), ("nbf", 9)]
)
def test_clocks_may_be_ten_seconds_apart(
    login: OidcLogin, provider: CrookedProvider, clock: FakeClock, claim: str, seconds: int
) -> None:
    provider.claims[claim] = int(clock.now().timestamp()) + seconds
    result = login.finish(provider.log_in(login.begin(ask())))
    assert result.authenticated_at <= clock.now()  # a login in the future would stay fresh for longer


@pytest.mark.parametrize(
    "wrong",
    [
        {"alg": "none"},
        {"alg": "HS256", "with": "secret"},
        {"alg": "HS256", "with": "public"},
        {"alg": []},
        {"alg": {}},
        {"kid": "unknown"},
        {"kid": None},
        {"typ": "at+jwt"},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_an_id_token_with_a_wrong_header_logs_nobody_in(
    login: OidcLogin, provider: CrookedProvider, wrong: dict[str, Any]
) -> None:
    provider.header.update(wrong)
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask())))
    check_works(login, provider)


def test_another_key_under_the_same_name_logs_nobody_in(login: OidcLogin, provider: CrookedProvider) -> None:
    provider.signer = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask())))
    check_works(login, provider)


@pytest.mark.parametrize("missing", ["id_token", "access_token"])
def test_an_answer_without_a_token_logs_nobody_in(login: OidcLogin, provider: CrookedProvider, missing: str) -> None:
    provider.answer[missing] = None
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask())))
    check_works(login, provider)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"code": None},
        {"code": "of another login"},
        {"state": None},
        {"state": "unknown"},
        {"error": "access_denied"},
        {"error": "unmet_authentication_requirements"},
    ],
    ids=str,
)
def test_a_wrong_reply_logs_nobody_in(
    login: OidcLogin, provider: CrookedProvider, wrong: dict[str, str | None]
) -> None:
    reply = provider.log_in(login.begin(ask())) | wrong
    with pytest.raises(LoginRefused):
        login.finish({name: value for name, value in reply.items() if value is not None})
    check_works(login, provider)


def test_a_provider_in_trouble_is_no_fault_of_the_person(login: OidcLogin, provider: CrookedProvider) -> None:
    reply = provider.log_in(login.begin(ask()))
    with pytest.raises(LoginUnavailable):
        login.finish(reply | {"error": "temporarily_unavailable"})
    check_works(login, provider)


def test_a_state_is_good_once(login: OidcLogin, provider: CrookedProvider) -> None:
    address = login.begin(ask())
    login.finish(provider.log_in(address))
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(address))  # with a fresh code: only the state was used before
    check_works(login, provider)


def test_a_state_is_good_for_ten_minutes(login: OidcLogin, provider: CrookedProvider, clock: FakeClock) -> None:
    late, in_time = login.begin(ask("late")), ask("in time")
    clock.advance(seconds=1)
    address = login.begin(in_time)
    clock.advance(seconds=599)
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(late))
    assert login.finish(provider.log_in(address)).user_id == "u_ivanova"


def test_a_person_who_takes_their_time_at_the_bank_is_let_in(
    login: OidcLogin, provider: CrookedProvider, clock: FakeClock
) -> None:
    """`auth_time` is held against the moment of asking, not of coming back."""
    provider.claims["auth_time"] = int(clock.now().timestamp())
    address = login.begin(ask(max_age_s=0))
    clock.advance(minutes=9)
    assert login.finish(provider.log_in(address)).user_id == "u_ivanova"


def test_a_login_of_before_the_asking_is_not_a_new_one(
    login: OidcLogin, provider: CrookedProvider, clock: FakeClock
) -> None:
    provider.claims["auth_time"] = int(clock.now().timestamp()) - 11
    with pytest.raises(LoginRefused):
        login.finish(provider.log_in(login.begin(ask(max_age_s=0))))
    check_works(login, provider)


@pytest.mark.parametrize(("acr", "is_strong"), [("otp", True), ("key", True), ("password", False), (None, False)])
def test_the_settings_say_which_logins_are_strong(
    login: OidcLogin, provider: CrookedProvider, acr: str | None, is_strong: bool
) -> None:
    provider.claims["acr"] = acr
    assert login.finish(provider.log_in(login.begin(ask()))).is_strong is is_strong


def test_without_such_a_setting_every_login_is_strong(
    sqlite: Database, provider: CrookedProvider, clock: FakeClock
) -> None:
    login = OidcLogin(registered(provider, strong_acrs=()), clock, sqlite.writer)
    address = login.begin(ask(needs_strong=True))
    assert "acr_values" not in address
    provider.claims["acr"] = None
    assert login.finish(provider.log_in(address)).is_strong


@pytest.mark.parametrize("right", [{"aud": [CLIENT_ID]}, {"azp": CLIENT_ID}, {"at_hash": None}, {"amr": None}], ids=str)
def test_what_a_provider_may_do_otherwise_is_taken(
    login: OidcLogin, provider: CrookedProvider, right: dict[str, Any]
) -> None:
    provider.claims.update(right)
    assert login.finish(provider.log_in(login.begin(ask()))).user_id == "u_ivanova"


@pytest.mark.parametrize(
    ("user_info", "name"),
    [
        ({"sub": "u_ivanova", "name": "Мария"}, "Мария"),
        ({"sub": "somebody else", "name": "Пётр"}, "u_ivanova"),
        ({}, "u_ivanova"),
    ],
)
def test_a_name_is_looked_up_where_the_id_token_tells_none(
    login: OidcLogin, provider: CrookedProvider, user_info: dict[str, Any], name: str
) -> None:
    provider.claims["name"] = None
    provider.user_info = user_info
    assert login.finish(provider.log_in(login.begin(ask()))).user_name == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://bank.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_document_that_cannot_be_trusted_lets_nobody_begin(
    login: OidcLogin, provider: CrookedProvider, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    provider.document.update(wrong)
    with pytest.raises(LoginUnavailable):
        login.begin(ask())
    with pytest.raises(LoginUnavailable):
        login.begin(ask())
    assert provider.fetched == ["document"]  # a provider in trouble is not asked by every person
    provider.straighten()
    later(monkeypatch, discovery.ASK_AGAIN_S)
    check_works(login, provider)


def test_a_provider_that_was_read_once_serves_on(
    login: OidcLogin, provider: CrookedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_works(login, provider)
    provider.document["issuer"] = "https://another.example"
    later(monkeypatch, discovery.KEPT_S)
    assert login.finish(provider.log_in(login.begin(ask()))).user_id == "u_ivanova"
    assert provider.fetched.count("document") == 2


def test_unknown_names_of_keys_do_not_make_us_ask_again_and_again(login: OidcLogin, provider: CrookedProvider) -> None:
    provider.header["kid"] = "unknown"
    for number in range(5):
        with pytest.raises(LoginRefused):
            login.finish(provider.log_in(login.begin(ask(f"state-{number}"))))
    assert provider.fetched.count("keys") == 1
    check_works(login, provider)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Move the clock by which sources are asked again."""
    now = discovery.time.monotonic()
    monkeypatch.setattr(discovery.time, "monotonic", lambda: now + seconds + 1)
    assert key_sets.time is discovery.time


@pytest.mark.parametrize(
    "wrong",
    [{"issuer": "http://bank.example"}, {"client_id": ""}, {"client_secret": ""}, {"scope": "profile"}, {"issuer": ""}],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_at_once(
    sqlite: Database, provider: CrookedProvider, clock: FakeClock, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="oidc_"):
        OidcLogin(registered(provider, **wrong), clock, sqlite.writer)


def test_logins_that_are_over_are_forgotten(
    login: OidcLogin, provider: CrookedProvider, sqlite: Database, clock: FakeClock
) -> None:
    login.begin(ask("over"))
    clock.advance(minutes=5)
    address = login.begin(ask("waits"))
    clock.advance(minutes=5, seconds=1)
    with sqlite.transaction() as tx:
        assert forget_logins(tx, clock.now()) == 1
        assert tx.execute(sa.select(core_logins.c.expires_at)).scalar_one() == clock.now() + timedelta(seconds=299)
    assert login.finish(provider.log_in(address)).user_id == "u_ivanova"


@pytest.mark.parametrize("path", ["/token", "/me"])
def test_a_provider_that_drips_holds_nobody(
    login: OidcLogin, provider: CrookedProvider, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(oidc, "TIMEOUT_S", 0.5)
    provider.claims["name"] = None  # so that UserInfo is asked
    provider.user_info = {"sub": "u_ivanova", "name": "Иванова Мария Петровна"}
    provider.drips = path
    began = time.monotonic()
    with suppress(LoginUnavailable):  # without a name nobody is kept out
        login.finish(provider.log_in(login.begin(ask())))
    assert time.monotonic() - began < 3
    provider.drips = ""
    monkeypatch.undo()
    check_works(login, provider)
