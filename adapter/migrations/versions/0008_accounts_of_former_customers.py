"""An account that the core gave to another customer is over for good; the new one's begins then"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVING = sa.text("moved_at IS NULL")
# Two customers told of one account at one moment got a living row each: the one told last is believed.
CLOSE = sa.text(
    """
    UPDATE accounts SET gone_at = updated_at WHERE gone_at IS NULL AND EXISTS (
        SELECT 1 FROM accounts AS other WHERE other.core_id = accounts.core_id AND other.gone_at IS NULL
        AND (other.updated_at, other.id) > (accounts.updated_at, accounts.id)
    )
    """
)
# Of several rows of one account the one that is not gone, or else the latest, stays.
MOVE = sa.text(
    """
    UPDATE accounts SET moved_at = gone_at WHERE gone_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM accounts AS other WHERE other.core_id = accounts.core_id AND other.id <> accounts.id
        AND (other.gone_at IS NULL OR (other.gone_at, other.id) > (accounts.gone_at, accounts.id))
    )
    """
)


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        accounts.add_column(sa.Column("owned_from", sa.Date(), nullable=True))
        accounts.drop_constraint("uq_accounts_core_id", type_="unique")
    op.execute(CLOSE)
    op.execute(MOVE)
    op.create_index(
        "uq_accounts_core_id", "accounts", ["core_id"], unique=True, postgresql_where=LIVING, sqlite_where=LIVING
    )


def downgrade() -> None:
    op.drop_index("uq_accounts_core_id", table_name="accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.create_unique_constraint("uq_accounts_core_id", ["core_id", "customer_id"])
        accounts.drop_column("owned_from")
        accounts.drop_column("moved_at")
