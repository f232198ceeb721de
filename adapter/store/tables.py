"""The tables of the adapter.  Migrations are in `adapter/migrations`; ids are text that we make ourselves.

Money is whole kopecks in BigInteger.  `entries` holds every version of every entry; the one with `superseded` null is
the present state, so that a reader in the middle of many pages keeps one consistent view (see store/feed.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapter.store.database import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Id = sa.String(40)


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    return sa.Index(name, *columns, unique=unique, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("core_id", sa.String(200), nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False, index=True),
    sa.Column("number", sa.String(20), nullable=False),
    sa.Column("bic", sa.String(9), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("owner", Json, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    # Since then the core does not tell it of this customer: it is closed for what he agreed to, until it is told again.
    sa.Column("gone_at", UtcDateTime),
    # Since then it is another customer's, who has a row of his own: nobody inherits consents, cursors or entries.
    sa.Column("moved_at", UtcDateTime),
    # It was another customer's before: what was booked earlier is not this one's.
    sa.Column("owned_from", sa.Date),
    _partial_index("uq_accounts_core_id", "core_id", where="moved_at IS NULL", unique=True),
)

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("key", sa.BigInteger, nullable=False, unique=True),  # short name of the feed inside cursors
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),  # of the last change
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
    sa.Column("core_mark", sa.Text),
    # The first generation whose cursors count in the present numbers; those of earlier ones count in lost numbers.
    sa.Column("numbers_since", sa.Integer, nullable=False, server_default="1"),
    # Set while the feed is read anew from the core: the number at which readers stand until that is whole.
    sa.Column("rebuilding_after", sa.BigInteger),
    # How often in a row the core did not know the mark that it had given: it is read anew more and more seldom.
    sa.Column("marks_lost", sa.Integer, nullable=False, server_default="0"),
    sa.Column("as_of", UtcDateTime),  # the moment that the core vouches for: what it knew then is in the feed
    sa.Column("read_at", UtcDateTime),  # when we last read the core to its end; a core of files lags behind it
    sa.Column("complete_through", sa.Date),
    sa.Column("booked_kopecks", sa.BigInteger),
    sa.Column("available_kopecks", sa.BigInteger),
    sa.Column("balance_as_of", UtcDateTime),
    sa.Column("refresh_lease_until", UtcDateTime),
    # The core said that something is new, or a reading stopped before its end: due whatever its age.
    sa.Column("is_wanted", sa.Boolean, nullable=False, server_default=sa.false()),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # place of this version in the feed
    sa.Column("entry_id", Id, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("added_number", sa.BigInteger, nullable=False),  # place of version 1
    sa.Column("superseded", sa.BigInteger),  # place of the next version, null: present state
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("booking_date", sa.Date, nullable=False),
    # The booking date of version 1.  A consent's history depth is measured by it, so that a later change of the date
    # never lets an entry slip into or out of a partner's feed unsaid.
    sa.Column("first_booking_date", sa.Date, nullable=False),
    sa.Column("direction", sa.String(6), nullable=False),
    sa.Column("kopecks", sa.BigInteger, nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # JSON of EntryDetails in the public shape
    sa.Column("payment_id", Id),
    sa.UniqueConstraint("entry_id", "version"),
    # Over all versions, not only the present ones: a long statement reads one frozen state while entries change.
    sa.Index("ix_entries_statement", "account_id", "booking_date", "number"),
    _partial_index("ix_entries_payment", "payment_id", where="payment_id IS NOT NULL"),
    _partial_index("ix_entries_payment_day", "booking_date", where="payment_id IS NOT NULL"),
    _partial_index("ix_entries_removed", "entry_id", where="removed"),
    _partial_index(
        "ix_entries_unnamed",
        "account_id",
        "kopecks",
        "booking_date",
        where="direction = 'debit' AND payment_id IS NULL AND superseded IS NULL",
    ),
)

account_days = sa.Table(
    "account_days",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("opening_kopecks", sa.BigInteger, nullable=False),
    sa.Column("closing_kopecks", sa.BigInteger, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),  # opening + entries = closing
)

# What the core told so far of an account that is read anew.  It takes the place of the feed's present state at once,
# when the core was read to its end (store/feed_rebuild.py).
entries_anew = sa.Table(
    "entries_anew",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("entry_id", Id, primary_key=True),
    sa.Column("booking_date", sa.Date, nullable=False),
    sa.Column("direction", sa.String(6), nullable=False),
    sa.Column("kopecks", sa.BigInteger, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("payment_id", Id),
)
days_anew = sa.Table(
    "days_anew",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("opening_kopecks", sa.BigInteger, nullable=False),
    sa.Column("closing_kopecks", sa.BigInteger, nullable=False),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("consent_id", Id, nullable=False),
    sa.Column("shape", sa.String(10), nullable=False),  # json, 1c, pain.001
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("body_sha256", sa.LargeBinary(32), nullable=False),
    # One result per order: payment id or errors; empty where the batch was lost: its payments tell it.
    sa.Column("lines", Json, nullable=False),
    sa.Column("warnings", Json, nullable=False),
    sa.Column("message", Json),  # how an ISO 20022 message named itself
    sa.Column("created_at", UtcDateTime, nullable=False),
)

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("partner_name", sa.Text, nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("consent_id", Id, nullable=False),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("import_id", Id, sa.ForeignKey("imports.id")),
    sa.Column("import_place", sa.Integer),  # counted from 0, refused orders too
    sa.Column("external_id", sa.String(64), nullable=False),
    sa.Column("order", Json, nullable=False),
    sa.Column("order_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # what a person calls the same payment
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("status_reason", sa.Text),
    sa.Column("number", sa.BigInteger, nullable=False),  # place of the last change in the partner's feed of fates
    sa.Column("core_reference", sa.String(200)),
    sa.Column("sign_url", sa.Text),
    sa.Column("entry_id", Id),
    sa.Column("possible_duplicate", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("possible_duplicate_of", Id),  # only where it is the same partner's
    sa.Column("edited_in_bank", Json, nullable=False),
    sa.Column("warnings", Json, nullable=False, server_default="[]"),  # told when it was accepted
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("asked_at", UtcDateTime),  # when the core, silent about it, was last asked whether it has it still
    sa.UniqueConstraint("partner_id", "customer_id", "external_id"),
    sa.Index("ix_payments_fates", "partner_id", "customer_id", "number"),
    _partial_index("ix_payments_import", "import_id", where="import_id IS NOT NULL"),
    sa.Index("ix_payments_fingerprint", "fingerprint", "created_at"),
    # What reconciliation looks at; each holds a few rows of many.
    _partial_index("ix_payments_unbooked", "updated_at", where="status = 'executed' AND entry_id IS NULL"),
    _partial_index(
        "ix_payments_ended",
        "updated_at",
        where="status IN ('rejected', 'cancelled', 'expired') AND entry_id IS NULL",
    ),
    _partial_index("ix_payments_booked_early", "updated_at", where="status <> 'executed' AND entry_id IS NOT NULL"),
    _partial_index(
        "ix_payments_standing", "asked_at", where="status IN ('awaiting_signature', 'signed', 'in_process')"
    ),
    _partial_index(
        "ix_payments_waiting",
        "account_id",
        where="status IN ('awaiting_signature', 'signed', 'in_process') OR (status = 'executed' AND entry_id IS NULL)",
    ),
    _partial_index("ix_payments_entry", "entry_id", where="entry_id IS NOT NULL"),
)

payment_steps = sa.Table(
    "payment_steps",
    metadata,
    sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("source", sa.String(10), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("applied", sa.Boolean, nullable=False),
)

payment_feeds = sa.Table(
    "payment_feeds",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("customer_id", sa.String(200), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), primary_key=True),
    sa.Column("action", sa.String(10), nullable=False),  # submit, withdraw, find, restore
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("lease_owner", sa.String(64)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_sent_at", UtcDateTime),  # a NotFound proves something only some time after this
    sa.Column("withdrawal_wanted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("needs_person", sa.Boolean, nullable=False, server_default=sa.false()),
    _partial_index("ix_outbox_lost", "payment_id", where="action IN ('find', 'restore')"),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("customer_id", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("operation", sa.String(40), nullable=False),
    sa.Column("body_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("resource_id", Id, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)

core_marks = sa.Table(
    "core_marks",
    metadata,
    sa.Column("feed", sa.String(40), primary_key=True),  # document_events
    sa.Column("mark", sa.Text, nullable=False),
)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(40), nullable=False),  # late_status, day_mismatch, feed_rebuilt, adopted …
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("acknowledged_at", UtcDateTime),  # a person knows of it since then
    sa.Index("ix_alarms_subject", "kind", "subject"),
)

# How each worker process stands to the core, by its own word: it makes the calls, the web server is asked about them.
worker_lanes = sa.Table(
    "worker_lanes",
    metadata,
    sa.Column("process", sa.String(64), primary_key=True),
    sa.Column("lane", sa.String(20), primary_key=True),
    sa.Column("opened_at", UtcDateTime),  # null: calls are let through
    sa.Column("rests_until", UtcDateTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("running", sa.Integer, nullable=False),
    sa.Column("calls_max", sa.Integer, nullable=False),
    sa.Column("asked_at", UtcDateTime),
    sa.Column("told_at", UtcDateTime, nullable=False),
)

# Restores of this database to an earlier moment.  While one has not ended, what the core has and we lost is not yet
# adopted: nothing is accepted and nothing is sent.
recoveries = sa.Table(
    "recoveries",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

# Executed payments without their entry, and the reverse; one that is put right is cleared, not deleted.
mismatches = sa.Table(
    "mismatches",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),  # payment or entry
    sa.Column("account_id", Id, nullable=False),
    sa.Column("payment_id", Id),
    sa.Column("entry_id", Id),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("found_at", UtcDateTime, nullable=False),
    sa.Column("cleared_at", UtcDateTime),
    _partial_index("ix_mismatches_open", "kind", "subject", where="cleared_at IS NULL", unique=True),
)

banks = sa.Table(
    "banks",
    metadata,
    sa.Column("bic", sa.String(9), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("place", sa.Text),
    sa.Column("correspondent_account", sa.String(20)),
    sa.Column("unified_treasury_account", sa.String(20)),
    sa.Column("is_central_bank_office", sa.Boolean, nullable=False),
    sa.Column("is_closing", sa.Boolean, nullable=False),
)

# One row: which directory is loaded.
bank_directories = sa.Table(
    "bank_directories",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("business_date", sa.Date, nullable=False),  # the day that the directory holds for
    sa.Column("loaded_at", UtcDateTime, nullable=False),
    sa.Column("banks", sa.Integer, nullable=False),
    sa.Column("file_sha256", sa.LargeBinary(32), nullable=False),
)

statement_orders = sa.Table(
    "statement_orders",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("consent_id", Id, nullable=False),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("date_from", sa.Date, nullable=False),
    sa.Column("date_to", sa.Date, nullable=False),
    sa.Column("history_from", sa.Date, nullable=False),  # of the consent when it was ordered
    sa.Column("shape", sa.String(20), nullable=False),
    sa.Column("options", Json, nullable=False),  # encoding, version …: chosen parameters of the shape
    sa.Column("status", sa.String(10), nullable=False),  # queued, making, ready, failed, expired
    sa.Column("failure", sa.Text),  # code of what went wrong
    sa.Column("entries", sa.BigInteger),  # how many there will be
    sa.Column("entries_done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),  # counts makings; its chunks carry it
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # makings that ended by an error
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("lease_owner", sa.String(64)),
    sa.Column("media_type", sa.String(100)),
    sa.Column("file_name", sa.String(100)),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.LargeBinary(32)),
    sa.Column("as_of", UtcDateTime),  # of what the file holds
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("ready_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime, index=True),  # the file is kept until then
    sa.Index("ix_statement_orders_consent", "consent_id", "created_at"),
)

# The file of an order in pieces of one size: any range of it is found without reading what comes before.
statement_order_chunks = sa.Table(
    "statement_order_chunks",
    metadata,
    sa.Column("order_id", Id, sa.ForeignKey("statement_orders.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
