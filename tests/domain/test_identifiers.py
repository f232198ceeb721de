from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.identifiers import (
    InvalidIdentifier,
    account_key,
    check_account,
    check_account_key,
    check_bic,
    check_correspondent_account,
    check_correspondent_account_key,
    check_inn,
    check_kbk,
    check_kpp,
    check_oktmo,
    check_uin,
    is_treasury_account,
)

# From public sources: russian-id (PHP), vitya, Bank of Russia order 515, requisites of the FNS, Tochka, DirectBank.
GOOD_ACCOUNTS = [
    ("044030653", "40702810955230165464"),
    ("044030653", "30101810500000000653"),
    ("045004864", "40802810722200035222"),
    ("049805746", "40602810700000000025"),
    ("049805000", "30101810800000000746"),
    ("017003983", "40102810445370000059"),
    ("017003983", "03100643000000018500"),
    ("044525104", "30101810745374525104"),
    ("044525104", "40817810802000000008"),
    ("046577413", "40802810300020007955"),
    ("046015001", "40101810400000010002"),
]
BAD_ACCOUNTS = [
    ("044030653", "40702810955230165460", "account_key"),
    ("044030653", "30101810500000000650", "account_key"),  # would pass by the rule of a credit organisation
    ("045004864", "40802810722200035220", "account_key"),
    ("045004861", "40802810722200035222", "account_key"),
    ("0", "40702810955230165464", "bic_form"),
    ("000000000", "40702810955230165464", "bic_zeros"),
    ("044030653", "0", "account_form"),
    ("044030653", "4070281095523016546٤", "account_form"),  # an Arabic digit is no digit
    ("017003983", "03100643100000018500", "treasury_account_form"),
]
GOOD_INNS = [
    *("7830002293", "3664069397", "7707083893", "7727406020", "1840493716"),
    *("500100732259", "302502032671", "598092767948", "773605950159"),
]
BAD_INNS = [
    *("7830002290", "1234567890", "1840493717"),
    *("123456789000", "500100732250", "598092767949", "848839660258"),
]


def check_pair(bic: str, account: str) -> None:
    check_bic(bic)
    check_account(account)
    check_account_key(account, bic)


def code_of(check: Callable[..., None], *values: str) -> str | None:
    try:
        check(*values)
    except InvalidIdentifier as invalid:
        return invalid.code
    return None


def with_digit(text: str, place: int, digit: int) -> str:
    return f"{text[:place]}{digit}{text[place + 1 :]}"


def make_inn(start: str) -> str:
    """An INN that begins with 9 or 10 given digits, by trying: the product has no maker."""
    if len(start) == 9:
        return next(start + str(last) for last in range(10) if not code_of(check_inn, start + str(last)))
    return next(f"{start}{last:02}" for last in range(100) if not code_of(check_inn, f"{start}{last:02}"))


@pytest.mark.parametrize(("bic", "account"), GOOD_ACCOUNTS)
def test_accounts_of_public_sources_hold(bic: str, account: str) -> None:
    assert code_of(check_pair, bic, account) is None


@pytest.mark.parametrize(("bic", "account", "code"), BAD_ACCOUNTS)
def test_broken_accounts_are_refused_with_the_reason(bic: str, account: str, code: str) -> None:
    assert code_of(check_pair, bic, account) == code


def test_accounts_of_banks_with_each_other_follow_the_rule_of_a_credit_organisation() -> None:
    loro = "30109810000000000001"
    keyed = with_digit(loro, 8, int(account_key(loro, "044525104")))
    assert code_of(check_account_key, keyed, "044525104") is None
    assert code_of(check_correspondent_account_key, keyed, "044525104") == "correspondent_account_key"


def test_a_letter_in_the_sixth_place_counts_as_a_digit() -> None:
    lettered, plain = "40702B10000000000001", "40702110000000000001"
    assert account_key(lettered, "044525104") == account_key(plain, "044525104")
    assert code_of(check_account, lettered) is None
    assert code_of(check_account, "40702Z10000000000001") == "account_form"


def test_a_treasury_account_is_known_by_its_form() -> None:
    assert is_treasury_account("03100643000000018500")
    assert not is_treasury_account("40102810445370000059")


@pytest.mark.parametrize(
    ("account", "bic"), [("30101810500000000653", "044030653"), ("40102810445370000059", "017003983")]
)
def test_correspondent_accounts_hold_by_the_rule_of_the_central_bank(account: str, bic: str) -> None:
    assert code_of(check_correspondent_account, account) is None
    assert code_of(check_correspondent_account_key, account, bic) is None


def test_a_settlement_account_is_no_correspondent_account() -> None:
    assert code_of(check_correspondent_account, "40702810955230165464") == "correspondent_account_kind"
    assert code_of(check_correspondent_account, "301") == "account_form"


accounts = st.from_regex(r"4[0-9]{4}[0-9ABCEHKMPTX][0-9]{14}", fullmatch=True)
bics = st.from_regex(r"04[0-9]{7}", fullmatch=True)


