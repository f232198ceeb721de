"""Every error is a problem document (RFC 9457) with a stable code and the request's id."""

from __future__ import annotations

import pytest

from adapter.api.errors import ANSWERS, dump_field_error
from adapter.domain import errors as domain
from adapter.domain.errors import AdapterError, FieldError
from tests.api.conftest import Books


def every_error(base: type[AdapterError]) -> set[type[AdapterError]]:
    return {kind for direct in base.__subclasses__() for kind in {direct} | every_error(direct)}


def test_every_error_of_the_domain_has_its_answer() -> None:
    assert every_error(AdapterError) == set(ANSWERS)


def test_codes_are_not_shared() -> None:
    codes = [kind.code for kind in ANSWERS if "code" in vars(kind)]  # others are told as what they are a kind of
    assert len(codes) == len(set(codes))


def test_an_unknown_address_is_a_problem_document(books: Books) -> None:
    answer = books.get("/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] == "not_found"
    assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]


def test_a_wrong_method_names_the_right_ones(books: Books) -> None:
    answer = books.app.test_client().delete("/v1/accounts", headers={"Authorization": f"Bearer {books.token}"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_given_request_id_comes_back_and_a_bad_one_does_not(books: Books) -> None:
    assert books.get("/v1/accounts", X_Request_ID="abc-1").headers["X-Request-ID"] == "abc-1"
    assert books.get("/v1/accounts", X_Request_ID="<script>").headers["X-Request-ID"] != "<script>"


def test_a_bug_answers_with_an_id_and_tells_nothing_of_itself(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    books.app.view_functions["accounts.list_accounts"] = broken
    answer = books.get("/v1/accounts")
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal_error"
    assert "secret" not in answer.get_data(as_text=True)


def test_absent_places_are_left_out_of_a_field_error() -> None:
    error = FieldError(pointer="/payee/inn", code="bad_inn", message="ИНН неверен", line=7)
    assert dump_field_error(error) == {
        "pointer": "/payee/inn",
        "line": 7,
        "code": "bad_inn",
        "message": "ИНН неверен",
    }


def test_the_page_of_error_codes_explains_every_code(books: Books) -> None:
    page = books.app.test_client().get("/docs/errors").get_data(as_text=True)
    for kind in ANSWERS:
        assert f'id="{kind.code}"' in page
    assert domain.CoreUnavailable.code in page


def test_documentation_needs_nothing_from_outside(books: Books) -> None:
    client = books.app.test_client()
    page = client.get("/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.get_data(as_text=True)
    for address in ("/docs/static/swagger-ui/swagger-ui-bundle.js", "/docs/static/api/docs.js", "/openapi.json"):
        assert client.get(address).status_code == 200


def test_the_first_page_shows_everybody_where_to_go(books: Books) -> None:
    page = books.app.test_client().get("/").get_data(as_text=True)
    for address in ("/customer", "/apply", "/admin", "/docs"):
        assert f'href="{address}"' in page
    assert "/sandbox" not in page  # this bank has a core of its own
