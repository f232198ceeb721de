"""What is measured: for each case, requests made beforehand and the status that every answer must have."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from adapter.store.database import Database
from tests.benchmarks.load import render_request
from tests.benchmarks.world import ISSUER, Program, World, add_refresh_tokens, first_day, today
from tests.oauth.actors import ASSERTION_TYPE, basic, sign_jwt

BATCH = 1000
PAGE = 100
POLLED = (1000, 100_000, 1_000_000)  # a poll costs the same in each of these accounts
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`make(count)` gives requests that are good once; `aim` is a ratio to the constant view."""

    name: str
    count: int  # requests in one run
    status: int
    make: Callable[[int], Sequence[bytes]]
    aim: float | None = None


def list_cases(world: World, database: Database, port: int) -> list[Case]:
    """The cases of a running product; `port` is asked once for the ETag of each poll."""
    small, *_, large = sorted(world.accounts)
    polls = [
        Case(name=poll_name(entries), count=2000, status=304, make=_poll(world, entries, port), aim=1.5)
        for entries in POLLED
        if entries in world.accounts
    ]
    return [
        *polls,
        Case(name=f"page of {PAGE} entries", count=800, status=200, make=_page(world, large), aim=3.5),
        Case(name="refresh, private_key_jwt", count=600, status=200, make=_refresh(world.with_key, database), aim=2.5),
        Case(
            name="refresh, client_secret_basic",
            count=600,
            status=200,
            make=_refresh(world.with_secret, database),
            aim=2.5,
        ),
        Case(name="one payment", count=500, status=201, make=_payments(world, small), aim=6.0),
        Case(name=f"batch of {BATCH:,} orders", count=3, status=202, make=_batches(world, small)),
    ]


def poll_name(entries: int) -> str:
    return f"poll, nothing new, {entries:,} entries"


def constant_case() -> Case:
    return Case(
        name="constant", count=3000, status=200, make=lambda count: [render_request("GET", "/constant", {})] * count
    )


def render_statement_request(world: World, entries: int) -> bytes:
    """The whole statement of one account as 1C text."""
    period = urlencode({"from": first_day().isoformat(), "to": today().isoformat(), "format": "1c"})
    path = f"/v1/accounts/{world.accounts[entries].id}/statement?{period}"
    return render_request("GET", path, _bearer(world))


def _poll(world: World, entries: int, port: int) -> Callable[[int], Sequence[bytes]]:
    path = f"/v1/accounts/{world.accounts[entries].id}/changes?cursor={world.cursor(entries, entries)}"
    first = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=_bearer(world))
    with urllib.request.urlopen(first) as answer:
        etag = answer.headers["ETag"]
    request = render_request("GET", path, _bearer(world) | {"If-None-Match": etag})
    return lambda count: [request] * count


def _page(world: World, entries: int) -> Callable[[int], Sequence[bytes]]:
    """Pages from all over the account."""

    def make(count: int) -> Sequence[bytes]:
        step = max((entries - PAGE) // count, 1)
        places = [(place * step) % (entries - PAGE) for place in range(count)]
        path = f"/v1/accounts/{world.accounts[entries].id}/changes?limit={PAGE}&cursor="
        return [render_request("GET", path + world.cursor(entries, place), _bearer(world)) for place in places]

    return make


def _refresh(program: Program, database: Database) -> Callable[[int], Sequence[bytes]]:
    def make(count: int) -> Sequence[bytes]:
        tokens = add_refresh_tokens(database, program, count)
        return [_render_refresh(program, token) for token in tokens]

    return make


def _render_refresh(program: Program, token: str) -> bytes:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    headers = {"Content-Type": FORM}
    if program.key is None:
        assert program.secret is not None
        headers["Authorization"] = basic(program.client_id, program.secret)
    else:
        form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": _assertion(program)}
    return render_request("POST", "/oauth/token", headers, urlencode(form).encode())


def _assertion(program: Program) -> str:
    assert program.key is not None
    now = int(dt.datetime.now(dt.UTC).timestamp())
    claims = {"iss": program.client_id, "sub": program.client_id, "aud": ISSUER, "iat": now, "exp": now + 240}
    return sign_jwt(program.key, claims | {"jti": secrets.token_urlsafe(16)})


def _payments(world: World, entries: int) -> Callable[[int], Sequence[bytes]]:
    def make(count: int) -> Sequence[bytes]:
        bodies = [json.dumps(_order(world, entries), ensure_ascii=False).encode() for _ in range(count)]
        return [render_request("POST", "/v1/payments", _with_key(world), body) for body in bodies]

    return make


def _batches(world: World, entries: int) -> Callable[[int], Sequence[bytes]]:
    def make(count: int) -> Sequence[bytes]:
        batches = [{"payments": [_order(world, entries) for _ in range(BATCH)]} for _ in range(count)]
        bodies = [json.dumps(batch, ensure_ascii=False).encode() for batch in batches]
        return [render_request("POST", "/v1/payment-imports", _with_key(world), body) for body in bodies]

    return make


def _order(world: World, entries: int) -> dict[str, object]:
    """Each order differs in its amount and purpose, as real ones do: equal ones would be flagged as lookalikes."""
    number = secrets.randbelow(900_000) + 100_000
    return {
        "external_id": secrets.token_hex(12),
        "number": str(number),
        "date": today().isoformat(),
        "amount": f"{number}.{secrets.randbelow(100):02}",
        "account_id": world.accounts[entries].id,
        "payee": {
            "name": 'ООО "Северный ветер"',
            "inn": "7753600602",
            "kpp": "770701001",
            "account": "40702810500650067085",
            "bic": "044525983",
        },
        "purpose": f"Оплата по счёту {number} за канцелярские товары, в том числе НДС 20 % 250-00 рублей",
    }


def _with_key(world: World) -> dict[str, str]:
    return _bearer(world) | {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(12)}


def _bearer(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.access_token}"}
