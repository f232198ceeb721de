"""The bank's schema `open_api`, as `api_specs/core-sql.md` tells it.  Made and kept by the bank, never by us."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "open_api"


def _relation(name: str, *columns: str | sa.ColumnClause[object]) -> sa.TableClause:
    typed = [sa.column(one, sa.Text) if isinstance(one, str) else one for one in columns]
    return sa.table(name, *typed, schema=SCHEMA)


def _amount(name: str) -> sa.ColumnClause[object]:
    return sa.column(name, sa.Numeric(20, 2))


BUDGET_COLUMNS = (
    "budget_drawer_status",
    "budget_kbk",
    "budget_oktmo",
    "budget_reason",
    "budget_tax_period",
    "budget_basis_number",
    "budget_basis_date",
    "budget_payment_type",
)

epoch = _relation("epoch", "epoch")
customers = _relation("customers", "customer_id", "name", "inn", "kpp")
users = _relation(
    "users", "user_id", "user_name", "customer_id", "role", sa.column("may_give_consent", sa.Boolean), "reason"
)
accounts = _relation(
    "accounts",
    "account_id",
    "customer_id",
    "number",
    "bic",
    "currency",
    "name",
    "status",
    sa.column("can_be_shared", sa.Boolean),
    "reason",
)
balances = _relation(
    "balances",
    "account_id",
    _amount("booked"),
    _amount("available"),
    sa.column("as_of", sa.DateTime(timezone=True)),
)
days = _relation("days", "account_id", sa.column("day", sa.Date), _amount("opening"), _amount("closing"))
entries = _relation(
    "entries",
    "account_id",
    sa.column("number", sa.BigInteger),
    "entry_id",
    sa.column("first_touched", sa.Date),
    sa.column("is_removed", sa.Boolean),
    "direction",
    _amount("amount"),
    "currency",
    "document_type",
    "document_number",
    sa.column("document_date", sa.Date),
    sa.column("booking_date", sa.Date),
    sa.column("value_date", sa.Date),
    "counterparty_name",
    "counterparty_inn",
    "counterparty_kpp",
    "counterparty_account",
    "counterparty_bic",
    "counterparty_bank_name",
    "counterparty_correspondent_account",
    "purpose",
    sa.column("priority", sa.Integer),
    "uin",
    *BUDGET_COLUMNS,
    "document_id",
)


def _fate() -> tuple[str | sa.ColumnClause[object], ...]:
    """What became of a draft: columns of the inbox and of its log of events."""
    return ("status", "reason", "core_reference", "sign_url", sa.column("edited", JSONB))


drafts = _relation(
    "drafts",
    "document_id",
    "customer_id",
    "account_id",
    "number",
    sa.column("date", sa.Date),
    _amount("amount"),
    "currency",
    "payee_name",
    "payee_inn",
    "payee_kpp",
    "payee_account",
    "payee_bic",
    "payee_bank_name",
    "payee_correspondent_account",
    "purpose",
    sa.column("priority", sa.Integer),
    "uin",
    "income_type_code",
    "operation_code",
    "payment_kind",
    "payer_account",
    "payer_name",
    "payer_inn",
    "payer_kpp",
    *BUDGET_COLUMNS,
    "partner_name",
    "partner_external_id",
    "partner_account_id",
    sa.column("possible_duplicate", sa.Boolean),
    "origin",
    sa.column("status_at", sa.DateTime(timezone=True)),
    *_fate(),
)
draft_events = _relation(
    "draft_events",
    sa.column("number", sa.BigInteger),
    "document_id",
    sa.column("at", sa.DateTime(timezone=True)),
    *_fate(),
)
withdrawals = _relation("withdrawals", "request_id", "document_id", sa.column("done", sa.Boolean))
statement_orders = _relation(
    "statement_orders", "order_id", "account_id", sa.column("date_from", sa.Date), sa.column("date_to", sa.Date)
)
