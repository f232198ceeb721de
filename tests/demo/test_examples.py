"""The examples in api_specs are answers of a running bank; they must keep to the document and to the rules."""

import datetime as dt
import hashlib
import json
from typing import Any

import marshmallow as ma
import pytest

from adapter.domain.order_rules import check_order
from adapter.domain.parties import Party
from adapter.formats.onec_exchange import parse_orders, parse_statements
from adapter.formats.order_values import read_order_values
from adapter.schemas.accounts import AccountsBody, BalancesBody
from adapter.schemas.consents import ConsentBody
from adapter.schemas.orders import load_order
from adapter.schemas.payment_shapes import ImportBody, PaymentBody
from adapter.schemas.problems import Problem
from adapter.schemas.statement_orders import StatementOrderBody
from adapter.schemas.statements import ChangesBody, StatementBody
from tests.demo.example_bank import EXAMPLES, make_examples, without_random

SHAPES: dict[str, type[ma.Schema]] = {
    "accounts.json": AccountsBody,
    "balances.json": BalancesBody,
    "changes.json": ChangesBody,
    "consent.json": ConsentBody,
    "payment-import.json": ImportBody,
    "payment.json": PaymentBody,
    "problem.json": Problem,
    "statement.json": StatementBody,
    "statement-order.json": StatementOrderBody,
}
OTHERS = {
    "orders-1c.txt",
    "orders-pain001.xml",
    "payment-import-pain002.xml",
    "payment-order.json",
    "statement-1c.txt",
    "README.md",
}


def read(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text("utf-8"))


@pytest.mark.parametrize("name", SHAPES)
def test_an_answer_has_the_shape_of_the_document(name: str) -> None:
    shape = SHAPES[name]()
    assert shape.validate(read(name)) == {}
    first_required = next(field for field in shape.fields.values() if field.required)
    without = {
        key: value for key, value in read(name).items() if key != (first_required.data_key or first_required.name)
    }
    assert shape.validate(without)


def test_the_order_breaks_no_rule() -> None:
    errors: list[Any] = []
    order = load_order(read("payment-order.json"), "", errors)
    assert order is not None, errors
    account = read("accounts.json")["accounts"][0]
    payer = Party(**account["owner"])
    found = check_order(
        order,
        payer=payer,
        payer_account=account["number"],
        payer_bic=account["bic"],
        today=order.date,
        past_days=10,
        future_days=10,
        values=read_order_values(),
        payee_bank=None,
        knows_banks=False,
    )
    assert found == []


def test_the_ordered_statement_is_the_one_beside_it() -> None:
    told, file = read("statement-order.json"), (EXAMPLES / "statement-1c.txt").read_bytes()
    assert (told["size"], told["sha256"]) == (len(file), hashlib.sha256(file).hexdigest())


def test_the_1c_files_read_without_a_repair() -> None:
    orders = parse_orders((EXAMPLES / "orders-1c.txt").read_bytes())
    assert (len(orders.orders), orders.errors, orders.warnings) == (2, (), ())
    told = parse_statements((EXAMPLES / "statement-1c.txt").read_bytes())
    (statement,) = told.statements
    json_statement = read("statement.json")
    assert [str(entry.details.amount) for entry in statement.entries] == [
        entry["amount"] for entry in json_statement["entries"]
    ]
    assert str(statement.closing_balance) == json_statement["closing_balance"]
    assert statement.date_to == dt.date.fromisoformat(json_statement["to"])


def test_the_examples_are_what_the_bank_answers() -> None:
    for name, answered in make_examples().items():
        shown = (EXAMPLES / name).read_bytes()
        assert without_random(shown) == without_random(answered), f"{name}: run python -m tests.demo.example_bank"


def test_no_example_is_without_a_test() -> None:
    assert {file.name for file in EXAMPLES.iterdir()} == SHAPES.keys() | OTHERS
