"""Ended payments whose money moved all the same are looked for"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ENDED = sa.text("status IN ('rejected', 'cancelled', 'expired') AND entry_id IS NULL")


def upgrade() -> None:
    op.create_index("ix_payments_ended", "payments", ["updated_at"], postgresql_where=ENDED, sqlite_where=ENDED)


def downgrade() -> None:
    op.drop_index("ix_payments_ended", table_name="payments")
