"""What an ended payment is compared with is found by its account and amount, not among all that was ever paid"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNNAMED = sa.text("direction = 'debit' AND payment_id IS NULL AND superseded IS NULL")
WAITING = sa.text(
    "status IN ('awaiting_signature', 'signed', 'in_process') OR (status = 'executed' AND entry_id IS NULL)"
)


def upgrade() -> None:
    columns = ["account_id", "kopecks", "booking_date"]
    op.create_index("ix_entries_unnamed", "entries", columns, postgresql_where=UNNAMED, sqlite_where=UNNAMED)
    op.create_index("ix_payments_waiting", "payments", ["account_id"], postgresql_where=WAITING, sqlite_where=WAITING)


def downgrade() -> None:
    op.drop_index("ix_payments_waiting", table_name="payments")
    op.drop_index("ix_entries_unnamed", table_name="entries")
