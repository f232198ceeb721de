"""Why a bank refuses a draft at once: what every core of ours says, in the same words."""

from __future__ import annotations

from typing import Protocol

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreDocument, Refused


class PayingAccount(Protocol):
    """An account as a core keeps it; a row of its table has this shape."""

    @property
    def customer_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def currency(self) -> str: ...


def reason_to_refuse(document: CoreDocument, account: PayingAccount | None) -> Refused | None:
    """None where the account may pay the draft."""
    if account is None or account.customer_id != document.customer_id:
        return Refused(document_id=document.id, code="unknown_account", reason="Счёт не найден в банке")
    if account.status != AccountStatus.OPEN:
        return Refused(document_id=document.id, code="account_blocked", reason="Операции по счёту приостановлены")
    if account.currency != document.order.amount.currency:
        return Refused(
            document_id=document.id, code="wrong_currency", reason="Валюта платежа не совпадает с валютой счёта"
        )
    return None
