"""Tables that connectors keep in the product's own database; the migrations know them.

The sandbox is a bank of its own and keeps nothing here.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(sa.TypeDecorator[dt.datetime]):
    """Aware moments, given back as UTC (SQLite has no zone of its own)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# Logins that wait for the person to come back from the bank's identity provider; each is used once.
core_logins = sa.Table(
    "core_logins",
    metadata,
    sa.Column("state_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("code_verifier", sa.String(128), nullable=False),
    sa.Column("earliest", Moment, nullable=False),  # a login before this is older than what was asked for
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("used_at", Moment),
)

# Tokens of the core that are good for one use: hand-overs of logins, hints.
used_tokens = sa.Table(
    "used_tokens",
    metadata,
    sa.Column("purpose", sa.String(20), primary_key=True),
    sa.Column("jti", sa.String(255), primary_key=True),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)
