"""Batches as pain.001 over HTTP, their fate as pain.002, and bodies that are too large."""

from __future__ import annotations

import datetime as dt
import io
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapter.domain.payments import PaymentOrder
from adapter.formats.pain001 import Version, render_orders
from adapter.schemas.payment_shapes import CheckBody, ImportBody
from oauth import Scope
from tests.api.test_payments import GOOD_FILE, Shop, open_shop, shop, told
from tests.fakes import payment_order
from tests.scale import scale

__all__ = ["shop"]

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
ACCOUNT = "40702810400000000017"
PAIN_002 = "{urn:iso:std:iso:20022:tech:xsd:pain.002.001.%s}"


def order(external_id: str | None = "inv-1", **changed: Any) -> PaymentOrder:
    return payment_order(external_id=external_id, payer_account=ACCOUNT, **changed)


def file_of(*orders: PaymentOrder, version: Version = "001.09") -> bytes:
    return render_orders(orders, version, message_id="buh-1", created_at=NOW)


def wrong(external_id: str) -> PaymentOrder:
    """Its account does not fit its bank."""
    good = order(external_id, number="7")
    return replace(good, payee=replace(good.payee, account="40702810055230165464"))


def send(
    shop: Shop, file: bytes, key: str = "k", mode: str = "", content_type: str = "application/xml"
) -> TestResponse:
    return shop.post("/v1/payment-imports" + mode, key, data=file, content_type=content_type)


def statuses(response: TestResponse, version: str = "10") -> dict[str, str]:
    """The status of each order by the id that its sender gave."""
    assert response.status_code == 200
    assert response.content_type == "application/xml"
    space = PAIN_002 % version
    root = etree.fromstring(response.data)
    assert root.tag == f"{space}Document"
    return {
        one.findtext(f"{space}OrgnlEndToEndId"): one.findtext(f"{space}TxSts")
        for one in root.iter(f"{space}TxInfAndSts")
    }


@pytest.mark.parametrize("content_type", ["application/xml", "text/xml; charset=utf-8"])
@pytest.mark.parametrize("version", ["001.03", "001.09"])
def test_a_message_becomes_payments_and_tells_their_fate(shop: Shop, version: Version, content_type: str) -> None:
    response = send(shop, file_of(order("a"), order("b", number="102"), version=version), content_type=content_type)
    assert response.status_code == 202, response.json
    assert ImportBody().validate(response.json) == {}
    assert (response.json["shape"], response.json["created"]) == ("pain.001", 2)
    shop.work()
    address = response.headers["Location"]
    answer = "03" if version == "001.03" else "10"
    told_fates = {"a": "ACTC", "b": "ACTC"}
    assert statuses(shop.call("GET", f"{address}?format=pain002"), answer) == told_fates
    assert statuses(shop.call("GET", address, headers={"Accept": "application/xml"}), answer) == told_fates
    assert shop.call("GET", address).json["lines"][0]["status"] == "awaiting_signature"


def test_the_same_message_again_creates_nothing(shop: Shop) -> None:
    first, again = send(shop, file_of(order(None)), "k1"), send(shop, file_of(order(None)), "k2")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json["id"] == again.json["id"]


def test_the_report_names_what_was_refused(shop: Shop) -> None:
    unread = file_of(order("good"), wrong("wrong"), order("odd", number="103"))
    head, _, tail = unread.rpartition(b'Ccy="RUB"')
    unread = head + b'Ccy="EUR"' + tail
    refused = send(shop, unread, "k1")
    assert told(refused) == [("/payments/1/payee/account", "account_key"), ("/payments/2/amount", "currency")]
    assert all(error["line"] > 1 and error["form_field"] for error in refused.json["errors"])
    stored = send(shop, unread, "k2", "?mode=valid_only")
    assert (stored.status_code, stored.json["refused"]) == (202, 2)
    found = statuses(shop.call("GET", f"{stored.headers['Location']}?format=pain002"))
    assert found == {"good": "PDNG", "wrong": "RJCT", "odd": "RJCT"}


@pytest.mark.parametrize("mode", ["", "?mode=valid_only"])
def test_a_damaged_message_stores_nothing(shop: Shop, mode: str) -> None:
    good = file_of(order("a"), order("b", number="102"))
    response = send(shop, good.replace(b"<NbOfTxs>2<", b"<NbOfTxs>3<", 1), mode=mode)
    assert response.status_code == 422
    assert (response.json["code"], told(response)) == ("unreadable_file", [("", "count_differs")])
    assert response.json["errors"][0]["right_value"] == "2"
    assert shop.call("GET", "/v1/payments").json["payments"] == []
    assert send(shop, good, mode=mode).status_code == 202


