"""Logins and tokens of the core, mismatches, feeds that are read anew"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mismatches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("entry_id", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mismatches")),
    )
    with op.batch_alter_table("mismatches", schema=None) as batch_op:
        batch_op.create_index("ix_mismatches_open", ["kind", "subject"], unique=False)

    op.create_table(
        "core_logins",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("earliest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_core_logins")),
    )
    with op.batch_alter_table("core_logins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_logins_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "used_tokens",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("jti", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "jti", name=op.f("pk_used_tokens")),
    )
    with op.batch_alter_table("used_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_tokens_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "recoveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    op.create_table(
        "entries_anew",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=False),
        sa.Column("direction", sa.String(length=6), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_entries_anew_account_id")),
        sa.PrimaryKeyConstraint("account_id", "entry_id", name=op.f("pk_entries_anew")),
    )
    op.create_table(
        "days_anew",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opening_kopecks", sa.BigInteger(), nullable=False),
        sa.Column("closing_kopecks", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_days_anew_account_id")),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_days_anew")),
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("numbers_since", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("rebuilding_after", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("is_wanted", sa.Boolean(), server_default=sa.text("false"), nullable=False))

    with op.batch_alter_table("customer_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amr", JSON, nullable=True))
        batch_op.add_column(sa.Column("is_strong", sa.Boolean(), server_default=sa.text("false"), nullable=False))

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acr", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("amr", JSON, nullable=True))
        batch_op.add_column(sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.drop_column("acknowledged_at")

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("authenticated_at")
        batch_op.drop_column("amr")
        batch_op.drop_column("acr")

    with op.batch_alter_table("customer_sessions", schema=None) as batch_op:
        batch_op.drop_column("is_strong")
        batch_op.drop_column("amr")

    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_column("is_wanted")
        batch_op.drop_column("rebuilding_after")
        batch_op.drop_column("numbers_since")

    op.drop_table("days_anew")
    op.drop_table("entries_anew")
    op.drop_table("recoveries")
    with op.batch_alter_table("used_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_tokens_expires_at"))

    op.drop_table("used_tokens")
    with op.batch_alter_table("core_logins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_logins_expires_at"))

    op.drop_table("core_logins")
    with op.batch_alter_table("mismatches", schema=None) as batch_op:
        batch_op.drop_index("ix_mismatches_open")

    op.drop_table("mismatches")
