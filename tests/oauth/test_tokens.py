"""The token endpoint, revocation and introspection: each row is right in all but one thing."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from oauth import Scope, clean_up, consents
from oauth.audit import Actor, list_events
from tests.oauth.actors import REDIRECT_URI, Bank, Partner


@pytest.fixture
def partner(quick_bank: Bank) -> Partner:
    return quick_bank.partner()


@pytest.fixture
def secret_partner(quick_bank: Bank) -> Partner:
    return quick_bank.secret_partner()


def assert_refused(response: Any, error: str, status: int = 400) -> None:
    assert (response.status_code, response.json["error"]) == (status, error), response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "access_token" not in response.json


def revoke_consent(bank: Bank, consent_id: str) -> None:
    actor = Actor(kind="customer", id="user-1")
    with bank.database.transaction() as tx:
        consents.revoke(tx, consent_id, by="customer", actor=actor, now=bank.clock.now())


# Codes


@pytest.mark.parametrize("grant_type", ["password", "implicit", "client_credentials", 'a"b', "", None])
def test_other_grants_are_refused(partner: Partner, grant_type: str | None) -> None:
    """T01"""
    code = partner.code()
    assert_refused(partner.redeem(code, grant_type=grant_type), "unsupported_grant_type")
    assert partner.redeem(code).status_code == 200


def test_a_code_needs_client_authentication(partner: Partner) -> None:
    """T02"""
    code = partner.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    form |= {"client_id": partner.client_id, "code_verifier": partner.verifier}
    assert_refused(partner.bank.post("/oauth/token", form), "invalid_client", 401)
    assert partner.redeem(code).status_code == 200


def test_a_code_of_another_client_is_refused_and_not_burnt(partner: Partner) -> None:
    """T04"""
    code, thief = partner.code(), partner.bank.partner()
    assert_refused(thief.redeem(code, code_verifier=partner.verifier), "invalid_grant")
    assert partner.redeem(code).status_code == 200


def test_a_code_that_comes_twice_ends_its_tokens(bank: Bank) -> None:
    """T05, T06"""
    partner = bank.partner()
    code = partner.code()
    tokens = partner.redeem(code).json
    assert_refused(partner.redeem(code), "invalid_grant")
    assert partner.call(tokens["access_token"]).status_code == 401
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")
    assert partner.tokens()


def test_a_replay_by_another_client_ends_nothing(partner: Partner) -> None:
    code, thief = partner.code(), partner.bank.partner()
    tokens = partner.redeem(code).json
    assert_refused(thief.redeem(code, code_verifier=partner.verifier), "invalid_grant")
    assert partner.call(tokens["access_token"]).status_code == 200


def test_a_code_lives_a_minute(partner: Partner) -> None:
    """T08"""
    code = partner.code()
    partner.bank.clock.advance(seconds=60)
    assert_refused(partner.redeem(code), "invalid_grant")
    code = partner.code()
    partner.bank.clock.advance(seconds=59)
    assert partner.redeem(code).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"code_verifier": None}, id="T09"),
        pytest.param({"code_verifier": "a" * 43}, id="T10-wrong"),
        pytest.param({"code_verifier": "a" * 42}, id="T10-42"),
        pytest.param({"code_verifier": "a" * 129}, id="T10-129"),
        pytest.param({"redirect_uri": None}, id="T14-missing"),
        pytest.param({"redirect_uri": REDIRECT_URI + "/"}, id="T14-other"),
        pytest.param({"code": "ac_" + "a" * 43}, id="unknown-code"),
    ],
)
def test_a_code_is_bound_to_what_it_was_asked_with(partner: Partner, change: dict[str, Any]) -> None:
    """A wrong try of its owner does not burn it."""
    code = partner.code()
    assert_refused(partner.redeem(code, **change), "invalid_grant")
    assert partner.redeem(code).status_code == 200


def test_a_code_must_be_there(partner: Partner) -> None:
    assert_refused(partner.redeem("x", code=None), "invalid_request")


def test_tokens_are_long_random_and_tell_their_kind(partner: Partner) -> None:
    """T13"""
    found = [partner.tokens() for _ in range(10)]
    values = [(t["access_token"], t["refresh_token"]) for t in found]
    assert len({value for pair in values for value in pair}) == 20
    for access, refresh in values:
        assert access.startswith("at_")
        assert refresh.startswith("rt_")
        assert len(base64.urlsafe_b64decode(access[3:] + "=")) == 32


def test_parameters_in_the_query_are_refused(partner: Partner) -> None:
    """T15"""
    code = partner.code()
    form = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": partner.verifier}
    assert_refused(partner.send("/oauth/token?grant_type=authorization_code", form), "invalid_request")
    assert partner.redeem(code).status_code == 200


def test_repeated_parameters_are_refused(partner: Partner) -> None:
    """T16"""
    code = partner.code()
    assert_refused(partner.redeem(code, grant_type=["authorization_code", "authorization_code"]), "invalid_request")
    assert partner.redeem(code).status_code == 200


def test_a_code_dies_with_its_consent(partner: Partner) -> None:
    """T18"""
    code = partner.code()
    with partner.bank.database.reading() as connection:
        (consent,) = consents.list_for_user(connection, "user-1", now=partner.bank.clock.now())
    revoke_consent(partner.bank, consent.id)
    assert_refused(partner.redeem(code), "invalid_grant")
    assert partner.tokens()


def test_an_answer_with_tokens_is_not_stored_anywhere(partner: Partner) -> None:
    """T19"""
    response = partner.redeem(partner.code())
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/json"
    assert response.json["token_type"] == "Bearer"
    assert response.json["expires_in"] == partner.bank.settings.access_lifetime_s


def test_no_token_outlives_its_consent(partner: Partner) -> None:
    soon = partner.bank.clock.now() + timedelta(seconds=90)
    tokens = partner.tokens({"expires_at": soon})
    assert tokens["expires_in"] == 90
    partner.bank.clock.advance(seconds=90)
    assert partner.call(tokens["access_token"]).status_code == 401
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")


# Refresh tokens


def test_a_refresh_needs_client_authentication(partner: Partner) -> None:
    """R01"""
    token = partner.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": partner.client_id}
    assert_refused(partner.bank.post("/oauth/token", form), "invalid_client", 401)
    assert partner.refresh(token).status_code == 200


def test_a_refresh_token_belongs_to_its_client(partner: Partner) -> None:
    """R02"""
    token = partner.tokens()["refresh_token"]
    assert_refused(partner.bank.partner().refresh(token), "invalid_grant")
    assert partner.refresh(token).status_code == 200


@pytest.mark.parametrize("scope", ["statements payments admin", "admin", "", "statements statements"])
def test_a_refresh_cannot_widen_the_scope(partner: Partner, scope: str) -> None:
    """R04"""
    token = partner.tokens()["refresh_token"]
    assert_refused(partner.refresh(token, scope=scope), "invalid_scope")
    assert partner.refresh(token).status_code == 200


def test_a_refresh_cannot_bring_back_what_was_not_agreed_to(partner: Partner) -> None:
    """R04"""
    token = partner.tokens({"scopes": frozenset({Scope.STATEMENTS})})["refresh_token"]
    assert_refused(partner.refresh(token, scope="statements payments"), "invalid_scope")
    assert partner.refresh(token, scope="statements").status_code == 200


def test_a_narrowed_refresh_gives_a_narrow_token_and_keeps_the_rest(partner: Partner) -> None:
    token = partner.tokens()["refresh_token"]
    narrow = partner.refresh(token, scope="statements").json
    assert partner.call(narrow["access_token"], "/v1/payments").status_code == 403
    whole = partner.refresh(token).json
    assert partner.call(whole["access_token"], "/v1/payments").status_code == 200


def test_a_partner_with_a_key_keeps_its_refresh_token(bank: Bank) -> None:
    """R05"""
    partner = bank.partner()
    token = partner.tokens()["refresh_token"]
    answers = [partner.refresh(token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert not any("refresh_token" in answer.json for answer in answers)
    assert len({answer.json["access_token"] for answer in answers}) == 3


def test_after_a_lost_reply_the_same_token_gives_the_same_answer(bank: Bank) -> None:
    """R06, R8: a partner with a secret"""
    partner = bank.secret_partner()
    token = partner.tokens()["refresh_token"]
    first = partner.refresh(token)
    assert first.json["refresh_token"] != token
    bank.clock.advance(seconds=bank.settings.refresh_grace_s)
    again = partner.refresh(token)
    assert again.json == first.json
    assert partner.refresh(first.json["refresh_token"]).status_code == 200


def test_a_rotated_token_after_the_grace_time_ends_the_family(bank: Bank) -> None:
    """R06"""
    partner = bank.secret_partner()
    tokens = partner.tokens()
    fresh = partner.refresh(tokens["refresh_token"]).json
    bank.clock.advance(seconds=bank.settings.refresh_grace_s + 1)
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")
    assert partner.call(fresh["access_token"]).status_code == 401
    assert_refused(partner.refresh(fresh["refresh_token"]), "invalid_grant")
    with bank.database.reading() as connection:
        assert list_events(connection, action="refresh_token.replayed")
    assert partner.tokens()


def test_a_rotated_token_after_its_successor_was_used_ends_the_family(bank: Bank) -> None:
    """R06"""
    partner = bank.secret_partner()
    tokens = partner.tokens()
    second = partner.refresh(tokens["refresh_token"]).json
    third = partner.refresh(second["refresh_token"]).json
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")
    assert_refused(partner.refresh(third["refresh_token"]), "invalid_grant")
    assert partner.tokens()


def test_a_refresh_token_ends_with_its_consent(partner: Partner) -> None:
    """R07"""
    tokens = partner.tokens()
    revoke_consent(partner.bank, tokens["consent_id"])
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")
    assert partner.refresh(partner.tokens()["refresh_token"]).status_code == 200


def test_an_idle_refresh_token_ends_and_use_keeps_it_alive(partner: Partner) -> None:
    """R07"""
    used, idle = (partner.tokens({"user_id": user_id})["refresh_token"] for user_id in ("user-1", "user-2"))
    partner.bank.clock.advance(days=40)
    assert partner.refresh(used).status_code == 200
    partner.bank.clock.advance(days=40)
    assert partner.refresh(used).status_code == 200
    assert_refused(partner.refresh(idle), "invalid_grant")


def test_tokens_of_one_kind_are_not_taken_for_the_other(partner: Partner) -> None:
    """R09"""
    tokens = partner.tokens()
    assert_refused(partner.refresh(tokens["access_token"]), "invalid_grant")
    assert partner.call(tokens["refresh_token"]).status_code == 401
    assert partner.refresh(tokens["refresh_token"]).status_code == 200


def test_a_refresh_token_must_be_there(partner: Partner) -> None:
    assert_refused(partner.refresh("x", refresh_token=None), "invalid_request")


# Revocation and introspection


def test_another_partner_can_neither_revoke_nor_see_a_token(partner: Partner) -> None:
    """V01, V04"""
    tokens, other = partner.tokens(), partner.bank.partner()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert other.send("/oauth/revoke", {"token": token}).status_code == 200
        assert other.send("/oauth/introspect", {"token": token}).json == {"active": False}
    assert partner.call(tokens["access_token"]).status_code == 200
    assert partner.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "unknown"])
def test_an_unknown_token_or_hint_is_no_error(partner: Partner, hint: str | None) -> None:
    """V02"""
    form = {"token": "at_unknown"} | ({"token_type_hint": hint} if hint else {})
    assert partner.send("/oauth/revoke", form).status_code == 200
    assert partner.send("/oauth/introspect", form).json == {"active": False}


@pytest.mark.parametrize("hint", [None, "access_token", "unknown"])
def test_giving_back_the_refresh_token_ends_the_consent(partner: Partner, hint: str | None) -> None:
    """V03"""
    tokens = partner.tokens()
    form = {"token": tokens["refresh_token"]} | ({"token_type_hint": hint} if hint else {})
    assert partner.send("/oauth/revoke", form).status_code == 200
    assert partner.call(tokens["access_token"]).status_code == 401
    assert_refused(partner.refresh(tokens["refresh_token"]), "invalid_grant")
    with partner.bank.database.reading() as connection:
        consent = consents.read_consent(connection, tokens["consent_id"], now=partner.bank.clock.now())
    assert (consent.state, consent.ended_by) == ("revoked", "partner")
    assert partner.send("/oauth/revoke", form).status_code == 200


def test_giving_back_an_access_token_ends_only_that(partner: Partner) -> None:
    tokens = partner.tokens()
    assert partner.send("/oauth/revoke", {"token": tokens["access_token"]}).status_code == 200
    assert partner.call(tokens["access_token"]).status_code == 401
    assert partner.call(partner.refresh(tokens["refresh_token"]).json["access_token"]).status_code == 200


def test_a_consent_that_the_bank_holds_can_be_given_back(partner: Partner) -> None:
    tokens, bank = partner.tokens(), partner.bank
    with bank.database.transaction() as tx:
        now = bank.clock.now()
        consents.suspend(tx, tokens["consent_id"], staff_id="st_x", reason="x", now=now)
    assert partner.send("/oauth/revoke", {"token": tokens["refresh_token"]}).status_code == 200
    with bank.database.reading() as connection:
        assert consents.read_consent(connection, tokens["consent_id"], now=now).state == "revoked"


def test_a_rotated_token_is_not_active(secret_partner: Partner) -> None:
    tokens = secret_partner.tokens()
    fresh = secret_partner.refresh(tokens["refresh_token"]).json
    asked = [secret_partner.send("/oauth/introspect", {"token": t["refresh_token"]}).json for t in (tokens, fresh)]
    assert [answer["active"] for answer in asked] == [False, True]


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
def test_revocation_and_introspection_need_a_client_and_a_token(partner: Partner, path: str) -> None:
    """V04"""
    assert_refused(partner.bank.post(path, {"token": "at_x", "client_id": partner.client_id}), "invalid_client", 401)
    assert_refused(partner.send(path, {}), "invalid_request")
    assert partner.send(path, {"token": "at_x"}).status_code == 200


def test_introspection_tells_what_a_living_token_is_worth(partner: Partner) -> None:
    tokens = partner.tokens()
    access = partner.send("/oauth/introspect", {"token": tokens["access_token"]}).json
    now = int(partner.bank.clock.now().timestamp())
    assert (access["active"], access["scope"]) == (True, "payments statements")
    assert access["exp"] == now + partner.bank.settings.access_lifetime_s
    refresh = partner.send("/oauth/introspect", {"token": tokens["refresh_token"]}).json
    assert (refresh["active"], refresh["exp"]) == (True, now + 180 * 86400)
    partner.bank.clock.advance(seconds=partner.bank.settings.access_lifetime_s)
    assert partner.send("/oauth/introspect", {"token": tokens["access_token"]}).json == {"active": False}


def test_what_is_spent_is_forgotten_and_what_lives_stays(bank: Bank) -> None:
    partner = bank.secret_partner()
    tokens = partner.tokens()
    partner.refresh(tokens["refresh_token"])
    bank.clock.advance(days=2)
    with bank.database.transaction() as tx:
        assert clean_up(tx, bank.clock.now()) > 0
    with bank.database.transaction() as tx:
        assert clean_up(tx, bank.clock.now()) == 0
    fresh = partner.tokens()
    with bank.database.transaction() as tx:
        clean_up(tx, bank.clock.now())
    assert partner.call(fresh["access_token"]).status_code == 200
