"""The twelve operations of a core over HTTP: meets `adapter.ports.CoreBanking`.

Reading: whatever goes wrong is CoreUnavailable, for asking again is safe.  Changing: CoreUnavailable only where surely
nothing was done - nothing was sent, or the core said so itself (503 with Retry-After and the code `unavailable`) - and
Unknown for each document whose result did not come whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import orjson
import structlog

from adapter.connectors.http.connection import Answer, AnswerLost, Connection, NotSent
from adapter.connectors.http.problems import is_refusal, promises_nothing_done, read_code, read_results, tell_problem
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
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from adapter.ports import Clock
from adapter.schemas.core_gateway import documents, entries, people, statements, status
from adapter.schemas.core_gateway.members import Members, WrongShape

log = structlog.get_logger("adapter.http_core")

CAPABILITIES_TIMEOUT_S = 3.0
CAPABILITIES_REST_S = 3.0  # after a failure
NOT_TOLD = "the core has not told yet what it can do"
NO_RESULT = "the core's answer has no readable result"
STATUS_GONE = 410
T = TypeVar("T")


class HttpCore:
    """Safe for threads.  `capabilities()` is read once and raises CoreUnavailable until then."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._capabilities: Capabilities | None = None
        self._lock = threading.Lock()
        self._rest = Deadline.after(0)
        self._why_not = "it is being asked"

    def capabilities(self) -> Capabilities:
        """One thread asks, others wait for it; those right after a failure are told at once that it is not known."""
        if self._capabilities is not None:
            return self._capabilities
        if not self._lock.acquire(timeout=CAPABILITIES_TIMEOUT_S):
            raise CoreUnavailable(f"{NOT_TOLD}: {self._why_not}")
        try:
            return self._capabilities or self._ask_capabilities()
        finally:
            self._lock.release()

    def probe(self, deadline: Deadline) -> Probe:
        try:
            return self._read("/health", lambda body: status.load_health(body, self._clock.now()), deadline)
        except CoreUnavailable as error:
            return Probe(is_up=False, detail=str(error))

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        found = self._read(f"/users/{_segment(user_id)}/customers", people.load_customers, deadline)
        _check(all(one.user_id == user_id for one in found), "users", "a customer of another user")
        return found

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        found = self._read(f"/customers/{_segment(customer_id)}/accounts", people.load_accounts, deadline)
        _check(all(one.customer_id == customer_id for one in found), "customers", "an account of another customer")
        return found

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        question = people.dump_account_ids(core_account_ids)
        found = self._read("/balances/query", people.load_balances, deadline, question)
        told = {one.core_account_id: one for one in found}
        return [told[one] for one in core_account_ids if one in told]

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        path = f"/accounts/{_segment(core_account_id)}/entries?{_page_query(after, limit)}"
        page = self._read(path, entries.load_entry_page, deadline)
        _check_goes_on("accounts", after, page.mark, page.has_more)
        return page

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        path = f"/statement-orders/{_segment(order.id)}"
        self._ask("PUT", path, statements.dump_statement_order(order), deadline)

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        path = f"/statement-orders/{_segment(order_id)}"
        answer = self._read(path, statements.load_statement_answer, deadline)
        _check(answer.order_id == order_id, "statement-orders", "another statement")
        return answer

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        most = self.capabilities().batch_size_max
        if len(batch) > most:
            raise ValueError(f"at most {most} documents at once")
        ids = [one.id for one in batch]
        return self._change("POST", "/documents", documents.dump_documents(batch), ids, deadline)

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        question = documents.dump_document_ids(document_ids)
        found = self._read("/documents/query", documents.load_states, deadline, question)
        told = {one.document_id: one for one in found}
        is_whole = len(told) == len(found) and set(told) == set(document_ids)
        _check(is_whole, "documents", "not one answer for each document")
        return [told[one] for one in document_ids]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        page = self._read(f"/document-events?{_page_query(after, limit)}", documents.load_event_page, deadline)
        _check_goes_on("document-events", after, page.mark, page.has_more)
        return page

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        path = f"/documents/{_segment(document_id)}/withdrawals/{_segment(request_id)}"
        (result,) = self._change("PUT", path, {}, [document_id], deadline)
        return result

    def close(self) -> None:
        self._connection.close()

    # reading

    def _ask_capabilities(self) -> Capabilities:
        if self._rest.seconds_left:
            raise CoreUnavailable(f"{NOT_TOLD}: {self._why_not}")
        try:
            deadline = Deadline.after(CAPABILITIES_TIMEOUT_S)
            self._capabilities = self._read("/capabilities", status.load_capabilities, deadline)
        except CoreUnavailable as error:
            self._why_not = str(error)
            self._rest = Deadline.after(CAPABILITIES_REST_S)
            raise
        return self._capabilities

    def _read(
        self, path: str, load: Callable[[Members], T], deadline: Deadline, question: dict[str, Any] | None = None
    ) -> T:
        method = "GET" if question is None else "POST"
        answer = self._ask(method, path, question, deadline)
        try:
            return load(_parse(answer))
        except WrongShape as error:
            log.error("the core's answer breaks its contract", call=_template(path), place=error.place, what=error.what)
            raise CoreAnswerWrong(_template(path), str(error)) from error

    def _ask(self, method: str, path: str, question: dict[str, Any] | None, deadline: Deadline) -> Answer:
        body = b"" if question is None else orjson.dumps(question)
        try:
            answer = self._connection.call(method, f"/core/v1{path}", body, deadline)
        except (NotSent, AnswerLost) as error:
            raise CoreUnavailable(f"the core does not answer: {error}") from error
        if 200 <= answer.status < 300:
            return answer
        if answer.status == STATUS_GONE and read_code(answer) == MarkUnknown.code:
            raise MarkUnknown("the core does not know the mark")
        log.warning("the core refuses a call", call=_template(path), status=answer.status, code=read_code(answer))
        if is_refusal(answer):
            raise CoreAnswerWrong(_template(path), tell_problem(answer))
        raise CoreUnavailable(f"the core answered {answer.status}")

    # changing

    def _change(
        self, method: str, path: str, question: dict[str, Any], ids: Sequence[str], deadline: Deadline
    ) -> Sequence[Result]:
        try:
            answer = self._connection.call(method, f"/core/v1{path}", orjson.dumps(question), deadline)
        except NotSent as error:
            raise CoreUnavailable(f"the core was not reached: {error}") from error
        except AnswerLost as error:
            return [Unknown(document_id=one, detail=f"no answer: {error}") for one in ids]
        if promises_nothing_done(answer):
            raise CoreUnavailable("the core is not available and did nothing")
        if answer.status != 200:
            log.warning("the core refuses a call", call=_template(path), status=answer.status, code=read_code(answer))
            return read_results(answer, ids)
        told = self._load_results(answer, path, set(ids))
        return [told.get(one) or Unknown(document_id=one, detail=NO_RESULT, is_answer=True) for one in ids]

    def _load_results(self, answer: Answer, path: str, asked: set[str]) -> dict[str, Result]:
        """By document; results that are unreadable, contradict each other or are of other documents are left out."""
        found: list[Result] = []
        try:
            body = _parse(answer)
            members = [body] if "results" not in body.found else body.objects("results", documents.BATCH_MAX)
        except WrongShape as error:
            log.error("the core's answer breaks its contract", call=_template(path), place=error.place, what=error.what)
            return {}
        for one in members:
            try:
                found.append(documents.load_result(one))
            except WrongShape as error:
                log.error("a result breaks the contract", call=_template(path), place=error.place, what=error.what)
        told: dict[str, Result] = {}
        strange: set[str] = set()
        for result in found:
            document_id = result.document_id
            if document_id not in asked or told.setdefault(document_id, result) != result:
                strange.add(document_id)
        if strange:
            log.error("results that contradict or are of other documents", call=_template(path), results=len(strange))
        return {document_id: result for document_id, result in told.items() if document_id not in strange}


def _segment(text: str) -> str:
    """An id as one segment of a path; dots alone would be a step in the tree."""
    if text in {"", ".", ".."}:
        raise CoreUnavailable("an id that no address can hold")
    return quote(text, safe="")


def _page_query(after: Mark | None, limit: int) -> str:
    return urlencode({"after": after.text, "limit": limit} if after else {"limit": limit})


def _template(path: str) -> str:
    """The first word of a path, for logs and alarms: ids of customers stay out of them."""
    return path.split("?")[0].split("/")[1]


def _parse(answer: Answer) -> Members:
    try:
        return Members.of(orjson.loads(answer.body))
    except orjson.JSONDecodeError:
        raise WrongShape("", "not JSON") from None


def _check(holds: bool, call: str, what: str) -> None:
    if not holds:
        log.error("the core's answer breaks its contract", call=call, what=what)
        raise CoreAnswerWrong(call, what)


def _check_goes_on(call: str, after: Mark | None, mark: Mark, has_more: bool) -> None:
    """A page with more to come moves the mark; else it would be read for ever."""
    _check(not has_more or mark != after, call, "more to come at the same mark")
