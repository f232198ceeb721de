"""Registry codes of Russian payments: form and check digits of INN, KPP, BIC, accounts, UIN, KBK and OKTMO.

Sources: account key - Bank of Russia, order 515 of 08.09.1997; UIN, KBK, OKTMO, KPP - Ministry of Finance, order 107n.
Each `check_…` raises `InvalidIdentifier` with a stable code and a Russian reason, or returns nothing.  Arguments are
texts of any length and content unless said otherwise; only ASCII digits are digits.
"""

from __future__ import annotations

import re
from operator import mul

# A letter in the 6th place of an account stands for a clearing currency; it counts as its place in this row.
_DIGITS = bytes.maketrans(b"0123456789ABCEHKMPTX", bytes(range(10)) * 2)
_ACCOUNT = re.compile(r"[0-9]{5}[0-9ABCEHKMPTX][0-9]{14}").fullmatch
_TREASURY_ACCOUNT = re.compile(r"0[2-4][0-9]{3}6430[0-9]{11}").fullmatch
_BIC = re.compile(r"[0-9]{9}").fullmatch
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}").fullmatch
_INN = re.compile(r"[0-9]{5}|[0-9]{10}|[0-9]{12}").fullmatch
_UIN = re.compile(r"[0-9]{4}|[0-9]{20}|[0-9]{25}").fullmatch
# Budget law allows letters in places 14-17, the subtype of income.
_KBK = re.compile(r"[0-9]{13}[0-9A-ZА-Я]{4}[0-9]{3}").fullmatch
_OKTMO = re.compile(r"[0-9]{8}|[0-9]{11}").fullmatch

_KEY_WEIGHTS = (7, 1, 3) * 7 + (7, 1)
_KEY_PLACE = 8  # counted from 0: the 9th character of an account
_INN_10_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11_WEIGHTS = (7, *_INN_10_WEIGHTS)
_INN_12_WEIGHTS = (3, *_INN_11_WEIGHTS)
_UIN_WEIGHTS = tuple(place % 10 + 1 for place in range(24))
_UIN_SECOND_WEIGHTS = tuple((place + 2) % 10 + 1 for place in range(24))

_CENTRAL_BANK_OFFICES = ("000", "001", "002")  # last three digits of the BIC


class InvalidIdentifier(ValueError):
    """An identifier breaks its form or its check digits; `code` is stable, the text is a Russian reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def check_inn(inn: str) -> None:
    """INN of an organisation (10), of a person (12), or the code of a foreign organisation (5, no check digit)."""
    if not _INN(inn):
        raise InvalidIdentifier("inn_form", "ИНН состоит из 10 цифр (организация), 12 (ИП, физлицо) или 5 (КИО)")
    if not inn.strip("0"):
        raise InvalidIdentifier("inn_zeros", "ИНН не может состоять из одних нулей")
    if not _inn_digits_agree(inn.encode().translate(_DIGITS)):
        raise InvalidIdentifier("inn_check_digit", "В ИНН ошибка: контрольная цифра не сходится")


def _inn_digits_agree(digits: bytes) -> bool:
    if len(digits) == 10:
        return _inn_digit(_INN_10_WEIGHTS, digits) == digits[9]
    if len(digits) == 12:
        return _inn_digit(_INN_11_WEIGHTS, digits) == digits[10] and _inn_digit(_INN_12_WEIGHTS, digits) == digits[11]
    return True


def _inn_digit(weights: tuple[int, ...], digits: bytes) -> int:
    return _weigh(weights, digits) % 11 % 10


def check_kpp(kpp: str) -> None:
    """KPP: nine characters, the 5th and 6th may be Latin capitals; it has no check digit."""
    if not _KPP(kpp):
        raise InvalidIdentifier(
            "kpp_form", "КПП состоит из 9 знаков: цифры, на 5-м и 6-м месте возможны латинские буквы"
        )
    if kpp.startswith("00"):
        raise InvalidIdentifier("kpp_zeros", "КПП не может начинаться с двух нулей")


def check_bic(bic: str) -> None:
    """BIC of the Bank of Russia (not ISO 9362): nine digits."""
    if not _BIC(bic):
        raise InvalidIdentifier("bic_form", "БИК состоит из 9 цифр")
    if bic == "000000000":
        raise InvalidIdentifier("bic_zeros", "БИК не может состоять из одних нулей")


def check_account(account: str) -> None:
    """The form of an account: 20 digits, a letter possible in the 6th place; treasury accounts have their own form."""
    if not _ACCOUNT(account):
        raise InvalidIdentifier("account_form", "Номер счёта состоит из 20 цифр")
    if account.startswith("0") and not is_treasury_account(account):
        raise InvalidIdentifier(
            "treasury_account_form", "Номер казначейского счёта имеет вид 03ХХХ6430ХХХХХХХХХХХ (20 цифр, 9-я цифра 0)"
        )


def check_account_key(account: str, bic: str) -> None:
    """The key of an account at the bank with this BIC; both must be well formed.

    A treasury account has no key: its form was all that can be checked.
    """
    if is_treasury_account(account):
        return
    if _key_sum(_key_prefix(account, bic), account):
        raise InvalidIdentifier("account_key", "Счёт не соответствует БИК банка: контрольный ключ счёта не сходится")


def check_correspondent_account(account: str) -> None:
    """The form of an account at the Bank of Russia itself: 301… of a bank or 40102… (ЕКС) of the treasury."""
    check_account(account)
    if not account.startswith(("301", "40102")):
        raise InvalidIdentifier(
            "correspondent_account_kind", "Корреспондентский счёт начинается с 301 (банк) или с 40102 (казначейство)"
        )


def check_correspondent_account_key(account: str, bic: str) -> None:
    """The key of a correspondent account held at the Bank of Russia by the bank with this BIC; both well formed."""
    if _key_sum("0" + bic[4:6], account):
        raise InvalidIdentifier(
            "correspondent_account_key", "Корреспондентский счёт не соответствует БИК: контрольный ключ не сходится"
        )


def is_treasury_account(account: str) -> bool:
    """Whether the account is one of the treasury's own (since 2021), whose key no published rule checks."""
    return _TREASURY_ACCOUNT(account) is not None


