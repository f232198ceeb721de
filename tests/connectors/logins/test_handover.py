"""The signed hand-over of a login: tickets that are right in all but one thing; a login that works ends each test."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from adapter.connectors.key_sets import KeysUnavailable
from adapter.connectors.logins.handover import HandoverLogin, HandoverOptions, hash_state
from adapter.connectors.used_tokens import forget_tokens
from adapter.store.database import Database
from oauth import LoginRefused, LoginRequest, LoginResult, LoginUnavailable
from tests.fakes import FakeClock, KnownKeys
from tests.oauth.actors import PrivateKey, public_jwk, sign_jwt, without_none

CORE, ADAPTER = "https://core.example", "https://adapter.example"
PAGE = "https://internet-bank.example/services/login?theme=plain"
KEY = ec.generate_private_key(ec.SECP256R1())
NEW_KEY = ed25519.Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(65537, 2048)
KEYS = [
    public_jwk(KEY, kid="key-1", use="sig"),
    public_jwk(NEW_KEY, kid="key-2", use="sig"),
    public_jwk(RSA_KEY, kid="key-3", use="sig"),
]


class NoKeys:
    def find(self, kid: str) -> list[dict[str, Any]]:
        raise KeysUnavailable


def open_login(database: Database, clock: FakeClock, **changes: Any) -> HandoverLogin:
    agreed: dict[str, Any] = {
        "url": PAGE,
        "issuer": CORE,
        "audience": ADAPTER,
        "keys": KnownKeys(KEYS),
        "strong_acrs": ("otp",),
    }
    return HandoverLogin(HandoverOptions(**(agreed | changes)), clock, database.writer)


@pytest.fixture
def login(sqlite: Database, clock: FakeClock) -> HandoverLogin:
    return open_login(sqlite, clock)


def ask(state: str = "state-1", **changes: Any) -> LoginRequest:
    told: dict[str, Any] = {"return_url": f"{ADAPTER}/oauth/login/callback", "max_age_s": 300}
    return LoginRequest(state=state, **(told | changes))


def ticket(
    clock: FakeClock,
    state: str = "state-1",
    *,
    key: PrivateKey = KEY,
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A right ticket, but for what the test changes; None removes."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": CORE,
        "aud": ADAPTER,
        "sub": "u_ivanova",
        "name": "Иванова Мария Петровна",
        "acr": "otp",
        "amr": ["pwd", "otp"],
        "auth_time": now,
        "iat": now,
        "exp": now + 60,
        "jti": f"jti of {state}",
        "state_hash": hash_state(state),
    }
    return sign_jwt(key, without_none(claims | changes), {"typ": "login+jwt", "kid": "key-1"} | (header or {}))


def hand_over(login: HandoverLogin, clock: FakeClock, state: str = "state-1", **changes: Any) -> LoginResult:
    login.begin(ask(state))
    return login.finish({"state": state, "ticket": ticket(clock, state, **changes)})


def check_works(login: HandoverLogin, clock: FakeClock) -> None:
    result = hand_over(login, clock, "another state")
    assert (result.user_id, result.user_name) == ("u_ivanova", "Иванова Мария Петровна")
    assert (result.acr, result.amr, result.is_strong) == ("otp", ("pwd", "otp"), True)
    assert result.authenticated_at == clock.now().replace(microsecond=0)


def test_the_page_is_told_what_is_asked(login: HandoverLogin, clock: FakeClock) -> None:
    address = login.begin(ask(service_name="Книги & Ко", needs_strong=True, max_age_s=0))
    assert address.startswith(PAGE + "&")
    assert dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)) == {
        "theme": "plain",
        "return_url": f"{ADAPTER}/oauth/login/callback",
        "state": "state-1",
        "service_name": "Книги & Ко",
        "needs_strong": "true",
        "max_age": "0",
    }
    check_works(login, clock)


@pytest.mark.parametrize(("key", "kid"), [(NEW_KEY, "key-2"), (RSA_KEY, "key-3")])
def test_any_key_that_the_core_tells_signs(login: HandoverLogin, clock: FakeClock, key: PrivateKey, kid: str) -> None:
    assert hand_over(login, clock, key=key, header={"kid": kid}).user_id == "u_ivanova"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://another.example"},
        {"aud": "https://another.example"},
        {"aud": [ADAPTER]},
        {"sub": None},
        {"sub": "u" * 201},
        {"sub": "u\x00"},
        {"acr": 3},
        {"amr": "otp"},
        {"auth_time": None},
        {"auth_time": True},
        {"jti": None},
        {"jti": "j" * 256},
        {"iat": None},
        {"exp": None},
        {"state_hash": None},
        {"state_hash": "state-1"},
        {"state_hash": hash_state("another state")},
    ],
    ids=str,
)
def test_a_ticket_with_a_wrong_claim_logs_nobody_in(
    login: HandoverLogin, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    with pytest.raises(LoginRefused):
        hand_over(login, clock, **wrong)
    check_works(login, clock)


@pytest.mark.parametrize(
    "wrong",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": []},
        {"alg": {}},
        {"kid": "unknown"},
        {"kid": None},
        {"kid": "key-2"},
        {"typ": "call+jwt"},
        {"typ": "JWT"},
        {"jwk": {"kty": "EC"}},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_a_ticket_with_a_wrong_header_logs_nobody_in(
    login: HandoverLogin, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    with pytest.raises(LoginRefused):
        hand_over(login, clock, header=wrong)
    check_works(login, clock)


def test_a_ticket_of_another_key_logs_nobody_in(login: HandoverLogin, clock: FakeClock) -> None:
    with pytest.raises(LoginRefused):
        hand_over(login, clock, key=ec.generate_private_key(ec.SECP256R1()))
    check_works(login, clock)


@pytest.mark.parametrize(("iat", "exp"), [(-71, -11), (11, 71), (0, 61), (0, 0), (0, -1)])
def test_a_ticket_outside_its_minute_logs_nobody_in(login: HandoverLogin, clock: FakeClock, iat: int, exp: int) -> None:
    now = int(clock.now().timestamp())
    with pytest.raises(LoginRefused):
        hand_over(login, clock, iat=now + iat, exp=now + exp)
    check_works(login, clock)


@pytest.mark.parametrize("apart", [-9, 9])
def test_the_clocks_may_be_ten_seconds_apart(login: HandoverLogin, clock: FakeClock, apart: int) -> None:
    theirs = int(clock.now().timestamp()) + apart
    times = {"iat": theirs, "nbf": theirs, "exp": theirs + 60, "auth_time": theirs}
    assert hand_over(login, clock, **times).user_id == "u_ivanova"


def test_a_ticket_of_a_clock_behind_is_good_until_its_end_and_ten_seconds(
    login: HandoverLogin, clock: FakeClock
) -> None:
    now = int(clock.now().timestamp())
    assert hand_over(login, clock, iat=now - 69, exp=now - 9).user_id == "u_ivanova"


def test_a_login_older_than_asked_for_is_refused(login: HandoverLogin, clock: FakeClock) -> None:
    with pytest.raises(LoginRefused):
        hand_over(login, clock, auth_time=int(clock.now().timestamp()) - 311)
    check_works(login, clock)


def test_a_weak_login_is_told_as_such(login: HandoverLogin, clock: FakeClock) -> None:
    assert not hand_over(login, clock, acr="pwd").is_strong
    check_works(login, clock)


def test_a_ticket_is_good_once(login: HandoverLogin, clock: FakeClock) -> None:
    login.begin(ask())
    reply = {"state": "state-1", "ticket": ticket(clock)}
    login.finish(reply)
    with pytest.raises(LoginRefused):
        login.finish(reply)
    check_works(login, clock)


def test_the_number_of_a_ticket_is_good_once(login: HandoverLogin, clock: FakeClock) -> None:
    """A core that numbers two tickets the same is told by the second login."""
    hand_over(login, clock, "first", jti="17")
    with pytest.raises(LoginRefused):
        hand_over(login, clock, "second", jti="17")
    check_works(login, clock)


def test_a_ticket_of_another_login_is_refused(login: HandoverLogin, clock: FakeClock) -> None:
    """A stolen ticket is worth nothing in a login that the thief began."""
    login.begin(ask("the thief's"))
    login.begin(ask("theirs"))
    stolen = ticket(clock, "theirs")
    with pytest.raises(LoginRefused):
        login.finish({"state": "the thief's", "ticket": stolen})
    assert login.finish({"state": "theirs", "ticket": stolen}).user_id == "u_ivanova"


@pytest.mark.parametrize(
    "wrong", [{"state": "unknown"}, {"state": ""}, {"ticket": ""}, {"ticket": "a.b.c"}, {"ticket": "x" * 9000}]
)
def test_a_wrong_reply_logs_nobody_in(login: HandoverLogin, clock: FakeClock, wrong: dict[str, str]) -> None:
    login.begin(ask())
    with pytest.raises(LoginRefused):
        login.finish({"state": "state-1", "ticket": ticket(clock, wrong.get("state", "state-1"))} | wrong)
    check_works(login, clock)


def test_a_login_waits_for_ten_minutes(login: HandoverLogin, clock: FakeClock) -> None:
    login.begin(ask())
    clock.advance(minutes=10)
    with pytest.raises(LoginRefused):
        login.finish({"state": "state-1", "ticket": ticket(clock)})
    check_works(login, clock)


def test_who_gives_up_is_refused(login: HandoverLogin, clock: FakeClock) -> None:
    login.begin(ask())
    with pytest.raises(LoginRefused):
        login.finish({"state": "state-1", "error": "access_denied"})
    check_works(login, clock)


def test_keys_that_cannot_be_read_are_no_fault_of_the_person(sqlite: Database, clock: FakeClock) -> None:
    with pytest.raises(LoginUnavailable):
        hand_over(open_login(sqlite, clock, keys=NoKeys()), clock)
    check_works(open_login(sqlite, clock), clock)


@pytest.mark.parametrize("wrong", [{"url": "http://internet-bank.example/"}, {"url": ""}, {"issuer": ""}], ids=str)
def test_settings_that_cannot_work_are_refused_at_once(
    sqlite: Database, clock: FakeClock, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="core_"):
        open_login(sqlite, clock, **wrong)


def test_used_tickets_are_forgotten_when_nobody_can_use_them(
    login: HandoverLogin, sqlite: Database, clock: FakeClock
) -> None:
    hand_over(login, clock)
    clock.advance(seconds=69)
    with sqlite.transaction() as tx:
        assert forget_tokens(tx, clock.now()) == 0
    clock.advance(seconds=2)
    with sqlite.transaction() as tx:
        assert forget_tokens(tx, clock.now()) == 1
    check_works(login, clock)


def test_the_ticket_of_the_guide_logs_a_person_in(sqlite: Database, clock: FakeClock) -> None:
    guide = (Path(__file__).parents[3] / "api_specs" / "core-login.md").read_text()
    claims = json.loads(guide.split("```json\n")[1].split("```")[0])
    clock.set(datetime.fromtimestamp(claims["iat"], UTC))
    login = open_login(sqlite, clock, issuer=claims["iss"], audience=claims["aud"])
    login.begin(ask("example-state"))
    signed = sign_jwt(KEY, claims, {"typ": "login+jwt", "kid": "key-1"})
    assert login.finish({"state": "example-state", "ticket": signed}).user_id == claims["sub"]


@pytest.mark.race
@pytest.mark.parametrize("share", ["state", "number"])
def test_of_sixteen_at_once_one_logs_in(postgres: Database, clock: FakeClock, share: str) -> None:
    """Sixteen tickets for one state, and sixteen states whose tickets have one number."""
    login = open_login(postgres, clock)
    states = ["state-1"] * 16 if share == "state" else [f"state-{number}" for number in range(16)]
    for state in set(states):
        login.begin(ask(state))
    numbers = [f"jti-{number}" for number in range(16)] if share == "state" else ["17"] * 16
    replies = [
        {"state": state, "ticket": ticket(clock, state, jti=jti)} for state, jti in zip(states, numbers, strict=True)
    ]
    together, outcomes = threading.Barrier(16), []

    def come_back(reply: dict[str, str]) -> None:
        together.wait()
        try:
            outcomes.append(login.finish(reply).user_id)
        except LoginRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=come_back, args=[reply]) for reply in replies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 15 + ["u_ivanova"]
    check_works(login, clock)
