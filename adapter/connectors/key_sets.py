"""Public keys of the other side: a JWKS (RFC 7517) from a file or from an address.

A key that is not known makes the source look once more, so a bank changes its key by adding the new one beside the
old.  From an address this happens at most every 30 seconds, and what was read stays good while the address is silent.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx2
import structlog

from adapter.connectors.bounded import BoundedTransport, open_tls

log = structlog.get_logger("adapter.connectors.keys")

KEPT_S = 300.0
ASK_AGAIN_S = 30.0
FETCH_TIMEOUT_S = 3.0
JWKS_BYTES_MAX = 256 * 1024
KEYS_MAX = 50

PublicKey = Mapping[str, Any]


class KeysUnavailable(Exception):
    """The keys cannot be had now, so no token can be judged."""


class KeySource(Protocol):
    """Where public keys are found."""

    def find(self, kid: str) -> Sequence[PublicKey]:
        """The signing keys of this id, mostly one; none for an unknown id.  Raises KeysUnavailable."""


class FileKeys:
    """A JWKS in a file; it is read again when it changes."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._read_as: tuple[int, int] | None = None
        self._keys: Sequence[PublicKey] = ()

    def find(self, kid: str) -> Sequence[PublicKey]:
        try:
            now = self._path.stat()
            if self._read_as != (now.st_mtime_ns, now.st_size):
                self._keys = _parse(self._path.read_bytes())
                self._read_as = (now.st_mtime_ns, now.st_size)
        except (OSError, ValueError) as error:
            raise KeysUnavailable(f"{self._path}: {type(error).__name__}") from error
        return _of(self._keys, kid)


class OneAsks:
    """One thread asks outside, the others go on with what there is.

    Only where there is nothing yet do they wait for its answer: no longer than a fetch may take.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()

    def ask(self, is_due: Callable[[], bool], ask: Callable[[], None], *, has_something: bool) -> None:
        """Ask, where it is due and no other thread is just doing it."""
        if not is_due() or not self._asking.acquire(timeout=0 if has_something else FETCH_TIMEOUT_S):
            return
        try:
            if is_due():
                ask()
        finally:
            self._asking.release()


class AddressKeys:
    """A JWKS at an address."""

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        self._fetch = fetch
        self._one_asks = OneAsks()
        self._keys: Sequence[PublicKey] | None = None
        self._good_until = 0.0
        self._asked_at = float("-inf")

    def find(self, kid: str) -> Sequence[PublicKey]:
        self._one_asks.ask(lambda: self._is_due(kid), self._ask, has_something=self._keys is not None)
        if self._keys is None:
            raise KeysUnavailable("the keys were never read")
        return _of(self._keys, kid)

    def _is_due(self, kid: str) -> bool:
        now = time.monotonic()
        is_stale = self._keys is None or now >= self._good_until or not _of(self._keys, kid)
        return is_stale and now - self._asked_at >= ASK_AGAIN_S

    def _ask(self) -> None:
        try:
            self._keys = _parse(self._fetch())
            self._good_until = time.monotonic() + KEPT_S
        except (httpx2.HTTPError, OSError, ValueError) as error:
            log.warning("public keys cannot be read", error=type(error).__name__)
        self._asked_at = time.monotonic()


def open_keys(*, file: str, url: str, ca_file: str = "") -> KeySource:
    """The source that the settings name; raises ValueError where they name none."""
    if file:
        return FileKeys(file)
    if url:
        return AddressKeys(lambda: fetch(url, ca_file))
    raise ValueError("neither a file nor an address of keys is given")


def fetch(url: str, ca_file: str = "") -> bytes:
    """The body at an address, bounded in time and size, without redirects; raises httpx2.HTTPError and ValueError."""
    transport = BoundedTransport(tls=open_tls(ca_file), seconds=FETCH_TIMEOUT_S, bytes_max=JWKS_BYTES_MAX)
    with httpx2.Client(transport=transport, follow_redirects=False, trust_env=False) as client:
        answer = client.get(url, headers={"Accept": "application/json"})
    if answer.status_code != 200:
        raise ValueError(f"answered {answer.status_code}")
    return answer.content


def _parse(data: bytes) -> Sequence[PublicKey]:
    found = json.loads(data)
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) > KEYS_MAX or not all(isinstance(key, dict) for key in keys):
        raise ValueError("not a JWKS")
    return keys


def _of(keys: Sequence[PublicKey], kid: str) -> Sequence[PublicKey]:
    return [key for key in keys if key.get("kid") == kid and key.get("use", "sig") == "sig"]
