"""How the sandbox's pages write amounts, dates and states: Russian, for people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW

STATUSES = {
    "awaiting_signature": "Ждёт подписи",
    "signed": "Подписан",
    "in_process": "Исполняется",
    "executed": "Исполнен",
    "rejected": "Отклонён банком",
    "cancelled": "Отменён",
    "expired": "Срок истёк",
}
DOCUMENT_TYPES = {
    "payment_order": "Платёжное поручение",
    "memorial_order": "Мемориальный ордер",
    "bank_order": "Банковский ордер",
}
FIELDS = {
    "number": "Номер",
    "date": "Дата",
    "amount": "Сумма",
    "purpose": "Назначение",
    "priority": "Очерёдность",
    "payee.name": "Получатель",
    "payee.inn": "ИНН получателя",
    "payee.kpp": "КПП получателя",
    "payee.account": "Счёт получателя",
    "payee.bic": "БИК банка получателя",
}


def rubles(money: Money) -> str:
    """1 234 567,80 with non-breaking spaces."""
    return f"{money.amount:,.2f}".replace(",", "\u00a0").replace(".", ",")


def kopecks(amount: int) -> str:
    return rubles(Money.from_kopecks(amount))


def day(date: dt.date) -> str:
    return f"{date:%d.%m.%Y}"


def moment(at: dt.datetime) -> str:
    return f"{at.astimezone(MOSCOW):%d.%m.%Y %H:%M}"


def words() -> dict[str, Any]:
    """For the templates."""
    return {
        "rubles": rubles,
        "kopecks": kopecks,
        "day": day,
        "moment": moment,
        "status_names": STATUSES,
        "document_types": DOCUMENT_TYPES,
        "field_names": FIELDS,
    }
