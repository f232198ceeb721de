"""Messages of other banks: what differs from the clean file is read, and told with its line; nothing is lost."""

from __future__ import annotations

import datetime as dt
import re
import time
from decimal import Decimal

import pytest

from adapter.domain.errors import UnreadableFile
from adapter.domain.parties import Counterparty
from adapter.domain.statements import Direction, DocumentType, Entry, ParsedStatements, Statement
from adapter.formats.camt053 import parse_statements
from tests.formats.camt053_files import CREDIT, DEBIT, GOLDEN, MESSAGE, OWN, STATEMENT, changed, line_of


def read(*changes: tuple[str, str]) -> ParsedStatements:
    return parse_statements(changed(MESSAGE, *changes).encode())


def read_one(*changes: tuple[str, str]) -> Statement:
    (statement,) = read(*changes).statements
    return statement


def read_clean(*changes: tuple[str, str]) -> Statement:
    parsed = read(*changes)
    assert parsed.warnings == ()
    (statement,) = parsed.statements
    return statement


def entries_of(statement: Statement) -> list[Entry]:
    return list(statement.entries)


def warned(*changes: tuple[str, str]) -> list[tuple[str, int]]:
    return [(warning.code, warning.line) for warning in read(*changes).warnings]


def refused(*changes: tuple[str, str]) -> list[tuple[str, int | None]]:
    with pytest.raises(UnreadableFile) as caught:
        read(*changes)
    assert read().statements
    return [(error.code, error.line) for error in caught.value.errors]


def test_a_clean_message_is_read_without_a_remark() -> None:
    statement = read_clean()
    credit, debit = entries_of(statement)
    assert (statement.account.number, statement.account.owner.name) == (OWN, 'ООО "Ромашка"')
    assert (statement.date_from, statement.date_to) == (dt.date(2026, 11, 20), dt.date(2026, 11, 21))
    assert (str(statement.opening_balance), str(statement.closing_balance)) == ("1000.00", "1250.00")
    assert (credit.id, credit.details.direction, str(credit.details.amount)) == ("R-1", Direction.CREDIT, "300.00")
    assert credit.details.counterparty == Counterparty(
        name="ИП Иванов", inn="500100732259", account="40802810722200035222"
    )
    assert (debit.details.purpose, debit.details.document_type) == (
        "Комиссия за ведение счёта",
        DocumentType.BANK_ORDER,
    )
    assert debit.details.value_date == dt.date(2026, 11, 21)
    assert statement.as_of == dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)


def test_a_bank_that_names_no_document_gives_its_number_as_the_id_of_the_payment() -> None:
    credit = entries_of(read_clean())[0]
    assert (credit.details.number, credit.external_id) == ("77", None)
    document = (
        "<Strd><RfrdDocInf><Tp><CdOrPrtry><Prtry>POD</Prtry></CdOrPrtry></Tp><Nb>5</Nb></RfrdDocInf></Strd></RmtInf>"
    )
    credit = entries_of(read_clean(("</RmtInf>", document)))[0]
    assert (credit.details.number, credit.external_id) == ("5", "77")


def test_an_invoice_that_is_paid_is_not_the_order() -> None:
    invoice = "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>9</Nb></RfrdDocInf></Strd></RmtInf>"
    assert entries_of(read_clean(("</RmtInf>", invoice)))[0].details.number == "77"


@pytest.mark.parametrize("version", ["001.01", "001.03", "001.05", "001.13"])
def test_other_versions_are_read_with_a_warning(version: str) -> None:
    change = ("camt.053.001.02", f"camt.053.{version}")
    assert warned(change) == [("version", 1)]
    assert len(entries_of(read_one(change))) == 2


def test_a_message_without_a_namespace_is_read_with_a_warning() -> None:
    assert warned((' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"', "")) == [("namespace_missing", 1)]


def test_a_prefix_before_the_names_changes_nothing() -> None:
    text = MESSAGE.replace("</", "\0").replace("<", "<c:").replace("\0", "</c:").replace("<c:?", "<?")
    (statement,) = parse_statements(text.replace("xmlns=", "xmlns:c=").encode()).statements
    assert statement == read_one()


