"""What the page of statements offers and how its form is read; no HTTP and no database here.

What comes back is checked against the offer, so that a form cannot name an account, a day or a shape that the page did
not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from oauth.ports import AccountChoice, CustomerChoice, StatementRequest, StatementShape
from oauth.web.language import MOSCOW, mark

OWN_PERIOD = "own"
# East of Moscow the next day has begun already.


class BadChoice(Exception):
    """The form lacks something; texts for the person by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class ForeignAccount(Exception):
    """The form names an account that is not the company's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that is one click."""

    name: str
    title: str
    date_from: date
    date_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything that the page lets the person choose from, for one of their companies."""

    companies: Sequence[CustomerChoice]
    company: CustomerChoice
    accounts: Sequence[AccountChoice]
    shapes: Sequence[StatementShape]
    periods: Sequence[Period]
    earliest: date
    latest: date


def quick_periods(today: date, earliest: date) -> Sequence[Period]:
    """What people ask for, as far as statements go back; what has not ended yet goes until today."""
    usual = [period for period in _usual_periods(today) if period.date_from >= earliest]
    return [*usual, Period(name="all", title=mark("Всё, что доступно"), date_from=earliest, date_to=today)]


def _usual_periods(today: date) -> Sequence[Period]:
    month, quarter = today.replace(day=1), _quarter_of(today)
    last_month, last_quarter = month - timedelta(days=1), quarter - timedelta(days=1)
    return [
        Period(name="month", title=mark("Этот месяц"), date_from=month, date_to=today),
        Period(name="last_month", title=mark("Прошлый месяц"), date_from=last_month.replace(day=1), date_to=last_month),
        Period(name="quarter", title=mark("Этот квартал"), date_from=quarter, date_to=today),
        Period(
            name="last_quarter",
            title=mark("Прошлый квартал"),
            date_from=_quarter_of(last_quarter),
            date_to=last_quarter,
        ),
        Period(name="year", title=mark("Этот год"), date_from=today.replace(month=1, day=1), date_to=today),
    ]


def option_field(shape: str, option: str) -> str:
    """The name of a choice that belongs to one shape: the form sends those of all shapes."""
    return f"{shape}.{option}"


def read_request(form: Mapping[str, str], offer: Offer) -> StatementRequest:
    """What the person asks for.  Raises BadChoice (ask again) or ForeignAccount."""
    account_id, shape = form.get("account", ""), _find_shape(form, offer)
    if account_id and account_id not in {account.account_id for account in offer.accounts}:
        raise ForeignAccount
    date_from, date_to, problems = _read_period(form, offer)
    if not account_id:
        problems["account"] = mark("Выберите счёт.")
    if shape is None:
        problems["shape"] = mark("Выберите формат файла.")
    if problems or shape is None or date_from is None or date_to is None:
        raise BadChoice(problems)
    return StatementRequest(
        account_id=account_id,
        date_from=date_from,
        date_to=date_to,
        shape=shape.name,
        options=_read_options(form, shape),
    )


def _find_shape(form: Mapping[str, str], offer: Offer) -> StatementShape | None:
    return next((shape for shape in offer.shapes if shape.name == form.get("shape")), None)


def _read_options(form: Mapping[str, str], shape: StatementShape) -> Mapping[str, str]:
    chosen = {}
    for name, values in shape.options.items():
        chosen[name] = form.get(option_field(shape.name, name), values[0])
        if chosen[name] not in values:
            raise BadChoice({"shape": mark("У этого формата такого варианта нет. Выберите другой.")})
    return chosen


def _read_period(form: Mapping[str, str], offer: Offer) -> tuple[date | None, date | None, dict[str, str]]:
    """Both days, or what is wrong with them."""
    name = form.get("period", "")
    for period in offer.periods:
        if period.name == name:
            return period.date_from, period.date_to, {}
    if name != OWN_PERIOD:
        return None, None, {"period": mark("Выберите период.")}
    date_from, date_to = _parse_day(form.get("from", "")), _parse_day(form.get("to", ""))
    return date_from, date_to, _find_problems(date_from, date_to, offer)


def _find_problems(date_from: date | None, date_to: date | None, offer: Offer) -> dict[str, str]:
    problems = {}
    if date_from is None:
        problems["from"] = mark("Укажите первый день периода.")
    elif date_from < offer.earliest:
        problems["from"] = mark("Так далеко выписка не уходит: первый возможный день указан выше.")
    elif date_from > offer.latest:
        problems["from"] = mark("Этот день ещё не наступил.")
    if date_to is None:
        problems["to"] = mark("Укажите последний день периода.")
    elif date_to > offer.latest:
        problems["to"] = mark("Этот день ещё не наступил.")
    elif date_from and date_to < date_from:
        problems["to"] = mark("Последний день раньше первого.")
    return problems


def _parse_day(text: str) -> date | None:
    """`2026-11-20`, as date fields send it, or `20.11.2026`, as people type it where there are none."""
    for layout in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), layout).replace(tzinfo=MOSCOW).date()
        except ValueError:
            continue
    return None


def _quarter_of(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
