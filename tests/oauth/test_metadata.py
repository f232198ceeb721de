"""Metadata of the server and of its API (RFC 8414, RFC 9728)."""

from __future__ import annotations

import json

from tests.oauth.actors import ISSUER, Bank

PATHS = ("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource")


def test_issuer_is_the_configured_one_whatever_host_says(quick_bank: Bank) -> None:
    """D01"""
    answer = quick_bank.app.test_client().get(PATHS[0], base_url="https://evil.example").json
    assert answer["issuer"] == ISSUER
    assert {url for name, url in answer.items() if name.endswith("_endpoint") and not url.startswith(ISSUER)} == set()


def test_metadata_offers_nothing_weak(quick_bank: Bank) -> None:
    """D02-D06"""
    answer = quick_bank.app.test_client().get(PATHS[0]).json
    assert answer["code_challenge_methods_supported"] == ["S256"]
    assert answer["response_types_supported"] == ["code"]
    assert answer["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert answer["authorization_response_iss_parameter_supported"] is True
    methods = answer["token_endpoint_auth_methods_supported"]
    assert set(methods) == {"private_key_jwt", "client_secret_basic"}
    algorithms = answer["token_endpoint_auth_signing_alg_values_supported"]
    assert set(algorithms) == {"ES256", "PS256", "EdDSA", "Ed25519"}


def test_every_endpoint_that_is_told_exists(quick_bank: Bank) -> None:
    answer = quick_bank.app.test_client().get(PATHS[0]).json
    rules = {rule.rule for rule in quick_bank.app.url_map.iter_rules()}
    told = {url.removeprefix(ISSUER) for name, url in answer.items() if name.endswith("_endpoint")}
    assert told <= rules


def test_the_api_takes_tokens_in_the_header_only(quick_bank: Bank) -> None:
    """D10"""
    answer = quick_bank.app.test_client().get(PATHS[1]).json
    assert answer["bearer_methods_supported"] == ["header"]
    assert answer["authorization_servers"] == [answer["resource"]] == [ISSUER]


def test_no_cors_anywhere(quick_bank: Bank) -> None:
    """H04"""
    client = quick_bank.app.test_client()
    for path in (*PATHS, "/oauth/token", "/oauth/par", "/v1/anything"):
        headers = client.get(path, headers={"Origin": "https://evil.example"}).headers
        assert not [name for name, _ in headers.items() if name.lower().startswith("access-control-")]


def test_metadata_may_be_cached(quick_bank: Bank) -> None:
    for path in PATHS:
        response = quick_bank.app.test_client().get(path)
        assert "max-age" in response.headers["Cache-Control"]
        assert json.loads(response.data)
