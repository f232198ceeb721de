"""The Bank of Russia's directory of banks: what is read of it, and that a damaged one is refused as a whole."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.connectors.sandbox.sample import bank_directory, read_rows
from adapter.domain.banks import Bank
from adapter.domain.errors import UnreadableFile
from adapter.domain.identifiers import check_account_key, check_bic, check_correspondent_account_key
from adapter.formats.ed807 import XML_SIZE_MAX, parse_directory
from tests.formats.ed807_files import SBER, SBER_ACCOUNT, directory, entry, zipped

TREASURY = entry("017003983", "УФК по Тульской области", "40102810445370000059", kind="UTRA", PtType="52", Nnp="Тула")


def read_one(*told: str, day: str = "2026-09-17") -> Bank:
    (bank,) = parse_directory(directory(*told, day=day)).banks
    return bank


def codes(data: bytes) -> list[str]:
    """Why the file is refused; a good one follows to show that only the broken thing was wrong."""
    with pytest.raises(UnreadableFile) as refused:
        parse_directory(data)
    assert len(parse_directory(directory()).banks) == 1
    return [error.code for error in refused.value.errors]


def test_a_bank_has_its_name_place_and_correspondent_account() -> None:
    assert read_one(entry(name='ПАО "Сбербанк"')) == Bank(
        bic=SBER, name='ПАО "Сбербанк"', place="г. Москва", correspondent_account=SBER_ACCOUNT
    )


def test_the_directory_holds_for_its_business_day_not_for_the_evening_of_its_publication() -> None:
    assert parse_directory(directory(day="2026-09-17")).business_date == dt.date(2026, 9, 17)


def test_a_treasury_office_has_the_unified_account_and_no_correspondent_one() -> None:
    bank = read_one(TREASURY)
    assert (bank.unified_treasury_account, bank.correspondent_account) == ("40102810445370000059", None)
    assert bank.is_central_bank_office


@pytest.mark.parametrize("kind", ["00", "10", "12", "15", "16", "40", "51", "52", "99"])
def test_accounts_at_the_bank_of_russia_itself_are_told_from_those_in_banks(kind: str) -> None:
    assert read_one(entry("044525000", account=None, PtType=kind)).is_central_bank_office
    assert not read_one(entry(PtType="30")).is_central_bank_office


def test_a_deleted_account_and_one_of_another_kind_are_no_correspondent_account() -> None:
    assert read_one(entry(account_status="ACDL")).correspondent_account is None
    assert read_one(entry(kind="BANA")).correspondent_account is None
    assert read_one(entry()).correspondent_account == SBER_ACCOUNT


def test_a_bank_takes_no_payments_once_it_is_deleted_out_or_without_a_licence() -> None:
    assert read_one(entry(ParticipantStatus="PSDL")).is_closing
    assert read_one(entry(rstr="LWRS")).is_closing
    assert read_one(entry(DateOut="2026-09-17"), day="2026-09-17").is_closing
    assert not read_one(entry(DateOut="2026-09-18"), day="2026-09-17").is_closing
    assert not read_one(entry(rstr="URRS")).is_closing, "only its urgent payments are restricted"
    assert not read_one(entry(PtType="90")).is_closing, "a liquidator takes payments"


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_the_file_may_be_in_either_encoding_plain_or_zipped(encoding: str) -> None:
    data = directory(entry(name="АО «БАНК №1»"), encoding=encoding)
    for file in (data, zipped(data)):
        assert [bank.name for bank in parse_directory(file).banks] == ["АО «БАНК №1»"]


@pytest.mark.parametrize(
    ("broken", "code", "field"),
    [
        (entry(bic="12345"), "bic_form", "BIC"),
        (entry(name=" "), "no_name", "NameP"),
        (entry(account="3010181040000000022"), "account_form", "Account"),
        (entry().replace("<BICDirectoryEntry", '<BICDirectoryEntry ChangeType="ADDD"'), "not_full", "ChangeType"),
        (f'<BICDirectoryEntry BIC="{SBER}"/>', "no_name", "NameP"),
    ],
)
def test_one_damaged_entry_refuses_the_whole_file_and_is_told_with_its_line(broken: str, code: str, field: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse_directory(directory(TREASURY, broken))
    (error,) = refused.value.errors
    assert (error.line, error.code, error.field) == (4, code, field)
    assert len(parse_directory(directory(TREASURY, entry())).banks) == 2


def test_all_damaged_entries_are_told_at_once() -> None:
    data = directory(entry(bic="1"), TREASURY, entry(name=""), TREASURY)
    with pytest.raises(UnreadableFile) as refused:
        parse_directory(data)
    told = [(error.line, error.code) for error in refused.value.errors]
    assert told == [(3, "bic_form"), (5, "no_name"), (6, "bic_repeated")]


def test_after_a_hundred_errors_the_rest_is_not_read() -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse_directory(directory(*[entry(bic="1", account="2")] * 1_000))
    assert len(refused.value.errors) == 100
    assert parse_directory(directory()).banks


def test_what_is_not_a_full_directory_is_refused() -> None:
    assert codes(directory(InfoTypeCode="SIRR")) == ["not_full"]
    assert codes(directory().replace(b"ED807", b"ED101")) == ["not_ed807"]
    assert codes(directory().replace(b"urn:cbr-ru:ed:v2.0", b"urn:cbr-ru:ed:v1.0")) == ["not_ed807"]
    assert codes(directory(day="завтра", EDDate="вчера")) == ["no_date"]
    assert codes(directory().replace(entry().encode("windows-1251"), b"")) == ["no_banks"]
    assert codes(b"") != []
    assert codes(directory()[:-20]) != [], "cut off in the middle"


def test_a_file_longer_than_any_directory_is_refused() -> None:
    assert codes(directory() + b" " * XML_SIZE_MAX) == ["too_big"]


def test_a_directory_as_long_as_the_real_one_is_read_in_a_moment() -> None:
    entries = [entry(f"{44_500_000 + place:09}", f"БАНК № {place}") for place in range(1_500)]
    assert len(parse_directory(zipped(directory(*entries))).banks) == 1_500


@given(st.data())
def test_a_mutilated_file_is_read_or_refused_never_worse(data: st.DataObject) -> None:
    good = bytearray(data.draw(st.sampled_from([directory(entry(), TREASURY), zipped(directory(entry(), TREASURY))])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(good) - 1))
        good[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(UnreadableFile):
        parse_directory(bytes(good))


def test_the_sandbox_has_its_own_banks_and_well_known_ones_and_every_key_holds() -> None:
    banks = {bank.bic: bank for bank in parse_directory(bank_directory()).banks}
    for bank in banks.values():
        check_bic(bank.bic)
        for account in filter(None, (bank.correspondent_account, bank.unified_treasury_account)):
            check_correspondent_account_key(account, bank.bic)
        assert bank.is_central_bank_office or bank.is_closing or bank.correspondent_account
    for row in read_rows("banks"):
        bank = banks[row["bic"]]
        assert f"{bank.name}, {bank.place}" == row["name"]
        assert bank.correspondent_account == row["correspondent_account"]
    for row in read_rows("counterparties"):
        check_account_key(row["account"], row["bic"])
        assert row["bic"] in banks
    assert banks["017003983"].unified_treasury_account == "40102810445370000059"
