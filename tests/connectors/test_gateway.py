"""The reference server: as its document says, closed to strangers; a bank's team is shown what it answers."""

from __future__ import annotations

import datetime as dt
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask
import httpx2
import marshmallow as ma
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from adapter.connectors.gateway.app import init_app, openapi_document
from adapter.connectors.gateway.callers import CallerCheck
from adapter.connectors.http.core import HttpCore
from adapter.connectors.http.opening import HttpOptions, open_http_core
from adapter.connectors.key_sets import FileKeys
from adapter.connectors.signed_tokens import SigningKey, read_signing_key, sign_call, write_new_key
from adapter.domain.core import Accepted, Deadline, Unknown
from adapter.domain.errors import CoreUnavailable
from adapter.schemas.core_gateway.shapes.documents import (
    CoreDocumentsBody,
    EventPageBody,
    FoundDocumentsBody,
    ResultBody,
    ResultsBody,
)
from adapter.schemas.core_gateway.shapes.entries import EntryPageBody
from adapter.schemas.core_gateway.shapes.people import CoreAccountsBody, CoreBalancesBody, CustomersBody
from adapter.schemas.core_gateway.shapes.statements import CoreStatementBody, StatementPendingBody
from adapter.schemas.core_gateway.shapes.status import CapabilitiesBody, HealthBody
from tests.connectors.gateway_examples import EXAMPLES, make_examples, write_text
from tests.connectors.http_servers import served
from tests.fakes import FakeClock, FakeCore, Fault, MemoryBank, core_document

SPECIFICATION = Path(__file__).parents[2] / "api_specs" / "core-gateway.openapi.json"
ADAPTER = "https://adapter.example"
HEALTH = "/core/v1/health"


def soon() -> Deadline:
    return Deadline.after(5)


# --- the document -----------------------------------------------------------------------------------------------------


def test_the_document_is_the_committed_one() -> None:
    assert openapi_document() == SPECIFICATION.read_bytes(), "run `bank-adapter specs write` and commit it"


def test_the_document_is_valid_and_names_the_twelve_operations() -> None:
    document = orjson.loads(openapi_document())
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    operations = [method for path in document["paths"].values() for method in path if method != "parameters"]
    assert len(operations) == 12
    for path in document["paths"].values():
        for method, operation in path.items():
            if method != "parameters":
                assert operation["summary"]
                assert {"default"} <= set(operation["responses"])


def test_the_examples_are_what_the_server_answers() -> None:
    made = make_examples()
    kept = {path.stem: path.read_text("utf-8") for path in EXAMPLES.glob("*.json")}
    assert kept == {name: write_text(one) for name, one in made.items()}, "python -m tests.connectors.gateway_examples"


