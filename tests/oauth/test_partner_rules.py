"""What a partner may register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from oauth.errors import InvalidApplication
from oauth.partner_rules import (
    BrokenRule,
    check_application,
    check_ip_range,
    check_jwks,
    check_redirect_uri,
    is_valid_inn,
)
from tests.oauth.actors import application, b64, b64_int, public_jwk

P256 = public_jwk(ec.generate_private_key(ec.SECP256R1()), kid="a")


@pytest.mark.parametrize(
    "uri",
    [
        "https://books.example/cb",
        "https://books.example",
        "https://books.example:8443/cb?bank=zarya&mode=x",
        "https://xn--e1afmkfd.xn--p1ai/cb",
        "https://sub.books.example/a%20b/~user/(x)",
    ],
)
def test_a_plain_https_address_may_be_registered(uri: str) -> None:
    check_redirect_uri(uri)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("", "bad_characters"),
        ("https://books.example/" + "a" * 500, "bad_characters"),
        ("https://книги.example/cb", "bad_characters"),
        ("https://books.example/c b", "bad_characters"),
        ('https://books.example/"', "bad_characters"),
        ("https://books.example/\r\nX: y", "bad_characters"),
        ("https://books.example/cb#part", "fragment_user_or_wildcard"),
        ("https://books.example/cb#", "fragment_user_or_wildcard"),
        ("https://user@books.example/cb", "fragment_user_or_wildcard"),
        ("https://*.example/cb", "fragment_user_or_wildcard"),
        ("http://books.example/cb", "not_https"),
        ("http://127.0.0.1:9000/cb", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("data:text/html,x", "not_https"),
        ("com.example.app:/cb", "not_https"),
        ("//books.example/cb", "not_https"),
        ("https:///cb", "not_a_host_name"),
        ("https://localhost/cb", "not_a_host_name"),
        ("https://203.0.113.7/cb", "not_a_host_name"),
        ("https://[2001:db8::1]/cb", "not_a_host_name"),
        ("https://[::1/cb", "not_a_uri"),
        ("https://books.example:port/cb", "not_a_uri"),
        ("https://books.example:99999/cb", "not_a_uri"),
        ("https://Books.example/cb", "not_plain"),
        ("HTTPS://books.example/cb", "not_plain"),
        ("https://books.example/a/../cb", "not_plain"),
        ("https://books.example/./cb", "not_plain"),
        ("https://books.example/cb?", "empty_query_parameter"),
        ("https://books.example/cb?a", "empty_query_parameter"),
        ("https://books.example/cb?a=", "empty_query_parameter"),
        ("https://books.example/cb?a=b&&c=d", "empty_query_parameter"),
    ],
)
def test_other_addresses_may_not(uri: str, code: str) -> None:
    with pytest.raises(BrokenRule) as caught:
        check_redirect_uri(uri)
    assert caught.value.code == code


def test_the_sandbox_takes_loopback_addresses_by_number_only() -> None:
    check_redirect_uri("http://127.0.0.1:9000/cb", allow_loopback=True)
    check_redirect_uri("http://[::1]:9000/cb", allow_loopback=True)
    for uri in ("http://localhost:9000/cb", "http://127.0.0.2/cb", "http://books.example/cb"):
        with pytest.raises(BrokenRule):
            check_redirect_uri(uri, allow_loopback=True)


def test_good_keys_may_be_registered() -> None:
    rsa_key, ed_key = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
    check_jwks({"keys": [P256, public_jwk(rsa_key), public_jwk(ed_key)]})


def weak_rsa() -> dict[str, Any]:
    return {"kty": "RSA", "n": b64_int(2**1023 + 9), "e": "AQAB"}


BAD_JWKS: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (lambda: None, "not_a_key_set"),
    "list": (lambda: [P256], "not_a_key_set"),
    "no-list": (lambda: {"keys": P256}, "not_a_key_set"),
    "empty": (lambda: {"keys": []}, "number_of_keys"),
    "eleven": (lambda: {"keys": [P256] * 11}, "number_of_keys"),
    "not-objects": (lambda: {"keys": ["key"]}, "number_of_keys"),
    "private": (lambda: {"keys": [P256 | {"d": "AQAB"}]}, "private_key"),
    "symmetric": (lambda: {"keys": [{"kty": "oct", "k": "AQAB"}]}, "private_key"),
    "unknown-kind": (lambda: {"keys": [{"kty": "XX"}]}, "unreadable_key"),
    "no-kind": (lambda: {"keys": [{}]}, "unreadable_key"),
    "kind-number": (lambda: {"keys": [{"kty": 7}]}, "unreadable_key"),
    "missing-point": (lambda: {"keys": [{"kty": "EC", "crv": "P-256"}]}, "unreadable_key"),
    "off-curve": (lambda: {"keys": [P256 | {"y": P256["x"]}]}, "unreadable_key"),
    "bad-base64": (lambda: {"keys": [P256 | {"x": "!"}]}, "unreadable_key"),
    "ed25519-short": (lambda: {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": b64(b"x" * 31)}]}, "unreadable_key"),
    "A12-rsa-1024": (lambda: {"keys": [weak_rsa()]}, "weak_key"),
    "A12-p384": (lambda: {"keys": [public_jwk(ec.generate_private_key(ec.SECP384R1()))]}, "weak_key"),
    "x25519": (lambda: {"keys": [{"kty": "OKP", "crv": "X25519", "x": b64(b"x" * 32)}]}, "weak_key"),
}


@pytest.mark.parametrize("name", BAD_JWKS)
def test_bad_keys_may_not(name: str) -> None:
    make, code = BAD_JWKS[name]
    with pytest.raises(BrokenRule) as caught:
        check_jwks(make())
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["203.0.113.7/32", "203.0.113.0/24", "10.0.0.0/16", "2001:db8::/32", "203.0.113.7"])
def test_networks_of_a_sensible_size_may_be_listed(text: str) -> None:
    check_ip_range(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("203.0.113.7/24", "not_a_network"),
        ("books.example", "not_a_network"),
        ("", "not_a_network"),
        ("0.0.0.0/0", "network_too_wide"),
        ("10.0.0.0/8", "network_too_wide"),
        ("::/0", "network_too_wide"),
    ],
)
def test_other_networks_may_not(text: str, code: str) -> None:
    with pytest.raises(BrokenRule) as caught:
        check_ip_range(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("inn", "valid"),
    [
        ("7707083893", True),
        ("500100732259", True),
        ("7707083894", False),
        ("500100732258", False),
        ("500100732249", False),
        ("770708389", False),
        ("77070838931", False),
        ("770708389x", False),
        ("٧٧٠٧٠٨٣٨٩٣", False),
        ("", False),
    ],
)
def test_an_inn_has_its_check_digits(inn: str, valid: bool) -> None:
    assert is_valid_inn(inn) is valid


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "missing"),
        ({"name": "К" * 61}, "name", "too_long"),
        ({"name": "Книги\u202e"}, "name", "bad_characters"),
        ({"name": "Кни\u00adги"}, "name", "bad_characters"),  # Cf, a soft hyphen
        ({"name": "Книги\u2060"}, "name", "bad_characters"),  # Cf, a word joiner
        ({"name": "Книги\U000e0041"}, "name", "bad_characters"),  # Cf, a tag
        ({"name": "Книги\u0085"}, "name", "bad_characters"),  # Cc
        ({"legal_name": "ООО\u2028«Книги»"}, "legal_name", "bad_characters"),  # Zl
        ({"purpose": "Учёт\u2029"}, "purpose", "bad_characters"),  # Zp
        ({"name": "\u3164"}, "name", "bad_characters"),  # a Hangul filler
        ({"contact_name": "Анна\uffa0"}, "contact_name", "bad_characters"),
        ({"purpose": "a\x00b"}, "purpose", "bad_characters"),
        ({"inn": "7707083894"}, "inn", "not_an_inn"),
        ({"contact_email": "anna"}, "contact_email", "not_an_email"),
        ({"website": "books.example"}, "website", "not_a_uri"),
        ({"website": "javascript:alert(1)"}, "website", "not_a_uri"),
        ({"redirect_uris": []}, "redirect_uris", "number_of_uris"),
        ({"redirect_uris": [f"https://a{n}.example/" for n in range(11)]}, "redirect_uris", "number_of_uris"),
        ({"redirect_uris": ["https://a.example/"] * 2}, "redirect_uris", "number_of_uris"),
        ({"redirect_uris": ["http://a.example/"]}, "redirect_uris", "not_https"),
        ({"scopes": []}, "scopes", "unknown_or_missing"),
        ({"scopes": ["statements", "admin"]}, "scopes", "unknown_or_missing"),
        ({"auth_method": "none"}, "auth_method", "unknown"),
        ({"auth_method": "client_secret_basic"}, "ip_ranges", "missing"),
        ({"ip_ranges": ["0.0.0.0/0"]}, "ip_ranges", "network_too_wide"),
        ({"jwks": {"keys": []}}, "jwks", "number_of_keys"),
    ],
)
def test_one_wrong_field_is_told(change: dict[str, Any], field: str, code: str) -> None:
    """T02: there is no way to register without credentials"""
    right = application(jwks={"keys": [P256]})
    check_application(right, allow_loopback=False)
    with pytest.raises(InvalidApplication) as caught:
        check_application(application(**({"jwks": {"keys": [P256]}} | change)), allow_loopback=False)
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [(field, code)]


def test_all_wrong_fields_are_told_at_once() -> None:
    wrong = application(name="", inn="1", redirect_uris=["ftp://x"], scopes=[], jwks=None)
    with pytest.raises(InvalidApplication) as caught:
        check_application(wrong, allow_loopback=False)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["name", "inn", "redirect_uris", "scopes", "jwks"]


def test_lines_may_be_broken_in_a_long_text() -> None:
    check_application(application(jwks={"keys": [P256]}, purpose="Учёт\r\nи отчёты\nклиентов"), allow_loopback=False)
