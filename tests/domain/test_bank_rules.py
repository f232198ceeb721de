from __future__ import annotations

from dataclasses import replace

from adapter.domain.banks import Bank
from tests.domain.orders import (
    FUND_ORDER,
    GOOD_ORDERS,
    SUPPLIER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    codes_of,
    errors_of,
    with_payee,
)

BANK = Bank(bic="044030653", name="БАНК", correspondent_account="30101810500000000653")
TREASURY = Bank(
    bic="004525988", name="УФК", unified_treasury_account="40102810545370000003", is_central_bank_office=True
)
OFFICE = Bank(bic="046015001", name="ОТДЕЛЕНИЕ", is_central_bank_office=True)
OFFICE_ORDER = with_payee(SUPPLIER_ORDER, bic="046015001", account="40101810400000010002", correspondent_account=None)


def test_a_bank_of_the_directory_takes_an_order() -> None:
    assert codes_of(SUPPLIER_ORDER, bank=BANK) == []
    assert codes_of(FUND_ORDER, bank=TREASURY) == []


def test_a_bic_that_no_bank_has_is_told_where_a_directory_is_loaded() -> None:
    for order in GOOD_ORDERS:
        assert codes_of(order, knows_banks=True) == [("/payee/bic", "unknown_bic")]
        assert codes_of(order, knows_banks=False) == []


def test_a_malformed_bic_is_told_once() -> None:
    assert codes_of(with_payee(SUPPLIER_ORDER, bic="04403065"), knows_banks=True) == [("/payee/bic", "bic_form")]


def test_a_bank_that_closes_takes_no_payments() -> None:
    assert codes_of(SUPPLIER_ORDER, bank=replace(BANK, is_closing=True)) == [("/payee/bic", "bank_closing")]


def test_another_correspondent_account_is_told_the_right_one() -> None:
    # A well-formed account with the right key of the same region: only the directory knows better.
    other = with_payee(SUPPLIER_ORDER, correspondent_account="30101810200000000704")
    assert codes_of(other) == []
    (error,) = errors_of(other, bank=BANK)
    assert (error.pointer, error.code) == ("/payee/correspondent_account", "correspondent_account_differs")
    assert (error.right_value, error.form_field) == (SUPPLIER.correspondent_account, "15")


def test_a_slip_in_the_correspondent_account_is_told_the_right_one_too() -> None:
    for told in ("30101810500000000654", "3010181050000000065", "40102810545370000003"):
        (error,) = errors_of(with_payee(SUPPLIER_ORDER, correspondent_account=told), bank=BANK)
        assert error.code == "correspondent_account_differs"
        assert error.right_value == BANK.correspondent_account


def test_an_unknown_bic_does_not_blame_the_account() -> None:
    """One wrong digit in the bic breaks the key too, and the accountant would correct a right account."""
    assert codes_of(with_payee(SUPPLIER_ORDER, bic="044030654"), knows_banks=True) == [("/payee/bic", "unknown_bic")]


def test_an_account_that_is_not_of_this_bank_is_told_whose_bic_it_is() -> None:
    other = replace(BANK, bic="044525225", name="ПАО СБЕРБАНК", correspondent_account=None)
    order = with_payee(SUPPLIER_ORDER, bic=other.bic, correspondent_account=None)
    (error,) = errors_of(order, bank=other)
    assert (error.code, error.reference) == ("account_key", "БИК 044525225 - ПАО СБЕРБАНК; проверьте и поле 14")


def test_a_correspondent_account_that_is_left_out_is_the_banks_to_fill_in() -> None:
    assert codes_of(with_payee(SUPPLIER_ORDER, correspondent_account=None), bank=BANK) == []


def test_an_account_in_an_office_of_the_central_bank_has_no_correspondent_account() -> None:
    assert codes_of(OFFICE_ORDER, bank=OFFICE) == []
    order = with_payee(OFFICE_ORDER, correspondent_account="30101810600000000602")
    assert codes_of(order) == []
    (error,) = errors_of(order, bank=OFFICE)
    assert (error.code, error.right_value) == ("correspondent_account_of_office", "")


def test_the_unified_account_is_that_of_the_directory() -> None:
    other = with_payee(FUND_ORDER, correspondent_account="40102810845370000004")
    assert codes_of(other) == []
    (error,) = errors_of(other, bank=TREASURY)
    assert (error.code, error.right_value) == ("unified_treasury_account_differs", "40102810545370000003")
    (error,) = errors_of(with_payee(FUND_ORDER, correspondent_account=None), bank=TREASURY)
    assert (error.code, error.right_value) == ("unified_treasury_account_required", "40102810545370000003")


def test_an_ordinary_bank_holds_no_treasury_accounts() -> None:
    bank = replace(TREASURY, unified_treasury_account=None)
    (error,) = errors_of(FUND_ORDER, bank=bank)
    assert (error.pointer, error.code, error.form_field) == ("/payee/bic", "not_a_treasury_bank", "14")
    ordinary = with_payee(FUND_ORDER, bic="044030653", correspondent_account="30101810500000000653")
    assert codes_of(ordinary, bank=BANK) == [("/payee/bic", "not_a_treasury_bank")]


def test_the_key_of_a_unified_account_is_checked_without_a_directory() -> None:
    order = with_payee(FUND_ORDER, correspondent_account="40102810645370000003")
    assert codes_of(order) == [("/payee/correspondent_account", "correspondent_account_key")]


def test_the_dated_account_of_the_tax_service_wins_over_the_directory() -> None:
    bank = Bank(
        bic="017003983", name="УФК", unified_treasury_account="40102810545370000003", is_central_bank_office=True
    )
    assert codes_of(TAX_ORDER, bank=bank) == []
