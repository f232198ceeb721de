"""Requests that no well-behaved client sends, as raw bytes, and a socket that tells what came back."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FORM = "application/x-www-form-urlencoded"
ANSWER_WITHIN_S = 20.0

# Names that some endpoint reads, from query or form.
NAMES = re.findall(
    r"\w+",
    "client_id redirect_uri response_type scope state code_challenge code_challenge_method request_uri account consent "
    "grant_type code refresh_token code_verifier client_assertion client_assertion_type client_secret token "
    "token_type_hint login password totp csrf receipt name legal_name inn website purpose contact_name contact_email "
    "redirect_uris auth_method jwks scopes ip_ranges decision customer cursor limit wait from to format encoding mode "
    "external_id reason q search page next return_path lang shape period dialect version",
)

READ_FROM_QUERIES = re.findall(
    r"\w+",
    "cursor limit wait from to format encoding mode external_id client_id request_uri q page state before account "
    "request action actor_id partner_id consent_id shape period dialect version customer",
)

VALUES: Mapping[str, str] = {
    "a NUL": "a%00b",
    "no UTF-8": "%ff%fe",
    "half a surrogate": "%ed%a0%80",
    "an overlong slash": "%c0%af",
    "a newline": "a%0d%0aSet-Cookie:%20x=1",
    "a broken escape": "%zz%",
    "markup": "%3Cscript%3E%27%22--%3B",
    "a template": "%7B%7B7*7%7D%7D%25s%25n",
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "astral": "%F0%9F%92%B8",
    "nothing": "",
}


@dataclass(frozen=True, slots=True)
class Odd:
    """One request and what is odd about it."""

    what: str
    data: bytes


def list_odd_requests(method: str, path: str, headers: Mapping[str, str]) -> Iterator[Odd]:
    """Everything odd that can be done to one endpoint; `headers` are those of a caller who is known."""
    yield from _odd_queries(method, path, headers)
    yield from _odd_paths(method, path, headers)
    yield from _odd_headers(method, path, headers)
    if method != "GET":
        yield from _odd_bodies(method, path, headers)


def render(method: str, target: str | bytes, headers: Mapping[str, str | bytes], body: bytes = b"") -> bytes:
    """One request; text is sent as Latin-1, bytes as they are."""
    lines = [_bytes(method) + b" " + _bytes(target) + b" HTTP/1.1", b"Host: bank.example", b"Connection: close"]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers.items()]
    if (body or method == "POST") and not {"Content-Length", "Transfer-Encoding"} & set(headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", b""]) + body


def ask(port: int, data: bytes) -> int:
    """The status of the answer; 0 where the server closed without one.  Raises TimeoutError where it hangs."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass  # it answered before it had read everything
        return _read_status(connection)


def _read_status(connection: socket.socket) -> int:
    received = b""
    try:
        while len(received) < 12 and (piece := connection.recv(4096)):
            received += piece
    except ConnectionResetError:
        pass
    return int(received[9:12]) if received.startswith(b"HTTP/1.") else 0


def _odd_queries(method: str, path: str, headers: Mapping[str, str]) -> Iterator[Odd]:
    for name in READ_FROM_QUERIES if method == "GET" else ():
        for what in ("a NUL", "a huge number"):
            yield Odd(f"{name} of {what}", render(method, f"{path}?{name}={VALUES[what]}", headers))
    for what, value in VALUES.items():
        yield Odd(f"query of {what}", render(method, f"{path}?{_fill(value)}", headers))
    yield Odd("every name twice", render(method, f"{path}?{_fill('1')}&{_fill('2')}", headers))
    yield Odd("raw bytes in the query", render(method, _bytes(path) + b"?a=\xff\xfe\x01", headers))
    yield Odd("a long query", render(method, f"{path}?cursor={'a' * 7000}", headers))
    yield Odd("a query beyond the limit", render(method, f"{path}?cursor={'a' * 100_000}", headers))
    yield Odd("a thousand names", render(method, f"{path}?{'&'.join(f'n{i}' for i in range(1000))}", headers))
    yield Odd("names of NUL", render(method, f"{path}?%00=%00&%ff=%ff&[]=&=", headers))


def _odd_paths(method: str, path: str, headers: Mapping[str, str]) -> Iterator[Odd]:
    start = path.rsplit("/", 1)[0]
    for tail in ("%00", "%ff", "%ed%a0%80", "..%2f..%2f", "%2e%2e/", ";a=b", "a" * 3000, "%F0%9F%92%B8"):
        yield Odd(f"path ending in {tail[:12]}", render(method, f"{path}{tail}", headers))
        yield Odd(f"path with {tail[:12]} for its last part", render(method, f"{start}/{tail}", headers))
    yield Odd("a slash more", render(method, f"{path}/", headers))
    yield Odd("two slashes", render(method, f"/{path}", headers))
    yield Odd("a full address", render(method, f"http://other.example{path}", headers))


