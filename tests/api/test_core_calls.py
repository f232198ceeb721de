"""The core calls the adapter: a hint is taken once from whom the bank trusts, and what it names is read at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask

from adapter.app import create_app
from adapter.connectors.http.desk import SignedDesk
from adapter.connectors.key_sets import FileKeys
from adapter.connectors.signed_tokens import SigningKey, read_signing_key, sign_call, write_new_key
from adapter.domain.core import Deadline
from tests.api.conftest import ISSUER, Books
from tests.fakes import KnownKeys, entry_details
from tests.oauth.actors import b64

CORE = "https://core.bank.example"
HINTS = "/core/hints"


@dataclass
class Core:
    """The bank's side: its key, and our application with a desk that knows it."""

    books: Books
    app: Flask
    key: SigningKey

    def sign(self, body: bytes, **changed: Any) -> str:
        told: dict[str, Any] = {
            "issuer": CORE,
            "audience": ISSUER,
            "method": "POST",
            "url": f"{ISSUER}{HINTS}",
            "body": body,
            "now": self.books.clock.now(),
        }
        return sign_call(**{"key": self.key, **told, **changed})

    def send(self, body: bytes, token: str | None, query: str = "") -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.app.test_client().post(f"{HINTS}{query}", base_url=ISSUER, data=body, headers=headers).status_code

    def hint(self, *account_ids: str) -> int:
        body = orjson.dumps({"account_ids": account_ids, "documents": True, "a_new_member": 1})
        return self.send(body, self.sign(body))

    def due(self) -> int:
        """How many accounts the worker reads in its next round."""
        ids = [self.books.account_id, self.books.other_account_id]
        return self.books.parts.services.feeds.refresh_due(ids, Deadline.after(5))


@pytest.fixture
def make_core(books: Books, tmp_path: Path) -> Callable[..., Core]:
    write_new_key(str(tmp_path / "core.json"), "c-1")
    key = read_signing_key(str(tmp_path / "core.json"))
    parts = books.parts

    def make(**changed: Any) -> Core:
        told: dict[str, Any] = {
            "keys": KnownKeys([key.public]),
            "issuer": CORE,
            "audience": ISSUER,
            "our_key": None,
            "clock": books.clock,
            "writer": parts.database.writer,
        }
        desk = SignedDesk(**{**told, **changed})
        app = create_app(replace(parts, core=replace(parts.core, desk=desk)))
        return Core(books, app, key)

    return make


@pytest.fixture
def core(make_core: Callable[..., Core]) -> Core:
    found = make_core()
    found.books.refresh()
    return found


def test_what_a_hint_names_is_read_in_the_next_round(core: Core) -> None:
    assert core.due() == 0
    core.books.core.bank.book("acc-1", entry_details("10.00"))
    assert core.hint("acc-1", "an account nobody knows") == 202
    assert core.due() == 1
    assert len(core.books.changes().get_json()["added"]) == 1
    assert core.due() == 0


def test_a_hint_without_accounts_is_taken(core: Core) -> None:
    assert core.hint() == 202
    body = b"{}"
    assert core.send(body, core.sign(body)) == 202
    assert core.due() == 0


def test_a_hint_that_comes_while_the_account_is_read_wants_another_reading(core: Core) -> None:
    writer, now = core.books.parts.services.feeds.writer, core.books.clock.now()
    lease = writer.lease(core.books.account_id, now, now + dt.timedelta(seconds=30))
    assert lease is not None
    assert core.hint("acc-1") == 202
    page = core.books.core.pull_entries("acc-1", lease.mark, 10, Deadline.after(5))
    assert writer.store_page(lease, lease.mark, page, None, now)
    assert core.due() == 1


def test_a_reading_that_stopped_is_wanted_again(core: Core) -> None:
    writer, now = core.books.parts.services.feeds.writer, core.books.clock.now()
    assert core.hint("acc-1") == 202
    lease = writer.lease(core.books.account_id, now, now + dt.timedelta(seconds=30))
    assert lease is not None
    writer.release(lease, now + dt.timedelta(seconds=10))
    assert core.due() == 0
    core.books.clock.advance(seconds=10)
    assert core.due() == 1


