"""The bodies between adapter and core for the document `api_specs/core-gateway.openapi.json`.

They only describe; the modules beside this one read and write by hand, because batches and pages of thousands pass
through.  A test holds the two together.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import MARK_BYTES_MAX, ORIGIN_BYTES_MAX
from adapter.domain.statements import Direction, DocumentType
from adapter.schemas.core_gateway.documents import BATCH_MAX, TOLD
from adapter.schemas.core_gateway.members import ID_MAX
from adapter.schemas.parties import AMOUNT_PATTERN, Open

MOMENT = "RFC 3339 with an offset"


def _id(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        required=True, validate=ma.validate.Length(min=1, max=ID_MAX), metadata={"description": description}
    )


def _text(description: str) -> ma.fields.Str:
    return ma.fields.Str(required=True, metadata={"description": description})


def _maybe(description: str) -> ma.fields.Str:
    return ma.fields.Str(allow_none=True, metadata={"description": description})


def _money(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(AMOUNT_PATTERN),
        metadata={"description": description, "example": "1500.00"},
    )


def _currency() -> ma.fields.Str:
    return ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(r"^[A-Z]{3}$"),
        metadata={"description": "ISO 4217", "example": "RUB"},
    )


def _mark(description: str) -> ma.fields.Str:
    text = f"{description}; at most {MARK_BYTES_MAX} bytes, the adapter never reads it"
    return ma.fields.Str(required=True, validate=ma.validate.Length(min=1), metadata={"description": text})


def _many(kind: type[ma.Schema], **options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(kind), required=True, **options)


class CapabilitiesBody(Open):
    """What this core can do; constant while it runs."""

    name = _text("of the system, for people")
    batch_size_max = ma.fields.Int(required=True, strict=True, validate=ma.validate.Range(1, BATCH_MAX))
    can_withdraw = ma.fields.Bool(required=True, metadata={"description": "drafts can be taken back by the adapter"})
    submit_is_idempotent = ma.fields.Bool(
        required=True, metadata={"description": "the same document_id sent twice makes one document"}
    )
    not_found_is_final_after_s = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "`found: false` so long after sending proves that nothing arrived; null: never"},
    )
    history_days = ma.fields.Int(required=True, metadata={"description": "how far back entries are told"})
    can_tell_documents = ma.fields.Bool(metadata={"description": "documents are given back whole"})
    can_order_statements = ma.fields.Bool(metadata={"description": "periods can be ordered beside the feed"})


class HealthBody(Open):
    """How the core is."""

    is_up = ma.fields.Bool(required=True)
    detail = _maybe("for people")
    feed_lag_s = ma.fields.Float(allow_none=True, metadata={"description": "how far entries are behind the books"})
    time = ma.fields.AwareDateTime(required=True, metadata={"description": f"the core's clock, {MOMENT}"})


class CustomerBody(Open):
    """A company or entrepreneur that a user acts for."""

    customer_id = _id("the bank's id of the company or entrepreneur")
    name = _text("as in payment documents")
    inn = _maybe("ИНН")
    kpp = _maybe("КПП")
    user_id = _id("the person; the one that was asked for")
    user_name = _text("the person's name")
    role = _text("as the bank names it, e.g. «Генеральный директор»")
    may_give_consent = ma.fields.Bool(
        required=True, metadata={"description": "this person may give a service access to the customer's accounts"}
    )
    reason = _maybe("why not, in Russian, for the person")


class CustomersBody(Open):
    """All whom the user acts for."""

    customers = _many(CustomerBody)


class CorePartyBody(Open):
    """Who."""

    name = _text("as in payment documents")
    inn = _maybe("ИНН")
    kpp = _maybe("КПП")


class CoreAccountBody(Open):
    """An account of a customer."""

    account_id = _id("the bank's id of the account; it never changes and is never reused")
    customer_id = _id("whose it is")
    number = ma.fields.Str(required=True, validate=ma.validate.Regexp(r"^[0-9A-Z]{20}$"))
    bic = ma.fields.Str(required=True, validate=ma.validate.Regexp(r"^[0-9]{9}$"))
    currency = _currency()
    name = _text("for people")
    owner = ma.fields.Nested(CorePartyBody, required=True)
    status = ma.fields.Enum(AccountStatus, by_value=True, required=True)
    can_be_shared = ma.fields.Bool(metadata={"description": "false for deposits and the like; true where absent"})
    reason = _maybe("why it cannot be shared, in Russian")


class CoreAccountsBody(Open):
    """All accounts of a customer, also those that cannot be shared."""

    accounts = _many(CoreAccountBody)


class BalancesQuery(Open):
    """Accounts whose balances are asked for."""

    account_ids = ma.fields.List(ma.fields.Str(), required=True)


class CoreBalanceBody(Open):
    """The balance of an account."""

    account_id = _id("one of those asked for")
    currency = _currency()
    booked = _money("what the entries add up to; may be negative")
    available = _money("what can be spent now")
    as_of = ma.fields.AwareDateTime(required=True, metadata={"description": MOMENT})


class CoreBalancesBody(Open):
    """In the order asked; unknown accounts are left out."""

    balances = _many(CoreBalanceBody)


class CoreCounterpartyBody(Open):
    """The other side; a bank's own fee may have little more than a name."""

    name = _text("as in the document")
    inn = _maybe("ИНН")
    kpp = _maybe("КПП")
    account = _maybe("20 characters")
    bic = _maybe("БИК of its bank")
    bank_name = _maybe("its bank")
    correspondent_account = _maybe("корсчёт of its bank")


