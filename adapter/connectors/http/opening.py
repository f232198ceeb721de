"""Opening the HTTP core."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from adapter.connectors.http.connection import Connection, Signer
from adapter.connectors.http.core import HttpCore
from adapter.connectors.signed_tokens import SigningKey, read_signing_key, sign_call
from adapter.ports import Clock

CONNECTIONS_MIN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How the core is reached and who it must be."""

    url: str
    our_issuer: str  # `iss` of our calls
    ca_file: str = ""
    certificate_file: str = ""
    certificate_key_file: str = ""
    token_key_file: str = ""
    calls_max: int = 16


def open_http_core(options: HttpOptions, clock: Clock) -> HttpCore:
    """Raises ValueError for options that cannot work."""
    if not options.url:
        raise ValueError("the HTTP core needs its address")
    key = read_signing_key(options.token_key_file) if options.token_key_file else None
    connection = Connection(
        options.url,
        tls=_tls(options),
        sign=_signer(key, options, clock) if key else None,
        connections_max=max(CONNECTIONS_MIN, options.calls_max),
    )
    return HttpCore(connection, clock)


def _tls(options: HttpOptions) -> ssl.SSLContext | None:
    if not options.url.startswith("https://"):
        return None
    try:
        context = ssl.create_default_context(cafile=options.ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if options.certificate_file:
            context.load_cert_chain(options.certificate_file, options.certificate_key_file or None)
    except OSError as error:
        raise ValueError(f"a certificate of the HTTP core cannot be read: {error}") from error
    return context


def _signer(key: SigningKey, options: HttpOptions, clock: Clock) -> Signer:
    def sign(method: str, url: str, body: bytes) -> str:
        token = sign_call(
            key,
            issuer=options.our_issuer,
            audience=options.url,
            method=method,
            url=url,
            body=body,
            now=clock.now(),
        )
        return f"Bearer {token}"

    return sign
