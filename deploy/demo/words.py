"""How the service writes for a Russian accountant: money, dates, account numbers, states, refusals."""

from __future__ import annotations

import datetime as dt

MOSCOW = dt.timezone(dt.timedelta(hours=3))  # the bank counts its days by Moscow time

STATUSES = {
    "received": ("Принят банком", "wait"),
    "queued": ("Принят банком", "wait"),
    "sending": ("Передаётся в банк", "wait"),
    "unknown": ("Уточняем в банке", "wait"),
    "awaiting_signature": ("Ждёт подписи", "act"),
    "signed": ("Подписан", "wait"),
    "in_process": ("Исполняется", "wait"),
    "executed": ("Исполнен", "good"),
    "rejected": ("Отклонён банком", "bad"),
    "cancelled": ("Отозван", "quiet"),
    "expired": ("Просрочен", "quiet"),
}

# Fields of an order as the bank names them in errors.
FIELDS = {
    "number": "Номер",
    "date": "Дата",
    "amount": "Сумма",
    "account_id": "Счёт плательщика",
    "payer_account": "Счёт плательщика",
    "payee.name": "Получатель",
    "payee.inn": "ИНН получателя",
    "payee.kpp": "КПП получателя",
    "payee.account": "Счёт получателя",
    "payee.bic": "БИК получателя",
    "payee.correspondent_account": "Корсчёт получателя",
    "purpose": "Назначение платежа",
    "priority": "Очерёдность",
    "uin": "УИН",
}

REFUSALS = {
    "access_denied": "Вы не дали согласия в банке. Ничего не подключено — можно попробовать ещё раз.",
    "wrong_state": "Ответ банка не подходит к этому подключению. Начните подключение заново.",
    "wrong_issuer": "Ответ пришёл не от того банка. Подключение прервано.",
    "other": "Подключить банк не удалось. Начните подключение заново.",
}


def format_money(amount: str) -> str:
    """`-1234567.80` → `−1 234 567,80`, with spaces that do not break."""
    sign = "−" if amount.startswith("-") else ""
    whole, _, hundredths = amount.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}".replace(",", "\u00a0") + f",{hundredths:0<2}"


def format_date(date: str) -> str:
    return dt.date.fromisoformat(date).strftime("%d.%m.%Y")


def format_moment(moment: str) -> str:
    return dt.datetime.fromisoformat(moment).astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M")


def today_in_moscow() -> dt.date:
    return dt.datetime.now(MOSCOW).date()


def format_account(number: str) -> str:
    """40702810900000000001 → 40702 810 9 0000 0000001, as people read it."""
    return "\u00a0".join((number[:5], number[5:8], number[8:9], number[9:13], number[13:])) if number else "—"


def tell_status(status: str) -> str:
    return STATUSES.get(status, (status, "quiet"))[0]


def tone_of_status(status: str) -> str:
    return STATUSES.get(status, (status, "quiet"))[1]


def tell_field(name: str) -> str:
    return FIELDS.get(name, name)


def tell_news(added: int, changed: int, removed: int) -> str:
    """What a refresh brought, in one sentence."""
    parts = [
        f"{words} {count}"
        for words, count in (("новых", added), ("изменённых", changed), ("удалённых", removed))
        if count
    ]
    return f"Операции обновлены: {', '.join(parts)}." if parts else "Новых операций нет."


def tell_import(created: int) -> str:
    """What became of a file: the same file sent again creates nothing."""
    if not created:
        return "Этот файл банк уже принимал: новых платежей нет."
    return f"Файл принят, новых платежей: {created}. Осталось подписать их в интернет-банке."


FILTERS = {
    "money": format_money,
    "date": format_date,
    "moment": format_moment,
    "account": format_account,
    "status": tell_status,
    "tone": tone_of_status,
    "field": tell_field,
}