@given(accounts, bics)
def test_a_made_key_holds(account: str, bic: str) -> None:
    assert code_of(check_account_key, with_digit(account, 8, int(account_key(account, bic))), bic) is None


@given(accounts.filter(lambda account: account[5].isdigit()), bics, st.integers(0, 19), st.integers(1, 9))
def test_one_changed_digit_breaks_the_key(account: str, bic: str, place: int, step: int) -> None:
    good = with_digit(account, 8, int(account_key(account, bic)))
    changed = with_digit(good, place, (int(good[place]) + step) % 10)
    # Weights 7, 1 and 3 are coprime to 10, so a single digit always shows, unless it moves the account to another rule.
    if (good[:5] == "40102") == (changed[:5] == "40102") and good[0] == changed[0]:
        assert code_of(check_account_key, changed, bic) == "account_key"


@pytest.mark.parametrize("inn", [*GOOD_INNS, "12345"])
def test_good_inns_hold(inn: str) -> None:
    assert code_of(check_inn, inn) is None


@pytest.mark.parametrize("inn", BAD_INNS)
def test_an_inn_with_a_wrong_check_digit_is_refused(inn: str) -> None:
    assert code_of(check_inn, inn) == "inn_check_digit"


@pytest.mark.parametrize("inn", ["", "0", "123456789", "12345678901", "783000229X", "٧٨٣٠٠٠٢٢٩٣", " 7830002293"])
def test_an_inn_of_another_form_is_refused(inn: str) -> None:
    assert code_of(check_inn, inn) == "inn_form"


def test_an_inn_of_zeros_is_refused_though_its_check_digit_agrees() -> None:
    assert code_of(check_inn, "0000000000") == "inn_zeros"


@given(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
def test_one_changed_digit_breaks_an_inn_unless_the_remainder_ten_hides_it(start: str, place: int, step: int) -> None:
    inn = make_inn(start)
    changed = with_digit(inn, place, (int(inn[place]) + step) % 10)
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    remainders = {sum(w * int(d) for w, d in zip(weights, text[:9], strict=True)) % 11 for text in (inn, changed)}
    # Remainders 0 and 10 both give the digit 0: the only pair that the algorithm cannot tell apart.
    assert (code_of(check_inn, changed) is None) == (remainders == {0, 10})


@given(st.from_regex(r"[1-9][0-9]{8,9}", fullmatch=True), st.integers(1, 9))
def test_a_changed_last_digit_breaks_an_inn(start: str, step: int) -> None:
    inn = make_inn(start)
    assert code_of(check_inn, with_digit(inn, len(inn) - 1, (int(inn[-1]) + step) % 10)) == "inn_check_digit"


@pytest.mark.parametrize("kpp", ["783001001", "7830AB001"])
def test_good_kpps_hold(kpp: str) -> None:
    assert code_of(check_kpp, kpp) is None


@pytest.mark.parametrize(
    ("kpp", "code"),
    [("0", "kpp_form"), ("78300100", "kpp_form"), ("7830аб001", "kpp_form"), ("003001001", "kpp_zeros")],
)
def test_bad_kpps_are_refused(kpp: str, code: str) -> None:
    assert code_of(check_kpp, kpp) == code


@pytest.mark.parametrize("uin", ["18209965144380684245", "1234"])
def test_good_uins_hold(uin: str) -> None:
    assert code_of(check_uin, uin) is None


@pytest.mark.parametrize(
    ("uin", "code"),
    [
        ("18209965144380684246", "uin_check_digit"),
        ("1820996514438068424", "uin_form"),
        ("00000000000000000000", "uin_zeros"),
        ("00000000010000000000", "uin_check_digit"),  # reaches the second pass
        ("0000", "uin_zeros"),
        ("0", "uin_form"),
    ],
)
def test_bad_uins_are_refused(uin: str, code: str) -> None:
    assert code_of(check_uin, uin) == code


@settings(max_examples=60)
@given(st.from_regex(r"[1-9][0-9]{18}|[1-9][0-9]{23}", fullmatch=True))
def test_exactly_one_check_digit_fits_a_uin(start: str) -> None:
    assert sum(code_of(check_uin, f"{start}{last}") is None for last in range(10)) == 1


@pytest.mark.parametrize(
    ("check", "value", "code"),
    [
        (check_kbk, "18201061201010000510", None),
        (check_kbk, "1820106120101АБВГ510", None),
        (check_kbk, "1820106120101000051", "kbk_form"),
        (check_kbk, "0" * 20, "kbk_zeros"),
        (check_oktmo, "45328000", None),
        (check_oktmo, "45328000101", None),
        (check_oktmo, "453280001", "oktmo_form"),
        (check_oktmo, "00000000", "oktmo_zeros"),
    ],
)
def test_budget_codes_hold_by_form(check: Callable[[str], None], value: str, code: str | None) -> None:
    assert code_of(check, value) == code


@given(st.text())
def test_checks_raise_nothing_but_invalid_identifier(text: str) -> None:
    for check in (check_inn, check_kpp, check_bic, check_account, check_correspondent_account, check_uin, check_kbk):
        code_of(check, text)
    code_of(check_oktmo, text)