def account_key(account: str, bic: str) -> str:
    """The right key digit for an account with any digit in the key's place."""
    unkeyed = account[:_KEY_PLACE] + "0" + account[_KEY_PLACE + 1 :]
    return str(_key_sum(_key_prefix(account, bic), unkeyed) * 3 % 10)


def _key_prefix(account: str, bic: str) -> str:
    """Three digits that go before the account into the sum.

    The Bank of Russia holds the accounts 30101-30108, the treasury's 40102, and all accounts of its own offices.
    30109 and above are accounts that banks hold for each other: they follow the rule of a credit organisation.
    """
    is_held_at_central_bank = (
        "30101" <= account[:5] <= "30108" or account.startswith("40102") or bic[6:] in _CENTRAL_BANK_OFFICES
    )
    return "0" + bic[4:6] if is_held_at_central_bank else bic[6:]


def _key_sum(prefix: str, account: str) -> int:
    return _weigh(_KEY_WEIGHTS, (prefix + account).encode().translate(_DIGITS)) % 10


def check_uin(uin: str) -> None:
    """UIN of a charge: 20 or 25 digits with a check digit, or 4 digits without."""
    if not _UIN(uin):
        raise InvalidIdentifier("uin_form", "УИН состоит из 20 или 25 цифр (допускается 4); если его нет, ставится 0")
    if not uin.strip("0"):
        raise InvalidIdentifier("uin_zeros", "УИН не может состоять из одних нулей")
    if len(uin) > 4 and _uin_digit(uin.encode().translate(_DIGITS)[:-1]) != int(uin[-1]):
        raise InvalidIdentifier("uin_check_digit", "В УИН ошибка: контрольная цифра не сходится")


def _uin_digit(digits: bytes) -> int:
    rest = _weigh(_UIN_WEIGHTS, digits) % 11
    if rest == 10:
        rest = _weigh(_UIN_SECOND_WEIGHTS, digits) % 11
    return rest % 10


def _weigh(weights: tuple[int, ...], digits: bytes) -> int:
    """The sum of digits times weights, over the shorter of the two."""
    total: int = sum(map(mul, weights, digits))
    return total


def check_kbk(kbk: str) -> None:
    """KBK, the budget classification code: 20 characters."""
    if not _KBK(kbk):
        raise InvalidIdentifier("kbk_form", "КБК состоит из 20 цифр")
    if not kbk.strip("0"):
        raise InvalidIdentifier("kbk_zeros", "КБК не может состоять из одних нулей")


def check_oktmo(oktmo: str) -> None:
    """OKTMO, the code of a municipality: 8 or 11 digits."""
    if not _OKTMO(oktmo):
        raise InvalidIdentifier("oktmo_form", "ОКТМО состоит из 8 или 11 цифр")
    if not oktmo.strip("0"):
        raise InvalidIdentifier("oktmo_zeros", "ОКТМО не может состоять из одних нулей")
