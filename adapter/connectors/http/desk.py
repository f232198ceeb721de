"""What the core says by itself: hints, each signed for just this call and taken once.  Meets `adapter.ports.CoreDesk`.

Any kind of core may hint; only the keys must be known.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import structlog
from sqlalchemy.engine import Engine

from adapter.connectors.compact_tokens import BadToken
from adapter.connectors.key_sets import KeySource, KeysUnavailable
from adapter.connectors.signed_tokens import SigningKey, expiry, verify_call
from adapter.connectors.used_tokens import claim_token
from adapter.domain.core import CoreHint
from adapter.domain.errors import CoreCallRefused, CoreUnavailable, MalformedBody
from adapter.ports import Clock
from adapter.schemas.core_gateway.hints import HINTS_PATH, load_hint
from adapter.schemas.core_gateway.members import Members, WrongShape

log = structlog.get_logger("adapter.core_hints")

PURPOSE = "hint"


class ClosedDesk:
    """No core calls here."""

    def read_hint(self, authorization: str, body: bytes) -> CoreHint:
        raise CoreCallRefused("the settings name no core that may call")

    def public_keys(self) -> Mapping[str, object]:
        return {"keys": []}


class SignedDesk:
    """`keys` and `issuer` are the core's, `audience` is our own address; without keys no hint is taken."""

    def __init__(
        self,
        *,
        keys: KeySource | None,
        issuer: str,
        audience: str,
        our_key: SigningKey | None,
        clock: Clock,
        writer: Engine,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._our_key = our_key
        self._clock = clock
        self._writer = writer

    def read_hint(self, authorization: str, body: bytes) -> CoreHint:
        if self._keys is None:
            raise CoreCallRefused("the settings name no core that may call")
        try:
            claims = verify_call(
                authorization,
                self._keys,
                issuer=self._issuer,
                audience=self._audience,
                method="POST",
                url=f"{self._audience}{HINTS_PATH}",
                body=body,
                now=self._clock.now(),
            )
        except BadToken as error:
            log.warning("a hint is refused", why=str(error))
            raise CoreCallRefused from error
        except KeysUnavailable as error:
            raise CoreUnavailable("the core's keys cannot be had") from error
        hint = _parse(body)
        with self._writer.begin() as tx:
            if not claim_token(tx, PURPOSE, claims["jti"], expiry(claims)):
                log.warning("a hint is refused", why="used before")
                raise CoreCallRefused
        return hint

    def public_keys(self) -> Mapping[str, object]:
        return {"keys": [self._our_key.public] if self._our_key else []}


def _parse(body: bytes) -> CoreHint:
    try:
        return load_hint(Members.of(orjson.loads(body)))
    except orjson.JSONDecodeError as error:
        raise MalformedBody("not JSON") from error
    except WrongShape as error:
        raise MalformedBody(str(error)) from error
