"""How often in a row a core did not know the mark that it had given"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("marks_lost", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("feeds", "marks_lost")
