"""The words that people see for scopes, states, roles and reasons: one wording for every page.

Messages are marked here and translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oauth.ports import StatementShape
from oauth.scopes import Scope
from oauth.web.language import _, mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A right in plain words: the headline, what it is for, and everything that it includes."""

    title: str
    summary: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """A state and the tone in which it is shown: good, warn, bad or quiet."""

    text: str
    tone: str


CLUSTERS: dict[Scope, tuple[Cluster, ...]] = {
    Scope.STATEMENTS: (
        Cluster(
            title=mark("Видеть ваши счета и остатки"),
            summary=mark("По тем счетам, которые вы выберете"),
            details=(
                mark("номер, валюту и название счёта"),
                mark("название, ИНН и КПП вашей компании"),
                mark("остаток на счёте и доступную сумму"),
            ),
        ),
        Cluster(
            title=mark("Получать выписки"),
            summary=mark("Кто, кому, сколько и за что заплатил"),
            details=(
                mark("дату, номер и сумму каждой операции"),
                mark("название, ИНН и счёт второй стороны"),
                mark("назначение платежа"),
                mark("сервис сам проверяет новые операции, обычно несколько раз в день, и без вас тоже"),
            ),
        ),
    ),
    Scope.PAYMENTS: (
        Cluster(
            title=mark("Готовить платёжные поручения"),
            summary=mark("Без вашей подписи деньги не уйдут"),
            details=(
                mark("поручение из сервиса появится в интернет-банке как черновик"),
                mark("отправить деньги можно только вашей подписью в интернет-банке"),
                mark("сервис видит, что стало с поручением: подписано, исполнено или отклонено"),
                mark("неподписанный черновик сервис может отозвать"),
            ),
        ),
    ),
}

CONSENT_STATES = {
    "awaiting": StateWords(text=mark("Ждёт решения"), tone="warn"),
    "active": StateWords(text=mark("Действует"), tone="good"),
    "suspended": StateWords(text=mark("Приостановлено банком"), tone="warn"),
    "expired": StateWords(text=mark("Срок закончился"), tone="quiet"),
    "revoked": StateWords(text=mark("Остановлено"), tone="quiet"),
    "rejected": StateWords(text=mark("Отказано"), tone="quiet"),
}

PARTNER_STATES = {
    "applied": StateWords(text=mark("Заявка на рассмотрении"), tone="warn"),
    "approved": StateWords(text=mark("Работает"), tone="good"),
    "suspended": StateWords(text=mark("Приостановлен"), tone="bad"),
    "closed": StateWords(text=mark("Закрыт"), tone="quiet"),
}

ENDED_BY = {
    "customer": mark("остановлено клиентом"),
    "partner": mark("остановлено сервисом"),
    "bank": mark("остановлено банком"),
}

AUTH_METHODS = {
    "private_key_jwt": mark("Подпись ключом сервиса (private_key_jwt)"),
    "client_secret_basic": mark("Секрет и список IP-адресов (client_secret_basic)"),
}

SCOPES = {
    Scope.STATEMENTS: mark("Счета, остатки и выписки"),
    Scope.PAYMENTS: mark("Черновики платёжных поручений"),
}

ROLES = {
    "operator": mark("оператор"),
    "approver": mark("согласующий"),
    "auditor": mark("аудитор"),
}

CHANGE_KINDS = {
    "application": mark("Подключение партнёра"),
    "resume": mark("Возобновление работы"),
    "reissue": mark("Замена ключей доступа"),
}


ACTORS = {
    "customer": mark("клиент"),
    "partner": mark("сервис"),
    "staff": mark("сотрудник банка"),
    "system": mark("эта программа"),
}

EVENTS = {
    "alarm.acknowledged": mark("Тревога принята"),
    "authorization.requested": mark("Сервис запросил доступ"),
    "client.foreign_address": mark("Верные данные партнёра с чужого адреса"),
    "code.replayed": mark("Код доступа предъявлен повторно"),
    "consent.accounts_moved": mark("Счета переданы банком другому клиенту: доступ к ним закрыт"),
    "consent.given": mark("Клиент дал доступ"),
    "consent.narrowed": mark("Клиент убрал счета"),
    "consent.not_renewed": mark("Клиент не смог дать доступ заново: он приостановлен банком"),
    "consent.rejected": mark("Клиент отказал"),
    "consent.renewed": mark("Клиент продлил доступ"),
    "consent.resumed": mark("Доступ возобновлён банком"),
    "consent.revoked": mark("Доступ прекращён"),
    "consent.suspended": mark("Доступ приостановлен банком"),
    "customer_data.viewed": mark("Просмотр данных клиентов"),
    "document.adopted": mark("Поручение найдено в ДБО"),
    "document.asked_again": mark("О поручении спросили ДБО ещё раз"),
    "document.confirmed_absent": mark("Поручения в ДБО нет: отправить снова"),
    "partner.applied": mark("Подана заявка"),
    "partner.change_approved": mark("Решение одобрено"),
    "partner.change_refused": mark("В решении отказано"),
    "partner.closed": mark("Партнёр закрыт"),
    "partner.credentials_claimed": mark("Партнёр получил данные для подключения"),
    "partner.reissue_requested": mark("Предложена замена ключей"),
    "partner.resume_requested": mark("Предложено возобновить работу"),
    "partner.suspended": mark("Партнёр остановлен"),
    "refresh_token.replayed": mark("Токен обновления предъявлен повторно"),
    "statement.downloaded": mark("Клиент скачал выписку"),
    "staff.added": mark("Добавлен сотрудник"),
    "staff.disabled": mark("Сотрудник отключён"),
    "staff.sign_in_refused": mark("Отказ во входе сотруднику"),
    "staff.signed_in": mark("Вход сотрудника"),
    "staff.totp_reset": mark("Сброшен код сотрудника"),
    "token.issued": mark("Выдан токен"),
}

