"""Warnings and the directory of banks over HTTP: in a check, in answers, in later reads, in lines of a batch."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from adapter.connectors.sandbox.sample import bank_directory
from adapter.formats.ed807 import parse_directory
from adapter.schemas.orders import dump_order
from adapter.schemas.payment_shapes import CheckBody, ImportBody, PaymentBody
from adapter.store.banks import StoredBanks
from tests.api.conftest import ISSUER, Books
from tests.fakes import payment_order

ODD = "Оплата «по счёту» — 5, без НДС"


def order(books: Books, external_id: str = "inv-1", **changed: Any) -> dict[str, Any]:
    return {**dump_order(payment_order()), "external_id": external_id, "account_id": books.account_id, **changed}


def post(books: Books, path: str, body: Any, key: str = "k") -> TestResponse:
    headers = {"Authorization": f"Bearer {books.token}", "Idempotency-Key": key}
    return books.app.test_client().post(path, base_url=ISSUER, json=body, headers=headers)


def test_a_payment_tells_its_warnings_when_it_is_taken_and_whenever_it_is_read(books: Books) -> None:
    answer = post(books, "/v1/payments", order(books, purpose=ODD))
    assert answer.status_code == 201
    assert answer.json["warnings"] == [
        {
            "pointer": "/purpose",
            "field": "purpose",
            "form_field": "24",
            "code": "normalised",
            "message": "Поле 24: знаки заменены на те, что допускает платёжное поручение",
            "before": ODD,
            "after": 'Оплата "по счёту" - 5, без НДС',
        }
    ]
    assert PaymentBody().validate(answer.json) == {}
    assert books.get(answer.headers["Location"]).json == answer.json
    assert books.get("/v1/payments").json["payments"] == [answer.json]
    assert post(books, "/v1/payments", order(books, purpose=ODD)).json == answer.json, "a retry says the same"


def test_nothing_to_tell_is_an_empty_list(books: Books) -> None:
    assert post(books, "/v1/payments", order(books)).json["warnings"] == []
    batch = post(books, "/v1/payment-imports", {"payments": [order(books, "inv-2", number="2")]}, "k2").json
    assert batch["lines"][0]["warnings"] == []


def test_lines_of_a_batch_tell_theirs(books: Books) -> None:
    first = post(books, "/v1/payments", order(books)).json
    body = {"payments": [order(books, "inv-2"), order(books, "inv-3", number="3", purpose=ODD)]}
    batch = post(books, "/v1/payment-imports", body, "k2")
    told = [[(one["pointer"], one["code"]) for one in line["warnings"]] for line in batch.json["lines"]]
    assert told == [[("/payments/0", "looks_like_another")], [("/payments/1/purpose", "normalised")]]
    assert first["id"] in batch.json["lines"][0]["warnings"][0]["message"]
    assert ImportBody().validate(batch.json) == {}
    assert books.get(batch.headers["Location"]).json == batch.json


def test_a_check_tells_the_same_and_a_wrong_bank_account_with_the_right_one(books: Books) -> None:
    StoredBanks(books.parts.database).replace(parse_directory(bank_directory()), books.clock.now())
    checked = post(books, "/v1/payments/check", order(books, purpose=ODD)).json
    assert (checked["valid"], [one["code"] for one in checked["warnings"]]) == (True, ["normalised"])
    assert CheckBody().validate(checked) == {}
    wrong = order(books)
    wrong["payee"]["correspondent_account"] = "30101810100000000655"
    (error,) = post(books, "/v1/payments/check", wrong).json["errors"]
    assert (error["form_field"], error["right_value"]) == ("15", "30101810500000000653")
    assert error["reference"]
    refused = post(books, "/v1/payments", wrong)
    assert (refused.status_code, refused.json["errors"]) == (422, [error])
    assert post(books, "/v1/payments", order(books)).status_code == 201


def test_a_statement_tells_the_bank_once_a_directory_is_loaded(books: Books) -> None:
    books.refresh()
    day = books.clock.now().date()
    path = f"/statement?from={day}&to={day}"
    assert books.account(path).json["bank"] is None
    StoredBanks(books.parts.database).replace(parse_directory(bank_directory()), books.clock.now())
    told = books.account(path).json["bank"]
    assert (told["bic"], told["name"]) == (books.account().json["bic"], 'БАНК "ЗАРЯ" (АО)')
