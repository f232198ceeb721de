"""A person downloads statements: what they may have, what they chose, what is told when it cannot be."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from oauth import audit
from oauth.context import Context
from oauth.ports import StatementNotReady, StatementRequest, StatementTooLong
from tests.oauth.web.actors import Browser, text_of
from tests.oauth.web.fakes import MAIN, PETROVA, ROMASHKA, SOLE, FakeBank

TODAY = dt.date(2026, 11, 20)
GOOD = {"customer": "cu_romashka", "account": "acc_main", "period": "last_month", "shape": "pdf"}


def download(browser: Browser, **changed: str | None) -> TestResponse:
    """Send the form as it is filled in, but for what the test changes; None leaves a field out."""
    form = {name: value for name, value in (GOOD | changed).items() if value is not None}
    return browser.open(f"/customer/statements/file?{urlencode(form)}")


@pytest.fixture
def person(browser: Browser) -> Browser:
    """Logged in, on the page of statements."""
    assert browser.open_customer("/customer/statements").status_code == 200
    return browser


def check_it_still_works(person: Browser) -> None:
    assert download(person).data == b"acc_main 2026-10-01 2026-10-31"


def test_the_page_offers_accounts_periods_and_shapes(person: Browser) -> None:
    page = text_of(person.open("/customer/statements"))
    for words in ("Расчётный счёт", "Депозит", "Этот месяц", "Прошлый квартал", "PDF", "1С:Предприятие", "Кодировка"):
        assert words in page
    assert "ИП Петрова" not in page


def test_a_file_is_what_was_asked_for(person: Browser, bank: FakeBank) -> None:
    answer = download(person, shape="1c", **{"1c.encoding": "cp866", "camt053.version": "001.08"})
    assert answer.data == b"acc_main 2026-10-01 2026-10-31"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement.1c"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert bank.desk.opened == [
        StatementRequest(
            account_id="acc_main",
            date_from=dt.date(2026, 10, 1),
            date_to=dt.date(2026, 10, 31),
            shape="1c",
            options={"encoding": "cp866"},
        )
    ]


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("month", "2026-11-01 2026-11-20"),
        ("last_month", "2026-10-01 2026-10-31"),
        ("quarter", "2026-10-01 2026-11-20"),
        ("last_quarter", "2026-07-01 2026-09-30"),
        ("year", "2026-01-01 2026-11-20"),
        ("all", "2025-11-20 2026-11-20"),
    ],
)
def test_each_quick_choice_is_the_period_that_it_says(person: Browser, period: str, days: str) -> None:
    assert download(person, period=period).text == f"acc_main {days}"


@pytest.mark.parametrize("days", [("2026-02-03", "2026-11-20"), ("03.02.2026", "20.11.2026")])
def test_own_days_may_be_typed_as_people_write_them(person: Browser, days: tuple[str, str]) -> None:
    answer = download(person, period="own", **{"from": days[0], "to": days[1]})
    assert answer.text == "acc_main 2026-02-03 2026-11-20"


def test_today_is_the_day_in_moscow(person: Browser, bank: FakeBank) -> None:
    bank.clock.set(dt.datetime(2026, 11, 30, 21, 30, tzinfo=dt.UTC))
    person.open_customer("/customer/statements")
    assert download(person, period="month").text == "acc_main 2026-12-01 2026-12-01"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"account": None}, "Выберите счёт."),
        ({"period": None}, "Выберите период."),
        ({"period": "century"}, "Выберите период."),
        ({"shape": None}, "Выберите формат файла."),
        ({"shape": "docx"}, "Выберите формат файла."),
        ({"shape": "1c", "1c.encoding": "koi8-r"}, "У этого формата такого варианта нет."),
        ({"period": "own"}, "Укажите первый день периода."),
        ({"period": "own", "from": "2026-02-30", "to": "2026-11-20"}, "Укажите первый день периода."),
        ({"period": "own", "from": "2026-11-01", "to": "сегодня"}, "Укажите последний день периода."),
        ({"period": "own", "from": "2026-11-20", "to": "2026-11-19"}, "Последний день раньше первого."),
        ({"period": "own", "from": "2025-11-19", "to": "2026-11-20"}, "Так далеко выписка не уходит"),
        ({"period": "own", "from": "0001-01-01", "to": "2026-11-20"}, "Так далеко выписка не уходит"),
        ({"period": "own", "from": "2062-11-01", "to": "2062-11-20"}, "Этот день ещё не наступил."),
        ({"period": "own", "from": "2026-11-01", "to": "9999-12-31"}, "Этот день ещё не наступил."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_the_rest_is_kept(
    person: Browser, bank: FakeBank, changed: dict[str, str | None], words: str
) -> None:
    answer = download(person, **({"shape": "csv", "csv.dialect": "plain"} | changed))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert '<option value="plain" selected>' in answer.text
    assert bank.desk.opened == []
    check_it_still_works(person)


@pytest.mark.parametrize(
    "changed",
    [
        {"account": "acc_sole"},  # of another of the person's companies
        {"account": "acc_nobody"},
        {"customer": "cu_zavod", "account": "acc_main"},
        {"customer": "cu_nobody"},
        {"customer": ""},
    ],
)
def test_what_is_foreign_is_not_found(person: Browser, bank: FakeBank, changed: dict[str, str]) -> None:
    answer = download(person, **changed)
    assert answer.status_code == 404
    assert "Такой страницы нет или она вам недоступна." in text_of(answer)
    assert bank.desk.opened == []
    check_it_still_works(person)


def test_another_person_does_not_get_the_file(person: Browser, other_browser: Browser, bank: FakeBank) -> None:
    bank.user_id, bank.companies = "u_petrova", [PETROVA]
    other_browser.open_customer("/customer/statements")
    assert download(other_browser).status_code == 404
    assert download(other_browser, customer="cu_petrova", account=SOLE.account_id).status_code == 200


def test_an_account_that_is_no_longer_the_companys_is_not_found(person: Browser, bank: FakeBank) -> None:
    accounts = bank.accounts_of["cu_romashka"]
    bank.accounts_of["cu_romashka"] = [one for one in accounts if one is not MAIN]
    assert download(person).status_code == 404
    bank.accounts_of["cu_romashka"] = accounts
    check_it_still_works(person)


def test_a_person_chooses_between_their_companies(person: Browser, bank: FakeBank) -> None:
    bank.companies = [ROMASHKA, PETROVA]
    first = text_of(person.open("/customer/statements"))
    assert "ИП Петрова" in first
    assert "Счёт предпринимателя" not in first
    second = text_of(person.open("/customer/statements?customer=cu_petrova"))
    assert "Счёт предпринимателя" in second
    assert "Счёт для налогов" not in second


def test_who_acts_for_nobody_is_told_so(person: Browser, bank: FakeBank) -> None:
    bank.companies = []
    answer = person.open("/customer/statements")
    assert answer.status_code == 404
    assert "У вас нет компании" in text_of(answer)
    bank.companies = [ROMASHKA]
    check_it_still_works(person)


def test_without_a_login_there_is_no_file(browser: Browser, bank: FakeBank) -> None:
    answer = download(browser)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://bank.example/login")
    assert bank.desk.opened == []
    assert browser.log_in(answer).headers["Location"] == "/customer/statements"
    check_it_still_works(browser)


def test_an_idle_session_gives_no_file(person: Browser, bank: FakeBank) -> None:
    bank.clock.advance(minutes=11)
    assert download(person).status_code == 303
    assert bank.desk.opened == []
    person.open_customer("/customer/statements")
    check_it_still_works(person)


def test_a_field_that_comes_twice_is_refused(person: Browser, bank: FakeBank) -> None:
    answer = person.open(f"/customer/statements/file?{urlencode(GOOD)}&account=acc_taxes")
    assert answer.status_code == 400
    assert bank.desk.opened == []
    check_it_still_works(person)


def test_a_statement_is_only_read_by_this_page(person: Browser, bank: FakeBank) -> None:
    answer = person.send("/customer/statements/file", dict(GOOD))
    assert answer.status_code in (403, 405)
    assert bank.desk.opened == []
    check_it_still_works(person)


def test_too_many_entries_are_told_with_the_limit(person: Browser, bank: FakeBank) -> None:
    bank.desk.trouble = StatementTooLong(2000, 12_345)
    answer = download(person)
    assert answer.status_code == 422
    assert "Операций: 12 345, а в этот формат помещается 2 000." in text_of(answer).replace("\xa0", " ")
    bank.desk.trouble = None
    check_it_still_works(person)


def test_a_history_that_is_still_being_read_is_told(person: Browser, bank: FakeBank) -> None:
    bank.desk.trouble = StatementNotReady()
    answer = download(person, period="quarter")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Выписка пока не готова." in text_of(answer)
    assert 'value="quarter" checked' in answer.text
    bank.desk.trouble = None
    check_it_still_works(person)


def test_a_silent_bank_is_told(person: Browser, bank: FakeBank) -> None:
    bank.is_down = True
    answer = download(person)
    assert answer.status_code == 503
    assert "Интернет-банк сейчас не отвечает." in text_of(answer)
    bank.is_down = False
    check_it_still_works(person)


def test_the_audit_log_tells_who_downloaded_what(person: Browser, server: Context) -> None:
    download(person)
    download(person, account="acc_sole")
    with server.reading() as connection:
        [event] = audit.list_events(connection, action="statement.downloaded")
    assert (event.actor.kind, event.actor.id, event.ip) == ("customer", "u_ivanova", "127.0.0.1")
    assert event.detail == {"customer_id": "cu_romashka", "account_id": "acc_main", "shape": "pdf"}


def test_both_sections_lead_to_each_other(person: Browser) -> None:
    assert 'href="/customer/statements"' in person.open("/customer").text
    assert 'href="/customer"' in person.open("/customer/statements").text


def test_the_page_speaks_english(person: Browser) -> None:
    page = text_of(person.open("/customer/statements", **{"Accept-Language": "en"}))
    for words in ("Account statement", "Last quarter", "Encoding", "Download"):
        assert words in page
