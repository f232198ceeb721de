"""JSON bodies: nothing is guessed."""

from __future__ import annotations

import pytest

from adapter.api.json_bodies import parse_json
from adapter.domain.errors import MalformedBody
from tests.api.conftest import ISSUER, Books


@pytest.mark.parametrize(
    "body",
    [b'{"amount": "1.00", "amount": "9.00"}', b'{"payments": [{"payee": {"bic": "1", "b\\u0069c": "2"}}]}'],
)
def test_a_member_that_stands_twice_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="twice"):
        parse_json(body)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[NaN]", b"\xff", b"\xef\xbb\xbf{}", b'{"a":' * 1000 + b"1" + b"}" * 1000]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse_json(body)


def test_the_same_name_in_other_objects_is_no_twin() -> None:
    body = b'{"name": 1, "of": [{"name": 2.5}, {"name": "\xd1\x8f"}], "big": 12345678901234567890}'
    assert parse_json(body) == {"name": 1, "of": [{"name": 2.5}, {"name": "я"}], "big": 12345678901234567890}


def test_an_order_with_two_amounts_is_refused_over_http(books: Books) -> None:
    headers = {"Authorization": f"Bearer {books.token}", "Content-Type": "application/json"}
    for body, status in (('{"amount": "1.00", "amount": "9.00"}', 400), ('{"amount": "9.00"}', 200)):
        answer = books.app.test_client().post("/v1/payments/check", data=body, base_url=ISSUER, headers=headers)
        assert answer.status_code == status
