"""Generated requests against the running server: never a 5xx, and every answer within the API's document."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapter.demo.world import World, today
from tests.e2e.connected import connected_partner
from tests.scale import scale

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Ids = dict[str, str]
NUMBERS = itertools.count(1001)
REFUSALS = (400, 401, 404, 405)
EXAMPLES = scale(10, 300)
EACH_OPERATION = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,  # the same requests in every run: a failure is always about a change
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("bank")
    with connected_partner(folder, BANK_ADAPTER_FEED_WAIT_MAX_S="1", BANK_ADAPTER_LOG_LEVEL="WARNING") as found:
        yield found


@pytest.fixture(scope="module")
def stored(world: World) -> Ids:
    """A payment, an import and a statement order that the partner sent."""
    found = {}
    for name, path, body in (
        ("payment_id", "/v1/payments", order(world)),
        ("import_id", "/v1/payment-imports", {"payments": [order(world)]}),
        ("order_id", "/v1/statement-orders", {"account_id": world.account_id, "format": "1c"} | month()),
    ):
        answer = world.partner.call("POST", path, json=body, headers={"Idempotency-Key": name})
        assert answer.status in (201, 202), answer.body
        found[name] = answer.body["id"]
    return found


# The committed document, which tests/api/test_openapi.py holds equal to what the server says.
schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "api_specs" / "openapi.json")
lasting = schema.exclude(method="DELETE")  # ending the consent would end the token for all others


@lasting.include(path_regex=r"\{").parametrize()
@EACH_OPERATION
def test_for_generated_ids_every_answer_is_within_the_document(case: Any, world: World) -> None:
    case.call_and_validate(base_url=world.bank.url, checks=CHECKS, headers=bearer(world))


@lasting.parametrize()
@EACH_OPERATION
def test_for_what_exists_every_answer_is_within_the_document(case: Any, world: World, stored: Ids) -> None:
    """Ids that exist, so that generated queries and bodies come behind the check of the account."""
    known = {"account_id": world.account_id, **stored}
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    case.call_and_validate(base_url=world.bank.url, checks=CHECKS, headers=bearer(world))


@schema.parametrize()
@EACH_OPERATION
def test_without_a_token_every_answer_is_a_refusal(case: Any, world: World) -> None:
    case.headers.pop("Authorization", None)
    response = case.call_and_validate(base_url=world.bank.url, checks=CHECKS)
    assert response.status_code in REFUSALS or case.method == "OPTIONS", case.as_curl_command()


def test_the_right_requests_are_answered_within_the_document(world: World) -> None:
    """What generated requests hardly find: the way of a partner from the consent to its end."""

    def ask(name: str, status: int, headers: dict[str, str] | None = None, **parts: Any) -> Any:
        method, path = name.split(" ")
        case = schema[path][method].Case(headers=bearer(world) | (headers or {}), **parts)
        response = case.call_and_validate(base_url=world.bank.url, checks=CHECKS)
        assert response.status_code == status, response.text
        return response

    account = {"account_id": world.account_id}
    for name in ("GET /v1/consent", "GET /v1/accounts", "GET /v1/changes"):
        ask(name, 200)
    for name in ("GET /v1/accounts/{account_id}", "GET /v1/accounts/{account_id}/balances"):
        ask(name, 200, path_parameters=account)
    period = month()
    for shape in ("json", "1c"):
        ask("GET /v1/accounts/{account_id}/statement", 200, path_parameters=account, query=period | {"format": shape})

    query = {"limit": "500"}
    page = ask("GET /v1/accounts/{account_id}/changes", 200, path_parameters=account, query=query)
    while page.json()["has_more"]:
        query["cursor"] = page.json()["next_cursor"]
        page = ask("GET /v1/accounts/{account_id}/changes", 200, path_parameters=account, query=query)
    query["cursor"] = page.json()["next_cursor"]
    known = {"If-None-Match": page.headers["etag"][0]}
    ask("GET /v1/accounts/{account_id}/changes", 304, known, path_parameters=account, query=query)

    wish = {"body": {"format": "1c", **account, **period}, "media_type": "application/json"}
    ordered = ask("POST /v1/statement-orders", 202, {"Idempotency-Key": "right-0"}, **wish).json()
    ask("POST /v1/statement-orders", 200, {"Idempotency-Key": "right-0"}, **wish)
    mine = {"path_parameters": {"order_id": ordered["id"]}}
    while "retry-after" in (told := ask("GET /v1/statement-orders/{order_id}", 200, **mine)).headers:
        time.sleep(0.5)
    ask("GET /v1/statement-orders/{order_id}/file", 200, **mine)
    ask("GET /v1/statement-orders/{order_id}/file", 206, {"Range": "bytes=10-"}, **mine)
    ask("GET /v1/statement-orders/{order_id}/file", 416, {"Range": f"bytes={told.json()['size']}-"}, **mine)
    ask("GET /v1/statement-orders/{order_id}/file", 304, {"If-None-Match": f'"{told.json()["sha256"]}"'}, **mine)

    send = {"body": order(world), "media_type": "application/json"}
    paid = ask("POST /v1/payments", 201, {"Idempotency-Key": "right-1"}, **send).json()
    ask("POST /v1/payments", 200, {"Idempotency-Key": "right-1"}, **send)
    ask("POST /v1/payments/check", 200, **send)
    ask("GET /v1/payments", 200)
    ask("GET /v1/payments", 200, query={"external_id": send["body"]["external_id"]})
    ask("GET /v1/payments/{payment_id}", 200, path_parameters={"payment_id": paid["id"]})
    batch = {"body": {"payments": [order(world), order(world)]}, "media_type": "application/json"}
    imported = ask("POST /v1/payment-imports", 202, {"Idempotency-Key": "right-2"}, **batch).json()
    ask("GET /v1/payment-imports/{import_id}", 200, path_parameters={"import_id": imported["id"]})
    wrong = {"body": {"payments": [order(world) | {"amount": "0"}]}, "media_type": "application/json"}
    ask("POST /v1/payment-imports", 422, {"Idempotency-Key": "right-3"}, **wrong)

    ask("DELETE /v1/consent", 204)
    ask("GET /v1/consent", 401)


def bearer(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.partner.access_token}"}


def month() -> dict[str, str]:
    """The period of the last thirty days."""
    return {"from": (today() - dt.timedelta(days=30)).isoformat(), "to": today().isoformat()}


def order(world: World) -> dict[str, Any]:
    """A right order of its own."""
    number = next(NUMBERS)
    return {
        "external_id": f"right-{number}",
        "number": str(number),
        "date": today().isoformat(),
        "amount": f"{number}.00",
        "account_id": world.account_id,
        "payee": {
            "name": 'ООО "Северный ветер"',
            "inn": "7753600602",
            "kpp": "770701001",
            "account": "40702810500650067085",
            "bic": "044525983",
        },
        "purpose": f"Оплата по счёту {number}, без НДС",
    }