class CoreBudgetBody(Open):
    """Fields 101 and 104-110 of a payment to the budget."""

    drawer_status = _text("101")
    kbk = _maybe("104")
    oktmo = _maybe("105")
    reason = _maybe("106")
    tax_period = _maybe("107")
    basis_number = _maybe("108")
    basis_date = _maybe("109")
    payment_type = _maybe("110")


class RemovedCoreEntry(Open):
    """An entry that the bank took back."""

    entry_id = _id("the id that it always had")
    removed = ma.fields.Bool(required=True, validate=ma.validate.Equal(True))
    document_id = _maybe("as it was")


class CoreEntryBody(Open):
    """A booked entry, whole, also when it comes again because it changed."""

    entry_id = _id("the same through every change, never reused")
    removed = ma.fields.Bool(metadata={"description": "false, or absent"})
    document_id = _maybe("the adapter's id of the document that this entry books; none for all others")
    direction = ma.fields.Enum(
        Direction, by_value=True, required=True, metadata={"description": "seen from the account's owner"}
    )
    amount = _money("positive; `direction` carries the sign")
    currency = _currency()
    document_type = ma.fields.Enum(DocumentType, by_value=True, required=True)
    number = _text("of the document")
    date = ma.fields.Date(required=True, metadata={"description": "of the document"})
    booking_date = ma.fields.Date(required=True, metadata={"description": "дата проводки, a Moscow business date"})
    value_date = ma.fields.Date(required=True)
    counterparty = ma.fields.Nested(CoreCounterpartyBody, required=True)
    purpose = _text("назначение платежа")
    priority = ma.fields.Int(allow_none=True, metadata={"description": "очерёдность"})
    uin = _maybe("УИН")
    budget = ma.fields.Nested(CoreBudgetBody, allow_none=True)


class ClosedDayBody(Open):
    """A banking day that is closed: opening and entries give closing."""

    day = ma.fields.Date(required=True)
    currency = _currency()
    opening = _money("at the beginning of the day")
    closing = _money("at its end")


IS_TOLD = ma.validate.OneOf(sorted(status.value for status in TOLD))


class EntryPageBody(Open):
    """Changes of one account after a mark, oldest first."""

    entries = ma.fields.List(ma.fields.Nested(CoreEntryBody), required=True)
    mark = _mark("where to go on, also when nothing came")
    has_more = ma.fields.Bool(required=True)
    as_of = ma.fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={
            "description": f"everything booked by then is in this page or before it, {MOMENT}; "
            "null only while nothing can be said of this account yet"
        },
    )
    closed_days = ma.fields.List(
        ma.fields.Nested(ClosedDayBody),
        metadata={"description": "with the last page only; absent where days never close"},
    )


class CoreStatementOrderBody(Open):
    """A period of an account; both days are in it."""

    account_id = _id("the account")
    date_from = ma.fields.Date(required=True, data_key="from")
    date_to = ma.fields.Date(required=True, data_key="to")


class StatementPendingBody(Open):
    """Not ready yet."""

    order_id = _id("as it was ordered")
    state = ma.fields.Str(required=True, validate=ma.validate.Equal("pending"))
    again_after_s = ma.fields.Float(metadata={"description": "ask again after so many seconds"})


class CoreStatementBody(Open):
    """The period as the books have it; entries carry the ids that they have in the feed."""

    order_id = _id("as it was ordered")
    state = ma.fields.Str(required=True, validate=ma.validate.OneOf(("ready", "refused")))
    account_id = _maybe("of a ready one")
    date_from = ma.fields.Date(data_key="from")
    date_to = ma.fields.Date(data_key="to")
    currency = _maybe("ISO 4217")
    opening = _maybe("balance before the first day, a decimal string")
    closing = _maybe("balance after the last day, a decimal string")
    entries = ma.fields.List(ma.fields.Nested(CoreEntryBody))
    as_of = ma.fields.AwareDateTime(metadata={"description": MOMENT})
    code = _maybe("of a refused one, stable, for programs")
    reason = _maybe("of a refused one, in Russian")


