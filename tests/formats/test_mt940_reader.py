"""Files of other banks, each made from a small clean one: what is read, what is told, at which line."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pytest

from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import Direction, DocumentType, ParsedStatements, Statement
from adapter.formats.mt940 import parse_statements, statements
from tests.formats.onec_files import changed

CLEAN = """\
:20:ST20261120
:25:044525987/40702810900000052198
:28C:324/1
:60F:C261119RUB1000,00
:61:2611201120C300,00NTRFREF-1//B1
:86:Invoice 7
:61:2611201120D50,5NCHGNONREF//B2
:86:017?00Fee?20Account keeping?21 in November?3044525987?31706018104?32Bank
:62F:C261120RUB1249,50
-
"""
ACCOUNT = "40702810900000052198"


def parse(text: str, encoding: str = "utf-8", line_end: str = "\r\n") -> ParsedStatements:
    return parse_statements(text.replace("\n", line_end).encode(encoding))


def read(text: str, encoding: str = "utf-8", line_end: str = "\r\n") -> tuple[Statement, list[tuple[int, str]]]:
    """The only statement of a file, and its warnings as (line, code)."""
    parsed = parse(text, encoding, line_end)
    (statement,) = parsed.statements
    return statement, [(warning.line, warning.code) for warning in parsed.warnings]


def refusal(data: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(UnreadableFile) as refused:
        parse_statements(data)
    return [(error.line, error.code) for error in refused.value.errors]


def purposes(statement: Statement) -> list[str]:
    return [entry.details.purpose for entry in statement.entries]


def test_the_clean_file_reads_without_a_warning() -> None:
    statement, warnings = read(CLEAN)
    assert warnings == []
    assert (statement.account.number, statement.account.bic, statement.account.currency) == (
        ACCOUNT,
        "044525987",
        "RUB",
    )
    assert (statement.date_from, statement.date_to) == (dt.date(2026, 11, 20), dt.date(2026, 11, 20))
    assert (str(statement.opening_balance), str(statement.closing_balance)) == ("1000.00", "1249.50")
    assert (str(statement.total_credits), str(statement.total_debits)) == ("300.00", "50.50")
    credit, debit = statement.entries
    assert (credit.id, credit.details.number, credit.details.purpose) == ("B1", "REF-1", "Invoice 7")
    assert (debit.id, debit.details.number, debit.details.document_type) == ("B2", "", DocumentType.BANK_ORDER)
    assert debit.details.purpose == "Account keeping in November"
    assert (debit.details.counterparty.name, debit.details.counterparty.account) == ("Bank", "706018104")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_may_be_any(line_end: str) -> None:
    assert read(CLEAN, line_end=line_end) == read(CLEAN)


def test_an_envelope_is_passed_over() -> None:
    envelope = "{1:F01BANKRUMMAXXX0000000000}{2:O9401200261120BANKRUMM}{4:\n"
    statement, warnings = read(envelope + changed(CLEAN, ("-\n", "-}{5:{CHK:1}}\n")))
    assert warnings == []
    assert purposes(statement) == purposes(read(CLEAN)[0])


@pytest.mark.parametrize(
    "text",
    [
        changed(CLEAN, (":20:ST", ":20:+ST")),
        "{1:F01X}{2:O940}{3:{113:RUR6}}{4:\n" + CLEAN,
    ],
)
def test_a_plus_or_the_rules_of_swift_rur_tell_of_transliteration(text: str) -> None:
    statement, _ = read(changed(text, ("Invoice 7", "OPLATA PO ScoTU n7")))
    assert purposes(statement)[0] == "ОПЛАТА ПО СЧЁТУ №7"


def test_without_either_latin_text_stays_latin() -> None:
    statement, _ = read(changed(CLEAN, ("Invoice 7", "OPLATA PO SCHETU 7")))
    assert purposes(statement)[0] == "OPLATA PO SCHETU 7"


@pytest.mark.parametrize(("encoding", "codes"), [("utf-8", []), ("cp1251", [(6, "encoding_guessed")])])
@pytest.mark.parametrize("purpose", ["Оплата по счёту № 7", "ОПЛАТА"])
def test_russian_text_may_stand_as_it_is(encoding: str, codes: list[tuple[int, str]], purpose: str) -> None:
    statement, warnings = read(changed(CLEAN, ("Invoice 7", purpose)), encoding)
    assert (purposes(statement)[0], warnings) == (purpose, codes)


@pytest.mark.parametrize("purpose", ["Оплата по договору", "ОПЛАТА ПО СЧЕТУ"])
def test_cp866_is_told_by_its_letters(purpose: str) -> None:
    statement, warnings = read(changed(CLEAN, ("Invoice 7", purpose)), "cp866")
    assert (purposes(statement)[0], warnings) == (purpose, [(6, "encoding_guessed")])


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(CLEAN, "utf-8-sig") == read(CLEAN)


def test_several_messages_give_several_statements() -> None:
    other = changed(CLEAN, (ACCOUNT, "40702840200000000001"), ("RUB1000", "USD1000"), ("RUB1249", "USD1249"))
    parsed = parse(CLEAN + other)
    assert [each.account.currency for each in parsed.statements] == ["RUB", "USD"]
    assert [len(list(each.entries)) for each in parsed.statements] == [2, 2]
    assert parsed.warnings == ()


FIRST_PAGE = changed(CLEAN, (":62F:", ":62M:"))
SECOND_PAGE = """\
:20:ST20261120
:25:044525987/40702810900000052198
:28C:324/2
:60M:C261120RUB1249,50
:61:2611201120C1,NTRFREF-3//B3
:86:Last one
:62F:C261120RUB1250,50
-
"""


def test_pages_are_joined() -> None:
    statement, warnings = read(FIRST_PAGE + SECOND_PAGE)
    assert warnings == []
    assert [entry.id for entry in statement.entries] == ["B1", "B2", "B3"]
    assert (str(statement.opening_balance), str(statement.closing_balance)) == ("1000.00", "1250.50")


def test_pages_that_do_not_meet_are_told() -> None:
    _, warnings = read(FIRST_PAGE + changed(SECOND_PAGE, ("1249,50", "1249,51")))
    assert (11, "balances_differ") in warnings


def test_a_missing_page_is_told() -> None:
    assert read(FIRST_PAGE)[1] == [(1, "page_missing")]
    assert read(SECOND_PAGE)[1] == [(1, "page_missing")]


@pytest.mark.parametrize(
    ("line", "value", "booked", "direction", "amount"),
    [
        ("261120C300,00NTRFREF-1//B1", "2026-11-20", "2026-11-20", Direction.CREDIT, "300.00"),
        ("261120    C300,00NTRFREF-1//B1", "2026-11-20", "2026-11-20", Direction.CREDIT, "300.00"),
        ("2611201119CR300,NTRFREF-1//B1", "2026-11-20", "2026-11-19", Direction.CREDIT, "300.00"),
        ("2611201120c300.00NTRFREF-1//B1", "2026-11-20", "2026-11-20", Direction.CREDIT, "300.00"),
        ("2701011231C300,0NTRFREF-1//B1", "2027-01-01", "2026-12-31", Direction.CREDIT, "300.00"),
        ("2612310101C300NTRFREF-1//B1", "2026-12-31", "2027-01-01", Direction.CREDIT, "300.00"),
        ("2611201120C300,00S103REF-1//B1", "2026-11-20", "2026-11-20", Direction.CREDIT, "300.00"),
    ],
)
def test_variants_of_the_statement_line_are_read(
    line: str, value: str, booked: str, direction: Direction, amount: str
) -> None:
    statement, _ = read(changed(CLEAN, ("2611201120C300,00NTRFREF-1//B1", line)))
    details = next(iter(statement.entries)).details
    assert (str(details.value_date), str(details.booking_date)) == (value, booked)
    assert (details.direction, str(details.amount), details.number) == (direction, amount, "REF-1")


@pytest.mark.parametrize(("mark", "direction"), [("RC", Direction.DEBIT), ("RD", Direction.CREDIT)])
def test_a_reversal_is_an_entry_of_the_other_direction(mark: str, direction: Direction) -> None:
    statement, warnings = read(changed(CLEAN, ("1120C300", f"1120{mark}300")))
    assert next(iter(statement.entries)).details.direction is direction
    assert (5, "reversal") in warnings


def test_a_day_that_does_not_exist_is_the_last_of_its_month() -> None:
    statement, warnings = read(changed(CLEAN, ("2611201120C", "2602300230C")))
    assert next(iter(statement.entries)).details.value_date == dt.date(2026, 2, 28)
    assert warnings == [(5, "date_repaired"), (5, "date_repaired")]


def test_a_missing_text_is_told() -> None:
    statement, warnings = read(changed(CLEAN, (":86:Invoice 7\n", "")))
    assert (purposes(statement)[0], warnings) == ("", [(5, "details_missing")])


def test_the_second_line_of_an_entry_is_kept() -> None:
    with_line = changed(CLEAN, ("//B1\n", "//B1\nMore of it\n"))
    assert read(with_line)[1] == [(6, "supplementary_details")]
    statement, _ = read(changed(with_line, (":86:Invoice 7\n", "")))
    assert purposes(statement)[0] == "More of it"


def test_a_text_over_several_lines_is_joined() -> None:
    full = "x" * 65
    statement, _ = read(changed(CLEAN, ("Invoice 7", f"{full}yz\nof November")))
    assert purposes(statement)[0] == f"{full}yzof November"
    statement, _ = read(changed(CLEAN, ("Invoice 7", "Invoice 7\nof November")))
    assert purposes(statement)[0] == "Invoice 7 of November"


def test_a_text_that_comes_twice_is_joined_and_told() -> None:
    statement, warnings = read(changed(CLEAN, ("Invoice 7\n", "Invoice 7\n:86: and 8\n")))
    assert (purposes(statement)[0], warnings) == ("Invoice 7 and 8", [(7, "repeated_details")])


def test_short_subfields_are_words_of_their_own() -> None:
    statement, _ = read(changed(CLEAN, ("?20Account keeping?21 in November", "?20Account?21keeping?60 fee")))
    assert purposes(statement)[1] == "Account keeping fee"


def test_unknown_parts_are_told_and_quoted() -> None:
    text = changed(CLEAN, ("?32Bank", "?32Bank?99Extra"), (":62F:", ":99Z:What\n:62F:"))
    parsed = parse(text)
    assert [(warning.line, warning.code) for warning in parsed.warnings] == [
        (8, "unknown_subfield"),
        (9, "unknown_tag"),
    ]
    assert "Extra" in parsed.warnings[0].message
    assert "What" in parsed.warnings[1].message


def test_known_fields_that_the_model_does_not_hold_are_passed_over() -> None:
    text = changed(CLEAN, (":28C:", ":21:R\n:28C:"), ("-\n", ":64:C261120RUB1,00\n:65:C261121RUB1,00\n-\n"))
    assert read(text)[1] == []


def test_the_text_after_the_closing_balance_is_told() -> None:
    parsed = parse(changed(CLEAN, ("-\n", ":86:Thank you\n-\n")))
    assert [(warning.line, warning.code) for warning in parsed.warnings] == [(10, "statement_details")]


def test_what_stands_outside_a_message_is_told() -> None:
    assert read("Hello\n" + CLEAN)[1] == [(1, "unknown_line")]
    assert read(":13D:2611200900+0300\n" + CLEAN)[1] == [(1, "before_reference")]


@pytest.mark.parametrize(
    ("written", "number", "bic", "codes"),
    [
        (f"044525987/{ACCOUNT}", ACCOUNT, "044525987", []),
        (ACCOUNT, ACCOUNT, "", []),
        (f"{ACCOUNT}RUB", ACCOUNT, "", [(2, "account_spelling")]),
        ("40702.810.9.00000052198", ACCOUNT, "", [(2, "account_spelling")]),
        ("10020030/1234567", "1234567", "", [(2, "bank_code")]),
        ("DE89370400440532013000", "DE89370400440532013000", "", []),
    ],
)
def test_accounts_are_written_in_many_ways(written: str, number: str, bic: str, codes: list[tuple[int, str]]) -> None:
    statement, warnings = read(changed(CLEAN, (f"044525987/{ACCOUNT}", written)))
    assert (statement.account.number, statement.account.bic, warnings) == (number, bic, codes)


def test_the_rouble_by_its_old_name_is_the_rouble() -> None:
    statement, _ = read(changed(CLEAN, ("RUB1000", "RUR1000"), ("RUB1249", "RUR1249")))
    assert statement.account.currency == "RUB"


def test_balances_that_contradict_the_entries_are_kept_and_told() -> None:
    statement, warnings = read(changed(CLEAN, ("1249,50", "1249,51")))
    assert (str(statement.closing_balance), warnings) == ("1249.51", [(1, "balances_differ")])


@pytest.mark.parametrize("missing", [":60F:C261119RUB1000,00\n", ":62F:C261120RUB1249,50\n"])
def test_a_missing_balance_is_computed_and_told(missing: str) -> None:
    statement, warnings = read(changed(CLEAN, (missing, "")))
    assert (statement.opening_balance.amount, statement.closing_balance.amount) == (
        Decimal("1000.00"),
        Decimal("1249.50"),
    )
    assert warnings == [(1, "balance_missing")]


def test_a_bank_reference_that_comes_again_names_nobody() -> None:
    statement, _ = read(changed(CLEAN, ("//B2", "//B1")))
    assert [entry.id for entry in statement.entries] == ["B1", "7"]


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (":20:ST20261120\n", "", (1, "no_reference")),
        (f":25:044525987/{ACCOUNT}\n", "", (1, "required")),
        (f"044525987/{ACCOUNT}", "", (2, "required")),
        ("C261119RUB1000,00", "1000,00", (4, "bad_balance")),
        ("C261119RUB", "C261319RUB", (4, "bad_date")),
        ("C300,00NTRF", "NTRF", (5, "bad_entry")),
        ("2611201120C", "2613201120C", (5, "bad_date")),
        ("C300,00", "C300,005", (5, "amount_precision")),
        ("C300,00", "C3.000,00", (5, "bad_amount")),
        ("C300,00", "C3,000", (5, "bad_amount")),
        ("C300,00", f"C{'9' * 17},00", (5, "amount_too_long")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(before: str, after: str, error: tuple[int, str]) -> None:
    assert refusal(changed(CLEAN, (before, after)).encode()) == [error]
    assert read(CLEAN)[1] == []


def test_every_unreadable_line_is_told_at_once() -> None:
    text = changed(CLEAN, ("C300,00NTRF", "NTRF"), ("D50,5", "D50,555"))
    assert refusal(text.encode()) == [(5, "bad_entry"), (7, "amount_precision")]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "no_reference"), (b"\x00", "binary"), (CLEAN.replace("7", "\ufffd", 1).encode(), "destroyed_text")],
)
def test_what_is_no_statement_is_refused(data: bytes, code: str) -> None:
    assert [told for _, told in refusal(data)] == [code]


def test_errors_without_end_are_cut_off() -> None:
    text = CLEAN + ":61:x\n" * 5_000
    assert len(refusal(text.encode())) == 1_000


def test_more_statements_than_memory_bears_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "STATEMENTS_MAX", 2)
    assert len(parse(CLEAN * 2).statements) == 2
    assert refusal((CLEAN * 3).encode()) == [(21, "too_many_statements")]


def test_more_entries_than_memory_bears_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "ENTRIES_MAX", 2)
    assert len(parse(CLEAN).statements) == 1
    assert refusal((CLEAN * 2).encode()) == [(15, "too_many_entries")]


@pytest.mark.parametrize("piece", ["?20x", "?20?", ":", "-", "'", "/OWN/", " ", "+", "?99"])
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    text = changed(CLEAN, (":20:ST", ":20:+ST"), ("Invoice 7", "001?20" + piece * 200_000))
    started = time.process_time()
    parse(changed(text, ("-\n", f":86:{piece * 200_000}\n-\n")))
    assert time.process_time() - started < 2


@pytest.mark.parametrize("total", ["1'RUB'300,000", f"1'RUB'{'9' * 30},00"])
def test_a_total_that_cannot_be_read_is_told_and_counted_from_the_entries(total: str) -> None:
    text = changed(CLEAN, (":20:ST", ":20:+ST"), ("\n-\n", f"\n:86:/CRD/{total}\n-\n"))
    statement, warnings = read(text)
    assert str(statement.total_credits) == "300.00"
    assert [code for _, code in warnings] == ["bad_amount" if total.endswith("000") else "amount_too_long"]
