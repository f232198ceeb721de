"""VAT as the purpose of a payment names it: «в том числе НДС 22% - 270-58».  Bank practice, so these are warnings.

Source: Tax Code, article 164 (rates, by date: `order_values.toml`); sums of VAT by settlement rates, article 168.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from adapter.domain.errors import FieldError
from adapter.domain.findings import field_error
from adapter.domain.money import KOPECK
from adapter.domain.order_values import DayValues

# «НДС 22%», «НДС (22 %)», «НДС по ставке 10%»; settlement rates 22/122 name the same rate.
_RATE = re.compile(r"(?<!без )ндс(?! не\b| нет\b)[^0-9%]{0,20}([0-9]{1,2})(?:[.,]00?)? ?(?:%|/1[0-9]{2}\b)").finditer
# «в том числе 22% НДС», but not «аванс 50% НДС включён»: there the share of a payment stands before the word.
_RATE_BEFORE = re.compile(
    r"(?:^|[,;(]|в т\. ?ч\.|в том числе|включая|ставк\w{1,3}) ?([0-9]{1,2}) ?% ?ндс(?! не\b| нет\b)"
).finditer
_SUM = re.compile(
    r"ндс[^0-9%]{0,20}[0-9]{1,2} ?%\)?[ :=,-]{0,4}([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)([-.,=][0-9]{2})?(?![0-9%])"
).search
_NAMED = ("ндс", "нпд", "налогом на добавленную стоимость", "налога на добавленную стоимость")
_FORMER_RATES = "прежние ставки годятся только для расчётов за прежние периоды"
_TOLERANCE = Decimal("1.00")  # every line of an invoice is rounded by itself


def list_vat_warnings(purpose: str, amount: Decimal, day: DayValues) -> list[FieldError]:
    """VAT that is not named, a rate that does not hold on the day of the order, a sum that does not fit the rate."""
    text = purpose.lower()
    if not any(name in text for name in _NAMED):
        return [field_error("purpose", "vat_not_named", "в назначении платежа не сказано об НДС")]
    rates = dict.fromkeys(match[1] for match in (*_RATE(text),) or _RATE_BEFORE(text))
    allowed = day.vat_rates
    wrong = [rate for rate in rates if rate not in allowed.value]
    if wrong:
        message = f"ставка НДС {wrong[0]}% для этой даты не действует; {_FORMER_RATES}"
        return [field_error("purpose", "vat_rate", message, reference=allowed.note)]
    return _check_sum(text, next(iter(rates)), amount) if len(rates) == 1 else []


def _check_sum(text: str, rate: str, amount: Decimal) -> list[FieldError]:
    match = _SUM(text)
    if match is None:
        return []
    told = Decimal(match[1].replace(" ", "") + "." + (match[2] or "-00")[1:])
    right = (amount * int(rate) / (100 + int(rate))).quantize(KOPECK, ROUND_HALF_UP)
    if abs(told - right) <= _TOLERANCE:
        return []
    message = f"НДС {rate}% в сумме {amount:.2f} - {right}, а указано {told:.2f}"
    return [field_error("purpose", "vat_sum", message, right_value=str(right))]
