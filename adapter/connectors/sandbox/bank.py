"""The sandbox bank as the product sees it: `CoreBanking` over its own database."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.connectors.sandbox import inbox, ledger, people, period_orders
from adapter.connectors.sandbox.database import SandboxDatabase
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
)
from adapter.domain.errors import CoreUnavailable, MarkUnknown
from adapter.ports import Clock

CAPABILITIES = Capabilities(
    name="Песочница",
    batch_size_max=1000,
    can_withdraw=True,
    submit_is_idempotent=True,
    not_found_is_final_after_s=30.0,  # longer than any transaction here may wait for the write lock
    history_days=366,
    can_tell_documents=True,
    can_order_statements=True,
)


class SandboxBank:
    """Meets `adapter.ports.CoreBanking`.

    A call is one local transaction: it is done or not done, so no answer is ever Unknown.  A deadline that has passed
    before the call is CoreUnavailable; within a call the database's own lock timeout holds.
    """

    def __init__(self, database: SandboxDatabase, clock: Clock, base_url: str) -> None:
        self._database = database
        self._clock = clock
        self._sign_page = f"{base_url}/sandbox/documents/{{}}"

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def probe(self, deadline: Deadline) -> Probe:
        try:
            with self._database.reading() as connection:
                people.list_users(connection)
        except CoreUnavailable as error:
            return Probe(is_up=False, detail=str(error))
        return Probe(is_up=True, feed_lag_s=0.0, clock_difference_s=0.0)

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            return people.list_customers(connection, user_id)

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            return people.list_accounts(connection, customer_id)

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            return people.list_balances(connection, core_account_ids, self._clock.now())

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        deadline.check_time_is_left()
        now = self._clock.now()
        with self._database.reading() as connection:
            try:
                return ledger.pull(connection, core_account_id, after, limit, now)
            except ledger.UnknownAccount as error:
                if after not in (None, ledger.BEGINNING):
                    raise MarkUnknown("the account is not in the sandbox bank any more") from error
                return EntryPage(entries=(), mark=ledger.BEGINNING, has_more=False, as_of=now)

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        deadline.check_time_is_left()
        with self._database.transaction() as tx:
            period_orders.order(tx, order)

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            return period_orders.read(connection, order_id, self._clock.now())

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if len(batch) > CAPABILITIES.batch_size_max:
            raise ValueError(f"at most {CAPABILITIES.batch_size_max} documents at once")
        deadline.check_time_is_left()
        with self._database.transaction() as tx:
            return inbox.submit(tx, batch, self._clock.now(), self._sign_page)

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            found = inbox.find(connection, document_ids, self._sign_page)
        return [found.get(one) or NotFound(document_id=one) for one in document_ids]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        deadline.check_time_is_left()
        with self._database.reading() as connection:
            return inbox.pull_events(connection, after, limit, self._sign_page)

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        deadline.check_time_is_left()
        with self._database.transaction() as tx:
            return inbox.withdraw(tx, document_id, request_id, self._clock.now(), self._sign_page)
