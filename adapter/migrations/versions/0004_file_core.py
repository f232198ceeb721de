"""What the file-exchange core remembers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files_accounts",
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("customer_id", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_files_accounts")),
    )
    with op.batch_alter_table("files_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_accounts_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "files_batches",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("temporary_name", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_files_batches")),
        sa.UniqueConstraint("number", name=op.f("uq_files_batches_number")),
    )
    with op.batch_alter_table("files_batches", schema=None) as batch_op:
        batch_op.create_index(
            "ix_files_batches_ready",
            ["made_at"],
            unique=False,
            sqlite_where=sa.text("out_at IS NULL"),
            postgresql_where=sa.text("out_at IS NULL"),
        )

    op.create_table(
        "files_counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_files_counters")),
    )
    op.create_table(
        "files_customers",
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "customer_id", name=op.f("pk_files_customers")),
    )
    op.create_table(
        "files_days",
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("opening_kopecks", sa.BigInteger(), nullable=False),
        sa.Column("closing_kopecks", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_file", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_files_days")),
    )
    with op.batch_alter_table("files_days", schema=None) as batch_op:
        batch_op.create_index("ix_files_days_number", ["account_id", "number"], unique=False)

    op.create_table(
        "files_denials",
        sa.Column("document_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "at", name=op.f("pk_files_denials")),
    )
    op.create_table(
        "files_directory",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files_directory")),
    )
    op.create_table(
        "files_documents",
        sa.Column("document_id", sa.String(length=80), nullable=False),
        sa.Column("batch_name", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("payment_order", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("core_reference", sa.String(length=80), nullable=True),
        sa.Column("sign_url", sa.Text(), nullable=True),
        sa.Column("edited", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("entry_core_id", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_files_documents")),
    )
    with op.batch_alter_table("files_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_documents_batch_name"), ["batch_name"], unique=False)
        batch_op.create_index("ix_files_documents_money", ["account_id", "kopecks"], unique=False)

    op.create_table(
        "files_entries",
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.String(length=32), nullable=False),
        sa.Column("core_id", sa.String(length=80), nullable=False),
        sa.Column("superseded", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_file", sa.BigInteger(), nullable=False),
        sa.Column("in_whole", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.String(length=80), nullable=True),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_files_entries")),
    )
    with op.batch_alter_table("files_entries", schema=None) as batch_op:
        batch_op.create_index("ix_files_entries_identity", ["account_id", "identity"], unique=False)
        batch_op.create_index(
            "ix_files_entries_present",
            ["account_id", "booking_date"],
            unique=False,
            sqlite_where=sa.text("superseded IS NULL"),
            postgresql_where=sa.text("superseded IS NULL"),
        )

    op.create_table(
        "files_events",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("core_reference", sa.String(length=80), nullable=True),
        sa.Column("sign_url", sa.Text(), nullable=True),
        sa.Column("edited", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_files_events")),
    )
    with op.batch_alter_table("files_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_events_document_id"), ["document_id"], unique=False)

    op.create_table(
        "files_ledgers",
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balance_kopecks", sa.BigInteger(), nullable=True),
        sa.Column("balance_currency", sa.String(length=3), nullable=True),
        sa.Column("balance_from", sa.Date(), nullable=True),
        sa.Column("balance_day", sa.Date(), nullable=True),
        sa.Column("balance_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_files_ledgers")),
    )
    op.create_table(
        "files_read",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_files_read")),
        sa.UniqueConstraint("sha256", name=op.f("uq_files_read_sha256")),
    )
    op.create_table(
        "files_statement_orders",
        sa.Column("order_id", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.String(length=34), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_as", sa.Text(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ledger_number", sa.BigInteger(), nullable=True),
        sa.Column("opening_kopecks", sa.BigInteger(), nullable=True),
        sa.Column("closing_kopecks", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_files_statement_orders")),
    )
    with op.batch_alter_table("files_statement_orders", schema=None) as batch_op:
        batch_op.create_index("ix_files_statement_orders_account", ["account_id"], unique=False)

    op.create_table(
        "files_withdrawals",
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("document_id", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_as", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_files_withdrawals")),
    )
    with op.batch_alter_table("files_withdrawals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_withdrawals_document_id"), ["document_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("files_withdrawals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_files_withdrawals_document_id"))

    op.drop_table("files_withdrawals")
    with op.batch_alter_table("files_statement_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_files_statement_orders_account")

    op.drop_table("files_statement_orders")
    op.drop_table("files_read")
    op.drop_table("files_ledgers")
    with op.batch_alter_table("files_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_files_events_document_id"))

    op.drop_table("files_events")
    with op.batch_alter_table("files_entries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_files_entries_present",
            sqlite_where=sa.text("superseded IS NULL"),
            postgresql_where=sa.text("superseded IS NULL"),
        )
        batch_op.drop_index("ix_files_entries_identity")

    op.drop_table("files_entries")
    with op.batch_alter_table("files_documents", schema=None) as batch_op:
        batch_op.drop_index("ix_files_documents_money")
        batch_op.drop_index(batch_op.f("ix_files_documents_batch_name"))

    op.drop_table("files_documents")
    op.drop_table("files_directory")
    op.drop_table("files_denials")
    with op.batch_alter_table("files_days", schema=None) as batch_op:
        batch_op.drop_index("ix_files_days_number")

    op.drop_table("files_days")
    op.drop_table("files_customers")
    op.drop_table("files_counters")
    with op.batch_alter_table("files_batches", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_files_batches_ready", sqlite_where=sa.text("out_at IS NULL"), postgresql_where=sa.text("out_at IS NULL")
        )

    op.drop_table("files_batches")
    with op.batch_alter_table("files_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_files_accounts_customer_id"))

    op.drop_table("files_accounts")
