"""A statement → MT940 as a file: CRLF, characters of SWIFT's set X only, one message whatever its length.

A statement is written as a stream of chunks, so memory does not grow with its length.  Over the SWIFT network a message
holds 2,000 characters and :86: six lines; a file has neither limit, so nothing is cut off and nothing is split.  What
matters most comes first: number, purpose, the counterparty.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, EntryDetails, Statement
from adapter.formats.mt940 import words
from adapter.formats.mt940.transliteration import transliterate

_ENTRIES_IN_CHUNK = 100
_YEAR_IS_CLEAR = dt.timedelta(days=150)  # how far entry and value date may lie apart for :61: to tell the year
_FILE_WORD = re.compile("/(?=[A-Z]{3}/)")
_NOT_REFERENCE = re.compile(r"^/|//|/$|^ | $")
_NOT_IN_ID = re.compile("[^0-9A-Za-z]+")
_PURPOSE_SPLIT = len(words.PURPOSE_CODES) * words.PIECE_MAX
_POSTING_TEXTS = {
    kind: f"{words.POSTING_CODES[kind]}?{words.POSTING_TEXT}{transliterate(title.replace('ё', 'е'))}"
    for kind, title in DOCUMENT_TITLES.items()
}


def render_statement(statement: Statement) -> Iterator[bytes]:
    """The file of a statement in chunks; entries are taken one by one, in their order."""
    yield _render_head(statement).encode("ascii")
    entries = map(_render_entry, statement.entries)
    for chunk in _in_chunks(entries):
        yield "".join(chunk).encode("ascii")
    yield _render_end(statement).encode("ascii")


def _render_head(statement: Statement) -> str:
    account, day = statement.account, statement.date_to
    before = statement.date_from - dt.timedelta(days=1) if statement.date_from > dt.date.min else statement.date_from
    return (
        f":20:+{_date(statement.date_from)}-{_date(day)}\r\n"  # the plus sign tells that texts are transliterated
        f":25:{_account(account.bic, account.number)}\r\n"
        f":28C:{day:%y%j}/1\r\n"
        f":60F:{_balance(statement.opening_balance, before)}\r\n"
    )


def _account(bic: str, number: str) -> str:
    return transliterate(f"{bic}/{number}" if bic else number)


def _render_entry(entry: Entry) -> str:
    details = entry.details
    head = (
        f":61:{_date(details.value_date)}{_date(details.booking_date)[2:]}"
        f"{'C' if details.direction is Direction.CREDIT else 'D'}{_amount(details.amount)}"
        f"{words.TRANSACTION_TYPES[details.document_type]}{_reference(details.number)}"
    )
    bank_reference = _NOT_IN_ID.sub("", entry.id)[: words.REFERENCE_MAX]
    if bank_reference:
        head += f"//{bank_reference}"
    return f"{head}\r\n:86:{break_lines(_render_details(details))}\r\n"


def _render_details(details: EntryDetails) -> str:
    """The subfields in the order of their codes; what is longer than the first ten of the purpose goes to the end."""
    purpose = transliterate(details.purpose)
    is_clear = abs(details.booking_date - details.value_date) < _YEAR_IS_CLEAR
    return "".join(
        (
            _POSTING_TEXTS[details.document_type],
            _subfield("number", details.number),
            _pieces(purpose[:_PURPOSE_SPLIT], words.PURPOSE_CODES),
            _side(details.counterparty),
            _subfield("priority", None if details.priority is None else str(details.priority)),
            _subfield("uin", details.uin),
            _subfield("date", _full_date(details.date)),
            "" if is_clear else _subfield("booking_date", _full_date(details.booking_date)),
            _budget(details.budget) if details.budget else "",
            _pieces(purpose[_PURPOSE_SPLIT:], words.MORE_PURPOSE_CODES),
        )
    )


def _subfield(field: str, value: str | None) -> str:
    return f"?{words.ENTRY_CODES[field]}{transliterate(value)}" if value else ""


@lru_cache(maxsize=4096)
def _side(side: Counterparty) -> str:
    """The counterparty, which comes again and again."""
    return "".join(
        (
            _subfield("counterparty.bic", side.bic),
            _subfield("counterparty.account", side.account),
            _pieces(transliterate(side.name), words.NAME_CODES),
            _subfield("counterparty.inn", side.inn),
            _subfield("counterparty.kpp", side.kpp),
            _subfield("counterparty.bank_name", side.bank_name),
            _subfield("counterparty.correspondent_account", side.correspondent_account),
        )
    )


def _budget(budget: BudgetDetails) -> str:
    return "".join(
        (
            _subfield("budget.drawer_status", budget.drawer_status),
            _subfield("budget.kbk", budget.kbk),
            _subfield("budget.oktmo", budget.oktmo),
            _subfield("budget.reason", budget.reason),
            _subfield("budget.tax_period", budget.tax_period),
            _subfield("budget.basis_number", budget.basis_number),
            _subfield("budget.basis_date", budget.basis_date),
            _subfield("budget.payment_type", budget.payment_type),
        )
    )


def _pieces(text: str, codes: tuple[str, ...]) -> str:
    """A text over subfields of 27 characters; what is longer than all of them stays in the last."""
    width = words.PIECE_MAX
    last = min(len(codes) - 1, max(len(text) - 1, 0) // width)
    pieces = [f"?{code}{text[place * width : (place + 1) * width]}" for place, code in enumerate(codes[:last])]
    return "".join(pieces) + f"?{codes[last]}{text[last * width :]}" if text else ""


def _reference(number: str) -> str:
    """The number of the document where SWIFT's rules for a reference allow it; the whole number stands in :86: too."""
    written = transliterate(number)
    if not written or len(written) > words.REFERENCE_MAX or _NOT_REFERENCE.search(written):
        return words.NO_REFERENCE
    return written


