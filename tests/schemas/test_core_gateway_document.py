"""The published document is as strict as the reader: what a bank builds from it is read, and what the reader refuses
it refuses, too.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adapter.connectors.gateway.app import openapi_document
from adapter.schemas.core_gateway import documents, entries, hints, people, statements, status
from adapter.schemas.core_gateway.members import Members, WrongShape
from tests.connectors.gateway_examples import make_examples
from tests.scale import scale

NOON = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
DOCUMENT: dict[str, Any] = orjson.loads(openapi_document())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
LIST_MAX = 2  # of what is made here


def load_events(body: Members) -> object:
    """The reader passes over an event that it cannot read; here that counts as refused."""
    page = documents.load_event_page(body)
    if page.unreadable:
        raise WrongShape("/events", str(page.unreadable))
    return page


READERS: dict[str, Callable[[Members], object]] = {
    "CapabilitiesBody": status.load_capabilities,
    "HealthBody": lambda body: status.load_health(body, NOON),
    "CustomersBody": people.load_customers,
    "CoreAccountsBody": people.load_accounts,
    "CoreBalancesBody": people.load_balances,
    "EntryPageBody": entries.load_entry_page,
    "CoreStatementBody": statements.load_statement_answer,
    "StatementPendingBody": statements.load_statement_answer,
    "ResultBody": documents.load_result,
    "FoundDocumentsBody": documents.load_states,
    "EventPageBody": load_events,
    "CoreDocumentsBody": documents.load_documents,
    "HintBody": hints.load_hint,
}


def validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def reads(name: str, body: Any) -> bool:
    try:
        READERS[name](Members.of(body))
    except WrongShape:
        return False
    return True


# --- bodies as a bank may build them from the document ----------------------------------------------------------------


def values_of(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Any value that the schema allows, and those at its borders."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return st.deferred(lambda: values_of(SCHEMAS[name]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*(values_of(one) for one in schema["anyOf"]))
    if "oneOf" in schema:
        return st.one_of(*(values_of(_narrowed(schema, one)) for one in schema["oneOf"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(BY_KIND[kind](schema) for kind in kinds))


def _narrowed(schema: Mapping[str, Any], choice: Mapping[str, Any]) -> dict[str, Any]:
    """A body with one of its alternatives; a member that both speak of is what both say."""
    own = schema["properties"]
    both = {name: {**own.get(name, {}), **narrower} for name, narrower in choice["properties"].items()}
    needed = {*schema.get("required", ()), *choice["required"]}
    return {"type": "object", "properties": {**own, **both}, "required": sorted(needed)}


def _texts(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 100_000)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace("$", r"\Z")).filter(lambda text: least <= len(text) <= most)
    if schema.get("format") == "date":
        return st.dates(dt.date(1, 1, 1)).map(str)
    if schema.get("format") == "date-time":
        offsets = st.integers(-720, 840).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
        return st.datetimes(timezones=offsets | st.just(dt.UTC)).map(dt.datetime.isoformat)
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(letters, min_size=least, max_size=min(most, least + 5)) | st.just("я" * most)


def _numbers(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    return st.floats(schema.get("minimum", -1e18), schema.get("maximum", 1e18))


def _whole(schema: Mapping[str, Any]) -> st.SearchStrategy[int]:
    return st.integers(schema.get("minimum"), schema.get("maximum"))


def _lists(schema: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values_of(schema["items"]), min_size=schema.get("minItems", 0), max_size=LIST_MAX)


def _objects(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        return st.dictionaries(st.text(max_size=5), values_of(schema["additionalProperties"]), max_size=LIST_MAX)
    members = {name: values_of(one) for name, one in schema["properties"].items()}
    needed = {name: members.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional=members)


BY_KIND: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "null": lambda schema: st.none(),
    "boolean": lambda schema: st.booleans(),
    "integer": _whole,
    "number": _numbers,
    "string": _texts,
    "array": _lists,
    "object": _objects,
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_built_from_the_document_is_read(name: str) -> None:
    @settings(max_examples=scale(20, 500))
    @given(values_of({"$ref": f"#/components/schemas/{name}"}))
    def check(body: Any) -> None:
        assert [error.message for error in validator(name).iter_errors(body)] == [], "this test builds wrong bodies"
        READERS[name](Members.of(body))

    check()


# --- and what the reader refuses --------------------------------------------------------------------------------------

EXAMPLES = {
    "capabilities": "CapabilitiesBody",
    "health": "HealthBody",
    "customers": "CustomersBody",
    "accounts": "CoreAccountsBody",
    "balances": "CoreBalancesBody",
    "entries": "EntryPageBody",
    "statement": "CoreStatementBody",
    "withdrawal": "ResultBody",
    "documents-query": "FoundDocumentsBody",
    "document-events": "EventPageBody",
}
GONE = object()
SPOILT = (GONE, None, "", "я" * 2001, "-1", -1, 10**9, 1.5, True, [], {}, ["x"], "2026-11-20T12:00:00", "1500,00")


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every member of a body, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*place, name)
        yield from places(one, (*place, name))


def spoil(body: Any, place: Sequence[Any], wrong: Any) -> Any:
    spoilt = copy.deepcopy(body)
    inner = spoilt
    for name in place[:-1]:
        inner = inner[name]
    if wrong is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = wrong
    return spoilt


@pytest.mark.parametrize(("example", "name"), EXAMPLES.items())
def test_what_the_reader_refuses_the_document_refuses_too(example: str, name: str) -> None:
    body = make_examples()[example]["response"]["body"]
    check = validator(name)
    assert check.is_valid(body)
    assert reads(name, body)
    looser = [
        (place, wrong)
        for place in places(body)
        for wrong in SPOILT
        if not reads(name, spoilt := spoil(body, place, wrong)) and check.is_valid(spoilt)
    ]
    assert looser == []


def test_a_result_has_what_its_kind_needs() -> None:
    check = validator("ResultBody")
    for body, is_right in (
        ({"document_id": "p", "result": "accepted", "core_reference": "7"}, True),
        ({"document_id": "p", "result": "accepted", "core_reference": None}, False),
        ({"document_id": "p", "result": "accepted"}, False),
        ({"document_id": "p", "result": "accepted", "core_reference": "7", "sign_url": ""}, False),
        ({"document_id": "p", "result": "refused", "code": "blocked"}, False),
        ({"document_id": "p", "result": "refused", "code": "blocked", "reason": "Счёт закрыт"}, True),
        ({"document_id": "p", "result": "unknown"}, True),
        ({"document_id": "p", "result": "queued"}, False),
    ):
        assert (check.is_valid(body), reads("ResultBody", body)) == (is_right, is_right), body


def test_a_removed_entry_needs_no_more_than_its_id() -> None:
    page = {"entries": [{"entry_id": "e-1", "removed": True}], "mark": "m", "has_more": False, "as_of": None}
    assert validator("EntryPageBody").is_valid(page)
    assert reads("EntryPageBody", page)
    there = spoil(page, ("entries", 0, "removed"), False)
    assert not validator("EntryPageBody").is_valid(there)
    assert not reads("EntryPageBody", there)
