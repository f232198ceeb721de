"""Tables of the sandbox bank.  They are the bank's, not the product's: nothing outside this package reads them."""

from __future__ import annotations

import sqlalchemy as sa

from adapter.connectors.tables import Moment

metadata = sa.MetaData()

# One row.  The life ends when the bank is emptied: marks of another life mean nothing here.
identity = sa.Table("sandbox_identity", metadata, sa.Column("life", sa.Text, primary_key=True))

# --- who has accounts and who acts for them ---------------------------------------------------------------------------

customers = sa.Table(
    "sandbox_customers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("inn", sa.Text, nullable=False),
    sa.Column("kpp", sa.Text),
    sa.Column("signatures_needed", sa.Integer, nullable=False),
)

users = sa.Table(
    "sandbox_users",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
)

mandates = sa.Table(
    "sandbox_mandates",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("may_sign", sa.Boolean, nullable=False),
    sa.Column("may_give_consent", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),  # why the person may not give consent
)

# --- accounts and the log of their entries ----------------------------------------------------------------------------

accounts = sa.Table(
    "sandbox_accounts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False, index=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("bic", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("can_be_shared", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),  # why it cannot be shared
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("opening_kopecks", sa.BigInteger, nullable=False),
    sa.Column("booked_kopecks", sa.BigInteger, nullable=False),  # opening + current entries
    sa.Column("change_no", sa.BigInteger, nullable=False),  # of the last change of an entry
)

# Every version of every entry; `change_no` is the log's order within an account, so a mark is a number.
entries = sa.Table(
    "sandbox_entries",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("change_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("core_id", sa.Text, nullable=False, index=True),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("booking_date", sa.Date, nullable=False),
    sa.Column("touched_from", sa.Date, nullable=False),  # the earliest day whose totals this change moved
    sa.Column("kopecks", sa.BigInteger, nullable=False),  # credit positive, debit negative, removed 0
    sa.Column("document_id", sa.Text),  # id of an imported document, where this is its booking
    sa.Column("details", sa.JSON(none_as_null=True)),  # NULL: removed
    sa.Index("sandbox_entries_by_day", "account_id", "booking_date"),
)

# --- imported documents -----------------------------------------------------------------------------------------------

documents = sa.Table(
    "sandbox_documents",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),  # the sender's: sending twice makes one document
    sa.Column("customer_id", sa.Text, nullable=False, index=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("partner_name", sa.Text, nullable=False),
    sa.Column("possible_duplicate", sa.Boolean, nullable=False),
    sa.Column("origin", sa.Text),  # the sender's own word, kept unread; NULL: of a bank that did not keep it yet
    sa.Column("submitted_order", sa.JSON(none_as_null=True)),  # as it came; NULL as above
    sa.Column("payment_order", sa.JSON, nullable=False),  # as it stands now, edits included
    sa.Column("kopecks", sa.BigInteger, nullable=False),
    sa.Column("edited", sa.JSON, nullable=False),  # field → value, only what a person changed after import
    sa.Column("status", sa.Text, nullable=False, index=True),
    sa.Column("reason", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

signatures = sa.Table(
    "sandbox_signatures",
    metadata,
    sa.Column("document_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

document_events = sa.Table(
    "sandbox_document_events",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("edited", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

withdrawals = sa.Table(
    "sandbox_withdrawals",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
)

statement_orders = sa.Table(
    "sandbox_statement_orders",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # the sender's
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("date_from", sa.Date, nullable=False),
    sa.Column("date_to", sa.Date, nullable=False),
)

# --- login and signing codes ------------------------------------------------------------------------------------------

sessions = sa.Table(
    "sandbox_sessions",
    metadata,
    sa.Column("id_hash", sa.Text, primary_key=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text),  # NULL: nobody logged in yet
    sa.Column("expires_at", Moment, nullable=False),
)

# A code is for one act: a login, or the signing of one document.
codes = sa.Table(
    "sandbox_codes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("session", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("tries_left", sa.Integer, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
)

# A service sends a person to log in; when done, a ticket goes back with the browser.
login_requests = sa.Table(
    "sandbox_login_requests",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("service_name", sa.Text),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)

tickets = sa.Table(
    "sandbox_tickets",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("authenticated_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
)
