"""The place of a payment in its batch, so that a lost batch can be told again from its payments"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("import_place", sa.Integer(), nullable=True))
    op.create_index(
        "ix_payments_import",
        "payments",
        ["import_id"],
        postgresql_where=sa.text("import_id IS NOT NULL"),
        sqlite_where=sa.text("import_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_payments_import", table_name="payments")
    op.drop_column("payments", "import_place")
