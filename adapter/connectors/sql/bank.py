"""The bank as the product sees it: `CoreBanking` over the schema `open_api` of the bank's database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.connectors.sql import drafts, entries, periods
from adapter.connectors.sql.database import BankDatabase, CommitLost
from adapter.connectors.sql.records import load_account, load_balance, load_customer
from adapter.connectors.sql.views import accounts, balances, customers, users
from adapter.domain.core import (
    Capabilities,
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    EntryPage,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Result,
    StatementAnswer,
    Unknown,
)
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable
from adapter.domain.moscow import moscow_day
from adapter.ports import Clock

log = structlog.get_logger("adapter.connectors.sql")

CAPABILITIES = Capabilities(
    name="SQL",
    batch_size_max=1000,
    can_withdraw=True,
    submit_is_idempotent=True,
    not_found_is_final_after_s=60.0,  # longer than a COMMIT whose answer was lost may still be under way
    history_days=366,
    can_tell_documents=True,
    can_order_statements=True,
)

_CUSTOMERS = (
    sa.select(users, customers.c.name, customers.c.inn, customers.c.kpp)
    .join(customers, customers.c.customer_id == users.c.customer_id)
    .where(users.c.user_id == sa.bindparam("user_id"))
    .order_by(users.c.customer_id)
)
_ACCOUNT_COLUMNS = [column for column in accounts.c if column.name != "name"]
_ACCOUNTS = (
    sa.select(
        *_ACCOUNT_COLUMNS,
        accounts.c.name.label("account_name"),
        customers.c.name,
        customers.c.inn,
        customers.c.kpp,
    )
    .join(customers, customers.c.customer_id == accounts.c.customer_id)
    .where(accounts.c.customer_id == sa.bindparam("customer_id"))
    .order_by(accounts.c.account_id)
)
_BALANCES = (
    sa.select(balances, accounts.c.currency)
    .join(accounts, accounts.c.account_id == balances.c.account_id)
    .where(balances.c.account_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Text))))
)
_CLOCK = sa.select(sa.func.clock_timestamp())


class SqlBank:
    """Meets `adapter.ports.CoreBanking`.  A change whose COMMIT was sent and not answered is Unknown."""

    def __init__(self, database: BankDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def probe(self, deadline: Deadline) -> Probe:
        try:
            with self._reading(deadline) as connection:
                theirs = connection.execute(_CLOCK).scalar_one()
        except CoreUnavailable as error:
            return Probe(is_up=False, detail=str(error))
        ours = dt.datetime.now(dt.UTC)  # two machines are compared, not business days
        return Probe(is_up=True, feed_lag_s=0.0, clock_difference_s=(theirs - ours).total_seconds())

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        with self._reading(deadline) as connection:
            return [load_customer(row) for row in connection.execute(_CUSTOMERS, {"user_id": user_id})]

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        with self._reading(deadline) as connection:
            return [load_account(row) for row in connection.execute(_ACCOUNTS, {"customer_id": customer_id})]

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        with self._reading(deadline) as connection:
            rows = connection.execute(_BALANCES, {"ids": list(core_account_ids)})
            found = {row.account_id: load_balance(row) for row in rows}
        return [found[one] for one in core_account_ids if one in found]

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        now = self._clock.now()
        with self._reading(deadline) as connection:
            return entries.pull(connection, core_account_id, after, limit, now)

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        try:
            with self._database.writing(deadline) as tx:
                periods.order(tx, order)
        except CommitLost as error:
            raise CoreUnavailable(
                "whether the order was noted is not known; the same id may be ordered again"
            ) from error

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        now = self._clock.now()
        with self._reading(deadline) as connection:
            return periods.read(connection, order_id, moscow_day(now), now)

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if len(documents) > CAPABILITIES.batch_size_max:
            raise ValueError(f"at most {CAPABILITIES.batch_size_max} documents at once")
        try:
            with self._database.writing(deadline) as tx:
                return drafts.submit(tx, documents)
        except CommitLost as error:
            return [Unknown(document_id=one.id, detail=f"COMMIT: {error}") for one in documents]

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        with self._reading(deadline) as connection:
            found = drafts.find(connection, document_ids)
        return [found.get(one) or NotFound(document_id=one) for one in document_ids]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        with self._reading(deadline) as connection:
            return drafts.pull_events(connection, after, limit)

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        try:
            with self._database.writing(deadline) as tx:
                return drafts.withdraw(tx, document_id, request_id)
        except CommitLost as error:
            return Unknown(document_id=document_id, detail=f"COMMIT: {error}")

    @contextmanager
    def _reading(self, deadline: Deadline) -> Iterator[Connection]:
        """A row that does not keep to the description is the bank's mistake: told to its staff, asked again later."""
        try:
            with self._database.reading(deadline) as connection:
                yield connection
        except (ValueError, TypeError, AttributeError) as error:
            log.exception("a view of the bank holds what core-sql.md does not allow")
            raise CoreAnswerWrong("views", f"a row that core-sql.md does not allow: {type(error).__name__}") from error
