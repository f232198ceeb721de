"""Who logged in, from the verified claims of an ID token or of a hand-over: `sub`, `name`, `acr`, `amr`, `auth_time`.

The names and meanings are those of OpenID Connect Core 1.0, sections 2 and 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from oauth import LoginRefused, LoginResult

SKEW = timedelta(seconds=10)  # how far the two clocks may be apart
USER_ID_CHARACTERS_MAX = 200
NAME_CHARACTERS_MAX = 200
ACR_CHARACTERS_MAX = 100
AMR_CHARACTERS_MAX = 50
AMR_MAX = 10


def read_person(
    claims: Mapping[str, Any], *, strong_acrs: Sequence[str], earliest: datetime, now: datetime
) -> LoginResult:
    """The person; raises LoginRefused where a claim is missing or odd, or the login older than was asked for.

    `strong_acrs` are the values of `acr` that are enough for payments; without any every login of this bank is.
    """
    user_id = _text(claims, "sub", USER_ID_CHARACTERS_MAX)
    acr = _text(claims, "acr", ACR_CHARACTERS_MAX) if "acr" in claims else ""
    return LoginResult(
        user_id=user_id,
        user_name=_text(claims, "name", NAME_CHARACTERS_MAX) if "name" in claims else user_id,
        acr=acr,
        amr=_read_amr(claims.get("amr", [])),
        is_strong=not strong_acrs or acr in strong_acrs,
        authenticated_at=_read_auth_time(claims.get("auth_time"), earliest, now),
    )


def _text(claims: Mapping[str, Any], name: str, characters_max: int) -> str:
    value = claims.get(name)
    # What is printable holds no NUL and no lone surrogate, which no database takes.
    if not isinstance(value, str) or not 0 < len(value) <= characters_max or not value.isprintable():
        raise LoginRefused(f"{name} is not a usable text")
    return value


def _read_amr(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > AMR_MAX:
        raise LoginRefused("amr is not a short list")
    return tuple(_text({"amr": word}, "amr", AMR_CHARACTERS_MAX) for word in value)


def _read_auth_time(value: object, earliest: datetime, now: datetime) -> datetime:
    # bool is an int; NaN and huge numbers compare to nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**11:
        raise LoginRefused("auth_time is not a moment")
    moment = datetime.fromtimestamp(value, UTC)
    if not earliest - SKEW <= moment <= now + SKEW:
        raise LoginRefused("the login is older than was asked for, or in the future")
    return min(moment, now)
