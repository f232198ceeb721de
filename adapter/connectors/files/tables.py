"""What the file-exchange core remembers, in the product's own database: what came in, and what was put out.

A ledger's number, a day's number and an event's number are given under a row lock, so that whoever goes on from a mark
misses nothing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection

from adapter.connectors.tables import Moment, metadata

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACCOUNT = sa.String(34)
DOCUMENT = sa.String(80)

# Files that were read, in the order of their arrival; the same bytes are never read twice.
files_read = sa.Table(
    "files_read",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("read_at", Moment, nullable=False),
)

# The directory of customers and accounts as it last came, whole.  One row in the first table.
files_directory = sa.Table(
    "files_directory",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_at", Moment, nullable=False),
)
files_customers = sa.Table(
    "files_customers",
    metadata,
    sa.Column("user_id", sa.String(80), primary_key=True),
    sa.Column("customer_id", sa.String(80), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("told", JSON, nullable=False),
)
files_accounts = sa.Table(
    "files_accounts",
    metadata,
    sa.Column("account_id", ACCOUNT, primary_key=True),
    sa.Column("customer_id", sa.String(80), nullable=False, index=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("told", JSON, nullable=False),
)

# An account's ledger: the number of its last change, and the balance of its newest statement.
files_ledgers = sa.Table(
    "files_ledgers",
    metadata,
    sa.Column("account_id", ACCOUNT, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("as_of", Moment),
    sa.Column("balance_kopecks", sa.BigInteger),
    sa.Column("balance_currency", sa.String(3)),
    sa.Column("balance_from", sa.Date),  # the period of that statement
    sa.Column("balance_day", sa.Date),
    sa.Column("balance_at", Moment),
)

# Every version of every entry, numbered by its ledger; `told_at`, `told_file` say which file told it last by itself.
files_entries = sa.Table(
    "files_entries",
    metadata,
    sa.Column("account_id", ACCOUNT, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("identity", sa.String(32), nullable=False),
    sa.Column("core_id", sa.String(80), nullable=False),  # the identity and its place among equal ones
    sa.Column("superseded", sa.BigInteger),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("booking_date", sa.Date, nullable=False),
    sa.Column("kopecks", sa.BigInteger, nullable=False),  # with its sign
    sa.Column("content", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(80)),
    sa.Column("told_at", Moment, nullable=False),
    sa.Column("told_file", sa.BigInteger, nullable=False),
    sa.Column("in_whole", sa.Boolean, nullable=False),  # the newest statement that tells its day whole has it
    sa.Column("document_id", DOCUMENT),
    sa.Column("first_at", Moment),  # when it was first read, by our clock
    sa.Column("details", JSON, nullable=False),
    sa.Index("ix_files_entries_identity", "account_id", "identity"),
    sa.Index(
        "ix_files_entries_present",
        "account_id",
        "booking_date",
        sqlite_where=sa.text("superseded IS NULL"),
        postgresql_where=sa.text("superseded IS NULL"),
    ),
)

# Days of an account that some statement told whole, by the newest such statement.
files_days = sa.Table(
    "files_days",
    metadata,
    sa.Column("account_id", ACCOUNT, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("opening_kopecks", sa.BigInteger, nullable=False),
    sa.Column("closing_kopecks", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("is_closed", sa.Boolean, nullable=False),
    sa.Column("told_at", Moment, nullable=False),
    sa.Column("told_file", sa.BigInteger, nullable=False),
    sa.Index("ix_files_days_number", "account_id", "number"),
)

# Batches of drafts: the temporary file is whole on the disk before the row is there, and is renamed after.
files_batches = sa.Table(
    "files_batches",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
    sa.Column("temporary_name", sa.String(120), nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("out_at", Moment),
    sa.Index(
        "ix_files_batches_ready",
        "made_at",
        sqlite_where=sa.text("out_at IS NULL"),
        postgresql_where=sa.text("out_at IS NULL"),
    ),
)

# Drafts that left in a batch, whole.  Without a status: the bank has not yet said anything.
files_documents = sa.Table(
    "files_documents",
    metadata,
    sa.Column("document_id", DOCUMENT, primary_key=True),
    sa.Column("batch_name", sa.String(80), nullable=False, index=True),
    sa.Column("account_id", ACCOUNT, nullable=False),
    sa.Column("kopecks", sa.BigInteger, nullable=False),
    sa.Column("payment_order", JSON, nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False, server_default=""),
    sa.Column("partner_name", sa.Text, nullable=False, server_default=""),
    sa.Column("possible_duplicate", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("origin", sa.Text, nullable=False, server_default=""),
    sa.Column("status", sa.String(20)),
    sa.Column("at", Moment),
    sa.Column("reason", sa.Text),
    sa.Column("core_reference", sa.String(80)),
    sa.Column("sign_url", sa.Text),
    sa.Column("edited", JSON, nullable=False),
    sa.Column("entry_core_id", sa.String(80)),
    sa.Index("ix_files_documents_money", "account_id", "kopecks"),
)

# Each word of the bank about a document, numbered at its arrival.
files_events = sa.Table(
    "files_events",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("document_id", DOCUMENT, nullable=False, index=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("core_reference", sa.String(80)),
    sa.Column("sign_url", sa.Text),
    sa.Column("edited", JSON, nullable=False),
)
# When the bank said of a draft that it never came; each such word lets it leave again once.
files_denials = sa.Table(
    "files_denials",
    metadata,
    sa.Column("document_id", DOCUMENT, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
)
files_counters = sa.Table(
    "files_counters",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

# Requests to take a draft back; `refused_as` is the bank's no.
files_withdrawals = sa.Table(
    "files_withdrawals",
    metadata,
    sa.Column("request_id", DOCUMENT, primary_key=True),
    sa.Column("document_id", DOCUMENT, nullable=False, index=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("out_at", Moment),
    sa.Column("refused_as", sa.Text),
)

# Statements asked for; answered by the first statement file made after it that tells the whole period.
files_statement_orders = sa.Table(
    "files_statement_orders",
    metadata,
    sa.Column("order_id", DOCUMENT, primary_key=True),
    sa.Column("account_id", ACCOUNT, nullable=False),
    sa.Column("date_from", sa.Date, nullable=False),
    sa.Column("date_to", sa.Date, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("out_at", Moment),
    sa.Column("refused_as", sa.Text),
    sa.Column("as_of", Moment),
    sa.Column("ledger_number", sa.BigInteger),
    sa.Column("opening_kopecks", sa.BigInteger),
    sa.Column("closing_kopecks", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Index("ix_files_statement_orders_account", "account_id"),
)


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the database's own dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
