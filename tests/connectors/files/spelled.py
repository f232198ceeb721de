"""A bank that writes its statements itself, in three formats, each in the words that such programs use.

None of our writers: names, numbers and purposes differ from format to format, references stand in camt.053 alone, what
is not needed is left out.  Its books only grow, so an entry that was told once is there for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

from adapter.domain.moscow import MOSCOW

BIC = "044525974"
PAYEE_ACCOUNT = "40702810955230165464"
_LATIN = str.maketrans("абвгдеклмнопрстуьАБВГДКЛМНОПРСТУ", "abvgdeklmnoprstuxABVGDKLMNOPRSTU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An entry in the bank's books; its reference is its own for ever."""

    reference: str
    day: dt.date
    kopecks: int  # negative: a debit
    number: str
    drawn: dt.date
    purpose: str

    @property
    def amount(self) -> Decimal:
        return Decimal(abs(self.kopecks)) / 100

    @property
    def key(self) -> tuple[object, ...]:
        """What every format tells of it alike."""
        return self.day, self.kopecks, self.number, PAYEE_ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One file: these entries of these days, all of them or a selection."""

    format: str
    account: str
    first: dt.date
    last: dt.date
    opening: Decimal
    entries: Sequence[Booked]
    made_at: dt.datetime
    is_whole: bool

    @property
    def closing(self) -> Decimal:
        return self.opening + sum((Decimal(one.kopecks) / 100 for one in self.entries), Decimal(0))

    def render(self) -> bytes:
        return {"1c": _onec, "camt": _camt, "mt940": _mt940}[self.format](self)


def _onec(told: Told) -> bytes:
    made_at = told.made_at.astimezone(MOSCOW)
    lines = [
        "1CClientBankExchange",
        "ВерсияФормата=1.02",
        "Кодировка=Windows",
        "Отправитель=АБС",
        f"ДатаСоздания={made_at:%d.%m.%Y}",
        f"ВремяСоздания={made_at:%H:%M:%S}",
        f"ДатаНачала={told.first:%d.%m.%Y}",
        f"ДатаКонца={told.last:%d.%m.%Y}",
        f"РасчСчет={told.account}",
        "СекцияРасчСчет",
        f"ДатаНачала={told.first:%d.%m.%Y}",
        f"ДатаКонца={told.last:%d.%m.%Y}",
        f"РасчСчет={told.account}",
        f"НачальныйОстаток={told.opening:.2f}",
        *([f"КонечныйОстаток={told.closing:.2f}"] if told.is_whole else []),
        "КонецРасчСчет",
    ]
    for one in told.entries:
        is_debit = one.kopecks < 0
        own, other = ("Плательщик", "Получатель") if is_debit else ("Получатель", "Плательщик")
        lines += [
            "СекцияДокумент=Платежное поручение",
            f"Номер={one.number}",
            f"Дата={one.drawn:%d.%m.%Y}",
            f"Сумма={one.amount:.2f}",
            f"{'ДатаСписано' if is_debit else 'ДатаПоступило'}={one.day:%d.%m.%Y}",
            f"{own}Счет={told.account}",
            f"{other}Счет={PAYEE_ACCOUNT}",
            f"{other}=Общество с ограниченной ответственностью «Ромашка»",
            f"{other}ИНН=7830002293",
            f"{other}БИК=044030653",
            f"НазначениеПлатежа={one.purpose}",
            "КонецДокумента",
        ]
    return ("\r\n".join([*lines, "КонецФайла"]) + "\r\n").encode("windows-1251")


def _camt(told: Told) -> bytes:
    """A document without its date, zeros before its number, entries numbered anew in each file."""
    balances = [("OPBD", told.opening, told.first), *([("CLBD", told.closing, told.last)] if told.is_whole else [])]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>{told.made_at.isoformat()}</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><FrToDt><FrDtTm>{told.first}T00:00:00+03:00</FrDtTm><ToDtTm>{told.last}T23:59:59+03:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>{told.account}</Id></Othr></Id><Ccy>RUB</Ccy></Acct>
{"".join(_camt_balance(*each) for each in balances)}
{"".join(_camt_entry(place, one) for place, one in enumerate(told.entries, 1))}
</Stmt></BkToCstmrStmt></Document>""".encode()


def _camt_balance(kind: str, amount: Decimal, day: dt.date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="RUB">{abs(amount):.2f}</Amt><CdtDbtInd>{"DBIT" if amount < 0 else "CRDT"}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _camt_entry(place: int, one: Booked) -> str:
    side = "Cdtr" if one.kopecks < 0 else "Dbtr"
    return (
        f'<Ntry><NtryRef>{place}</NtryRef><Amt Ccy="RUB">{one.amount:.2f}</Amt>'
        f"<CdtDbtInd>{'DBIT' if one.kopecks < 0 else 'CRDT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{one.day}</Dt></BookgDt><AcctSvcrRef>{one.reference}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{one.number.zfill(6)}</EndToEndId></Refs>"
        f"<RltdPties><{side}><Pty><Nm>ООО Ромашка</Nm></Pty></{side}>"
        f"<{side}Acct><Id><Othr><Id>{PAYEE_ACCOUNT}</Id></Othr></Id></{side}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{escape(one.purpose)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _mt940(told: Told) -> bytes:
    """Latin letters and short purposes; a selection is a page whose last one is missing."""
    made_at = told.made_at.astimezone(MOSCOW)
    entries = "".join(
        f":61:{one.day:%y%m%d}{one.day:%m%d}{'D' if one.kopecks < 0 else 'C'}{one.amount:.2f}".replace(".", ",")
        + f"NTRF{one.number}\r\n:86:001?10{one.number}?20{one.purpose[:20].translate(_LATIN)}?31{PAYEE_ACCOUNT}"
        + "?32OOO ROMASKA\r\n"
        for one in told.entries
    )
    return (
        f":20:+1\r\n:25:{BIC}/{told.account}\r\n:28C:1/1\r\n"
        f":60F:{_mt940_balance(told.opening, told.first - dt.timedelta(days=1))}\r\n{entries}"
        f":{'62F' if told.is_whole else '62M'}:{_mt940_balance(told.closing, told.last)}\r\n"
        f":86:/PER/{told.first:%Y%m%d}-{told.last:%Y%m%d}/ASO/{made_at:%Y%m%d%H%M%S%z}\r\n-\r\n"
    ).encode("ascii", "replace")


def _mt940_balance(amount: Decimal, day: dt.date) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}RUB{abs(amount):.2f}".replace(".", ",")
