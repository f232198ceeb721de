"""Payments over HTTP: the public contract, replays, wrong requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapter.api.order_bodies import KEY
from adapter.app import create_app, oauth_settings
from adapter.connectors import Core
from adapter.parts import Parts, open_parts
from adapter.schemas.orders import dump_order
from adapter.schemas.payment_shapes import CheckBody, FatesBody, ImportBody, OrderInput, PaymentBody
from adapter.settings import Settings
from adapter.store.accounts import StoredAccounts
from oauth import Scope
from tests.api.conftest import stop_counting
from tests.fakes import FakeClock, FakeCore, Fault, payment_order
from tests.oauth.actors import Bank, NobodyLogsIn, account

ISSUER = "https://bank.example"


@dataclass
class Shop:
    """A partner with a token, the whole application and its worker."""

    parts: Parts
    app: Flask
    core: FakeCore
    clock: FakeClock
    account_id: str
    bank: Bank
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.new_token(Scope.STATEMENTS, Scope.PAYMENTS)

    def new_token(self, *scopes: Scope) -> str:
        """A token of another partner for the same account of the same customer."""
        agreed = {"customer_id": "cus-1", "accounts": [account(self.account_id)], "scopes": set(scopes)}
        return str(self.bank.partner().tokens(agreed, scope=" ".join(scopes))["access_token"])

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def order(self, external_id: str = "inv-1", **changed: Any) -> dict[str, Any]:
        order = payment_order()
        return {**dump_order(order), "external_id": external_id, "account_id": self.account_id, **changed}

    def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token or self.token}"} | options.pop("headers", {})
        return self.client.open(path, method=method, base_url=ISSUER, headers=headers, **options)

    def post(self, path: str, key: str | None = "k", **options: Any) -> TestResponse:
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.call("POST", path, headers=headers | options.pop("headers", {}), **options)

    def send(self, key: str = "k", **changed: Any) -> TestResponse:
        return self.post("/v1/payments", key, json=self.order(**changed))

    def send_file(self, text: str, key: str = "k", mode: str = "") -> TestResponse:
        path = "/v1/payment-imports" + (f"?mode={mode}" if mode else "")
        return self.post(path, key, data=text.encode("cp1251"), content_type="text/plain; charset=windows-1251")

    def work(self) -> None:
        self.parts.delivery.send_due()
        self.parts.delivery.follow_fates()


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Shop]:
    yield from open_shop(sqlite_url, batch_orders_max=5)


def open_shop(database_url: str, batch_orders_max: int) -> Iterator[Shop]:
    clock = FakeClock()
    core = FakeCore(clock)
    settings = Settings(
        database_url=database_url,
        issuer=ISSUER,
        secret_key="k" * 32,
        core="fake",
        batch_orders_max=batch_orders_max,
    )
    parts = open_parts(settings, clock, Core(banking=core, login=NobodyLogsIn()))
    accounts = StoredAccounts(parts.database).register("cus-1", core.bank.list_accounts("cus-1", None), clock.now())
    account_id = accounts["acc-1"].id
    bank = Bank(parts.database, clock, oauth_settings(settings))
    app = create_app(parts)
    yield Shop(parts=parts, app=app, core=core, clock=clock, account_id=account_id, bank=bank)
    stop_counting(app)
    parts.close()


def told(response: TestResponse) -> list[tuple[str, str]]:
    """The errors of a problem: pointers and codes."""
    assert response.content_type == "application/problem+json"
    return [(error["pointer"], error["code"]) for error in response.json.get("errors", [])]


ORDERS_1C = """1CClientBankExchange
ВерсияФормата=1.03
Кодировка=Windows
СекцияДокумент=Платежное поручение
Номер=7
Дата=20.11.2026
Сумма=1500.00
ПлательщикСчет=40702810400000000017
Плательщик1=ООО "Альфа"
ПолучательСчет={account}
Получатель1=ООО "Ромашка"
ПолучательИНН=7830002293
ПолучательКПП=783001001
ПолучательБИК=044030653
ПолучательБанк1=СЕВЕРО-ЗАПАДНЫЙ БАНК
ПолучательКорсчет=30101810500000000653
ВидОплаты=01
Очередность=5
НазначениеПлатежа=Оплата по договору 7, НДС не облагается
КонецДокумента
КонецФайла
""".replace("\n", "\r\n")
GOOD_FILE = ORDERS_1C.format(account="40702810955230165464")
BAD_FILE = ORDERS_1C.format(account="40702810055230165464")


# one payment


def test_a_payment_is_created_with_its_address(shop: Shop) -> None:
    response = shop.send()
    assert response.status_code == 201
    assert PaymentBody().validate(response.json) == {}
    assert response.json["status"] == "queued"
    assert shop.call("GET", response.headers["Location"]).json == response.json
    sent = shop.order()
    assert {name: response.json[name] for name in sent} == sent


def test_a_retry_answers_200_and_says_so(shop: Shop) -> None:
    first = shop.send()
    shop.work()
    again = shop.send()
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json["id"] == first.json["id"]
    assert again.json["status"] == "awaiting_signature"
    other_key = shop.send(key="k2")
    assert (other_key.status_code, other_key.json["id"]) == (200, first.json["id"])


def test_another_body_under_the_same_key_is_422(shop: Shop) -> None:
    shop.send()
    response = shop.send(number="102")
    assert (response.status_code, response.json["code"]) == (422, "idempotency_key_reused")
    assert shop.send().status_code == 200


def test_a_taken_external_id_is_409_and_names_the_payment(shop: Shop) -> None:
    first = shop.send()
    response = shop.send(key="k2", number="102")
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")
    assert first.json["id"] in response.text
    assert shop.send(key="k2", external_id="inv-2", number="102").status_code == 201


@pytest.mark.parametrize("key", [None, "", "с пробелом", "a b", "k" * 256])
def test_a_key_is_needed(shop: Shop, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
    response = shop.post("/v1/payments", None, json=shop.order(), headers=headers)
    assert (response.status_code, response.json["code"]) == (400, "bad_idempotency_key")
    assert shop.send(key="k" * 255).status_code == 201
    assert KEY.fullmatch("k" * 255)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"external_id": "\\ud800"}', "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json", 422),
        (b"[" * 5000, "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
    ],
)
def test_what_is_no_order_is_refused(shop: Shop, body: bytes, content_type: str, status: int) -> None:
    response = shop.post("/v1/payments", data=body, content_type=content_type)
    assert response.status_code == status
    told(response)
    assert shop.send().status_code == 201


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": 1500}, ("/amount", "not_text")),
        ({"amount": "1500.005"}, ("/amount", "bad_amount")),
        ({"amount": "1e3"}, ("/amount", "bad_amount")),
        ({"amount": "-5.00"}, ("/amount", "bad_amount")),
        ({"amount": "٥.00"}, ("/amount", "bad_amount")),
        ({"amount": None}, ("/amount", "required")),
        ({"currency": "USD"}, ("/currency", "currency")),
        ({"date": "20261120"}, ("/date", "bad_date")),
        ({"date": "2026-02-30"}, ("/date", "bad_date")),
        ({"priority": True}, ("/priority", "priority")),
        ({"priority": 6}, ("/priority", "priority")),
        ({"payee": "ООО"}, ("/payee", "not_object")),
        ({"purpose": ["a"]}, ("/purpose", "not_text")),
        ({"purpose": "a\x00b"}, ("/purpose", "bad_characters")),
        ({"purpose": "a" * 1001}, ("/purpose", "too_long")),
        ({"external_id": "a b"}, ("/external_id", "bad_external_id")),
        ({"external_id": "a" * 65}, ("/external_id", "bad_external_id")),
        ({"a/b~c": 1}, ("/a~1b~0c", "unknown_field")),
        ({"account_id": "acc_of_somebody_else"}, ("/account_id", "unknown_account")),
        ({"budget": {}}, ("/budget/drawer_status", "required")),
    ],
)
def test_each_wrong_field_is_told_by_its_pointer(shop: Shop, changed: dict[str, Any], error: tuple[str, str]) -> None:
    response = shop.post("/v1/payments", json=shop.order() | changed)
    assert response.status_code == 422
    assert told(response) == [error]
    assert shop.call("GET", "/v1/payments").json["payments"] == []
    assert shop.send().status_code == 201


def test_an_accountant_reads_the_field_of_the_form_in_russian(shop: Shop) -> None:
    payee = shop.order()["payee"] | {"account": "40702810055230165464"}
    (error,) = shop.send(payee=payee).json["errors"]
    assert (error["pointer"], error["field"], error["form_field"]) == ("/payee/account", "payee.account", "17")
    assert error["message"].startswith("Поле 17: ")


def test_foreign_and_unknown_payments_are_the_same_404(shop: Shop) -> None:
    payment_id = shop.send().json["id"]
    stranger = shop.new_token(Scope.PAYMENTS)
    answers = [
        shop.call("GET", f"/v1/payments/{payment_id}", token=stranger),
        shop.call("GET", "/v1/payments/pay_unknown"),
        shop.post(f"/v1/payments/{payment_id}/cancellation", token=stranger),
        shop.call("GET", "/v1/payment-imports/imp_unknown"),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert {**answer.json, "request_id": ""} == {**answers[0].json, "request_id": ""}
    assert shop.call("GET", f"/v1/payments/{payment_id}").status_code == 200


def test_a_token_for_statements_cannot_touch_payments(shop: Shop) -> None:
    statements = shop.new_token(Scope.STATEMENTS)
    for method, path in [("POST", "/v1/payments"), ("GET", "/v1/payments"), ("POST", "/v1/payment-imports")]:
        assert shop.call(method, path, token=statements).status_code == 403
        assert shop.call(method, path, token="at_unknown").status_code == 401


# lists


def test_fates_come_in_pages_and_by_external_id(shop: Shop) -> None:
    ids = [shop.send(key=f"k{n}", external_id=f"inv-{n}", number=str(n)).json["id"] for n in (1, 2, 3)]
    page = shop.call("GET", "/v1/payments?limit=2")
    assert FatesBody().validate(page.json) == {}
    assert ([one["id"] for one in page.json["payments"]], page.json["has_more"]) == (ids[:2], True)
    page = shop.call("GET", f"/v1/payments?limit=2&cursor={page.json['next_cursor']}")
    assert ([one["id"] for one in page.json["payments"]], page.json["has_more"]) == (ids[2:], False)
    found = shop.call("GET", "/v1/payments?external_id=inv-2").json
    assert [one["id"] for one in found["payments"]] == [ids[1]]
    assert shop.call("GET", "/v1/payments?external_id=nothing").json["payments"] == []
    assert shop.call("GET", "/v1/payments", token=shop.new_token(Scope.PAYMENTS)).json["payments"] == []


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=p99", "limit=0", "limit=501", "limit=1&limit=2", "a=1", "external_id=a&limit=1"]
)
def test_wrong_parameters_are_400(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"/v1/payments?{query}").status_code == 400
    assert shop.call("GET", "/v1/payments?limit=500").status_code == 200


# batches


def test_a_batch_of_json_is_accepted_and_read_back(shop: Shop) -> None:
    orders = [shop.order(f"inv-{n}", number=str(n)) for n in (1, 2)]
    response = shop.post("/v1/payment-imports", json={"payments": orders})
    assert response.status_code == 202
    assert ImportBody().validate(response.json) == {}
    assert (response.json["created"], response.json["refused"]) == (2, 0)
    shop.work()
    present = shop.call("GET", response.headers["Location"]).json
    assert {line["status"] for line in present["lines"]} == {"awaiting_signature"}


def test_all_errors_of_a_batch_are_told_at_once_in_their_order(shop: Shop) -> None:
    orders = [shop.order("a", number="0"), {"external_id": "b"}, shop.order("c", amount="x"), shop.order("d")]
    response = shop.post("/v1/payment-imports", json={"payments": orders})
    assert response.status_code == 422
    pointers = [pointer for pointer, _ in told(response)]
    assert pointers[0] == "/payments/0/number"
    assert pointers[-1] == "/payments/2/amount"
    assert {pointer.split("/")[2] for pointer in pointers} == {"0", "1", "2"}
    stored = shop.post("/v1/payment-imports?mode=valid_only", "k2", json={"payments": orders})
    assert stored.status_code == 202
    assert [bool(line["payment_id"]) for line in stored.json["lines"]] == [False, False, False, True]
    assert [line["index"] for line in stored.json["lines"]] == [0, 1, 2, 3]


@pytest.mark.parametrize("body", [[], {}, {"payments": {}}, {"payments": []}, {"payments": [1], "x": 1}])
def test_what_is_no_batch_is_refused(shop: Shop, body: Any) -> None:
    assert shop.post("/v1/payment-imports", json=body).status_code == 422
    assert shop.post("/v1/payment-imports", json={"payments": [shop.order()]}).status_code == 202


def test_a_batch_has_a_greatest_size(shop: Shop) -> None:
    orders = [shop.order(f"inv-{n}", number=str(n)) for n in range(1, 7)]
    response = shop.post("/v1/payment-imports", json={"payments": orders})
    assert told(response) == [("/payments", "too_many_orders")]
    assert shop.post("/v1/payment-imports", json={"payments": orders[:5]}).status_code == 202


def test_a_file_of_1c_is_accepted_and_the_same_file_again_creates_nothing(shop: Shop) -> None:
    response = shop.send_file(GOOD_FILE)
    assert response.status_code == 202, response.text
    again = shop.send_file(GOOD_FILE, key="k2")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json["id"] == response.json["id"]
    (payment,) = shop.call("GET", "/v1/payments").json["payments"]
    assert payment["account_id"] == shop.account_id
    assert payment["external_id"].startswith("1c-")


def test_a_bad_line_of_a_file_is_told_with_its_line_and_field(shop: Shop) -> None:
    response = shop.send_file(BAD_FILE)
    assert response.status_code == 422
    (error,) = response.json["errors"]
    line = BAD_FILE.split("\r\n").index("ПолучательСчет=40702810055230165464") + 1
    assert (error["line"], error["pointer"]) == (line, "/payments/0/payee/account")
    assert shop.call("GET", "/v1/payments").json["payments"] == []
    assert shop.send_file(GOOD_FILE).status_code == 202


@pytest.mark.parametrize("text", ["", "hello", "1CClientBankExchange\r\nКонецФайла\r\n"])
def test_what_is_no_file_of_1c_is_refused(shop: Shop, text: str) -> None:
    assert shop.send_file(text).status_code == 422
    assert shop.send_file(GOOD_FILE).status_code == 202


def test_the_mode_is_one_of_two(shop: Shop) -> None:
    assert shop.send_file(GOOD_FILE, mode="some").status_code == 400
    assert shop.send_file(GOOD_FILE, mode="valid_only").status_code == 202


# check


def test_a_check_tells_everything_and_stores_nothing(shop: Shop) -> None:
    bad = shop.order(number="0", amount="0.00")
    for body in (bad, {"payments": [bad]}):
        response = shop.call("POST", "/v1/payments/check", json=body)
        assert response.status_code == 200
        assert CheckBody().validate(response.json) == {}
        assert response.json["valid"] is False
        assert [error["field"] for error in response.json["errors"]] == ["number", "amount"]
    good = shop.call("POST", "/v1/payments/check", json=shop.order())
    assert (good.json["valid"], good.json["errors"]) == (True, [])
    assert shop.call("GET", "/v1/payments").json["payments"] == []


def test_a_check_reads_files_too(shop: Shop) -> None:
    for text, is_valid in [(GOOD_FILE, True), (BAD_FILE, False)]:
        data = text.encode("cp1251")
        response = shop.call("POST", "/v1/payments/check", data=data, content_type="text/plain")
        assert response.json["valid"] is is_valid


# cancellation


def test_a_draft_is_taken_back(shop: Shop) -> None:
    payment_id = shop.send().json["id"]
    shop.work()
    response = shop.post(f"/v1/payments/{payment_id}/cancellation", "c")
    assert (response.status_code, response.json["status"]) == (200, "cancelled")
    assert shop.post(f"/v1/payments/{payment_id}/cancellation", "c").status_code == 200


def test_a_cancellation_whose_answer_is_lost_is_202_until_the_bank_tells(shop: Shop) -> None:
    payment_id = shop.send().json["id"]
    shop.work()
    shop.core.faults.on("withdraw_document", Fault.LOST_AFTER)
    response = shop.post(f"/v1/payments/{payment_id}/cancellation", "c")
    assert (response.status_code, response.json["status"]) == (202, "awaiting_signature")
    shop.work()
    assert shop.post(f"/v1/payments/{payment_id}/cancellation", "c").status_code == 200


def test_an_executed_payment_is_409(shop: Shop) -> None:
    payment_id = shop.send().json["id"]
    shop.work()
    shop.core.bank.sign(payment_id)
    shop.core.bank.execute(payment_id)
    shop.work()
    response = shop.post(f"/v1/payments/{payment_id}/cancellation", "c")
    assert (response.status_code, response.json["code"]) == (409, "not_cancellable")


def test_while_the_core_is_down_a_cancellation_is_503_and_can_be_repeated(shop: Shop) -> None:
    payment_id = shop.send().json["id"]
    shop.work()
    shop.core.faults.on("withdraw_document", Fault.DOWN)
    assert shop.post(f"/v1/payments/{payment_id}/cancellation", "c").status_code == 503
    assert shop.post(f"/v1/payments/{payment_id}/cancellation", "c").status_code == 200


def test_a_cancellation_needs_a_key_and_no_body(shop: Shop) -> None:
    path = f"/v1/payments/{shop.send().json['id']}/cancellation"
    assert shop.post(path, None).status_code == 400
    assert shop.post(path, "c", data=b"x").status_code == 400
    assert shop.post(path, "c", data=b"{}").status_code == 200


# the document


def test_the_shape_in_the_document_and_the_reader_agree(shop: Shop) -> None:
    order = shop.order(budget={"drawer_status": "01"})
    assert OrderInput().validate(order) == {}
    for wrong in ({"x": 1}, {"amount": 5}, {"amount": "1.005"}, {"date": "x"}, {"priority": 9}, {"external_id": ""}):
        assert OrderInput().validate(order | wrong)
        assert shop.post("/v1/payments", json=order | wrong).status_code == 422
    for name in sorted(set(OrderInput().fields) - set(order)):
        assert OrderInput().validate(order | {name: None}) == {}
        assert shop.send(key=f"k-{name}", **{name: None}).status_code in (200, 201)


def test_the_document_shows_what_to_send(shop: Shop) -> None:
    document = shop.client.get("/openapi.json").json
    content = document["paths"]["/v1/payments"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/OrderInput"}
    assert document["components"]["schemas"]["OrderInput"]["additionalProperties"] is False
