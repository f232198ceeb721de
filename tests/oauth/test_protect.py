"""Access to the API: each call looks up token, consent and partner; each row is right in all but one thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

import oauth
from adapter.store.database import Database, open_database
from oauth import Scope, consents, partners, usage
from oauth.audit import Actor
from tests.oauth.actors import ISSUER, Bank, Partner
from tests.oauth.conftest import SETTINGS

CUSTOMER = Actor(kind="customer", id="user-1")


@pytest.fixture
def partner(quick_bank: Bank) -> Partner:
    return quick_bank.partner()


def assert_refused(response: Any, status: int, error: str | None) -> None:
    """A problem and a challenge that agree; no redirect, nothing to cache."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    assert response.headers["Cache-Control"] == "no-store"
    challenge = response.headers["WWW-Authenticate"]
    assert f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"' in challenge
    assert (f'error="{error}"' in challenge) if error else ("error=" not in challenge)


def test_without_a_token_the_way_is_told_and_no_error(partner: Partner) -> None:
    """S01"""
    assert_refused(partner.call(None), 401, None)
    assert partner.call(partner.tokens()["access_token"]).status_code == 200


def test_a_token_in_query_or_body_is_not_looked_at(partner: Partner) -> None:
    """S02, S03"""
    token = partner.tokens()["access_token"]
    assert_refused(partner.call(None, f"/v1/anything?access_token={token}"), 401, None)
    assert_refused(partner.call(None, method="POST", data={"access_token": token}), 401, None)
    assert partner.call(token, method="POST").status_code == 200


@pytest.mark.parametrize("change", ["unknown", "truncated", "other-case", "longer", "spaces", "huge"])
def test_a_token_is_taken_whole(partner: Partner, change: str) -> None:
    """S04"""
    token = partner.tokens()["access_token"]
    wrong = {
        "unknown": "at_" + "a" * 43,
        "truncated": token[:-1],
        "other-case": token.swapcase(),
        "longer": token + "a",
        "spaces": " " + token,
        "huge": "a" * 50_000,
    }
    assert_refused(partner.call(wrong[change]), 401, "invalid_token")
    assert partner.call(token).status_code == 200


@pytest.mark.parametrize("header", ["Basic at_x", "at_x", "Bearer", "Bearer ", "DPoP at_x"])
def test_another_scheme_is_no_bearer_token(partner: Partner, header: str) -> None:
    assert_refused(partner.call(None, headers={"Authorization": header}), 401, "invalid_token")


def test_the_scheme_is_read_in_any_case(partner: Partner) -> None:
    """S09"""
    token = partner.tokens()["access_token"]
    assert partner.call(None, headers={"Authorization": f"bEARER {token}"}).status_code == 200


def test_two_authorization_headers_are_refused(partner: Partner) -> None:
    """S12"""
    token = partner.tokens()["access_token"]
    joined = f"Bearer {token}, Bearer {token}"
    assert_refused(partner.call(None, headers={"Authorization": joined}), 401, "invalid_token")


def test_an_expired_token_is_refused(partner: Partner) -> None:
    """S05"""
    tokens = partner.tokens()
    partner.bank.clock.advance(seconds=SETTINGS.access_lifetime_s - 1)
    assert partner.call(tokens["access_token"]).status_code == 200
    partner.bank.clock.advance(seconds=1)
    assert_refused(partner.call(tokens["access_token"]), 401, "invalid_token")
    assert partner.call(partner.refresh(tokens["refresh_token"]).json["access_token"]).status_code == 200


def test_a_missing_scope_is_told(partner: Partner) -> None:
    """S08"""
    token = partner.tokens({"scopes": frozenset({Scope.STATEMENTS})})["access_token"]
    response = partner.call(token, "/v1/payments")
    assert_refused(response, 403, "insufficient_scope")
    assert 'scope="payments"' in response.headers["WWW-Authenticate"]
    assert partner.call(token, "/v1/statements").status_code == 200


def test_a_renewal_with_fewer_scopes_narrows_older_tokens(partner: Partner) -> None:
    """C04"""
    tokens = partner.tokens()
    partner.decide(
        partner.pushed(consent_id=tokens["consent_id"]),
        agreement_of(partner, scopes=frozenset({Scope.STATEMENTS})),
    )
    assert partner.call(tokens["access_token"]).json["scopes"] == ["statements"]
    assert partner.call(tokens["access_token"], "/v1/payments").status_code == 403


def agreement_of(partner: Partner, **changes: Any) -> consents.Agreement:
    from tests.oauth.actors import agreement

    return agreement(partner.bank.clock, **changes)


def test_an_account_that_was_taken_out_is_gone_on_the_next_call(bank: Bank) -> None:
    """C03"""
    partner = bank.partner()
    tokens = partner.tokens()
    with bank.database.transaction() as tx:
        consents.narrow(tx, tokens["consent_id"], ["acc_2"], user_id="user-1", now=bank.clock.now())
    assert partner.call(tokens["access_token"]).json["account_ids"] == ["acc_2"]


def test_a_consent_ends_on_its_last_second(partner: Partner) -> None:
    """C05"""
    tokens = partner.tokens()
    partner.bank.clock.advance(days=180)
    assert_refused(partner.call(tokens["access_token"]), 401, "invalid_token")
    assert partner.call(partner.tokens()["access_token"]).status_code == 200