@pytest.mark.parametrize("message", ["camt.052.001.02", "camt.054.001.02", "pain.001.001.03", "camt.053.001.99", "x"])
def test_other_messages_are_refused(message: str) -> None:
    assert [code for code, _ in refused(("camt.053.001.02", message))] == ["wrong_namespace"]


def test_several_statements_come_in_their_order() -> None:
    other = STATEMENT.replace(OWN, "40702840955230165464").replace("RUB", "USD")
    first, second = read((STATEMENT, STATEMENT + other)).statements
    assert (first.account.currency, second.account.currency) == ("RUB", "USD")
    assert [len(entries_of(each)) for each in (first, second)] == [2, 2]


def test_a_file_without_statements_is_refused() -> None:
    assert refused((STATEMENT, "")) == [("no_statement", None)]


def test_a_statement_that_names_no_account_is_refused_with_its_line() -> None:
    assert refused((f"<Othr><Id>{OWN}</Id></Othr>", "")) == [("no_account", line_of(MESSAGE, "<Stmt>"))]


def test_an_iban_is_an_account_number() -> None:
    iban = "BY13NBRB3600900000002Z00AB00"
    statement = read_clean((f"<Othr><Id>{OWN}</Id></Othr>", f"<IBAN>{iban}</IBAN>"), ("<Ccy>RUB</Ccy>", ""))
    assert (statement.account.number, statement.account.currency) == (iban, "BYN")


@pytest.mark.parametrize("status", ["<Sts>PDNG</Sts>", "<Sts>INFO</Sts>", "<Sts><Cd>PDNG</Cd></Sts>"])
def test_entries_that_are_not_booked_are_skipped_with_a_warning(status: str) -> None:
    parsed = read(
        ("<Sts>BOOK</Sts>", status), ("<NbOfNtries>1", "<NbOfNtries>0"), ("<Sum>300", "<Sum>0"), ("1250", "950")
    )
    assert [(each.code, each.line) for each in parsed.warnings] == [("entry_not_booked", line_of(MESSAGE, "<Sts>"))]
    assert [entry.id for entry in parsed.statements[0].entries] == ["R-2"]


def test_the_details_of_a_skipped_entry_never_reach_the_next_one() -> None:
    entry = entries_of(read_one(("<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>")))[0]
    assert (entry.details.number, entry.details.counterparty.name) == ("", "")


def test_an_entry_that_tells_no_status_is_booked_with_a_warning() -> None:
    assert warned(("<Sts>BOOK</Sts>\n", "")) == [("status_missing", line_of(MESSAGE, "<Ntry>"))]


def test_local_times_are_those_of_moscow() -> None:
    change = ("<CreDtTm>2026-11-21T12:30:00+03:00</CreDtTm>\n<Fr", "<CreDtTm>2026-11-21T12:30:00</CreDtTm>\n<Fr")
    assert warned(change) == [("local_time", line_of(MESSAGE, "<CreDtTm>"))]
    assert read_one(change).as_of == read_one().as_of


def test_moments_of_other_zones_give_moscow_dates() -> None:
    period = ("2026-11-20T00:00:00+03:00", "2026-11-19T21:00:00Z")
    booked = ("<BookgDt><Dt>2026-11-20</Dt>", "<BookgDt><DtTm>2026-11-19T22:10:00Z</DtTm>")
    statement = read_clean(period, booked)
    assert statement.date_from == entries_of(statement)[0].details.booking_date == dt.date(2026, 11, 20)


@pytest.mark.parametrize("spelling", ["20.11.2026", "2026-11-20 00:00", "2026-11-20x"])
def test_dates_in_another_spelling_are_repaired(spelling: str) -> None:
    change = ("<BookgDt><Dt>2026-11-20", f"<BookgDt><Dt>{spelling}")
    assert warned(change) == [("date_repaired", line_of(MESSAGE, "<BookgDt>"))]
    assert read_one(change) == read_one()


