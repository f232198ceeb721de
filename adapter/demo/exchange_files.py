"""1C text files of payment orders as an accountant's program writes them: 1CClientBankExchange 1.03, windows-1251."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One payment order of the file; the payee's account must fit the bic."""

    number: str
    rubles: str
    payee: str
    inn: str
    kpp: str
    account: str
    bic: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    name: str
    inn: str
    account: str
    bic: str


GOOD = (
    Line(
        number="101",
        rubles="48250.00",
        payee='ООО "Бумага и краски"',
        inn="7784952900",
        kpp="773201001",
        account="40702810400970078664",
        bic="046577986",
        purpose="Оплата по счету N 318 за бумагу. В том числе НДС 22%",
    ),
    Line(
        number="102",
        rubles="12600.50",
        payee='ООО "ТД Оптима"',
        inn="7788022110",
        kpp="773101001",
        account="40702810300340055045",
        bic="046577986",
        purpose="Оплата по договору N 44 за канцелярские товары. НДС не облагается",
    ),
    Line(
        number="103",
        rubles="7300.00",
        payee="ИП Власов Егор Ильич",
        inn="771637634152",
        kpp="0",
        account="40802810400810091843",
        bic="044030984",
        purpose="Оплата по счету N 12 за ремонт принтера. НДС не облагается",
    ),
)

# One digit of the account is wrong, so its control key no longer fits the bank.
BAD = Line(
    number="105",
    rubles="990.00",
    payee='ООО "Чистый офис"',
    inn="7772042960",
    kpp="773101001",
    account="40702810900610018667",
    bic="049205988",
    purpose="Оплата по счету N 5 за уборку. НДС не облагается",
)


def write_file(payer: Payer, lines: tuple[Line, ...], date: dt.date) -> bytes:
    """The whole file, CRLF, windows-1251."""
    day = date.strftime("%d.%m.%Y")
    head = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        "Отправитель=Бухгалтерия предприятия, редакция 3.0",
        "Получатель=",
        f"ДатаНачала={day}",
        f"ДатаКонца={day}",
        f"РасчСчет={payer.account}",
        "Документ=Платежное поручение",
    ]
    rows = [row for line in lines for row in _section(payer, line, day)]
    return "\r\n".join([*head, *rows, "КонецФайла", ""]).encode("windows-1251")


def find_line(data: bytes, text: str) -> int:
    """The line of the file that holds this text, counted from 1."""
    rows = data.decode("windows-1251").split("\r\n")
    return next(number for number, row in enumerate(rows, 1) if text in row)


def _section(payer: Payer, line: Line, day: str) -> list[str]:
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={line.number}",
        f"Дата={day}",
        f"Сумма={line.rubles}",
        f"ПлательщикСчет={payer.account}",
        f"Плательщик={payer.name}",
        f"ПлательщикИНН={payer.inn}",
        f"ПлательщикБИК={payer.bic}",
        f"ПолучательСчет={line.account}",
        f"Получатель={line.payee}",
        f"ПолучательИНН={line.inn}",
        f"ПолучательКПП={line.kpp}",
        f"ПолучательБИК={line.bic}",
        "ВидОплаты=01",
        "Очередность=5",
        f"НазначениеПлатежа={line.purpose}",
        "КонецДокумента",
    ]
