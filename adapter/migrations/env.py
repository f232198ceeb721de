"""Alembic's entry: one history for the tables of both packages."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

import oauth
from adapter.connectors.files import tables as _files_tables  # noqa: F401  # joins the connectors' metadata
from adapter.connectors.tables import metadata as connector_metadata
from adapter.store.tables import metadata


def render_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Revisions name the database's types, so that they outlive our classes."""
    if kind == "type" and isinstance(item, sa.TypeDecorator) and isinstance(item.impl, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[metadata, connector_metadata, oauth.metadata],
    render_as_batch=True,
    render_item=render_type,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
