"""Drafts that left in a file are kept whole; an entry is known since some moment"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files_documents") as documents:
        documents.add_column(sa.Column("customer_id", sa.String(200), nullable=False, server_default=""))
        documents.add_column(sa.Column("partner_name", sa.Text(), nullable=False, server_default=""))
        documents.add_column(sa.Column("possible_duplicate", sa.Boolean(), nullable=False, server_default=sa.false()))
        documents.add_column(sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("files_entries") as entries:
        entries.add_column(sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("files_entries") as entries:
        entries.drop_column("first_at")
    with op.batch_alter_table("files_documents") as documents:
        for name in ("origin", "possible_duplicate", "partner_name", "customer_id"):
            documents.drop_column(name)
