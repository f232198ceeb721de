"""What reconciliation looks at"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STANDING = "status IN ('awaiting_signature', 'signed', 'in_process')"
INDEXES = (
    ("payments", "ix_payments_unbooked", ["updated_at"], "status = 'executed' AND entry_id IS NULL", False),
    ("payments", "ix_payments_booked_early", ["updated_at"], "status <> 'executed' AND entry_id IS NOT NULL", False),
    ("payments", "ix_payments_standing", ["asked_at"], STANDING, False),
    ("outbox", "ix_outbox_lost", ["payment_id"], "action IN ('find', 'restore')", False),
    ("payments", "ix_payments_entry", ["entry_id"], "entry_id IS NOT NULL", False),
    ("entries", "ix_entries_payment_day", ["booking_date"], "payment_id IS NOT NULL", False),
    ("entries", "ix_entries_removed", ["entry_id"], "removed", False),
    ("mismatches", "ix_mismatches_open", ["kind", "subject"], "cleared_at IS NULL", True),
)


def upgrade() -> None:
    op.add_column("payments", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_mismatches_open", table_name="mismatches")
    for table, name, columns, where, unique in INDEXES:
        condition = sa.text(where)
        op.create_index(name, table, columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


def downgrade() -> None:
    for table, name, *_ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    op.create_index("ix_mismatches_open", "mismatches", ["kind", "subject"])
    with op.batch_alter_table("payments") as payments:
        payments.drop_column("asked_at")
