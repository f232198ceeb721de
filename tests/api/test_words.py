"""What the API names and people see on the bank's pages has words there; `test_translations` holds their English."""

from __future__ import annotations

from adapter.api.negotiation import OPTION_VALUES
from adapter.api.shapes import SHAPES
from oauth.web.words import STATEMENT_OPTIONS, STATEMENT_SHAPES, USES
from tests.api.conftest import Books


def test_every_use_of_the_api_has_words(books: Books) -> None:
    endpoints = [rule.endpoint for rule in books.app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    assert {endpoint.partition(".")[0] for endpoint in endpoints} | {"refused"} == set(USES)


def test_every_shape_and_its_options_have_words() -> None:
    assert set(STATEMENT_SHAPES) == set(SHAPES)
    assert set(STATEMENT_OPTIONS) == {*OPTION_VALUES, *(value for values in OPTION_VALUES.values() for value in values)}
