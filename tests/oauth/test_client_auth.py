"""Who calls: assertions, secrets, addresses.  Each row is right in all but one thing and ends with a right request."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from oauth import audit, partners
from tests.oauth.actors import (
    ASSERTION_TYPE,
    ISSUER,
    PARTNER_IP,
    Bank,
    Partner,
    b64,
    basic,
    public_jwk,
    sign_jwt,
    without_none,
)

NOW = "now"  # replaced by seconds since 1970


@pytest.fixture
def partner(quick_bank: Bank) -> Partner:
    return quick_bank.partner()


@pytest.fixture
def secret_partner(quick_bank: Bank) -> Partner:
    return quick_bank.secret_partner()


def push_with(partner: Partner, assertion: str | None, **changes: Any) -> Any:
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return partner.bank.post("/oauth/par", without_none(partner.par_form() | proof | changes))


def assert_unknown(partner: Partner, response: Any) -> None:
    """401 with one and the same body, and the right request still works."""
    assert response.status_code == 401, response.text
    assert response.json == {"error": "invalid_client"}
    assert partner.par().status_code == 201


def unsigned(partner: Partner, alg: str) -> str:
    claims = partner.assertion().split(".")[1]
    return f"{b64(json.dumps({'alg': alg}).encode())}.{claims}."


def hmac_with_public_key(partner: Partner) -> str:
    assert partner.key is not None
    pem = partner.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{b64(json.dumps({'alg': 'HS256'}).encode())}.{partner.assertion().split('.')[1]}"
    mac = hmac.HMAC(pem, hashes.SHA256())
    mac.update(signed.encode())
    return f"{signed}.{b64(mac.finalize())}"


def with_foreign_key_in_header(partner: Partner, name: str) -> str:
    stranger = ec.generate_private_key(ec.SECP256R1())
    values = {
        "jwk": public_jwk(stranger),
        "x5c": ["MIIB"],
        "jku": "https://evil.example",
        "x5u": "https://evil.example",
    }
    own = partner.assertion().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(own + "=="))
    return sign_jwt(stranger, claims, {name: values[name]})


BAD_ASSERTIONS: dict[str, Callable[[Partner], str]] = {
    "A02": hmac_with_public_key,
    "A04-none": lambda p: unsigned(p, "none"),
    "A04-None": lambda p: unsigned(p, "None"),
    "A04-NONE": lambda p: unsigned(p, "NONE"),
    "A04-empty-signature": lambda p: p.assertion().rpartition(".")[0] + ".",
    "A05": lambda p: p.assertion(aud="https://other.example"),
    "A06": lambda p: p.assertion(aud=ISSUER + "/oauth/token"),
    "A07": lambda p: p.assertion(aud=ISSUER + "/oauth/par"),
    "A08": lambda p: p.assertion(aud=[ISSUER]),
    "aud-slash": lambda p: p.assertion(aud=ISSUER + "/"),
    "aud-missing": lambda p: p.assertion(aud=None),
    "A11-iat": lambda p: p.assertion(iat=seconds(p) + 61),
    "A11-nbf": lambda p: p.assertion(nbf=seconds(p) + 61),
    "A14-expired": lambda p: p.assertion(exp=seconds(p) - 11),
    "A14-missing": lambda p: p.assertion(exp=None),
    "A14-day": lambda p: p.assertion(exp=seconds(p) + 86400),
    "A14-nan": lambda p: p.assertion(exp=float("nan")),
    "A14-string": lambda p: p.assertion(exp=str(seconds(p) + 60)),
    "A14-bool": lambda p: p.assertion(exp=True),
    "A14-huge": lambda p: p.assertion(exp=10**400),
    "A15-no-sub": lambda p: p.assertion(sub=None),
    "A15-sub-not-iss": lambda p: p.assertion(iss="pc_other"),
    "A15-number": lambda p: p.assertion(sub=7),
    "A16-missing": lambda p: p.assertion(jti=None),
    "A16-number": lambda p: p.assertion(jti=7),
    "A16-empty": lambda p: p.assertion(jti=""),
    "A16-surrogate": lambda p: p.assertion(jti="j\ud800"),
    "A15-surrogate": lambda p: p.assertion(sub="\ud800"),
    "A15-nul": lambda p: p.assertion(sub="pc_\0"),
    "alg-list": lambda p: p.assertion({"alg": ["ES256"]}),
    "alg-object": lambda p: p.assertion({"alg": {"name": "ES256"}}),
    "A16-10kB": lambda p: p.assertion(jti="j" * 10_000),
    "A18-jwk": lambda p: with_foreign_key_in_header(p, "jwk"),
    "A18-jku": lambda p: with_foreign_key_in_header(p, "jku"),
    "A18-x5u": lambda p: with_foreign_key_in_header(p, "x5u"),
    "A18-x5c": lambda p: with_foreign_key_in_header(p, "x5c"),
    "A18-own-key-with-jku": lambda p: p.assertion({"jku": "https://books.example/jwks"}),
    "A19": lambda p: p.assertion({"crit": ["exp"], "exp": 1}),
    "A21-request-object": lambda p: p.assertion({"typ": "oauth-authz-req+jwt"}),
    "A21-dpop": lambda p: p.assertion({"typ": "dpop+jwt"}),
    "A21-id-token": lambda p: p.assertion({"typ": "id_token+jwt"}),
    "kid-unknown": lambda p: p.assertion({"kid": "key-2"}),
    "other-key": lambda p: Partner(bank=p.bank, client_id=p.client_id, key=new_key()).assertion(),
    "not-three-parts": lambda p: "a.b",
    "not-base64": lambda p: "!.!.!",
    "length-of-base64": lambda p: "a.aaaaa.a",
    "not-json": lambda p: f"{b64(b'x')}.{b64(b'x')}.{b64(b'x')}",
    "not-an-object": lambda p: f"{b64(b'[]')}.{b64(b'[]')}.{b64(b'x')}",
    "deep-json": lambda p: f"{b64(b'{}')}.{b64(b'[' * 9000)}.{b64(b'x')}",
    "not-utf8": lambda p: f"{b64(b'{}')}.{b64(bytes([255, 254]))}.{b64(b'x')}",
    "empty": lambda p: "",
    "20kB": lambda p: "a" * 20_000,
}


def seconds(partner: Partner) -> int:
    return int(partner.bank.clock.now().timestamp())


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("name", BAD_ASSERTIONS)
def test_an_assertion_wrong_in_one_thing_proves_nothing(partner: Partner, name: str) -> None:
    assert_unknown(partner, push_with(partner, BAD_ASSERTIONS[name](partner)))


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        pytest.param({}, {"iat": 8, "nbf": 8}, id="A10"),
        pytest.param({}, {"iat": None}, id="no-iat"),
        pytest.param({}, {"exp": 300}, id="five-minutes"),
        pytest.param({}, {"exp": -9}, id="expired-within-the-skew"),
        pytest.param({"typ": None}, {}, id="no-typ"),
        pytest.param({"typ": "client-authentication+jwt"}, {}, id="typ-of-rfc7523bis"),
        pytest.param({"kid": None}, {}, id="no-kid"),
        pytest.param({"extra": "x"}, {}, id="unknown-header"),
    ],
)
def test_a_right_assertion_is_taken(partner: Partner, header: dict[str, Any], claims: dict[str, int | None]) -> None:
    moments = {name: None if shift is None else seconds(partner) + shift for name, shift in claims.items()}
    assert push_with(partner, partner.assertion(header, **moments)).status_code == 201


def test_rs256_is_refused_and_ps256_with_the_same_key_is_taken(quick_bank: Bank) -> None:
    """A01"""
    partner = quick_bank.partner(key=rsa.generate_private_key(65537, 2048))
    assert_unknown(partner, push_with(partner, partner.assertion({"alg": "RS256"})))


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_ed25519_is_taken_under_both_names(quick_bank: Bank, alg: str) -> None:
    partner = quick_bank.partner(key=ed25519.Ed25519PrivateKey.generate())
    assert push_with(partner, partner.assertion({"alg": alg})).status_code == 201


@pytest.mark.parametrize("members", [{"alg": "ES384"}, {"use": "enc"}])
def test_a_key_declared_for_something_else_signs_nothing(quick_bank: Bank, members: dict[str, str]) -> None:
    """A03"""
    declared, right = new_key(), new_key()
    keys = [public_jwk(declared, kid="declared", **members), public_jwk(right, kid="key-1", alg="ES256", use="sig")]
    partner = quick_bank.partner(key=right, jwks={"keys": keys})
    wrong = Partner(bank=quick_bank, client_id=partner.client_id, key=declared)
    assert_unknown(partner, push_with(partner, wrong.assertion({"kid": "declared"})))


def test_the_second_of_two_keys_with_one_kid_may_sign(quick_bank: Bank) -> None:
    """A13"""
    first, second = new_key(), new_key()
    jwks = {"keys": [public_jwk(first, kid="key-1"), public_jwk(second, kid="key-1")]}
    assert quick_bank.partner(key=second, jwks=jwks).par().status_code == 201


def test_a_body_that_names_another_client_is_refused(partner: Partner) -> None:
    """A09"""
    other = partner.bank.partner()
    assert_unknown(partner, push_with(partner, partner.assertion(), client_id=other.client_id))


def test_an_assertion_of_another_client_is_not_taken_for_ours(partner: Partner) -> None:
    """A15: the other's key signs our name"""
    other = partner.bank.partner()
    forged = Partner(bank=partner.bank, client_id=partner.client_id, key=other.key)
    assert_unknown(partner, push_with(partner, forged.assertion()))


