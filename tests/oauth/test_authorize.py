"""Opening and deciding an authorization request, without the pages: what the pages build on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
from werkzeug.datastructures import MultiDict

from oauth import Scope, consents, partners
from oauth.audit import list_events
from oauth.consents import Agreement
from oauth.errors import WrongState
from oauth.requests import AuthorizationRequest
from oauth.server import RefusedRequest, UntrustedRequest, finish_authorization, open_authorization
from tests.oauth.actors import ISSUER, REDIRECT_URI, Bank, Partner, account, agreement


def open_request(bank: Bank, args: dict[str, Any] | MultiDict[str, str]) -> AuthorizationRequest:
    with bank.app.test_request_context(base_url=ISSUER), bank.database.transaction() as tx:
        return open_authorization(tx, MultiDict(args))


def finish(bank: Bank, request: AuthorizationRequest, agreed: Agreement | None, **options: Any) -> flask.Response:
    with bank.app.test_request_context(base_url=ISSUER), bank.database.transaction() as tx:
        return finish_authorization(tx, request, agreed, **options)


def parameters(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
def open_partner(bank: Bank) -> Partner:
    """A partner that may send its requests through the browser."""
    return bank.partner(require_par=False)


def test_without_a_push_there_is_no_redirect(partner: Partner) -> None:
    """Z01"""
    with pytest.raises(UntrustedRequest):
        open_request(partner.bank, partner.par_form())
    assert partner.code()


def test_a_request_uri_belongs_to_its_client(partner: Partner) -> None:
    """Z02"""
    other, uri = partner.bank.partner(), partner.pushed()
    with pytest.raises(UntrustedRequest):
        open_request(partner.bank, {"client_id": other.client_id, "request_uri": uri})
    assert partner.decide(uri, agreement(partner.bank.clock))["code"]


@pytest.mark.parametrize("uri", ["urn:ietf:params:oauth:request_uri:rq_x", "https://evil.example/x", "", "x" * 9000])
def test_an_unknown_request_uri_opens_nothing(partner: Partner, uri: str) -> None:
    """Z03, Z14"""
    with pytest.raises(UntrustedRequest):
        open_request(partner.bank, {"client_id": partner.client_id, "request_uri": uri})
    assert partner.code()


def test_the_secret_part_alone_is_no_request_uri(partner: Partner) -> None:
    secret = partner.pushed().rpartition(":")[2]
    with pytest.raises(UntrustedRequest):
        open_request(partner.bank, {"client_id": partner.client_id, "request_uri": secret})


def test_an_expired_request_uri_opens_nothing(partner: Partner) -> None:
    """Z03"""
    uri = partner.pushed()
    partner.bank.clock.advance(seconds=91)
    with pytest.raises(UntrustedRequest):
        open_request(partner.bank, {"client_id": partner.client_id, "request_uri": uri})
    assert partner.code()


def test_a_page_may_be_loaded_twice_and_completed_later(partner: Partner) -> None:
    """Z04: opened in time, reloaded and decided after the request_uri's own lifetime"""
    uri, bank = partner.pushed(), partner.bank
    args = {"client_id": partner.client_id, "request_uri": uri}
    first = open_request(bank, args)
    bank.clock.advance(seconds=300)
    assert open_request(bank, args) == first
    assert "code" in parameters(finish(bank, first, agreement(bank.clock)).location)


def test_a_page_that_waited_too_long_decides_nothing(partner: Partner) -> None:
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed()})
    bank.clock.advance(seconds=bank.settings.interaction_lifetime_s)
    with pytest.raises(WrongState):
        finish(bank, request, agreement(bank.clock))
    assert partner.code()


def test_a_request_is_decided_once(partner: Partner) -> None:
    """Z05, Z17"""
    bank = partner.bank
    args = {"client_id": partner.client_id, "request_uri": partner.pushed()}
    request = open_request(bank, args)
    code = parameters(finish(bank, request, agreement(bank.clock)).location)["code"]
    with pytest.raises(WrongState):
        finish(bank, request, agreement(bank.clock))
    with pytest.raises(UntrustedRequest):
        open_request(bank, args)
    with bank.database.reading() as connection:
        assert len(consents.list_for_user(connection, "user-1", now=bank.clock.now())) == 1
    assert partner.redeem(code).status_code == 200


def test_what_was_pushed_counts_and_not_the_browser(partner: Partner) -> None:
    """Z06"""
    evil = {"redirect_uri": "https://evil.example", "scope": "statements", "state": "evil", "response_type": "token"}
    args = {"client_id": partner.client_id, "request_uri": partner.pushed()} | evil
    request = open_request(partner.bank, args)
    assert (request.redirect_uri, request.state, request.scopes) == (REDIRECT_URI, "state-1", frozenset(Scope))


