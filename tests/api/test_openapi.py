"""The API's document: valid, as committed, and complete for whoever writes a client from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from adapter.app import create_app, openapi_document
from adapter.connectors import Core
from adapter.parts import open_parts
from adapter.settings import Settings
from tests.fakes import FakeClock, FakeCore
from tests.oauth.actors import NobodyLogsIn

COMMITTED = Path(__file__).parents[2] / "api_specs" / "openapi.json"
METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

Operation = tuple[str, dict[str, Any]]


@pytest.fixture
def written(sqlite_url: str) -> Iterator[bytes]:
    """What `bank-adapter specs write` writes."""
    clock = FakeClock()
    settings = Settings(database_url=sqlite_url, issuer="https://bank.example", secret_key="k" * 32, core="fake")
    parts = open_parts(settings, clock, Core(banking=FakeCore(clock), login=NobodyLogsIn()))
    yield openapi_document(create_app(parts))
    parts.close()


@pytest.fixture
def document(written: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(written)
    return found


def list_operations(document: dict[str, Any]) -> list[Operation]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def list_objects(document: dict[str, Any], node: Any, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Every object schema that can be reached from here."""
    if isinstance(node, list):
        for part in node:
            yield from list_objects(document, part, seen)
    elif isinstance(node, dict):
        if "$ref" in node:
            if node["$ref"] not in seen:
                seen.add(node["$ref"])
                yield from list_objects(document, resolve(document, node), seen)
            return
        if "properties" in node:
            yield node
        for part in node.values():
            yield from list_objects(document, part, seen)


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_is_the_committed_one(written: bytes) -> None:
    assert written == COMMITTED.read_bytes(), "run `bank-adapter specs write` and commit api_specs/openapi.json"


def test_every_resource_of_the_contract_is_in_it(document: dict[str, Any]) -> None:
    assert {name for name, _ in list_operations(document)} == {
        "GET /v1/consent",
        "DELETE /v1/consent",
        "GET /v1/accounts",
        "GET /v1/accounts/{account_id}",
        "GET /v1/accounts/{account_id}/balances",
        "GET /v1/accounts/{account_id}/changes",
        "GET /v1/changes",
        "GET /v1/accounts/{account_id}/statement",
        "POST /v1/statement-orders",
        "GET /v1/statement-orders/{order_id}",
        "GET /v1/statement-orders/{order_id}/file",
        "POST /v1/payments",
        "GET /v1/payments",
        "GET /v1/payments/{payment_id}",
        "POST /v1/payments/check",
        "POST /v1/payments/{payment_id}/cancellation",
        "POST /v1/payment-imports",
        "GET /v1/payment-imports/{import_id}",
    }


def test_every_operation_says_what_it_is_for_and_who_may_call_it(document: dict[str, Any]) -> None:
    known = document["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"]
    for name, operation in list_operations(document):
        assert operation["summary"], name
        (requirement,) = operation["security"]
        assert set(requirement["oauth2"]) <= set(known), name


def test_every_operation_names_its_errors_as_problems(document: dict[str, Any]) -> None:
    for name, operation in list_operations(document):
        answers = operation["responses"]
        errors = [status for status in answers if status == "default" or status >= "400"]
        assert {"400", "401", "403", "default"} <= set(errors), name
        for status in errors:
            assert resolve(document, answers[status])["content"] == PROBLEM, (name, status)
        if "{" in name or "requestBody" in operation:
            assert {"404", "413"} & set(errors), name


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    for name, operation in list_operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (name, parameter["name"])
            assert parameter["schema"], (name, parameter["name"])


def test_every_body_is_described_by_a_schema(document: dict[str, Any]) -> None:
    for name, operation in list_operations(document):
        for answer in operation["responses"].values():
            for content in resolve(document, answer).get("content", {}).values():
                assert content["schema"], name
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["schema"], name


def test_answers_may_grow_and_requests_may_not_hold_unknown_members(document: dict[str, Any]) -> None:
    seen: set[str] = set()
    answers = [operation["responses"] for _, operation in list_operations(document)]
    objects = list(list_objects(document, answers, seen))
    assert len(objects) > 10
    for shape in objects:
        assert shape.get("additionalProperties", True) is not False, sorted(shape["properties"])
    requests = [operation.get("requestBody", {}) for _, operation in list_operations(document)]
    for shape in list_objects(document, requests, set()):
        assert shape["additionalProperties"] is False, sorted(shape["properties"])
