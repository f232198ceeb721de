"""Rows of the bank's schema as values of the domain, and drafts as rows.

Banks keep codes in columns of fixed width: blanks at the ends are taken off, and what is empty then is absent.  What is
longer than the contract allows raises ValueError; a reason of a state is cut, so that it keeps no other draft's fate.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapter.connectors.lengths import check_lengths
from adapter.connectors.sql.views import BUDGET_COLUMNS
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import (
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreEntry,
    DocumentState,
)
from adapter.domain.limits import TEXT_MAX
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder, PaymentStatus
from adapter.domain.statements import TYPE_BY_OPERATION_CODE, Direction, DocumentType, EntryDetails

Row = sa.Row[*tuple[Any, ...]]


def load_customer(row: Row) -> CoreCustomer:
    customer = CoreCustomer(
        customer_id=row.customer_id,
        party=_load_party(row),
        user_id=row.user_id,
        user_name=row.user_name,
        role=row.role,
        may_give_consent=row.may_give_consent,
        reason=row.reason,
    )
    return check_lengths(customer)


def load_account(row: Row) -> CoreAccount:
    account = CoreAccount(
        core_id=row.account_id,
        customer_id=row.customer_id,
        number=row.number.strip(),
        bic=row.bic.strip(),
        currency=row.currency,
        name=row.account_name,
        owner=_load_party(row),
        status=AccountStatus(row.status),
        can_be_shared=row.can_be_shared,
        reason=row.reason,
    )
    return check_lengths(account)


def load_balance(row: Row) -> CoreBalance:
    return CoreBalance(
        core_account_id=row.account_id,
        booked=Money(row.booked, row.currency),
        available=Money(row.available, row.currency),
        as_of=row.as_of,
    )


def load_entry(row: Row) -> CoreEntry:
    details = None if row.is_removed else _load_details(row)
    return check_lengths(CoreEntry(core_id=row.entry_id, details=details, document_id=row.document_id))


def load_state(row: Row, document: CoreDocument | None = None) -> DocumentState:
    """Of a draft or of an event; both have the columns of its fate.  Edits that cannot be read are left out."""
    return DocumentState(
        document_id=row.document_id,
        status=PaymentStatus(row.status),
        at=row.at,
        reason=row.reason[:TEXT_MAX] if row.reason else None,
        core_reference=core_reference(row),
        sign_url=row.sign_url,
        edited=row.edited if has_readable_edits(row) else {},
        document=document,
    )


def has_readable_edits(row: Row) -> bool:
    """Whether `edited` is an object of texts; the database allows any JSON there."""
    return isinstance(row.edited, dict) and all(isinstance(value, str) for value in row.edited.values())


def core_reference(row: Row) -> str:
    """The bank's own number of the draft; our id until it has given one."""
    return str(row.core_reference or row.document_id)


def load_document(row: Row) -> CoreDocument:
    """As it was submitted."""
    return CoreDocument(
        id=row.document_id,
        customer_id=row.customer_id,
        core_account_id=row.account_id,
        order=_load_order(row),
        partner_name=row.partner_name,
        possible_duplicate=row.possible_duplicate,
        origin=row.origin,
    )


def dump_document(document: CoreDocument) -> dict[str, Any]:
    order, payee, payer = document.order, document.order.payee, document.order.payer
    return {
        "document_id": document.id,
        "customer_id": document.customer_id,
        "account_id": document.core_account_id,
        "number": order.number,
        "date": order.date,
        "amount": order.amount.amount,
        "currency": order.amount.currency,
        "payee_name": payee.name,
        "payee_inn": payee.inn,
        "payee_kpp": payee.kpp,
        "payee_account": payee.account,
        "payee_bic": payee.bic,
        "payee_bank_name": payee.bank_name,
        "payee_correspondent_account": payee.correspondent_account,
        "purpose": order.purpose,
        "priority": order.priority,
        "uin": order.uin,
        "income_type_code": order.income_type_code,
        "operation_code": order.operation_code,
        "payment_kind": order.payment_kind,
        "payer_account": order.payer_account,
        "payer_name": payer.name if payer else None,
        "payer_inn": payer.inn if payer else None,
        "payer_kpp": payer.kpp if payer else None,
        **_dump_budget(order.budget),
        "partner_name": document.partner_name,
        "partner_external_id": order.external_id,
        "partner_account_id": order.account_id,
        "possible_duplicate": document.possible_duplicate,
        "origin": document.origin,
    }


def _load_order(row: Row) -> PaymentOrder:
    return PaymentOrder(
        number=row.number,
        date=row.date,
        amount=Money(row.amount, row.currency),
        payee=Counterparty(
            name=row.payee_name,
            inn=row.payee_inn,
            kpp=row.payee_kpp,
            account=row.payee_account,
            bic=row.payee_bic,
            bank_name=row.payee_bank_name,
            correspondent_account=row.payee_correspondent_account,
        ),
        purpose=row.purpose,
        external_id=row.partner_external_id,
        account_id=row.partner_account_id,
        payer_account=row.payer_account,
        payer=None if row.payer_name is None else Party(name=row.payer_name, inn=row.payer_inn, kpp=row.payer_kpp),
        priority=row.priority,
        uin=row.uin,
        income_type_code=row.income_type_code,
        operation_code=row.operation_code,
        payment_kind=row.payment_kind,
        budget=_load_budget(row),
    )


def _load_details(row: Row) -> EntryDetails:
    return EntryDetails(
        direction=Direction(row.direction),
        amount=Money(row.amount, row.currency),
        document_type=TYPE_BY_OPERATION_CODE.get(_code(row.document_type) or "", DocumentType.OTHER),
        number=row.document_number.strip(),
        date=row.document_date,
        booking_date=row.booking_date,
        value_date=row.value_date,
        counterparty=Counterparty(
            name=row.counterparty_name,
            inn=_code(row.counterparty_inn),
            kpp=_code(row.counterparty_kpp),
            account=_code(row.counterparty_account),
            bic=_code(row.counterparty_bic),
            bank_name=row.counterparty_bank_name,
            correspondent_account=_code(row.counterparty_correspondent_account),
        ),
        purpose=row.purpose,
        priority=row.priority,
        uin=_code(row.uin),
        budget=_load_budget(row),
    )


def _load_party(row: Row) -> Party:
    return Party(name=row.name, inn=_code(row.inn), kpp=_code(row.kpp))


def _load_budget(row: Row) -> BudgetDetails | None:
    """A row without field 101 is no payment to the budget."""
    drawer_status = _code(row.budget_drawer_status)
    if drawer_status is None:
        return None
    return BudgetDetails(
        drawer_status=drawer_status,
        kbk=_code(row.budget_kbk),
        oktmo=_code(row.budget_oktmo),
        reason=_code(row.budget_reason),
        tax_period=_code(row.budget_tax_period),
        basis_number=_code(row.budget_basis_number),
        basis_date=_code(row.budget_basis_date),
        payment_type=_code(row.budget_payment_type),
    )


def _dump_budget(budget: BudgetDetails | None) -> dict[str, Any]:
    return {name: getattr(budget, name.removeprefix("budget_"), None) for name in BUDGET_COLUMNS}


def _code(value: str | None) -> str | None:
    return (value or "").strip() or None
