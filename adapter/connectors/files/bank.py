"""The file-exchange core as the product sees it: `CoreBanking` over what files told and what was put out.

Nothing here reads a file of the bank: `Scanner` does, in the background.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import OperationalError

from adapter.connectors.files import directory, drafts, ledger_pages, requests, sent, words
from adapter.connectors.files.folders import Folders
from adapter.connectors.refusing import reason_to_refuse
from adapter.domain.core import (
    Accepted,
    Capabilities,
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreStatement,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    EntryPage,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Refused,
    Result,
    StatementAnswer,
    StatementPending,
    StatementRefused,
    Unknown,
)
from adapter.domain.errors import CoreUnavailable
from adapter.domain.money import Money
from adapter.domain.payments import PaymentStatus
from adapter.ports import Clock

CAPABILITIES = Capabilities(
    name="Обмен файлами",
    batch_size_max=10_000,
    can_withdraw=True,
    submit_is_idempotent=True,  # by the ledger of what left: a draft is never put out twice
    not_found_is_final_after_s=math.inf,  # a file may lie at the bank unread; only a person there knows
    history_days=366,
    can_tell_documents=True,
    can_order_statements=True,
)
STATEMENT_AGAIN_S = 60.0  # files take their time


class FilesBank:
    """Meets `adapter.ports.CoreBanking`.

    A draft that was put out is Unknown until the bank's first word about it, and find_documents does not find it until
    then; sending it again changes nothing.  Balances and entries are as old as the newest statement.
    """

    def __init__(self, folders: Folders, reader: Engine, writer: Engine, clock: Clock) -> None:
        self._folders = folders
        self._reader = reader
        self._writer = writer
        self._clock = clock

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def probe(self, deadline: Deadline) -> Probe:
        try:
            with self._reading(deadline) as connection:
                sent.check_folders(connection, self._folders)
                self._folders.check_room()
                return Probe(is_up=True)
        except CoreUnavailable as error:
            return Probe(is_up=False, detail=str(error))

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        with self._reading(deadline) as connection:
            return directory.list_customers(connection, user_id)

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        with self._reading(deadline) as connection:
            return directory.list_accounts(connection, customer_id)

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        with self._reading(deadline) as connection:
            return ledger_pages.list_balances(connection, core_account_ids)

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        with self._reading(deadline) as connection:
            return ledger_pages.pull(connection, core_account_id, after, limit)

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        deadline.check_time_is_left()
        requests.order_statement(self._writer, self._folders, order, self._clock.now())

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        with self._reading(deadline) as connection:
            order = requests.find_order(connection, order_id)
            if order is None:
                return StatementRefused(order_id=order_id, code="not_found", reason="Выписка не заказана")
            if order.refused_as:
                return StatementRefused(order_id=order_id, code="refused", reason=order.refused_as)
            if order.as_of is None:
                return StatementPending(order_id=order_id, again_after_s=STATEMENT_AGAIN_S)
            return _core_statement(connection, order)

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if len(documents) > CAPABILITIES.batch_size_max:
            raise ValueError(f"at most {CAPABILITIES.batch_size_max} documents at once")
        with self._reading(deadline) as connection:
            accounts = directory.find_accounts(connection, [one.core_account_id for one in documents])
            known = drafts.find_documents(connection, [one.id for one in documents])
            told = words.find_told(connection, [one.id for one in documents if one.id not in known])
        refused = {
            one.id: why
            for one in documents
            if one.id not in known
            and one.id not in told
            and (why := reason_to_refuse(one, accounts.get(one.core_account_id)))
        }
        sendable = [one for one in documents if one.id not in refused and one.id not in told]
        if sendable:
            drafts.submit(self._writer, self._folders, sendable, accounts, self._clock.now())
            with self._writer.begin() as tx:
                known = drafts.find_documents(tx, [one.id for one in sendable])
        return [refused.get(one.id) or _result_of(one.id, known, told) for one in documents]

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        with self._reading(deadline) as connection:
            known = drafts.find_documents(connection, document_ids)
            told = words.find_told(connection, [one for one in document_ids if one not in known])
        told |= {one: _state(row) for one, row in known.items() if row.status is not None}
        return [told.get(one) or NotFound(document_id=one) for one in document_ids]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        with self._reading(deadline) as connection:
            return words.pull_events(connection, after, limit)

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        with self._reading(deadline) as connection:
            document = drafts.find_documents(connection, [document_id]).get(document_id)
            asked = requests.find_withdrawal(connection, request_id)
        if document is None:
            return Refused(document_id=document_id, code="not_found", reason="Документ не передавался в банк")
        if document.status == PaymentStatus.CANCELLED and asked is not None:
            return _accepted(document)
        if asked is not None and asked.refused_as:
            return Refused(document_id=document_id, code="refused", reason=asked.refused_as)
        if document.status not in (None, PaymentStatus.AWAITING_SIGNATURE):
            return Refused(document_id=document_id, code="too_late", reason="Документ уже подписан или завершён")
        requests.withdraw(self._writer, self._folders, document_id, request_id, self._clock.now())
        return Unknown(document_id=document_id, detail="the bank has not yet answered the request", is_taken=True)

    @contextmanager
    def _reading(self, deadline: Deadline) -> Iterator[Connection]:
        deadline.check_time_is_left()
        try:
            with self._reader.connect() as connection:
                yield connection
        except OperationalError as error:
            raise CoreUnavailable("the ledger of files does not answer") from error


def _result_of(
    document_id: str, known: Mapping[str, Row[*tuple[Any, ...]]], told: Mapping[str, DocumentState]
) -> Result:
    """One that the bank spoke of is at the bank, also where a restored ledger does not know that it left."""
    if document_id in known:
        return _result(known[document_id])
    state = told[document_id]
    if state.status is PaymentStatus.REJECTED:
        return Refused(document_id=document_id, code="rejected", reason=state.reason or "")
    return Accepted(
        document_id=document_id, core_reference=state.core_reference or document_id, sign_url=state.sign_url
    )


def _result(document: Row[*tuple[Any, ...]]) -> Result:
    if document.status is None:
        detail = "put out; the bank has not yet said anything"
        return Unknown(document_id=document.document_id, detail=detail, is_taken=True)
    if document.status == PaymentStatus.REJECTED:
        return Refused(document_id=document.document_id, code="rejected", reason=document.reason or "")
    return _accepted(document)


def _state(document: Row[*tuple[Any, ...]]) -> DocumentState:
    told = drafts.load_document(document)
    return replace(words.state_of(document), core_reference=_reference(document), document=told)


def _reference(document: Row[*tuple[Any, ...]]) -> str:
    """A bank that gives no number of its own is asked about the file that the draft was in."""
    return str(document.core_reference or document.batch_name)


def _accepted(document: Row[*tuple[Any, ...]]) -> Accepted:
    return Accepted(
        document_id=document.document_id,
        core_reference=_reference(document),
        sign_url=document.sign_url,
    )


def _core_statement(connection: Connection, order: Row[*tuple[Any, ...]]) -> CoreStatement:
    entries = ledger_pages.list_period(
        connection, order.account_id, order.date_from, order.date_to, order.ledger_number
    )
    return CoreStatement(
        order_id=order.order_id,
        core_account_id=order.account_id,
        date_from=order.date_from,
        date_to=order.date_to,
        opening=Money.from_kopecks(order.opening_kopecks, order.currency),
        closing=Money.from_kopecks(order.closing_kopecks, order.currency),
        entries=tuple(entries),
        as_of=order.as_of,
    )
