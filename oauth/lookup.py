"""The one query behind every API call: an access token with its consent and partner.

Compiled once per database and run on the driver's own cursor: Core's machinery around one execution costs more than the
query itself.  Types and the pool stay SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

from oauth.models import access_tokens, consents, partners

HASH = "token_hash"


class Grant(NamedTuple):
    """A row of the query; the columns stand in this order."""

    scope: str
    token_expires_at: datetime
    revoked_at: datetime | None
    consent_id: str
    consent_state: str
    expires_at: datetime
    given_at: datetime
    scopes: list[str]
    account_ids: list[str]
    history_from: date
    customer_id: str
    customer_name: str
    partner_id: str
    client_id: str
    partner_name: str
    partner_state: str
    ip_ranges: list[str]


_query = (
    sa.select(
        access_tokens.c.scope,
        access_tokens.c.expires_at,
        access_tokens.c.revoked_at,
        consents.c.id,
        consents.c.state,
        consents.c.expires_at,
        consents.c.given_at,
        consents.c.scopes,
        consents.c.account_ids,
        consents.c.history_from,
        consents.c.customer_id,
        consents.c.customer_name,
        partners.c.id,
        partners.c.client_id,
        partners.c.name,
        partners.c.state,
        partners.c.ip_ranges,
    )
    .join(consents, consents.c.id == access_tokens.c.consent_id)
    .join(partners, partners.c.id == consents.c.partner_id)
    .where(access_tokens.c.hash == sa.bindparam(HASH, type_=sa.LargeBinary))
)


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    by_position: bool
    processors: Sequence[tuple[int, Callable[[Any], Any]]]  # of the columns that need one


_compiled: dict[str, _Compiled] = {}


def find_grant(reader: Engine, token_hash: bytes) -> Grant | None:
    """What a token gives now; `reader` is in AUTOCOMMIT, so it sees what was committed last."""
    query = _compiled.get(reader.dialect.name) or _compile(reader.dialect)
    connection = reader.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(query.text, (token_hash,) if query.by_position else {HASH: token_hash})
        found: Any = cursor.fetchone()
        cursor.close()
    except BaseException as error:
        is_lost = _is_lost(reader, connection, error)
        connection.invalidate()  # a broken connection must not go back to the pool
        if is_lost:
            reader.dispose()  # the others in the pool are gone too, most likely
        raise
    connection.close()
    if found is None:
        return None
    row = list(found)
    for place, process in query.processors:
        row[place] = process(row[place])
    return Grant(*row)


def _is_lost(engine: Engine, connection: PoolProxiedConnection, error: BaseException) -> bool:
    """Whether the driver says that the database is gone, not only that the query failed."""
    driver: Any = engine.dialect.loaded_dbapi
    return isinstance(error, driver.Error) and engine.dialect.is_disconnect(error, connection.dbapi_connection, None)


def _compile(dialect: sa.Dialect) -> _Compiled:
    compiled: Any = _query.compile(dialect=dialect)
    processors = [
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(_query.selected_columns)
    ]
    needed = tuple((place, process) for place, process in processors if process is not None)
    found = _Compiled(str(compiled), bool(compiled.positional), needed)
    _compiled[dialect.name] = found
    return found