@pytest.mark.parametrize("case", ["revoked", "consent-suspended", "partner-suspended", "closed"])
def test_a_stop_works_on_the_next_request_of_another_process(postgres: Database, clock: Any, case: str) -> None:
    """S06, S07: two applications with connections of their own stand for two processes"""
    other_database = open_database(postgres.writer.url.render_as_string(hide_password=False), pool_size=4)
    bank, other = Bank(postgres, clock, SETTINGS), Bank(other_database, clock, SETTINGS)
    partner, bystander = bank.partner(), bank.partner()
    tokens, others = partner.tokens(), bystander.tokens()
    elsewhere = Partner(bank=other, client_id=partner.client_id, key=partner.key)
    assert elsewhere.call(tokens["access_token"]).status_code == 200
    stop(bank, case, tokens["consent_id"], bank.partner_id(partner.client_id))
    assert_refused(elsewhere.call(tokens["access_token"]), 401, "invalid_token")
    assert elsewhere.refresh(tokens["refresh_token"]).status_code in (400, 401)
    assert elsewhere.call(others["access_token"]).status_code == 200
    other_database.close()


def stop(bank: Bank, case: str, consent_id: str, partner_id: str) -> None:
    now, staff_id = bank.clock.now(), bank.hire("guard")
    asked = {"staff_id": staff_id, "reason": "Проверка", "now": now}
    with bank.database.transaction() as tx:
        if case == "revoked":
            consents.revoke(tx, consent_id, by="customer", actor=CUSTOMER, now=now)
        elif case == "consent-suspended":
            consents.suspend(tx, consent_id, **asked)
        elif case == "partner-suspended":
            partners.suspend(tx, partner_id, role="operator", **asked)
        else:
            partners.close(tx, partner_id, role="approver", **asked)


def test_a_suspended_consent_works_again_after_the_bank_resumes_it(partner: Partner) -> None:
    bank, tokens = partner.bank, partner.tokens()
    staff_id = bank.hire("guard")
    with bank.database.transaction() as tx:
        consents.suspend(tx, tokens["consent_id"], staff_id=staff_id, reason="Проверка", now=bank.clock.now())
    assert partner.call(tokens["access_token"]).status_code == 401
    with bank.database.transaction() as tx:
        consents.resume(tx, tokens["consent_id"], staff_id=staff_id, reason="x", now=bank.clock.now())
    assert partner.call(tokens["access_token"]).status_code == 200


def test_the_partner_may_end_the_consent_itself(partner: Partner) -> None:
    tokens, other = partner.tokens(), partner.tokens({"user_id": "user-2"})
    assert partner.call(tokens["access_token"], "/v1/consent", "DELETE").status_code == 204
    assert_refused(partner.call(tokens["access_token"]), 401, "invalid_token")
    assert partner.call(other["access_token"]).status_code == 200


def test_ending_an_ended_consent_is_no_error(partner: Partner) -> None:
    bank, token = partner.bank, partner.tokens()["access_token"]

    @oauth.require()
    def end_twice() -> Any:
        assert oauth.recheck_access() is None
        oauth.end_consent(oauth.current_access())
        oauth.end_consent(oauth.current_access())
        return oauth.recheck_access()

    with bank.app.test_request_context(headers={"Authorization": f"Bearer {token}"}, base_url=ISSUER):
        refused = end_twice()
    assert refused.status_code == 401


def test_a_refusal_carries_the_id_of_the_request(partner: Partner) -> None:
    import flask

    bank = partner.bank

    @bank.app.before_request
    def give_id() -> None:
        flask.g.request_id = "req-1"

    assert partner.call(None).json["request_id"] == "req-1"


def test_each_use_is_counted_with_address_and_time(bank: Bank) -> None:
    """C15"""
    partner = bank.partner()
    tokens = partner.tokens()
    for _ in range(3):
        partner.call(tokens["access_token"], "/v1/statements")
    bank.clock.advance(seconds=60)
    partner.call(tokens["access_token"], "/v1/statements", ip="198.51.100.9")
    with bank.database.reading() as connection:
        summary = usage.summarise(connection, [tokens["consent_id"]], now=bank.clock.now())[tokens["consent_id"]]
        uses = {(use.operation, use.ip): use.count for use in usage.list_uses(connection, tokens["consent_id"])}
    assert uses == {("statements", partner.ip): 3, ("statements", "198.51.100.9"): 1}
    assert (summary.last_ip, summary.last_at, summary.count_7_days) == ("198.51.100.9", bank.clock.now(), 4)


def test_refused_uses_are_counted_too(partner: Partner) -> None:
    tokens = partner.tokens({"scopes": frozenset({Scope.STATEMENTS})})
    partner.call(tokens["access_token"], "/v1/payments")
    with partner.bank.database.reading() as connection:
        (use,) = usage.list_uses(connection, tokens["consent_id"])
    assert use.operation == "refused:insufficient_scope"


def test_the_body_of_a_refusal_is_json_that_names_its_code(partner: Partner) -> None:
    body = json.loads(partner.call(None).data)
    assert body["code"] == "unauthorized"
    assert body["type"] == "/docs/errors#unauthorized"
