"""Banks, statement orders, warnings of payments"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_directories",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("banks", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_directories")),
    )
    op.create_table(
        "banks",
        sa.Column("bic", sa.String(length=9), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("correspondent_account", sa.String(length=20), nullable=True),
        sa.Column("unified_treasury_account", sa.String(length=20), nullable=True),
        sa.Column("is_central_bank_office", sa.Boolean(), nullable=False),
        sa.Column("is_closing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("bic", name=op.f("pk_banks")),
    )
    op.create_table(
        "statement_orders",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("consent_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("history_from", sa.Date(), nullable=False),
        sa.Column("shape", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=True),
        sa.Column("entries_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("file_name", sa.String(length=100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_statement_orders_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_orders")),
    )
    with op.batch_alter_table("statement_orders", schema=None) as batch_op:
        batch_op.create_index("ix_statement_orders_consent", ["consent_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_orders_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_orders_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "statement_order_chunks",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["statement_orders.id"], name=op.f("fk_statement_order_chunks_order_id")),
        sa.PrimaryKeyConstraint("order_id", "attempt", "place", name=op.f("pk_statement_order_chunks")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("message", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )

    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "warnings",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default="[]",
                nullable=False,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_column("warnings")

    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_column("message")

    op.drop_table("statement_order_chunks")
    with op.batch_alter_table("statement_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_orders_expires_at"))
        batch_op.drop_index(batch_op.f("ix_statement_orders_due_at"))
        batch_op.drop_index("ix_statement_orders_consent")

    op.drop_table("statement_orders")
    op.drop_table("banks")
    op.drop_table("bank_directories")
