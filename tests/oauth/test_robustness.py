"""Odd input, leaks into logs and database, and the sandbox on plain http."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.store.database import Database
from oauth.models import metadata
from tests.fakes import FakeClock
from tests.oauth.actors import REDIRECT_URI, Bank, Partner
from tests.oauth.conftest import SETTINGS

KNOWN_ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "invalid_authorization_details",
    "login_required",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "temporarily_unavailable",
}
FIELDS = ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"]
TOKEN_FIELDS = ["grant_type", "code", "redirect_uri", "code_verifier", "client_assertion", "client_assertion_type"]
ANYTHING = st.one_of(st.text(max_size=60), st.sampled_from(["", '"', "\\", "\0", "code token", "https://evil.example"]))
PATIENT = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def partner(sqlite: Database, clock: FakeClock) -> Partner:
    return Bank(sqlite, clock, replace(SETTINGS, failures_per_minute=1000)).partner()


def assert_known(response: Any) -> None:
    assert response.status_code < 500, response.text
    assert "Location" not in response.headers
    if response.status_code >= 400:
        assert response.json["error"] in KNOWN_ERRORS
        assert set(response.json) <= {"error", "error_description"}


@PATIENT
@given(field=st.sampled_from(FIELDS), value=ANYTHING)
def test_one_changed_field_of_a_push_is_a_known_error_or_fine(partner: Partner, field: str, value: str) -> None:
    """X08"""
    partner.bank.clock.advance(seconds=61)
    assert_known(partner.par(**{field: value}))


@PATIENT
@given(field=st.sampled_from(TOKEN_FIELDS), value=ANYTHING)
def test_one_changed_field_of_a_redemption_is_a_known_error(partner: Partner, field: str, value: str) -> None:
    """X08"""
    partner.bank.clock.advance(seconds=61)
    response = partner.redeem(partner.code(), **{field: value})
    assert_known(response)


@PATIENT
@given(body=st.binary(max_size=200), path=st.sampled_from(["par", "token", "revoke", "introspect"]))
def test_any_bytes_as_a_body_are_a_known_error(partner: Partner, body: bytes, path: str) -> None:
    """X08"""
    partner.bank.clock.advance(seconds=61)
    form = "application/x-www-form-urlencoded"
    response = partner.bank.app.test_client().post(
        f"/oauth/{path}", data=body, content_type=form, base_url=SETTINGS.issuer
    )
    assert_known(response)
    assert response.status_code >= 400


@pytest.mark.parametrize("header", ["\xff", "Bearer \xff\xfe", "Bearer " + "é" * 40, "Bearer \x80"])
def test_odd_bytes_in_the_header_are_an_invalid_token(partner: Partner, header: str) -> None:
    response = partner.bank.app.test_client().get(
        "/v1/anything", environ_overrides={"HTTP_AUTHORIZATION": header}, base_url=SETTINGS.issuer
    )
    assert response.status_code == 401
    as_client = partner.bank.app.test_client().post(
        "/oauth/par", data={"scope": "x"}, environ_overrides={"HTTP_AUTHORIZATION": header}, base_url=SETTINGS.issuer
    )
    assert as_client.status_code == 401


def test_no_secret_gets_into_log_or_database(
    postgres: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """X06, X07"""
    caplog.set_level(logging.DEBUG)
    bank = Bank(postgres, clock, SETTINGS)
    key_partner, partner = bank.partner(), bank.secret_partner()
    assert partner.secret is not None
    uri, assertion = partner.pushed(), key_partner.assertion()
    code = partner.code()
    verifier = partner.verifier
    tokens = partner.redeem(code).json
    fresh = partner.refresh(tokens["refresh_token"]).json
    partner.redeem(code)
    for token in (fresh["access_token"], tokens["access_token"], "at_unknown"):
        partner.call(token)
        partner.send("/oauth/introspect", {"token": token})
    key_partner.send("/oauth/revoke", {"token": fresh["refresh_token"]})
    bank.post("/oauth/par", {"client_assertion": assertion, "client_assertion_type": "x"})
    values = [uri, assertion, code, verifier, partner.secret]
    values += [t[name] for t in (tokens, fresh) for name in ("access_token", "refresh_token")]
    written = dump(postgres)
    for value in values:
        secret = value.removeprefix("urn:ietf:params:oauth:request_uri:")
        assert secret not in caplog.text
        assert secret not in written
    assert "Ромашка" not in caplog.text
    assert "40702810400000000017" not in caplog.text


def dump(database: Database) -> str:
    with database.reading() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return "\n".join(rows)


def test_the_sandbox_runs_on_plain_http_on_loopback(sqlite: Database, clock: FakeClock) -> None:
    issuer = "http://127.0.0.1:8000"
    bank = Bank(sqlite, clock, replace(SETTINGS, issuer=issuer))
    uri = "http://127.0.0.1:9000/callback"
    partner = bank.partner(redirect_uris=[uri, REDIRECT_URI])
    proof = {"client_assertion": partner.assertion(aud=issuer)}
    form = partner.par_form(redirect_uri=uri) | proof
    form |= {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    response = bank.app.test_client().post("/oauth/par", data=form, base_url=issuer)
    assert response.status_code == 201
    metadata_answer = bank.app.test_client().get("/.well-known/oauth-authorization-server", base_url=issuer).json
    assert urlsplit(metadata_answer["token_endpoint"]).scheme == "http"