@pytest.mark.parametrize("spelling", ["2026-02-30", "20261120", "вчера", "0000-00-00", "1200-01-01", "٢٠٢٦-١١-٢٠"])
def test_dates_that_cannot_be_read_are_errors_with_their_lines(spelling: str) -> None:
    assert refused(("<BookgDt><Dt>2026-11-20", f"<BookgDt><Dt>{spelling}"))[0] == (
        "bad_date",
        line_of(MESSAGE, "<BookgDt>"),
    )


def test_an_entry_without_any_date_is_an_error() -> None:
    assert refused(("<BookgDt><Dt>2026-11-21</Dt></BookgDt>\n", "")) == [
        ("required", line_of(MESSAGE, "<NtryRef>R-2") - 1)
    ]


@pytest.mark.parametrize("spelling", ["300", "300.0", "300,00", "+300.00", "0300.00", "300.000", "300.00000", "300."])
def test_amounts_in_another_spelling_are_read(spelling: str) -> None:
    statement = read_one((">300.00</Amt>", f">{spelling}</Amt>"))
    assert entries_of(statement)[0].details.amount.amount == Decimal("300.00")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("1,500", "bad_amount"),
        *((spelling, "bad_amount") for spelling in ("", "-300.00", "3e2", "NaN", "٣٠٠")),
        ("300.001", "amount_precision"),
        ("9" * 30, "amount_too_long"),
        ("9" * 60_000, "amount_too_long"),
    ],
)
def test_amounts_that_cannot_be_read_are_errors_with_their_lines(spelling: str, code: str) -> None:
    assert refused((">300.00</Amt>", f">{spelling}</Amt>")) == [(code, line_of(MESSAGE, '<Amt Ccy="RUB">300'))]


@pytest.mark.parametrize("told", ["<CdtDbtInd>CREDIT</CdtDbtInd>", "<CdtDbtInd/>", ""])
def test_a_direction_that_is_not_understood_is_an_error(told: str) -> None:
    assert refused(("<CdtDbtInd>CRDT</CdtDbtInd>\n<Sts>", f"{told}\n<Sts>"))[0][0] == "direction"


def test_old_names_of_the_rouble_are_roubles() -> None:
    statement = read_clean(("<Ccy>RUB</Ccy>", "<Ccy>RUR</Ccy>"), ('Ccy="RUB">300', 'Ccy="RUR">300'))
    assert {statement.account.currency, *(entry.details.amount.currency for entry in statement.entries)} == {"RUB"}


def test_a_closing_balance_whose_sign_contradicts_the_entries_is_turned() -> None:
    """A large Russian bank always writes DBIT there."""
    change = ("1250.00</Amt><CdtDbtInd>CRDT", "1250.00</Amt><CdtDbtInd>DBIT")
    assert [code for code, _ in warned(change)] == ["balance_sign"]
    assert str(read_one(change).closing_balance) == "1250.00"


def test_a_negative_balance_stays_negative() -> None:
    statement = read_clean(
        ("1000.00</Amt><CdtDbtInd>CRDT", "1000.00</Amt><CdtDbtInd>DBIT"),
        ("1250.00</Amt><CdtDbtInd>CRDT", "750.00</Amt><CdtDbtInd>DBIT"),
    )
    assert (str(statement.opening_balance), str(statement.closing_balance)) == ("-1000.00", "-750.00")


def test_the_closing_balance_of_the_day_before_opens_the_statement() -> None:
    assert read_clean(("OPBD", "PRCD")) == read_one()


def test_balances_that_do_not_add_up_are_told_and_kept() -> None:
    change = (">1250.00</Amt>", ">1251.00</Amt>")
    assert [code for code, _ in warned(change)] == ["balances_differ"]
    assert str(read_one(change).closing_balance) == "1251.00"


def test_missing_balances_are_counted() -> None:
    opening = MESSAGE[MESSAGE.index("<Bal>") : MESSAGE.index("<Bal>", MESSAGE.index("<Bal>") + 1)]
    closing = MESSAGE[MESSAGE.rindex("<Bal>") : MESSAGE.index("<TxsSummry>")]
    assert [code for code, _ in warned((opening, ""))] == ["balance_missing"]
    assert str(read_one((opening, "")).opening_balance) == "1000.00"
    assert [code for code, _ in warned((closing, ""))] == ["balance_missing"]
    assert str(read_one((closing, "")).closing_balance) == "1250.00"
    assert [code for code, _ in warned((opening, ""), (closing, ""))] == ["balance_missing"] * 2