def test_a_hint_is_taken_once(core: Core) -> None:
    body = b'{"account_ids": ["acc-1"]}'
    token = core.sign(body)
    assert [core.send(body, token), core.send(body, token)] == [202, 401]
    assert core.send(body, core.sign(body)) == 202


@pytest.mark.parametrize(
    "spoilt",
    [
        {"issuer": "https://other.example"},
        {"audience": CORE},
        {"method": "PUT"},
        {"url": f"{ISSUER}/v1/accounts"},
        {"body": b'{"account_ids": ["acc-2"]}'},
        {"now": dt.datetime(2026, 11, 20, 8, 58, tzinfo=dt.UTC)},
        {"now": dt.datetime(2026, 11, 20, 9, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_hint_that_is_not_signed_for_just_this_call_is_refused(core: Core, spoilt: dict[str, Any]) -> None:
    body = b'{"account_ids": ["acc-1"]}'
    assert core.send(body, None) == 401
    assert core.send(body, core.sign(**{"body": body, **spoilt})) == 401
    assert core.due() == 0
    assert core.send(body, core.sign(body)) == 202
    assert core.due() == 1


@pytest.mark.parametrize("header", [{"alg": []}, {"alg": {}}, {"alg": 1}, {"kid": []}, {"typ": []}], ids=str)
def test_a_token_with_an_odd_header_is_refused(core: Core, header: dict[str, Any]) -> None:
    body = b'{"account_ids": ["acc-1"]}'
    right = core.sign(body)
    changed = orjson.dumps({"alg": "ES256", "typ": "call+jwt", "kid": core.key.kid, **header})
    assert core.send(body, ".".join([b64(changed), *right.split(".")[1:]])) == 401
    assert core.send(body, right) == 202


def test_a_hint_is_signed_for_an_address_without_a_query(core: Core) -> None:
    body = b'{"account_ids": ["acc-1"]}'
    token = core.sign(body)
    assert core.send(body, token, query="?x=1") == 401
    assert core.send(body, token) == 202


def test_a_stranger_hints_nothing(core: Core, tmp_path: Path) -> None:
    write_new_key(str(tmp_path / "stranger.json"), "c-1")  # the same name, another key
    body = b"{}"
    assert core.send(body, core.sign(body, key=read_signing_key(str(tmp_path / "stranger.json")))) == 401
    assert core.send(body, core.sign(body)) == 202


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"account_ids": "acc-1"}', b'{"account_ids": ["\\u0000"]}'])
def test_a_hint_that_cannot_be_read_is_refused_and_its_token_still_good(core: Core, body: bytes) -> None:
    answer = core.app.test_client().post(
        HINTS, base_url=ISSUER, data=body, headers={"Authorization": f"Bearer {core.sign(body)}"}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_body")
    assert core.hint("acc-1") == 202


def test_where_no_core_may_call_nobody_is_heard(make_core: Callable[..., Core]) -> None:
    assert make_core(keys=None).hint("acc-1") == 401
    assert make_core().hint("acc-1") == 202


def test_without_the_core_s_keys_a_hint_may_come_again(make_core: Callable[..., Core], tmp_path: Path) -> None:
    later = tmp_path / "later.json"
    core = make_core(keys=FileKeys(str(later)))
    assert core.hint("acc-1") == 503
    later.write_bytes(orjson.dumps({"keys": [dict(core.key.public)]}))
    assert core.hint("acc-1") == 202


def test_our_public_keys_are_there_for_the_core(make_core: Callable[..., Core]) -> None:
    core = make_core()
    assert core.app.test_client().get("/core/jwks.json").get_json() == {"keys": []}
    signing = make_core(our_key=core.key)
    (told,) = signing.app.test_client().get("/core/jwks.json").get_json()["keys"]
    assert (told["kid"], told["use"], "d" in told) == ("c-1", "sig", False)
