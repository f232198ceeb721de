"""The language of the pages: Russian as written in the sources, English by the browser's Accept-Language.

Messages are Russian in templates and code (`_("…")`); `translations/en/LC_MESSAGES/messages.po` holds the English.
Outside a request everything is Russian.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, format_timedelta
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from flask import has_request_context, request

LANGUAGES = ("ru", "en")
MOSCOW = ZoneInfo("Europe/Moscow")
FOLDER = Path(__file__).parent / "translations"


def current_language() -> str:
    """`ru` or `en`: the best match of what the browser asks for, Russian when it asks for neither."""
    if not has_request_context():
        return "ru"
    return request.accept_languages.best_match(LANGUAGES, default="ru") or "ru"


@cache
def translations(language: str) -> NullTranslations:
    """The messages of a language; the source messages themselves for Russian."""
    if language == "ru":
        return NullTranslations()
    return Translations.load(FOLDER, [language])


def _(message: str) -> str:
    """The message in the language of this request."""
    return translations(current_language()).gettext(message)


def mark(message: str) -> str:
    """Mark a message for translation where it is only written down; `_` translates it when it is shown."""
    return message


def plural(number: int, one: str, few: str, many: str) -> str:
    """`1 счёт, 2 счёта, 5 счетов`; each form is a message of its own with `{n}` in it."""
    if current_language() == "ru":
        form = _russian_form(number, one, few, many)
    else:
        form = _(one) if number == 1 else _(many)
    return form.format(n=number)


def _russian_form(number: int, one: str, few: str, many: str) -> str:
    tens, units = abs(number) % 100, abs(number) % 10
    if 11 <= tens <= 14 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def say_day(day: date | datetime) -> str:
    """`21 мая 2027 г.`; a moment is told by its Moscow date."""
    if isinstance(day, datetime):
        day = day.astimezone(MOSCOW).date()
    return format_date(day, "long", locale=current_language()).replace("\u202f", "\u00a0")


def say_days(date_from: date, date_to: date) -> str:
    """`1–20 нояб. 2026 г.`"""
    days: str = format_interval(date_from, date_to, "yMMMd", locale=current_language())
    return days


def say_moment(moment: datetime) -> str:
    """`21 мая 2027 г., 14:05` by Moscow time."""
    return f"{say_day(moment)}, {moment.astimezone(MOSCOW):%H:%M}"


def say_number(number: int) -> str:
    """`20 000`, with a space that does not break."""
    return format_decimal(number, locale=current_language())


def say_money(amount: Decimal, currency: str) -> str:
    """`1 500,00 ₽`"""
    return format_currency(amount, currency, locale=current_language())


def say_amount(amount: Decimal) -> str:
    """`1 500,00`, where the currency is clear."""
    return format_decimal(amount, format="#,##0.00", locale=current_language())


def say_age(seconds: float) -> str:
    """`5 минут`: about how long, in one unit."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=current_language())