SHAPES: dict[str, type[ma.Schema]] = {
    "capabilities": CapabilitiesBody,
    "health": HealthBody,
    "customers": CustomersBody,
    "accounts": CoreAccountsBody,
    "balances": CoreBalancesBody,
    "documents": ResultsBody,
    "documents-query": FoundDocumentsBody,
    "withdrawal": ResultBody,
    "document-events": EventPageBody,
    "statement-order": StatementPendingBody,
    "statement": CoreStatementBody,
    "entries": EntryPageBody,
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_written_has_the_shape_of_the_document(name: str) -> None:
    body = make_examples()[name]["response"]["body"]
    schema = SHAPES[name]()
    assert schema.validate(body) == {}
    assert _members(body) <= _described(schema), "a member that the document does not name"


def test_a_request_has_the_shape_of_the_document() -> None:
    body = make_examples()["documents"]["request"]["body"]
    assert CoreDocumentsBody().validate(body) == {}
    assert _members(body) <= _described(CoreDocumentsBody())


def _members(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*(_members(one) for one in value))
    if isinstance(value, dict):
        return set(value).union(*(_members(one) for one in value.values()))
    return set()


def _described(schema: ma.Schema) -> set[str]:
    found: set[str] = set()
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        found.add(field.data_key or name)
        if isinstance(inner, ma.fields.Nested):
            found |= _described(inner.schema)
    return found


# --- what it answers --------------------------------------------------------------------------------------------------


def client_of(core: FakeCore) -> FlaskClient:
    app = flask.Flask("core")
    init_app(app, core, FakeClock(), None)
    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "accounts/acc-1/entries", None),
        ("GET", "accounts/acc-1/entries?limit=0", None),
        ("GET", "accounts/acc-1/entries?limit=x", None),
        ("GET", f"accounts/acc-1/entries?limit=1&after={'m' * 513}", None),
        ("POST", "balances/query", "[]"),
        ("POST", "balances/query", "{"),
        ("POST", "balances/query", '{"account_ids": [1]}'),
        ("POST", "balances/query", '{"account_ids": ["\\u0000"]}'),
        ("POST", "documents", '{"documents": []}'),
        ("POST", "documents", '{"documents": [{}]}'),
        ("POST", "documents/query", '{"document_ids": "pay_1"}'),
        ("PUT", "statement-orders/o-1", '{"account_id": "acc-1", "from": "2026-02-30", "to": "2026-03-01"}'),
        ("PUT", "statement-orders/o-1", '{"account_id": "acc-1", "from": "2026-03-02", "to": "2026-03-01"}'),
    ],
)
def test_a_wrong_request_is_refused_and_says_where(method: str, path: str, body: str | None) -> None:
    client = client_of(FakeCore(FakeClock()))
    answer = client.open(f"/core/v1/{path}", method=method, data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.get_json()["code"] == "invalid_body"
    assert client.get(HEALTH).status_code == 200


def test_a_core_that_did_nothing_says_so_and_the_client_believes_it() -> None:
    core = FakeCore(FakeClock())
    with served(core, FakeClock()) as url:
        client = open_http_core(HttpOptions(url=url, our_issuer=ADAPTER), FakeClock())
        client.capabilities()
        core.faults.on("submit_documents", Fault.DOWN)
        with pytest.raises(CoreUnavailable):
            client.submit_documents([core_document("p-1")], soon())
        assert isinstance(client.submit_documents([core_document("p-1")], soon())[0], Accepted)
        core.faults.on("submit_documents", Fault.LOST_AFTER)
        assert isinstance(client.submit_documents([core_document("p-2")], soon())[0], Unknown)
        client.close()


def test_work_that_nobody_waits_for_is_not_begun() -> None:
    core = FakeCore(FakeClock())
    body = json.dumps(make_examples()["documents"]["request"]["body"])
    client = client_of(core)
    headers = {"X-Request-Deadline": "0", "Content-Type": "application/json"}
    answer = client.post("/core/v1/documents", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert not core.bank.documents
    for told in ("5", "nan", "soon", "-1"):
        assert client.get(HEALTH, headers={"X-Request-Deadline": told}).status_code == 200


# --- signed calls -----------------------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    write_new_key(str(tmp_path / "adapter.json"), "a-1")
    return read_signing_key(str(tmp_path / "adapter.json"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def guarded(tmp_path: Path, key: SigningKey, clock: FakeClock) -> Iterator[str]:
    """A core that only answers calls signed by the adapter; its address."""
    keys = FileKeys(str(tmp_path / "adapter.json.public.json"))
    check = CallerCheck(keys=keys, issuer=ADAPTER, audience="", clock=clock)
    holder: list[CallerCheck] = []
    app = flask.Flask("core")

    class Late(CallerCheck):
        """The port, and so the audience, is known only once the server listens."""

        def check(self, request: flask.Request) -> None:
            holder[0].check(request)

    from tests.connectors.http_servers import serving

    late = Late(keys=keys, issuer=ADAPTER, audience="", clock=clock)
    init_app(app, MemoryBank(clock), clock, late)
    with serving(app) as url:
        holder.append(replace(check, audience=url))
        yield url


def get(url: str, token: str | None, path: str = HEALTH) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(f"{url}{path}", headers=headers).status_code


def signed(
    key: SigningKey,
    url: str,
    now: dt.datetime,
    *,
    issuer: str = ADAPTER,
    audience: str = "",
    method: str = "GET",
    path: str = HEALTH,
    body: bytes = b"",
) -> str:
    return sign_call(
        key, issuer=issuer, audience=audience or url, method=method, url=f"{url}{path}", body=body, now=now
    )


def test_a_signed_call_is_answered_and_a_plain_one_is_not(guarded: str, key: SigningKey, clock: FakeClock) -> None:
    assert get(guarded, None) == 401
    assert get(guarded, "x.y.z") == 401
    assert get(guarded, signed(key, guarded, clock.now())) == 200


def test_a_token_is_good_for_one_call(guarded: str, key: SigningKey, clock: FakeClock) -> None:
    token = signed(key, guarded, clock.now())
    assert [get(guarded, token), get(guarded, token)] == [200, 401]
    assert get(guarded, signed(key, guarded, clock.now())) == 200


@pytest.mark.parametrize(
    "spoilt",
    [
        {"issuer": "https://other.example"},
        {"audience": "https://other.example"},
        {"method": "POST"},
        {"path": "/core/v1/capabilities"},
        {"path": f"{HEALTH}?a=1"},
        {"body": b"{}"},
    ],
)
def test_a_token_of_another_call_is_refused(
    guarded: str, key: SigningKey, clock: FakeClock, spoilt: dict[str, Any]
) -> None:
    assert get(guarded, signed(key, guarded, clock.now(), **spoilt)) == 401
    assert get(guarded, signed(key, guarded, clock.now())) == 200


@pytest.mark.parametrize(("seconds", "status"), [(-69, 200), (-71, 401), (9, 200), (11, 401)])
def test_a_token_lives_a_minute_and_clocks_may_differ_by_ten_seconds(
    guarded: str, key: SigningKey, clock: FakeClock, seconds: int, status: int
) -> None:
    assert get(guarded, signed(key, guarded, clock.now() + dt.timedelta(seconds=seconds))) == status


def test_a_stranger_s_key_is_refused_until_it_is_added(
    guarded: str, tmp_path: Path, key: SigningKey, clock: FakeClock
) -> None:
    write_new_key(str(tmp_path / "new.json"), "a-2")
    new = read_signing_key(str(tmp_path / "new.json"))
    forged = replace(new, kid=key.kid)
    assert get(guarded, signed(new, guarded, clock.now())) == 401
    assert get(guarded, signed(forged, guarded, clock.now())) == 401
    known = tmp_path / "adapter.json.public.json"
    known.write_text(json.dumps({"keys": [dict(key.public), dict(new.public)]}))
    assert get(guarded, signed(new, guarded, clock.now())) == 200
    assert get(guarded, signed(key, guarded, clock.now())) == 200


def test_the_client_signs_every_call(guarded: str, tmp_path: Path, clock: FakeClock) -> None:
    key_file = str(tmp_path / "adapter.json")
    core = open_http_core(HttpOptions(url=guarded, our_issuer=ADAPTER, token_key_file=key_file), clock)
    assert core.probe(soon()).is_up
    assert core.list_accounts("a customer with ünusual?id", soon()) == []
    assert isinstance(core.submit_documents([core_document("p-1")], soon())[0], Accepted)
    page = core.pull_entries("acc-1", None, 1, soon())
    core.pull_entries("acc-1", page.mark, 1, soon())
    core.close()


# --- mutual TLS -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server and a client of it, and the same from a stranger."""
    folder = tmp_path_factory.mktemp("certificates")
    for authority in ("bank", "stranger"):
        ca_key, ca = _issue(f"{authority} CA", None, None)
        _write(folder / f"{authority}-ca", ca_key, ca)
        for name in ("server", "client"):
            _write(folder / f"{authority}-{name}", *_issue(name, ca_key, ca))
    return folder


def _issue(
    name: str, ca_key: ec.EllipticCurvePrivateKey | None, ca: x509.Certificate | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    issuer_key = ca_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.subject if ca else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if ca is None:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    else:
        import ipaddress

        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return key, builder.sign(issuer_key, hashes.SHA256())


def _write(place: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    pem = serialization.Encoding.PEM
    place.with_suffix(".pem").write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    place.with_suffix(".key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


@pytest.fixture
def secured(certificates: Path) -> Iterator[str]:
    """A core that only lets in whoever has a certificate of the bank."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "bank-server.pem", certificates / "bank-server.key")
    tls.load_verify_locations(certificates / "bank-ca.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    clock = FakeClock()
    with served(MemoryBank(clock), clock, tls=tls) as url:
        yield url


def open_secured(url: str, certificates: Path, *, ca: str = "bank", client: str = "bank") -> HttpCore:
    options = HttpOptions(
        url=url,
        our_issuer=ADAPTER,
        ca_file=str(certificates / f"{ca}-ca.pem"),
        certificate_file=str(certificates / f"{client}-client.pem") if client else "",
        certificate_key_file=str(certificates / f"{client}-client.key") if client else "",
    )
    return open_http_core(options, FakeClock())


def test_both_sides_show_certificates(secured: str, certificates: Path) -> None:
    core = open_secured(secured, certificates)
    assert core.probe(soon()).is_up
    core.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ca": "stranger"}, "TLS: certificate verify failed: self-signed certificate in certificate chain"),
        ({"client": ""}, "TLS: tlsv13 alert certificate required"),
        ({"client": "stranger"}, "TLS: tlsv1 alert unknown ca"),
    ],
)
def test_staff_are_told_what_tls_refuses(secured: str, certificates: Path, wrong: dict[str, str], told: str) -> None:
    core = open_secured(secured, certificates, **wrong)
    assert told in core.probe(soon()).detail
    with pytest.raises(CoreUnavailable) as first:
        core.capabilities()
    with pytest.raises(CoreUnavailable) as soon_after:
        core.capabilities()
    assert told in str(first.value)
    assert told in str(soon_after.value), "`core check` tells this one"
    core.close()
    right = open_secured(secured, certificates)
    assert right.probe(soon()).is_up
    right.close()


@pytest.mark.parametrize("wrong", [{"ca": "stranger"}, {"client": "stranger"}, {"client": ""}])
def test_a_certificate_of_nobody_we_know_is_no_connection(
    secured: str, certificates: Path, wrong: dict[str, str]
) -> None:
    core = open_secured(secured, certificates, **wrong)
    assert core.probe(soon()).is_up is False
    with pytest.raises(CoreUnavailable):
        core.list_accounts("cus-1", soon())
    core.close()
    right = open_secured(secured, certificates)
    assert right.list_accounts("cus-1", soon())
    right.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": ""},
        {"url": "ftp://core"},
        {"url": "https://core/"},
        {"url": "https://core", "ca_file": "/nowhere.pem"},
        {"url": "https://core", "certificate_file": "/nowhere.pem"},
        {"url": "https://core", "token_key_file": "/nowhere.json"},
    ],
)
def test_options_that_cannot_work_are_told_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"core|certificate|key"):
        open_http_core(HttpOptions(**{"our_issuer": ADAPTER, **wrong}), FakeClock())


def test_many_threads_share_the_connections(secured: str, certificates: Path) -> None:
    core = open_secured(secured, certificates)
    found: list[int] = []
    jobs = [threading.Thread(target=lambda: found.append(len(core.list_accounts("cus-1", soon())))) for _ in range(20)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert found == [2] * 20
    core.close()