class CoreOrderBody(Open):
    """A payment order, form 0401060; the numbers are those of its fields."""

    number = _text("3")
    date = ma.fields.Date(required=True, metadata={"description": "4"})
    amount = _money("7")
    currency = _currency()
    payee = ma.fields.Nested(CoreCounterpartyBody, required=True, metadata={"description": "13-17, 61, 103"})
    purpose = _text("24")
    priority = ma.fields.Int(required=True, metadata={"description": "21"})
    uin = _maybe("22")
    income_type_code = _maybe("20")
    operation_code = _text("18")
    payment_kind = _maybe("5")
    budget = ma.fields.Nested(CoreBudgetBody, allow_none=True, metadata={"description": "101, 104-110"})
    payer = ma.fields.Nested(
        CorePartyBody, allow_none=True, metadata={"description": "8, 60, 102 as sent; counts in payments to the budget"}
    )
    payer_account = _maybe("9 as sent in a file; `account_id` of the document is what counts")
    external_id = _maybe("the accounting service's own id; keep it")
    adapter_account_id = _maybe("the adapter's id of the account; keep it unread and give it back")


class CoreDocumentBody(Open):
    """A draft for the customer to sign."""

    document_id = _id("the adapter's id, unique for ever: the idempotency key")
    customer_id = _id("whose")
    account_id = _id("the account that pays")
    partner_name = _text("the accounting service; show it to the customer")
    possible_duplicate = ma.fields.Bool(metadata={"description": "the same payment came lately; warn the customer"})
    origin = ma.fields.Str(
        metadata={"description": f"at most {ORIGIN_BYTES_MAX} bytes; keep it unread and give it back"}
    )
    order = ma.fields.Nested(CoreOrderBody, required=True)


class CoreDocumentsBody(Open):
    """A batch, at most `batch_size_max`."""

    documents = _many(CoreDocumentBody, validate=ma.validate.Length(min=1, max=BATCH_MAX))


class ResultBody(Open):
    """What became of one document."""

    document_id = _id("as it was sent")
    result = ma.fields.Str(required=True, validate=ma.validate.OneOf(("accepted", "refused", "unknown")))
    core_reference = _maybe("of an accepted one: the bank's own number, for people")
    sign_url = _maybe("of an accepted one: where the customer signs it")
    code = _maybe("of a refused one: stable, for programs")
    reason = _maybe("of a refused one: Russian, for the customer")
    detail = _maybe("of an unknown one: for the log")


class ResultsBody(Open):
    """One result for each document, in order."""

    results = _many(ResultBody)


class DocumentsQuery(Open):
    """Documents that are asked for, by the adapter's ids."""

    document_ids = ma.fields.List(ma.fields.Str(), required=True)


class DocumentEventBody(Open):
    """A state that a document took."""

    document_id = _id("the adapter's id")
    status = ma.fields.Str(required=True, validate=IS_TOLD)
    at = ma.fields.AwareDateTime(required=True, metadata={"description": f"when, {MOMENT}"})
    reason = _maybe("of a rejected or cancelled one: Russian, for the customer")
    core_reference = _maybe("the bank's own number")
    sign_url = _maybe("where the customer signs it")
    edited = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=ma.fields.Str(),
        metadata={"description": 'fields that a person changed in the bank, e.g. {"amount": "120.50"}'},
    )


class FoundDocumentBody(Open):
    """Where a document is, or that there is none."""

    document_id = _id("as it was asked")
    found = ma.fields.Bool(required=True)
    status = ma.fields.Str(validate=IS_TOLD, metadata={"description": "of a found one"})
    at = ma.fields.AwareDateTime(metadata={"description": "of a found one: when it took this state"})
    reason = _maybe("as in events")
    core_reference = _maybe("as in events")
    sign_url = _maybe("as in events")
    edited = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Str())
    document = ma.fields.Nested(
        CoreDocumentBody, allow_none=True, metadata={"description": "as it was submitted, where the core can tell"}
    )


class FoundDocumentsBody(Open):
    """One answer for each id, in order."""

    documents = _many(FoundDocumentBody)


class EventPageBody(Open):
    """States that documents took after a mark, oldest first."""

    events = _many(DocumentEventBody)
    mark = _mark("where to go on, also when nothing came")
    has_more = ma.fields.Bool(required=True)


class HintBody(Open):
    """Where something is new; no data, only a reason to ask now."""

    account_ids = ma.fields.List(
        ma.fields.Str(), metadata={"description": "accounts with new or changed entries, by the bank's ids"}
    )
    documents = ma.fields.Bool(metadata={"description": "states of documents changed"})


class ProblemBody(Open):
    """RFC 9457 problem details."""

    type = ma.fields.Str()
    title = _text("for people")
    status = ma.fields.Int(required=True)
    code = _text("for programs: unavailable, mark_unknown, unauthorized, invalid_body, …")
    detail = _maybe("more, for people; never data of customers")