def test_totals_and_counts_that_contradict_the_entries_are_told_and_kept() -> None:
    change = ("<NbOfNtries>1</NbOfNtries><Sum>300.00</Sum>", "<NbOfNtries>2</NbOfNtries><Sum>301.00</Sum>")
    line = line_of(MESSAGE, "<TtlCdtNtries>")
    assert warned(change)[:2] == [("counts_differ", line), ("totals_differ", line)]
    assert (str(read_one(change).total_credits), read_one(change).credit_entries) == ("301.00", 1)


def test_a_missing_period_is_taken_from_the_balances() -> None:
    period = MESSAGE[MESSAGE.index("<FrToDt>") : MESSAGE.index("<Acct>")]
    assert warned((period, "")) == [("period_missing", line_of(MESSAGE, "<Stmt>"))]
    assert read_one((period, "")) == read_one()


def batch(*amounts: str) -> tuple[str, str]:
    details = CREDIT[CREDIT.index("<TxDtls>") : CREDIT.index("</NtryDtls>")]
    each = [
        changed(
            details,
            ("<RltdPties>", f"<AmtDtls><TxAmt><Amt Ccy='RUB'>{amount}</Amt></TxAmt></AmtDtls><RltdPties>"),
            (">77<", f">{place}<"),
        )
        for place, amount in enumerate(amounts, 1)
    ]
    return details, "".join(each)


def test_a_batch_whose_parts_add_up_is_one_entry_for_each_part() -> None:
    change = batch("100.00", "150.00", "50.00")
    parsed = read(change)
    entries = list(parsed.statements[0].entries)
    assert [(e.id, str(e.details.amount), e.details.number) for e in entries[:3]] == [
        ("R-1/1", "100.00", "1"),
        ("R-1/2", "150.00", "2"),
        ("R-1/3", "50.00", "3"),
    ]
    assert {warning.code for warning in parsed.warnings} == {"counts_differ"}


def test_a_batch_whose_parts_do_not_add_up_is_one_entry_with_a_warning() -> None:
    change = batch("100.00", "150.00")
    assert warned(change) == [("batch_not_split", line_of(MESSAGE, "<NtryDtls>"))]
    first = entries_of(read_one(change))[0]
    assert (str(first.details.amount), first.details.counterparty.name) == ("300.00", "ИП Иванов")


def test_several_blocks_of_details_belong_to_one_entry() -> None:
    before, after = batch("100.00", "200.00")
    split = after.replace("</TxDtls>", "</TxDtls></NtryDtls><NtryDtls>", 1)
    assert [str(e.details.amount) for e in read_one((before, split)).entries] == ["100.00", "200.00", "50.00"]


def test_an_entry_without_details_has_its_purpose_from_the_entry() -> None:
    details = CREDIT[CREDIT.index("<NtryDtls>") : CREDIT.index("</Ntry>")]
    entry = entries_of(read_clean((details, "<AddtlNtryInf>Взнос наличными</AddtlNtryInf>")))[0]
    assert entry.details.purpose == "Взнос наличными"


def test_pieces_of_a_purpose_are_joined_by_a_space_unless_a_piece_is_full() -> None:
    one = "<Ustrd>Оплата по договору 5</Ustrd>"
    short = read_clean((one, "<Ustrd>Оплата по</Ustrd><Ustrd>договору 5</Ustrd>"))
    assert entries_of(short)[0].details.purpose == "Оплата по договору 5"
    full = read_clean((one, f"<Ustrd>{'а' * 139} </Ustrd><Ustrd>б</Ustrd>"))
    assert entries_of(full)[0].details.purpose == "а" * 139 + " б"
    spread = read_clean((one, "<Ustrd>\n   Оплата\n</Ustrd>"))
    assert entries_of(spread)[0].details.purpose == "Оплата"