def test_an_assertion_works_once_at_any_endpoint(partner: Partner) -> None:
    """A17"""
    assertion = partner.assertion()
    assert push_with(partner, assertion).status_code == 201
    assert_unknown(partner, push_with(partner, assertion))
    form = {"grant_type": "refresh_token", "refresh_token": "rt_x"}
    form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    assert_unknown(partner, partner.bank.post("/oauth/token", form))


def test_a_refused_request_spends_its_assertion_too(partner: Partner) -> None:
    assertion = partner.assertion()
    assert push_with(partner, assertion, scope="admin").status_code == 400
    assert_unknown(partner, push_with(partner, assertion))


@pytest.mark.parametrize("kind", [None, "", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"])
def test_the_type_of_the_assertion_must_be_told(partner: Partner, kind: str | None) -> None:
    """A20"""
    assert_unknown(partner, push_with(partner, partner.assertion(), client_assertion_type=kind))


def test_two_ways_at_once_are_refused(secret_partner: Partner) -> None:
    """A22"""
    key_partner = secret_partner.bank.partner()
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": key_partner.assertion()}
    response = secret_partner.send("/oauth/par", secret_partner.par_form() | proof)
    assert (response.status_code, response.json["error"]) == (400, "invalid_request")
    with_secret = secret_partner.send(
        "/oauth/par", secret_partner.par_form() | {"client_secret": secret_partner.secret}
    )
    assert (with_secret.status_code, with_secret.json["error"]) == (400, "invalid_request")
    assert secret_partner.par().status_code == 201


def test_the_way_must_be_the_registered_one(quick_bank: Bank) -> None:
    """A23"""
    key_partner, secret_partner = quick_bank.partner(), quick_bank.secret_partner()
    as_secret = {"Authorization": basic(key_partner.client_id, "secret")}
    assert_unknown(key_partner, quick_bank.post("/oauth/par", key_partner.par_form(), headers=as_secret))
    as_key = Partner(bank=quick_bank, client_id=secret_partner.client_id, key=new_key())
    assert_unknown(secret_partner, push_with(secret_partner, as_key.assertion()))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Basic " + base64.b64encode(b"no-colon").decode(), id="no-colon"),
        pytest.param("Basic !!!", id="bad-base64"),
        pytest.param("Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(), id="not-utf8"),
        pytest.param("Basic " + base64.b64encode("pc_x:секрет".encode()).decode(), id="non-ascii-secret"),
        pytest.param("Basic", id="empty"),
        pytest.param("Basic " + base64.b64encode(b":").decode(), id="only-colon"),
        pytest.param("Basic " + "A" * 60_000, id="60kB"),
        pytest.param("Bearer at_x", id="bearer"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_malformed_header_is_an_unknown_client(secret_partner: Partner, header: str) -> None:
    """A24"""
    response = secret_partner.bank.post("/oauth/par", secret_partner.par_form(), headers={"Authorization": header})
    assert_unknown(secret_partner, response)


def test_an_unknown_client_looks_like_a_bad_secret(secret_partner: Partner) -> None:
    """A25"""
    form = without_none(secret_partner.par_form(client_id=None))
    answers = [
        secret_partner.bank.post("/oauth/par", form, headers={"Authorization": basic(client_id, "cs_wrong")})
        for client_id in (secret_partner.client_id, "pc_unknown")
    ]
    assert answers[0].data == answers[1].data
    assert [(a.status_code, a.headers["WWW-Authenticate"]) for a in answers] == [
        (401, answers[0].headers["WWW-Authenticate"])
    ] * 2
    assert_unknown(secret_partner, answers[0])


@pytest.mark.parametrize(("name", "secret"), [("%00", "cs_x"), ("pc_%00", "cs_x"), ("pc_x", "%00")])
def test_odd_characters_in_basic_are_a_failure_like_any_other(secret_partner: Partner, name: str, secret: str) -> None:
    form = without_none(secret_partner.par_form(client_id=None))
    headers = {"Authorization": basic(name, secret)}
    for _attempt in range(secret_partner.bank.settings.failures_per_minute):
        assert secret_partner.bank.post("/oauth/par", form, headers=headers).status_code == 401
    assert secret_partner.par().status_code == 429
    secret_partner.bank.clock.advance(seconds=61)
    assert secret_partner.par().status_code == 201


def test_a_secret_in_query_or_body_is_refused(secret_partner: Partner) -> None:
    """A26"""
    credentials = {"client_id": secret_partner.client_id, "client_secret": secret_partner.secret}
    in_body = secret_partner.bank.post("/oauth/par", secret_partner.par_form() | credentials)
    assert_unknown(secret_partner, in_body)
    query = f"/oauth/par?client_secret={secret_partner.secret}"
    assert secret_partner.bank.post(query, secret_partner.par_form()).status_code == 400


def test_an_expired_secret_and_a_replaced_one_end(secret_partner: Partner) -> None:
    """A27: the old secret works for the overlap after a new one was taken, then only the new one"""
    bank, partner_id = secret_partner.bank, secret_partner.bank.partner_id(secret_partner.client_id)
    one, two, now = bank.hire("one"), bank.hire("two"), bank.clock.now()
    with bank.database.transaction() as tx:
        change_id = partners.request_reissue(
            tx, partner_id, staff_id=one, role="approver", reason="Плановая замена", now=now
        )
        change = partners.read_change(tx, change_id)
        partners.approve(tx, change_id, staff_id=two, role="approver", seen_digest=change.digest, now=now)
    renewed = Partner(bank=bank, client_id=secret_partner.client_id, secret=claim_again(bank, partner_id))
    assert secret_partner.par().status_code == renewed.par().status_code == 201
    bank.clock.advance(seconds=bank.settings.secret_overlap_s)
    assert_unknown(renewed, secret_partner.par())
    bank.clock.advance(days=bank.settings.secret_lifetime_days)
    assert renewed.par().status_code == 401


def test_a_stolen_secret_ends_with_all_tokens_at_the_second_approval(secret_partner: Partner) -> None:
    bank, partner_id = secret_partner.bank, secret_partner.bank.partner_id(secret_partner.client_id)
    one, two, now = bank.hire("one"), bank.hire("two"), bank.clock.now()
    tokens, code = secret_partner.tokens(), secret_partner.code({"customer_id": "customer-2"})
    with bank.database.transaction() as tx:
        asked = {"staff_id": one, "role": "approver", "reason": "Утечка", "now": now, "compromised": True}
        change = partners.read_change(tx, partners.request_reissue(tx, partner_id, **asked))
    assert secret_partner.call(tokens["access_token"]).status_code == 200
    with bank.database.transaction() as tx:
        partners.approve(tx, change.id, staff_id=two, role="approver", seen_digest=change.digest, now=now)
    assert secret_partner.call(tokens["access_token"]).status_code == 401
    assert secret_partner.par().status_code == 401
    renewed = Partner(bank=bank, client_id=secret_partner.client_id, secret=claim_again(bank, partner_id))
    renewed.verifier = secret_partner.verifier
    assert renewed.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert renewed.redeem(code).json["error"] == "invalid_grant"
    fresh = renewed.tokens()
    assert renewed.call(fresh["access_token"]).status_code == 200


def claim_again(bank: Bank, partner_id: str) -> str:
    """Claim with a receipt that the test puts in place of the one it does not know."""
    from oauth.credentials import digest
    from oauth.models import partners as table

    with bank.database.transaction() as tx:
        tx.execute(table.update().where(table.c.id == partner_id).values(receipt_hash=digest("rc_test")))
        secret = partners.claim_credentials(tx, "rc_test", settings=bank.settings, now=bank.clock.now()).client_secret
    assert secret is not None
    return secret


def test_new_keys_take_the_place_of_the_old_ones(partner: Partner) -> None:
    """A27"""
    bank, partner_id, key = partner.bank, partner.bank.partner_id(partner.client_id), new_key()
    one, two, now = bank.hire("one"), bank.hire("two"), bank.clock.now()
    with bank.database.transaction() as tx:
        jwks = {"keys": [public_jwk(key, kid="key-1")]}
        asked = {"staff_id": one, "role": "approver", "reason": "Утечка", "now": now, "jwks": jwks}
        change = partners.read_change(tx, partners.request_reissue(tx, partner_id, **asked))
        partners.approve(tx, change.id, staff_id=two, role="approver", seen_digest=change.digest, now=now)
    assert partner.par().status_code == 401
    assert Partner(bank=bank, client_id=partner.client_id, key=key).par().status_code == 201


def test_another_address_is_refused_whatever_a_header_says(secret_partner: Partner) -> None:
    """C11"""
    stranger = Partner(
        bank=secret_partner.bank, client_id=secret_partner.client_id, secret=secret_partner.secret, ip="198.51.100.1"
    )
    spoofed = {"X-Forwarded-For": PARTNER_IP, "Forwarded": f"for={PARTNER_IP}"}
    for path in ("/oauth/par", "/oauth/token"):
        response = stranger.send(path, stranger.par_form() | {"grant_type": "refresh_token"}, headers=spoofed)
        assert (response.status_code, response.json["error"]) == (403, "unauthorized_client")
    tokens = secret_partner.tokens()
    response = stranger.call(tokens["access_token"], headers=spoofed)
    assert (response.status_code, response.json["code"]) == (403, "ip_not_allowed")
    assert secret_partner.call(tokens["access_token"]).status_code == 200
    with secret_partner.bank.database.reading() as connection:
        events = audit.list_events(connection, action="client.foreign_address")
    assert [event.ip for event in events] == ["198.51.100.1"] * 2


def test_an_address_inside_ipv6_counts_as_ipv4(secret_partner: Partner) -> None:
    secret_partner.ip = f"::ffff:{PARTNER_IP}"
    assert secret_partner.par().status_code == 201
    secret_partner.ip = ""
    assert secret_partner.par().status_code == 403


def test_an_address_that_fails_often_is_slowed_down_and_nobody_else(secret_partner: Partner) -> None:
    """X04"""
    bank = secret_partner.bank
    guesser = Partner(bank=bank, client_id=secret_partner.client_id, secret="cs_guess", ip="198.51.100.1")
    statuses = [guesser.par().status_code for _ in range(30)]
    assert statuses == [401] * bank.settings.failures_per_minute + [429] * (30 - bank.settings.failures_per_minute)
    answer = guesser.par()
    assert answer.headers["Retry-After"] == "60"
    assert answer.json["error"] == "temporarily_unavailable"
    assert secret_partner.par().status_code == 201
    bank.clock.advance(seconds=61)
    assert guesser.par().status_code == 401


def test_credentials_wait_for_the_claim_and_are_given_once(quick_bank: Bank) -> None:
    from oauth.errors import AlreadyClaimed

    secret_partner = quick_bank.secret_partner()
    partner_id = quick_bank.partner_id(secret_partner.client_id)
    with pytest.raises(AlreadyClaimed):
        claim_again(quick_bank, partner_id)
    assert secret_partner.par().status_code == 201


def test_the_secret_lives_a_year(secret_partner: Partner) -> None:
    with secret_partner.bank.database.reading() as connection:
        (secret,) = partners.list_secrets(connection, secret_partner.bank.partner_id(secret_partner.client_id))
    assert secret.expires_at - secret.created_at == timedelta(days=365)