def _render_end(statement: Statement) -> str:
    return (
        f":62F:{_balance(statement.closing_balance, statement.date_to)}\r\n"
        f":86:{break_lines(_render_facts(statement))}\r\n-\r\n"
    )


def _render_facts(statement: Statement) -> str:
    """What MT940 has no tag for: period, moment, totals, owner, bank.  Each begins with its word between slashes."""
    owner, bank = statement.account.owner, statement.bank
    made_at = statement.as_of.astimezone(MOSCOW)
    currency = statement.account.currency
    facts = {
        words.PERIOD: f"{_full_date(statement.date_from)}-{_full_date(statement.date_to)}",
        words.MADE_AT: f"{made_at:%Y%m%d%H%M%S}+0300",
        words.CREDITS: f"{statement.credit_entries}{currency}{_amount(statement.total_credits)}",
        words.DEBITS: f"{statement.debit_entries}{currency}{_amount(statement.total_debits)}",
        words.OWNER_INN: transliterate(owner.inn or ""),
        words.OWNER_KPP: transliterate(owner.kpp or ""),
        words.BANK_ACCOUNT: transliterate(bank.correspondent_account or "") if bank else "",
        words.OWNER_NAME: transliterate(owner.name),
        words.BANK_NAME: transliterate(bank.name) if bank else "",
        words.BANK_PLACE: transliterate(bank.place or "") if bank else "",
    }
    # Two apostrophes say nothing to a reader, and keep a value from looking like one of the words.
    return "".join(f"/{word}/" + _FILE_WORD.sub("/''", value) for word, value in facts.items() if value)


def break_lines(text: str) -> str:
    """Lines of 65 characters; none begins with `:` or `-` and none begins or ends with a space."""
    if len(text) <= words.LINE_MAX:
        return text
    lines: list[str] = []
    start, prefix = 0, ""
    while len(text) - start > words.LINE_MAX - len(prefix):
        end = start + words.LINE_MAX - len(prefix)
        cut = next((place for place in range(end, end - 20, -1) if _may_break(text, place)), None)
        if cut:
            lines.append(prefix + text[start:cut])
            prefix = ""
        else:
            cut = end - 2
            while "?" in text[cut - 2 : cut]:
                cut -= 1
            lines.append(f"{prefix}{text[start:cut]}''")
            prefix = "''"
        start = cut
    return "\r\n".join([*lines, prefix + text[start:]])


def _may_break(text: str, place: int) -> bool:
    """Whether a line may end here; a code such as `?20` stays whole."""
    return text[place] not in " :-" and text[place - 1] not in " ?" and text[place - 2] != "?"


def _balance(money: Money, day: dt.date) -> str:
    return f"{'D' if money.amount < 0 else 'C'}{_date(day)}{money.currency}{_amount(money)}"


def _amount(money: Money) -> str:
    return f"{abs(money.amount):.2f}".replace(".", ",")


@lru_cache(maxsize=4096)
def _date(day: dt.date) -> str:
    return _full_date(day)[2:]


def _full_date(day: dt.date) -> str:
    return day.isoformat().replace("-", "")


def _in_chunks(entries: Iterable[str]) -> Iterator[list[str]]:
    stream = iter(entries)
    while chunk := list(islice(stream, _ENTRIES_IN_CHUNK)):
        yield chunk