def test_kpp_and_priority_are_read_where_other_banks_put_them() -> None:
    more = "<Tax><Dbtr><TaxTp>770701001</TaxTp></Dbtr></Tax></TxDtls>"
    entry = entries_of(read_clean(("<RmtInf>", "<Purp><Prtry>05</Prtry></Purp><RmtInf>"), ("</TxDtls>", more)))[0]
    assert (entry.details.counterparty.kpp, entry.details.priority, entry.details.budget) == ("770701001", 5, None)


def test_a_purpose_code_is_no_priority() -> None:
    assert [code for code, _ in warned(("<RmtInf>", "<Purp><Prtry>SALA</Prtry></Purp><RmtInf>"))] == [
        "priority_unclear"
    ]
    assert entries_of(read_clean(("<RmtInf>", "<Purp><Cd>SALA</Cd></Purp><RmtInf>")))[0].details.priority is None


def test_a_foreign_clearing_code_is_no_bic() -> None:
    bank = "<FinInstnId><ClrSysMmbId><MmbId>021000021X</MmbId></ClrSysMmbId></FinInstnId>"
    agent = f"<RltdAgts><DbtrAgt>{bank}</DbtrAgt></RltdAgts><RmtInf>"
    assert [code for code, _ in warned(("<RmtInf>", agent))] == ["bic_unclear"]


def test_details_outside_of_an_entry_are_told() -> None:
    assert [code for code, _ in warned(("</Stmt>", "<TxDtls><Refs/></TxDtls></Stmt>"))] == ["misplaced"]


def test_every_error_is_told_at_once_but_not_more_than_a_thousand() -> None:
    assert (
        len(refused(("<CdtDbtInd>CRDT</CdtDbtInd>\n<Sts>", "<Sts>"), ("<CdtDbtInd>DBIT</CdtDbtInd>\n<Sts>", "<Sts>")))
        == 2
    )
    assert len(refused((DEBIT, "<Ntry/>" * 5_000))) == 1_000


def test_balances_and_totals_may_be_longer_than_one_amount() -> None:
    total = "9" * 18 + ".99"
    balances = ((">1000.00</Amt>", f">{total}</Amt>"), ("<Sum>300.00</Sum>", f"<Sum>{total}</Sum>"))
    statement = read_one(*balances)
    assert (str(statement.opening_balance), str(statement.total_credits)) == (total, total)
    assert refused((">1000.00</Amt>", f">9{total}</Amt>")) == [
        ("amount_too_long", line_of(MESSAGE, '<Amt Ccy="RUB">1000'))
    ]


def test_markup_of_an_entry_is_not_searched_again_for_each_of_its_transactions() -> None:
    transactions = '<TxDtls><Amt Ccy="RUB">0.03</Amt></TxDtls>' * 10_000
    plain = MESSAGE.replace("</NtryDtls>", f"{transactions}</NtryDtls>", 1)
    strange = plain.replace("<NtryRef>R-1</NtryRef>", "<x/>" * 15_000 + "<NtryRef>R-1</NtryRef>", 1)
    plain_s, strange_s = _seconds_of(plain), _seconds_of(strange)
    assert strange_s < plain_s * 1.5 + 0.5


def _seconds_of(text: str) -> float:
    started = time.process_time()
    assert len(parse_statements(text.encode()).statements[0].entries) == len(read_one().entries)
    return time.process_time() - started


@pytest.mark.parametrize("version", ["001.02", "001.08"])
def test_an_unreadable_date_of_a_document_is_told_with_its_line(version: str) -> None:
    """Its place is found by a condition on a neighbour, which lxml's own paths do not know."""
    text = (GOLDEN / f"statement.{version}.xml").read_text()
    broken, count = re.subn(r"<RltdDt>[^<]*<", "<RltdDt>вчера<", text, count=1)
    assert count == 1
    with pytest.raises(UnreadableFile) as refused:
        parse_statements(broken.encode())
    assert [error.code for error in refused.value.errors] == ["bad_date"]
    assert refused.value.errors[0].line == broken[: broken.index("<RltdDt>вчера")].count("\n") + 1