def test_a_refusal_goes_back_with_state_and_issuer(partner: Partner) -> None:
    """Z07, Z08, Z09"""
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed()})
    response = finish(bank, request, None, user_id="user-1")
    assert response.status_code == 303
    assert parameters(response.location) == {"error": "access_denied", "state": "state-1", "iss": ISSUER}


def test_giving_up_before_login_is_a_refusal_too(partner: Partner) -> None:
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed()})
    assert parameters(finish(bank, request, None).location)["error"] == "access_denied"


def test_no_state_was_sent_and_none_comes_back(partner: Partner) -> None:
    """Z10"""
    answer = partner.decide(partner.pushed(state=None), agreement(partner.bank.clock))
    assert set(answer) == {"code", "iss"}


def test_a_long_state_comes_back_unharmed(partner: Partner) -> None:
    """Z12"""
    state = "s/+&=%?" * 140
    assert partner.decide(partner.pushed(state=state), agreement(partner.bank.clock))["state"] == state


def test_the_account_hint_is_told_and_selects_nothing(partner: Partner) -> None:
    """P25"""
    uri = partner.pushed(account="40702810400000000099")
    request = open_request(partner.bank, {"client_id": partner.client_id, "request_uri": uri})
    assert request.account_hint == "40702810400000000099"


def test_less_than_asked_may_be_agreed_to_and_never_more(partner: Partner) -> None:
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed(scope="statements")})
    with pytest.raises(WrongState):
        finish(bank, request, agreement(bank.clock))
    tokens = partner.tokens({"scopes": frozenset({Scope.STATEMENTS}), "accounts": [account("acc_2")]})
    assert tokens["scope"] == "statements"
    assert partner.call(tokens["access_token"]).json["account_ids"] == ["acc_2"]


@pytest.mark.parametrize("missing", ["accounts", "scopes"])
def test_a_consent_names_something(partner: Partner, missing: str) -> None:
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed()})
    with pytest.raises(WrongState):
        finish(bank, request, agreement(bank.clock, **{missing: frozenset()}))
    assert "code" in parameters(finish(bank, request, agreement(bank.clock)).location)


def test_a_right_request_through_the_browser_works(open_partner: Partner) -> None:
    bank = open_partner.bank
    request = open_request(bank, open_partner.par_form())
    code = parameters(finish(bank, request, agreement(bank.clock)).location)["code"]
    assert open_partner.redeem(code).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"client_id": "pc_unknown"}, id="unknown-client"),
        pytest.param({"client_id": None}, id="no-client"),
        pytest.param({"redirect_uri": "https://evil.example/cb"}, id="P08"),
        pytest.param({"redirect_uri": None}, id="P07"),
        pytest.param({"state": "a\nb"}, id="control-character"),
        pytest.param({"state": "ж"}, id="non-ascii"),
    ],
)
def test_what_cannot_be_trusted_never_redirects(open_partner: Partner, change: dict[str, Any]) -> None:
    """L02"""
    bank = open_partner.bank
    with pytest.raises(UntrustedRequest):
        open_request(bank, open_partner.par_form(**change))
    assert open_request(bank, open_partner.par_form()).redirect_uri == REDIRECT_URI


def test_a_repeated_parameter_never_redirects(open_partner: Partner) -> None:
    bank = open_partner.bank
    form = MultiDict(open_partner.par_form())
    form.add("state", "another")
    with pytest.raises(UntrustedRequest):
        open_request(bank, form)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"scope": "admin"}, "invalid_scope", id="P13"),
        pytest.param({"code_challenge": None}, "invalid_request", id="P02"),
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="P05"),
        pytest.param({"prompt": "none"}, "login_required", id="Z13"),
    ],
)
def test_other_errors_are_told_to_the_partner_with_issuer(
    open_partner: Partner, change: dict[str, Any], error: str
) -> None:
    """Z08"""
    with pytest.raises(RefusedRequest) as caught:
        open_request(open_partner.bank, open_partner.par_form(**change))
    assert caught.value.location.startswith(REDIRECT_URI + "?")
    answer = parameters(caught.value.location)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "state-1", ISSUER)


def test_a_registered_query_is_kept(bank: Bank) -> None:
    uri = "https://books.example/cb?bank=zarya&mode=a%20b"
    partner = bank.partner(redirect_uris=[uri])
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed(redirect_uri=uri)})
    location = finish(bank, request, agreement(bank.clock)).location
    assert location.startswith(uri + "&code=")


