"""Why a connection failed, in words for the bank's staff: what TLS or the network said, nothing of a call's content."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

SOURCE = re.compile(r"^\[[^]]*\] ?| ?\(_ssl\.c:\d+\)$")  # where in OpenSSL and Python it was said


def tell_failure(error: BaseException) -> str:
    """`certificate verify failed: self-signed certificate`, `certificate required`, `Connection refused`, …"""
    for one in _causes(error):
        if isinstance(one, ssl.SSLError):
            return f"TLS: {SOURCE.sub('', SOURCE.sub('', str(one)))}"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return str(error) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
