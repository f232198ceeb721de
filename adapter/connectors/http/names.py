"""Addresses of a host, within a time: `getaddrinfo` has no deadline of its own, and a resolver that hangs would hold
the caller for half a minute.

Each question runs in a thread of its own that is left behind when its time is over; only so many run at once, so that
a resolver that hangs for ever costs a few threads and each caller its deadline.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from ipaddress import ip_address

from adapter.domain.core import Deadline

QUESTIONS_MAX = 4

_turns = threading.BoundedSemaphore(QUESTIONS_MAX)


def find_addresses(host: str, port: int, deadline: Deadline) -> Sequence[str]:
    """IP addresses to try, in order.  Raises OSError, TimeoutError among them."""
    if _is_address(host):
        return [host]
    if not _turns.acquire(timeout=deadline.seconds_left):
        raise TimeoutError
    found: Future[Sequence[str]] = Future()
    threading.Thread(target=_ask, args=(host, port, found), daemon=True, name="resolver").start()
    return found.result(timeout=deadline.seconds_left)


def _ask(host: str, port: int, found: Future[Sequence[str]]) -> None:
    try:
        told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.set_result(list(dict.fromkeys(str(address[0]) for *_, address in told)))
    except OSError as error:
        found.set_exception(error)
    except UnicodeError as error:  # a name that no host can have
        found.set_exception(OSError(str(error)))
    finally:
        _turns.release()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