# By the first part of the name under which a use was counted: the resource that was called.
USES = {
    "accounts": mark("Счета и остатки"),
    "changes": mark("Новые операции"),
    "statements": mark("Выписка"),
    "statement_orders": mark("Выписка за долгий срок"),
    "payments": mark("Платёжные поручения"),
    "payment_imports": mark("Пакет платёжных поручений"),
    "consent": mark("Условия доступа"),
    "refused": mark("Отказ: у сервиса нет такого права"),
}

# What each file is good for, in the order in which people look for them.
STATEMENT_SHAPES = {
    "pdf": mark("Прочитать и распечатать"),
    "xlsx": mark("Сортировать и считать"),
    "1c": mark("Для учётных программ"),
    "csv": mark("Таблица для любой программы"),
    "camt053": mark("Международный, ISO 20022"),
    "mt940": mark("Международный, SWIFT"),
    "json": mark("Для программистов"),
}

# Parameters of the shapes and their values.
STATEMENT_OPTIONS = {
    "encoding": mark("Кодировка"),
    "windows-1251": mark("Windows (обычная для 1С)"),
    "utf-8": "UTF-8",
    "cp866": "DOS (cp866)",
    "version": mark("Версия"),
    "001.02": "001.02",
    "001.08": "001.08",
    "dialect": mark("Вид"),
    "excel": mark("для Excel"),
    "plain": mark("для программ"),
}


def sort_shapes(shapes: Iterable[StatementShape]) -> list[StatementShape]:
    """In the order of `STATEMENT_SHAPES`."""
    places = list(STATEMENT_SHAPES)
    return sorted(shapes, key=lambda shape: places.index(shape.name))


def say_use(operation: str) -> str:
    """What a service did, in plain words; an operation without words as it is."""
    resource = operation.replace(":", ".").partition(".")[0]
    return _(USES[resource]) if resource in USES else operation


def say_actor(kind: str) -> str:
    """Who acted in an event of the audit log."""
    return _(ACTORS[kind]) if kind in ACTORS else kind


def say_event(action: str) -> str:
    """What an event of the audit log was; an action without words as it is."""
    return _(EVENTS[action]) if action in EVENTS else action


def clusters(scopes: Iterable[Scope]) -> list[Cluster]:
    """The rights of these scopes in the order in which people read them."""
    asked = set(scopes)
    return [cluster for scope in CLUSTERS if scope in asked for cluster in CLUSTERS[scope]]


def account_number(number: str) -> str:
    """`40702 810 4 0000 0012345`: balance account, currency, key, branch and number, as people read them aloud."""
    if len(number) != 20:
        return number
    parts = (number[:5], number[5:8], number[8], number[9:13], number[13:])
    return "\u00a0".join(parts)


def initials(name: str) -> str:
    """The first letter of a name, for the square beside it."""
    letters = [letter for letter in name if letter.isalnum()]
    return letters[0].upper() if letters else "•"


PROBLEMS = {
    "missing": mark("Заполните это поле."),
    "too_long": mark("Слишком длинно."),
    "bad_characters": mark("Есть недопустимые знаки."),
    "not_an_inn": mark("ИНН неверный: 10 цифр у компании или 12 у предпринимателя, последние — контрольные."),
    "not_an_email": mark("Это не похоже на адрес почты."),
    "not_a_uri": mark("Укажите адрес полностью, с https://"),
    "number_of_uris": mark("Укажите от одного до десяти разных адресов, каждый в своей строке."),
    "fragment_user_or_wildcard": mark("В адресе не должно быть #, @ и *."),
    "not_https": mark("Адрес должен начинаться с https://"),
    "not_a_host_name": mark("Вместо IP-адреса и коротких имён укажите полное доменное имя."),
    "not_plain": mark("Напишите адрес просто: строчными буквами и без частей «.» и «..»."),
    "empty_query_parameter": mark("В адресе есть пустой параметр."),
    "unknown_or_missing": mark("Отметьте хотя бы одно."),
    "unknown": mark("Выберите один из способов."),
    "not_a_key_set": mark('Нужен набор ключей JWKS: {"keys": [...]}'),
    "number_of_keys": mark("В наборе должно быть от одного до десяти ключей."),
    "private_key": mark("Это закрытый ключ! Никому его не давайте, выпустите новый и пришлите только открытую часть."),
    "unreadable_key": mark("Один из ключей прочитать нельзя."),
    "weak_key": mark("Подходят ключи EC P-256, Ed25519 и RSA от 2048 до 4096 бит."),
    "not_a_network": mark("Это не IP-адрес и не сеть вида 203.0.113.0/28."),
    "network_too_wide": mark("Сеть слишком широкая: не шире /16 для IPv4 и /32 для IPv6."),
}
