"""Accounts that the core tells of their customer no more, or of another one"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
        accounts.drop_constraint("uq_accounts_core_id", type_="unique")
        accounts.create_unique_constraint("uq_accounts_core_id", ["core_id", "customer_id"])


def downgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_constraint("uq_accounts_core_id", type_="unique")
        accounts.create_unique_constraint("uq_accounts_core_id", ["core_id"])
        accounts.drop_column("gone_at")
