"""Numbers and texts by themselves, judged by us and by vitya; whole orders: `test_orders_against_vitya.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.identifiers import (
    InvalidIdentifier,
    account_key,
    check_account,
    check_account_key,
    check_inn,
    check_kpp,
    check_oktmo,
    check_uin,
)
from adapter.domain.normalising import normalise
from tests.domain.orders import SUPPLIER_ORDER, TAX_ORDER, codes_of, with_budget, with_payee
from tests.domain.vitya_oracle import checks, order_validators, validators


def we_take(check: Callable[..., None], *values: str) -> bool:
    try:
        check(*values)
    except InvalidIdentifier:
        return False
    return True


def vitya_takes(check: Callable[..., object], *values: object) -> bool:
    try:
        check(*values)
    except (ValueError, TypeError):
        return False
    return True


def digits(*lengths: int) -> st.SearchStrategy[str]:
    return st.sampled_from(lengths).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))


@given(digits(5, 9, 10, 11, 12).filter(lambda inn: not inn.startswith("00")))
def test_inns_agree(inn: str) -> None:
    assert we_take(check_inn, inn) == vitya_takes(validators.validate_inn, inn)


@given(digits(3, 4, 20, 24, 25))
def test_uins_agree(uin: str) -> None:
    assert we_take(check_uin, uin) == vitya_takes(order_validators.validate_uin, uin)


@given(digits(8, 9, 11).filter(lambda oktmo: oktmo.strip("0")))
def test_oktmos_agree(oktmo: str) -> None:
    assert we_take(check_oktmo, oktmo) == vitya_takes(validators.validate_oktmo, oktmo)


@given(st.from_regex(r"[0-9A-Z]{8,9}", fullmatch=True).filter(lambda kpp: not kpp.startswith("00")))
def test_kpps_agree(kpp: str) -> None:
    assert we_take(check_kpp, kpp) == vitya_takes(validators.validate_kpp, kpp)


@given(
    st.from_regex(r"40[578][0-9]{17}", fullmatch=True),
    st.from_regex(r"04[0-9]{4}(?!00[012])[0-9]{3}", fullmatch=True),
    st.booleans(),
)
def test_account_keys_of_credit_organisations_agree(account: str, bic: str, has_key: bool) -> None:
    if has_key:
        account = account[:8] + account_key(account, bic) + account[9:]
    assert we_take(check_account_key, account, bic) == vitya_takes(checks.check_account_by_bic, account, bic)


# Where we differ, one test each: what vitya says, what we say, and why.


def test_an_inn_that_starts_with_zeros_is_a_warning_here() -> None:
    """Order 107n forbids it; such numbers exist in old registers, so for a payee we warn and do not refuse."""
    inn = "0012345671"
    assert not vitya_takes(validators.validate_inn, inn)
    assert ("/payee/inn", "inn_zeros") not in codes_of(with_payee(SUPPLIER_ORDER, inn=inn))


def test_a_kpp_may_hold_letters() -> None:
    """We are right: KPP may have letters in its 5th and 6th place; vitya's check of a payment forgets it."""
    assert vitya_takes(validators.validate_kpp, "7830AB001")
    assert not vitya_takes(order_validators.validate_receiver_kpp, "7830AB001")
    assert codes_of(with_payee(SUPPLIER_ORDER, kpp="7830AB001")) == []


def test_accounts_at_the_central_bank_have_another_prefix() -> None:
    """We are right: such accounts exist, their keys follow order 515 by the office; vitya knows one rule only."""
    for account, bic in (("40102810445370000059", "017003983"), ("40101810400000010002", "046015001")):
        assert we_take(check_account_key, account, bic)
        assert not vitya_takes(checks.check_account_by_bic, account, bic)


def test_an_account_may_hold_a_letter() -> None:
    """We are right: a clearing currency is written by a letter in the 6th place (UFEBS, order 515)."""
    account = "40702A10000000000001"
    assert we_take(check_account, account)
    assert not vitya_takes(order_validators.validate_account_number, account)


def test_a_treasury_account_has_a_form() -> None:
    """We are stricter: vitya lets any 20 digits pass as the account of a budget payment."""
    assert vitya_takes(order_validators.validate_receiver_account_number, "03100643900000018500")
    assert ("/payee/account", "treasury_account_form") in codes_of(
        with_payee(TAX_ORDER, account="03100643900000018500")
    )


def test_a_number_is_digits() -> None:
    """We are stricter: UFEBS asks for 1-6 digits, vitya counts characters only."""
    assert vitya_takes(order_validators.validate_number, "А-12")
    assert codes_of(replace(SUPPLIER_ORDER, number="А-12")) == [("/number", "number_form")]


def test_an_oktmo_of_zeros_is_none() -> None:
    """We are right by vitya's own later check: its validator lets zeros pass, its payment check refuses them."""
    assert vitya_takes(validators.validate_oktmo, "00000000")
    assert not we_take(check_oktmo, "00000000")


def test_a_purpose_is_never_shortened_in_silence() -> None:
    """We are right: vitya drops what the form cannot hold; we map typographic signs and refuse the rest."""
    assert order_validators.validate_purpose("Оплата «по счёту» €5") == "Оплата по счёту 5"
    order, changes = normalise(replace(SUPPLIER_ORDER, purpose="Оплата «по счёту»"))
    assert order.purpose == 'Оплата "по счёту"'
    assert len(changes) == 1


def test_budget_statuses_agree() -> None:
    for status in (f"{number:02}" for number in range(40)):
        is_unlisted = ("/budget/drawer_status", "drawer_status") in codes_of(
            with_budget(TAX_ORDER, drawer_status=status)
        )
        assert is_unlisted != vitya_takes(order_validators.validate_payer_status, status), status