def test_a_consent_is_renewed_in_place_and_the_old_refresh_token_ends(partner: Partner) -> None:
    tokens = partner.tokens()
    bank = partner.bank
    bank.clock.advance(days=170)
    assert partner.refresh(tokens["refresh_token"]).status_code == 400  # idle for longer than 45 days
    renewed = partner.tokens({"expires_at": bank.clock.now() + timedelta(days=90)}, consent_id=tokens["consent_id"])
    assert renewed["consent_id"] == tokens["consent_id"]
    again = partner.tokens(consent_id=tokens["consent_id"])
    assert partner.refresh(renewed["refresh_token"]).status_code == 400
    assert partner.refresh(again["refresh_token"]).status_code == 200


def test_a_renewal_by_another_person_or_company_is_a_consent_of_its_own(partner: Partner) -> None:
    tokens = partner.tokens()
    other = partner.tokens({"customer_id": "customer-2"}, consent_id=tokens["consent_id"])
    assert other["consent_id"] != tokens["consent_id"]
    assert partner.call(tokens["access_token"]).status_code == 200


def test_connecting_again_renews_what_lives_so_that_one_stop_ends_it_all(partner: Partner) -> None:
    bank = partner.bank
    first = partner.tokens()
    again = partner.tokens({"accounts": [account("acc_2")], "history_from": date(2026, 11, 1)})
    assert again["consent_id"] == first["consent_id"]
    assert partner.refresh(first["refresh_token"]).status_code == 400
    with bank.database.reading() as connection:
        (consent,) = consents.list_for_user(connection, "user-1", now=bank.clock.now())
    assert ([a.account_id for a in consent.accounts], consent.history_from) == (["acc_2"], date(2025, 11, 20))
    other = partner.tokens({"user_id": "user-2"})
    assert partner.call(again["access_token"], "/v1/consent", "DELETE").status_code == 204
    assert [partner.call(t["access_token"]).status_code for t in (first, again, other)] == [401, 401, 200]
    assert partner.tokens()["consent_id"] not in (first["consent_id"], other["consent_id"])


def test_naming_an_expired_consent_makes_no_twin_of_the_living_one(partner: Partner) -> None:
    bank = partner.bank
    expired = partner.tokens({"expires_at": bank.clock.now() + timedelta(hours=1)})
    bank.clock.advance(hours=2)
    living = partner.tokens()
    assert living["consent_id"] != expired["consent_id"]
    assert partner.tokens(consent_id=expired["consent_id"])["consent_id"] == living["consent_id"]


def test_giving_access_again_does_not_get_around_a_suspension(partner: Partner) -> None:
    bank, tokens = partner.bank, partner.tokens()
    staff = {"staff_id": bank.hire("guard"), "reason": "Проверка", "now": bank.clock.now()}
    with bank.database.transaction() as tx:
        consents.suspend(tx, tokens["consent_id"], **staff)
    answer = partner.decide(partner.pushed(), agreement(bank.clock, ip="198.51.100.1"))
    assert answer == {"error": "access_denied", "state": "state-1", "iss": ISSUER}
    with bank.database.reading() as connection:
        (consent,) = consents.list_for_user(connection, "user-1", now=bank.clock.now())
        noted = list_events(connection, consent_id=consent.id)[0]
    assert (consent.state, noted.action, noted.ip) == ("suspended", "consent.not_renewed", "198.51.100.1")
    assert "code" in partner.decide(partner.pushed(), agreement(bank.clock, customer_id="customer-2"))
    with bank.database.transaction() as tx:
        consents.resume(tx, tokens["consent_id"], **staff)
    assert partner.tokens()["consent_id"] == tokens["consent_id"]


def test_a_consent_of_another_partner_or_an_ended_one_is_not_renewed(partner: Partner) -> None:
    stranger = partner.bank.partner()
    tokens = partner.tokens()
    assert stranger.par(consent_id=tokens["consent_id"]).status_code == 400
    assert partner.par(consent_id=tokens["consent_id"]).status_code == 201
    assert partner.call(tokens["access_token"], "/v1/consent", "DELETE").status_code == 204
    assert partner.par(consent_id=tokens["consent_id"]).status_code == 400


def test_a_partner_suspended_meanwhile_gets_no_code(partner: Partner) -> None:
    bank = partner.bank
    request = open_request(bank, {"client_id": partner.client_id, "request_uri": partner.pushed()})
    staff_id = bank.hire("guard")
    with bank.database.transaction() as tx:
        partners.suspend(tx, request.partner_id, staff_id=staff_id, role="operator", reason="x", now=bank.clock.now())
    with pytest.raises(WrongState):
        finish(bank, request, agreement(bank.clock))
