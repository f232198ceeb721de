"""Statements and payment orders → the text of a file: version 1.03, CRLF, every value on one line.

A statement is written as a stream of chunks, so memory does not grow with its length.  Each document is one template
filled once: writing costs little more than the encoder itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from adapter.domain.accounts import Account
from adapter.domain.banks import Bank
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.statements import OPERATION_CODES, Direction, DocumentType, Entry, Statement
from adapter.formats.onec_exchange import tags
from adapter.formats.onec_exchange.encoder import Encoding, encode
from adapter.formats.printed import one_line

_DOCUMENTS_IN_CHUNK = 100


def _lines(text: str) -> str:
    return text.lstrip().replace("\n", "\r\n")


_HEADER = _lines("""
1CClientBankExchange
ВерсияФормата=1.03
Кодировка=%s
Отправитель=%s
Получатель=%s
ДатаСоздания=%s
ВремяСоздания=%s
ДатаНачала=%s
ДатаКонца=%s
""")
_ACCOUNT = _lines("РасчСчет=%s\n")
_BALANCES = _lines("""
СекцияРасчСчет
ДатаНачала=%s
ДатаКонца=%s
РасчСчет=%s
НачальныйОстаток=%s
ВсегоПоступило=%s
ВсегоСписано=%s
КонечныйОстаток=%s
КонецРасчСчет
""")
_HEADING = _lines("""
СекцияДокумент=%s
Номер=%s
Дата=%s
Сумма=%s
ДатаСписано=%s
ДатаПоступило=%s
""")
_PAYER = _lines("""
ПлательщикСчет=%s
Плательщик=%s
ПлательщикИНН=%s
ПлательщикКПП=%s
Плательщик1=%s
ПлательщикРасчСчет=%s
ПлательщикБанк1=%s
ПлательщикБИК=%s
ПлательщикКорсчет=%s
""")
_PAYEE = _PAYER.replace("Плательщик", "Получатель")
_PAYMENT = _lines("""
ВидПлатежа=%s
ВидОплаты=%s
Код=%s
КодНазПлатежа=%s
Очередность=%s
НазначениеПлатежа=%s
""")
_BUDGET = _lines("""
СтатусСоставителя=%s
ПоказательКБК=%s
ОКАТО=%s
ПоказательОснования=%s
ПоказательПериода=%s
ПоказательНомера=%s
ПоказательДаты=%s
ПоказательТипа=%s
""")
_KINDS = {kind: (name, OPERATION_CODES.get(kind, "")) for kind, name in tags.KIND_NAMES.items()}
_ORDER = _HEADING + _PAYER + _PAYEE + _PAYMENT
# Beside the standard, for a bank that takes our drafts; programs that do not know the keys pass over them.
_MARKS = _lines("""
ИдентификаторДокумента=%s
УчетныйСервис=%s
ВозможныйПовтор=%s
""")
_DOCUMENT_END = _lines("КонецДокумента\n")
_FILE_END = _lines("КонецФайла\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingDraft:
    """An order on its way to the bank under our id; `payer` with its account."""

    document_id: str
    order: PaymentOrder
    payer: Counterparty
    partner_name: str
    possible_duplicate: bool = False


def render_statement(statement: Statement, encoding: Encoding) -> Iterator[bytes]:
    """The file of a statement in chunks; entries are taken one by one, in their order.

    With windows-1251 and cp866, characters outside them are written as `encoder.encode` says.
    """
    account = statement.account
    date_from, date_to = _date(statement.date_from), _date(statement.date_to)
    made_at = statement.as_of.astimezone(MOSCOW)
    head = _fill(
        _HEADER + _ACCOUNT,
        (
            *(tags.ENCODING_NAMES[encoding], "", account.owner.name, _date(made_at.date()), f"{made_at:%H:%M:%S}"),
            *(date_from, date_to, account.number),
        ),
    )
    balances = _fill(
        _BALANCES,
        (
            *(date_from, date_to, account.number),
            *(str(statement.opening_balance), str(statement.total_credits)),
            *(str(statement.total_debits), str(statement.closing_balance)),
        ),
    )
    yield encode(head + balances, encoding)
    templates = _entry_templates(account, statement.bank)
    for documents in _in_chunks(_render_entry(entry, templates) for entry in statement.entries):
        yield encode("".join(documents), encoding)
    yield encode(_FILE_END, encoding)


def render_orders(orders: Sequence[PaymentOrder], encoding: Encoding = "windows-1251") -> bytes:
    """A file of payment orders as an accounting program writes it; the payer's account is the one each order names."""
    dates = [order.date for order in orders] or [dt.date(1970, 1, 1)]
    accounts = dict.fromkeys(order.payer_account for order in orders if order.payer_account)
    head = _fill(
        _HEADER,
        (tags.ENCODING_NAMES[encoding], "bank-adapter", "", "", "", _date(min(dates)), _date(max(dates))),
    )
    head += "".join(_fill(_ACCOUNT, (account,)) for account in accounts)
    text = head + "".join(map(_render_order, orders)) + _FILE_END
    return encode(text, encoding)


