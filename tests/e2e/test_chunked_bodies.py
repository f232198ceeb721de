"""Bodies in chunks over the real server: one that passes the limit is refused, never cut and taken for a whole one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from adapter.demo.world import World
from tests.api.test_payments import GOOD_FILE
from tests.e2e.connected import connected_partner

LIMIT = 128 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CASES = [
    ("/v1/payment-imports", "text/plain", LIMIT),
    ("/v1/payment-imports", JSON, LIMIT),
    ("/v1/payment-imports", "application/xml", LIMIT),
    ("/v1/payments", JSON, LIMIT),
    ("/v1/payments/check", JSON, LIMIT),
    ("/v1/payments/check", "text/plain", LIMIT),
    ("/v1/payments/pay_1/cancellation", JSON, LIMIT),
    ("/v1/statement-orders", JSON, 16 * 1024),
    ("/oauth/token", FORM, 64 * 1024),
    ("/oauth/par", FORM, 64 * 1024),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = {"BANK_ADAPTER_LOG_LEVEL": "WARNING", "BANK_ADAPTER_BODY_BYTES_MAX": str(LIMIT)}
    with connected_partner(tmp_path_factory.mktemp("bank"), **settings) as found:
        yield found


def send(world: World, path: str, media_type: str, body: bytes, *, in_chunks: bool) -> httpx2.Response:
    headers = {
        "Authorization": f"Bearer {world.partner.access_token}",
        "Content-Type": media_type,
        "Idempotency-Key": f"{path}-{len(body)}-{in_chunks}",
    }
    pieces = (body[start : start + 8192] for start in range(0, len(body), 8192))
    content = pieces if in_chunks else body
    return httpx2.post(world.bank.url + path, headers=headers, content=content, timeout=30)


@pytest.mark.parametrize(("path", "media_type", "limit"), CASES)
@pytest.mark.parametrize("in_chunks", [True, False])
def test_a_body_over_the_limit_is_413(world: World, path: str, media_type: str, limit: int, in_chunks: bool) -> None:
    padded = {JSON: b"{}" + b" " * limit, FORM: b"grant_type=x&a=" + b"a" * limit}
    body = padded.get(media_type, GOOD_FILE.encode("cp1251") + b"\r\n" * limit)
    response = send(world, path, media_type, body, in_chunks=in_chunks)
    assert response.status_code == 413
    if path.startswith("/v1/"):
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "body_too_large"


def test_a_body_in_chunks_within_the_limit_is_read(world: World) -> None:
    file = GOOD_FILE.encode("cp1251")
    response = send(world, "/v1/payments/check", "text/plain", file, in_chunks=True)
    assert response.status_code == 200
    assert response.json() == send(world, "/v1/payments/check", "text/plain", file, in_chunks=False).json()
    token = send(world, "/oauth/token", FORM, b"grant_type=x", in_chunks=True)
    assert token.status_code in (400, 401)
