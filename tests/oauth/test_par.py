"""Pushed authorization requests: each row is right in all but one thing and ends with a request that works."""

from __future__ import annotations

from typing import Any

import pytest

from oauth import partners
from tests.oauth.actors import ISSUER, REDIRECT_URI, Bank, Partner


@pytest.fixture
def partner(quick_bank: Bank) -> Partner:
    return quick_bank.partner()


def assert_refused(partner: Partner, response: Any, status: int, error: str) -> None:
    """The error is told as JSON without a redirect, and the same partner's right request still works."""
    assert (response.status_code, response.json["error"]) == (status, error), response.text
    assert "Location" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert partner.par().status_code == 201


BAD_PARAMETERS = [
    ("P02", {"code_challenge": None}, "invalid_request"),
    ("P03", {"code_challenge_method": "plain"}, "invalid_request"),
    ("P04-method", {"code_challenge_method": None}, "invalid_request"),
    ("P04-42", {"code_challenge": "a" * 42}, "invalid_request"),
    ("P05", {"response_type": "token"}, "unsupported_response_type"),
    ("P06", {"response_type": "code id_token"}, "unsupported_response_type"),
    ("response_type-missing", {"response_type": None}, "unsupported_response_type"),
    ("response_type-quote", {"response_type": 'co"de'}, "unsupported_response_type"),
    ("P07", {"redirect_uri": None}, "invalid_request"),
    ("P08", {"redirect_uri": REDIRECT_URI + "/x"}, "invalid_request"),
    ("P09-case", {"redirect_uri": REDIRECT_URI.replace("bank", "Bank")}, "invalid_request"),
    ("P09-slash", {"redirect_uri": REDIRECT_URI + "/"}, "invalid_request"),
    ("P09-query", {"redirect_uri": REDIRECT_URI + "?a=b"}, "invalid_request"),
    ("P09-port", {"redirect_uri": REDIRECT_URI.replace(".example", ".example:443")}, "invalid_request"),
    ("P09-encoded", {"redirect_uri": REDIRECT_URI.replace("callback", "%2e/callback")}, "invalid_request"),
    ("P09-userinfo", {"redirect_uri": REDIRECT_URI.replace("//", "//books.example@")}, "invalid_request"),
    ("P09-fragment", {"redirect_uri": REDIRECT_URI + "#f"}, "invalid_request"),
    ("P10-quote", {"redirect_uri": REDIRECT_URI + '"'}, "invalid_request"),
    ("P10-crlf", {"redirect_uri": REDIRECT_URI + "\r\nSet-Cookie: a=b"}, "invalid_request"),
    ("P10-non-ascii", {"redirect_uri": REDIRECT_URI + "ж"}, "invalid_request"),
    ("P10-nul", {"redirect_uri": REDIRECT_URI + "\0"}, "invalid_request"),
    ("P11", {"redirect_uri": REDIRECT_URI.replace("https", "http")}, "invalid_request"),
    ("P11-loopback", {"redirect_uri": "http://127.0.0.1:8080/cb"}, "invalid_request"),
    ("P12", {"redirect_uri": "javascript:alert(1)"}, "invalid_request"),
    ("P13", {"scope": "statements admin"}, "invalid_scope"),
    ("P14-missing", {"scope": None}, "invalid_scope"),
    ("P14-empty", {"scope": ""}, "invalid_scope"),
    ("P14-twice", {"scope": "payments payments"}, "invalid_scope"),
    ("P15", {"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ("request-object", {"request": "e30.e30."}, "invalid_request"),
    ("P24", {"authorization_details": "[]"}, "invalid_authorization_details"),
    ("P26", {"resource": "https://other.example"}, "invalid_target"),
    ("P27-form_post", {"response_mode": "form_post"}, "invalid_request"),
    ("P27-fragment", {"response_mode": "fragment"}, "invalid_request"),
    ("prompt-none", {"prompt": "none"}, "login_required"),
    ("state-4097", {"state": "s" * 4097}, "invalid_request"),
    ("account-19", {"account": "4" * 19}, "invalid_request"),
    ("account-21", {"account": "4" * 21}, "invalid_request"),
    ("account-words", {"account": "CALL 8 800 555 35 35"}, "invalid_request"),
    ("account-lower-case", {"account": "40702a10400000000099"}, "invalid_request"),
    ("consent-unknown", {"consent_id": "cn_000000000000000000000000"}, "invalid_request"),
]


@pytest.mark.parametrize(
    ("change", "error"), [row[1:] for row in BAD_PARAMETERS], ids=[row[0] for row in BAD_PARAMETERS]
)
def test_a_request_that_is_wrong_in_one_thing_is_refused(partner: Partner, change: dict[str, Any], error: str) -> None:
    assert_refused(partner, partner.par(**change), 400, error)


GOOD_PARAMETERS = [
    ("P14-order", {"scope": "payments statements"}),
    ("one-scope", {"scope": "statements"}),
    ("response_mode-query", {"response_mode": "query"}),
    ("resource", {"resource": ISSUER}),
    ("unknown-parameter", {"ui_locales": "ru"}),
    ("P25", {"account": "40702810400000000099"}),
    ("account-letter", {"account": "40702A10400000000099"}),
    ("Z12", {"state": "s" * 1000}),
    ("no-state", {"state": None}),
    ("no-client_id", {"client_id": None}),
]


@pytest.mark.parametrize("change", [row[1] for row in GOOD_PARAMETERS], ids=[row[0] for row in GOOD_PARAMETERS])
def test_a_right_request_is_taken(partner: Partner, change: dict[str, Any]) -> None:
    response = partner.par(**change)
    assert response.status_code == 201
    assert response.json["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")


def test_expires_in_is_short(partner: Partner) -> None:
    """P16"""
    assert 5 <= partner.par().json["expires_in"] < 600


def test_a_push_needs_client_authentication(partner: Partner) -> None:
    """P01"""
    assert_refused(partner, partner.bank.post("/oauth/par", partner.par_form()), 401, "invalid_client")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_allowed(partner: Partner, method: str) -> None:
    """P17"""
    assert partner.bank.app.test_client().open("/oauth/par", method=method, base_url=ISSUER).status_code == 405


def test_a_repeated_parameter_is_refused(partner: Partner) -> None:
    """P18"""
    form = partner.par_form() | {"scope": ["statements", "payments"]}
    assert_refused(partner, partner.send("/oauth/par", form), 400, "invalid_request")


def test_a_parameter_in_query_and_body_is_refused(partner: Partner) -> None:
    """P18"""
    response = partner.send("/oauth/par?scope=statements", partner.par_form())
    assert_refused(partner, response, 400, "invalid_request")


def test_other_media_types_are_refused(partner: Partner) -> None:
    """P21"""
    as_json = partner.bank.app.test_client().post("/oauth/par", json=partner.par_form(), base_url=ISSUER)
    assert_refused(partner, as_json, 415, "invalid_request")
    as_parts = partner.send("/oauth/par", partner.par_form(), content_type="multipart/form-data")
    assert_refused(partner, as_parts, 415, "invalid_request")


def test_a_huge_body_is_refused(partner: Partner) -> None:
    """P22"""
    assert_refused(partner, partner.par(state="s" * 1024 * 1024), 413, "invalid_request")


def test_too_many_parameters_are_refused(partner: Partner) -> None:
    assert_refused(partner, partner.par(**{f"p{number}": "1" for number in range(70)}), 400, "invalid_request")


def test_plain_http_is_refused(partner: Partner) -> None:
    """H01, the part that is not the proxy's"""
    form = partner.par_form()
    response = partner.bank.app.test_client().post("/oauth/par", data=form, base_url="http://bank.example")
    assert_refused(partner, response, 400, "invalid_request")


def test_client_id_of_another_client_is_refused(partner: Partner) -> None:
    """P23"""
    other = partner.bank.partner()
    assert_refused(partner, partner.par(client_id=other.client_id), 401, "invalid_client")


def test_a_suspended_partner_is_refused_and_works_again_after_two_agree(partner: Partner) -> None:
    """P28"""
    bank, now = partner.bank, partner.bank.clock.now()
    partner_id = bank.partner_id(partner.client_id)
    one, two = bank.hire("one"), bank.hire("two")
    with bank.database.transaction() as tx:
        partners.suspend(tx, partner_id, staff_id=one, role="operator", reason="Жалоба", now=now)
    response = partner.par()
    assert (response.status_code, response.json["error"]) == (401, "invalid_client")
    with bank.database.transaction() as tx:
        asked = {"staff_id": one, "role": "approver", "now": now}
        change = partners.read_change(tx, partners.request_resume(tx, partner_id, reason="Решено", **asked))
        partners.approve(tx, change.id, staff_id=two, role="approver", seen_digest=change.digest, now=now)
    assert partner.par().status_code == 201


def test_the_scope_must_be_this_partners(quick_bank: Bank) -> None:
    """P13: a known scope that another partner has"""
    reader = quick_bank.partner(scopes=["statements"])
    response = reader.par(scope="statements payments")
    assert (response.status_code, response.json["error"]) == (400, "invalid_scope")
    assert reader.par(scope="statements").status_code == 201