def render_drafts(drafts: Sequence[OutgoingDraft], sender: str, made_at: dt.datetime) -> bytes:
    """A file of orders for a bank: each order carries our id, and the payer is told whole.  Windows-1251."""
    dates = [draft.order.date for draft in drafts]
    made_at = made_at.astimezone(MOSCOW)
    head = _fill(
        _HEADER,
        (
            *(tags.ENCODING_NAMES[tags.CP1251], sender, "", _date(made_at.date()), f"{made_at:%H:%M:%S}"),
            *(_date(min(dates)), _date(max(dates))),
        ),
    )
    head += "".join(
        _fill(_ACCOUNT, (account,)) for account in dict.fromkeys(draft.payer.account or "" for draft in drafts)
    )
    return encode(head + "".join(map(_render_draft, drafts)) + _FILE_END, tags.CP1251)


def _entry_templates(account: Account, bank: Bank | None) -> tuple[str, str]:
    """The documents of credits and of debits with the owner's side filled in, which is the same for every entry."""
    owner = account.owner
    side = Counterparty(
        name=owner.name,
        inn=owner.inn,
        kpp=owner.kpp,
        account=account.number,
        bic=account.bic,
        bank_name=" ".join(filter(None, (bank.name, bank.place))) if bank else None,
        correspondent_account=bank.correspondent_account if bank else None,
    )
    own = _side_values(side)
    own_payer, own_payee = (_fill(template, own).replace("%", "%%") for template in (_PAYER, _PAYEE))
    return _HEADING + _PAYER + own_payee + _PAYMENT, _HEADING + own_payer + _PAYEE + _PAYMENT


def _render_entry(entry: Entry, templates: tuple[str, str]) -> str:
    details = entry.details
    kind, code = _KINDS[details.document_type]
    booked = _date(details.booking_date)
    is_debit = details.direction is Direction.DEBIT
    values = (
        kind,
        details.number,
        _date(details.date),
        str(details.amount),
        booked if is_debit else "",
        "" if is_debit else booked,
        *_side_values(details.counterparty),
        "",
        code,
        details.uin or "",
        "",
        "" if details.priority is None else str(details.priority),
        details.purpose,
    )
    return _render_document(templates[is_debit], values, details.budget)


def _render_order(order: PaymentOrder) -> str:
    payer = order.payer or Party(name="")
    payer_side = Counterparty(name=payer.name, inn=payer.inn, kpp=payer.kpp, account=order.payer_account)
    return _render_document(_ORDER, _order_values(order, payer_side), order.budget)


def _render_draft(draft: OutgoingDraft) -> str:
    values = _order_values(draft.order, draft.payer)
    marks = (draft.document_id, draft.partner_name, "1" if draft.possible_duplicate else "")
    return _render_document(_ORDER + _MARKS, values + marks, draft.order.budget)


def _order_values(order: PaymentOrder, payer: Counterparty) -> tuple[str, ...]:
    return (
        *(tags.KIND_NAMES[DocumentType.PAYMENT_ORDER], order.number, _date(order.date), str(order.amount), "", ""),
        *_side_values(payer),
        *_side_values(order.payee),
        *(order.payment_kind or "", order.operation_code, order.uin or "", order.income_type_code or ""),
        *(str(order.priority), order.purpose),
    )


def _render_document(template: str, values: tuple[str, ...], budget: BudgetDetails | None) -> str:
    if budget is None:
        return _fill(template, values) + _DOCUMENT_END
    return _fill(template + _BUDGET, values + budget.texts()) + _DOCUMENT_END


def _side_values(side: Counterparty) -> tuple[str, ...]:
    account = side.account or ""
    return (
        account,
        side.name,
        side.inn or "",
        side.kpp or "",
        side.name,
        account,
        side.bank_name or "",
        side.bic or "",
        side.correspondent_account or "",
    )


def _fill(template: str, values: tuple[str, ...]) -> str:
    """The template with its values; a line break inside a value would forge a key, so no value keeps one."""
    if not "".join(values).isprintable():
        values = tuple(map(one_line, values))
    return template % values


@lru_cache(maxsize=4096)
def _date(date: dt.date) -> str:
    return f"{date.day:02}.{date.month:02}.{date.year:04}"


def _in_chunks(documents: Iterable[str]) -> Iterator[list[str]]:
    stream = iter(documents)
    while chunk := list(islice(stream, _DOCUMENTS_IN_CHUNK)):
        yield chunk