def test_a_message_is_checked_without_being_stored(shop: Shop) -> None:
    options = {"data": file_of(order("a"), wrong("b")), "content_type": "application/xml"}
    response = shop.call("POST", "/v1/payments/check", **options)
    assert response.status_code == 200
    assert CheckBody().validate(response.json) == {}
    assert [error["pointer"] for error in response.json["errors"]] == ["/payments/1/payee/account"]
    assert shop.call("GET", "/v1/payments").json["payments"] == []


def test_batches_of_other_shapes_have_a_report_too(shop: Shop) -> None:
    json_batch = shop.post("/v1/payment-imports", "k1", json={"payments": [shop.order("inv-7", number="8")]})
    onec_batch = shop.send_file(GOOD_FILE, "k2")
    found = [
        statuses(shop.call("GET", f"{one.headers['Location']}?format=pain002")) for one in (json_batch, onec_batch)
    ]
    assert found == [{"inv-7": "PDNG"}, {None: "PDNG"}]


def test_a_report_is_as_foreign_as_its_batch(shop: Shop) -> None:
    address = send(shop, file_of(order())).headers["Location"]
    other = shop.new_token(Scope.STATEMENTS, Scope.PAYMENTS)
    assert shop.call("GET", f"{address}?format=pain002", token=other).status_code == 404
    assert shop.call("GET", f"{address}?format=pdf").status_code == 400
    assert shop.call("GET", address, headers={"Accept": "image/png"}).status_code == 406
    assert shop.call("GET", f"{address}?format=pain002").status_code == 200


# bodies that are too large


@pytest.fixture
def address(shop: Shop) -> Iterator[tuple[str, int]]:
    """The application on a real socket."""
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[0], server.server_address[1]
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_a_large_body_is_refused_before_it_is_sent(shop: Shop, address: tuple[str, int]) -> None:
    most = shop.parts.settings.body_bytes_max
    head = (
        f"POST /v1/payment-imports HTTP/1.1\r\nHost: bank.example\r\nAuthorization: Bearer {shop.token}\r\n"
        f"Idempotency-Key: k\r\nContent-Type: application/xml\r\nContent-Length: {50 * 1024 * 1024}\r\n\r\n"
    )
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536)
        while b"\r\n\r\n" not in answer or b"}" not in answer:
            answer += connection.recv(65536)
    assert most < 50 * 1024 * 1024
    assert answer.split(b"\r\n")[0].split(b" ")[1] == b"413"
    assert b"application/problem+json" in answer
    assert b"body_too_large" in answer
    assert send(shop, file_of(order())).status_code == 202


def test_a_body_of_unknown_length_is_refused_when_it_passes_the_limit(shop: Shop) -> None:
    most = shop.parts.settings.body_bytes_max
    body = _Endless()
    response = shop.post(
        "/v1/payment-imports",
        "k",
        content_type="application/xml",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
    )
    assert response.status_code == 413
    assert response.json["code"] == "body_too_large"
    assert body.given <= most + _Endless.PIECE
    assert send(shop, file_of(order())).status_code == 202


class _Endless(io.RawIOBase):
    """A sender that never stops; `given` counts what was taken."""

    PIECE = 1024 * 1024

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.PIECE)
        self.given += size
        return size


# large batches


@pytest.fixture
def big_shop(sqlite_url: str) -> Iterator[Shop]:
    yield from open_shop(sqlite_url, batch_orders_max=10_000)


def test_large_batches_are_taken_in_every_shape(big_shop: Shop) -> None:
    count = scale(300, 10_000)
    orders = [order(f"inv-{place}", number=str(place + 1)) for place in range(count)]
    document = GOOD_FILE.partition("СекцияДокумент")
    body = document[1] + document[2].removesuffix("КонецФайла\r\n")
    onec = (
        document[0]
        + "".join(body.replace("Номер=7", f"Номер={place + 1}") for place in range(count))
        + "КонецФайла\r\n"
    )
    as_json = {"payments": [big_shop.order(f"json-{place}", number=str(place + 1)) for place in range(count)]}
    renamed = [replace(one, external_id=f"old-{one.external_id}") for one in orders]
    answers = [
        big_shop.post("/v1/payment-imports", "k1", json=as_json),
        big_shop.send_file(onec, "k2"),
        send(big_shop, file_of(*orders), "k3"),
        send(big_shop, file_of(*renamed, version="001.03"), "k4"),
    ]
    assert [(one.status_code, one.json["created"]) for one in answers] == [(202, count)] * 4
    found = statuses(big_shop.call("GET", f"{answers[3].headers['Location']}?format=pain002"), "03")
    assert set(found.values()) == {"PDNG"}
    assert len(found) == count