def _odd_headers(method: str, path: str, headers: Mapping[str, str]) -> Iterator[Odd]:
    odd: Mapping[str, str | bytes] = {
        "Cookie": b"session=\xff%00; csrf=\x80; staff=..; =; ;;",
        "Accept": "*/*;q=foo, ;;, text/\xff",
        "Accept-Language": "\xff;q=2, ru-;q=abc, " + "x" * 500,
        "If-None-Match": b'W/"\xff", *, "',
        "Idempotency-Key": b"\xff\x80",
        "X-Request-ID": b"\xff" * 200,
        "X-Forwarded-For": "not-an-address, 1.2.3.4.5",
        "X-Forwarded-Host": "evil.example",
        "Origin": b"\xff",
        "Referer": "http://[::1",
        "Range": "bytes=9-1,a",
        "Date": "yesterday",
        "Content-Type": b"\xff/\xff; charset=\xff",
        "Content-Encoding": "gzip",
        "Expect": "something",
        "Upgrade": "websocket",
    }
    for name, value in odd.items():
        yield Odd(f"header {name}", render(method, path, {**headers, name: value}))
    for value in (
        "Bearer",
        "Bearer \xff",
        "Bearer " + "a" * 9000,
        "Basic ====",
        "Basic /w==",
        "Basic YTo6Og==",
        "Basic AGE6AGI=",
    ):
        yield Odd(f"Authorization {value[:10]!r}", render(method, path, {**headers, "Authorization": value}))
    yield Odd(
        "two Authorization",
        render(method, path, headers).replace(
            b"\r\n\r\n", b"\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 1
        ),
    )
    yield Odd("a header beyond the limit", render(method, path, {**headers, "X-Long": "a" * 70_000}))
    yield Odd("too many headers", render(method, path, {**headers, **{f"X-{i}": "a" for i in range(200)}}))
    yield Odd("no Host", render(method, path, headers).replace(b"Host: bank.example\r\n", b"", 1))
    yield Odd("an odd Host", render(method, path, headers).replace(b"bank.example", b"\xff:99999999", 1))
    yield Odd("a method of our own", render("MAKE", path, headers))
    yield Odd("HTTP/0.9", b"GET " + _bytes(path) + b"\r\n\r\n")


def _odd_bodies(method: str, path: str, headers: Mapping[str, str]) -> Iterator[Odd]:
    form = {**headers, "Content-Type": FORM, "Origin": "http://bank.example", "Idempotency-Key": "odd-1"}
    for what, value in VALUES.items():
        yield Odd(f"form of {what}", render(method, path, form, _fill(value).encode()))
    yield Odd("every field twice", render(method, path, form, f"{_fill('1')}&{_fill('2')}".encode()))
    yield Odd("raw bytes in the form", render(method, path, form, b"client_id=\xff\x00&login=\xfe"))
    yield Odd("ten thousand fields", render(method, path, form, b"&".join(b"f%d=" % i for i in range(10_000))))
    yield Odd("a huge form", render(method, path, form, b"a=" + b"x" * 2_000_000))
    yield Odd("a body said to be huge", render(method, path, {**form, "Content-Length": "99999999999"}, b"a"))
    for length in ("-1", "abc", "1, 2", "\xff"):
        yield Odd(f"Content-Length {length!r}", render(method, path, {**form, "Content-Length": length}, b"a=b"))
    yield Odd("a body cut short", render(method, path, {**form, "Content-Length": "1000"}, b"a=b"))
    chunked = {**form, "Transfer-Encoding": "chunked"}
    for chunks in (
        b"zz\r\nabc\r\n",
        b"5\r\nab",
        b"-1\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"3;x=\xff\r\na=b\r\n0\r\n\r\n",
    ):
        yield Odd(f"chunks {chunks[:8]!r}", render(method, path, chunked, chunks))
    yield Odd("two lengths", render(method, path, {**chunked, "Content-Length": "3"}, b"3\r\na=b\r\n0\r\n\r\n"))
    for kind, body in _ODD_KINDS.items():
        for content in (body, b"\x00\xff", b""):
            sent = {**form, "Content-Type": kind}
            yield Odd(f"{kind[:40]} {content[:10]!r}", render(method, path, sent, content))


_ODD_KINDS: Mapping[str, bytes] = {
    "application/json": b"[" * 100_000,
    "application/json; charset=utf-16": b'{"payments": [{"external_id": "\\ud800", "amount": NaN}]}',
    "application/json;": b'{"payments": [{"external_id": "\\u0000", "purpose": "\\u0000\\udfff"}], "a\\u0000": 1}',
    "text/plain; charset=no-such": "1CClientBankExchange\r\nКодировка=Windows\r\n".encode("cp1251"),
    "application/xml": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "multipart/form-data": b"--x\r\n\r\n",
    "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="a"; filename="\xff"\r\n\r\nb\r\n',
    "multipart/form-data; boundary=y": b"".join(
        b'--y\r\nContent-Disposition: form-data; name="%d"\r\n\r\n\r\n' % i for i in range(500)
    ),
    "application/x-www-form-urlencoded; charset=utf-7": b"client_id=+AAA-",
}


def _fill(value: str) -> str:
    """Every name that we know, with the same value."""
    return "&".join(f"{name}={value}" for name in NAMES)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
