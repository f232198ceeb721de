"""The link to the core, alarms and reconciliation on the staff's pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauth import audit
from oauth.context import Context
from oauth.web.operations_words import say_facts
from tests.oauth.web.actors import Desk, TestResponse, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank
from tests.oauth.web.operations import ALARM, BROKEN_DAY, LINK, MISMATCH, TROUBLED, UNKNOWN, WRONG_ANSWER


@pytest.fixture
def operator(desk: Desk, codes: dict[str, str]) -> Desk:
    desk.sign_in("oper", codes["oper"])
    return desk


def test_a_link_that_works_is_told(operator: Desk) -> None:
    page = text_of(operator.open("/admin/core"))
    assert "ДБО отвечает. Поручения уходят, выписки обновляются." in page
    assert "1 из 6" in page


def test_a_link_that_rests_is_told_with_what_waits(operator: Desk, bank: FakeBank) -> None:
    bank.operations.link = TROUBLED
    page = plain(operator.open("/admin/core"))
    for told in ("ДБО не отвечает.", "уже 6 минут, следующая попытка через 12 секунд", "1 240", "2 счёта ещё не"):
        assert told in page
    assert "часы расходятся на 2 минуты" in page or "часы расходятся на 95 секунд" in page


def test_an_alarm_is_seen_once_and_goes(operator: Desk, bank: FakeBank) -> None:
    page = operator.open("/admin/core")
    assert "ДБО сообщила состояние поздно" in text_of(page)
    form = {"csrf": csrf_of(page)}
    assert operator.send("/admin/alarms/8/acknowledge", form).status_code == 404
    assert operator.send("/admin/alarms/7/acknowledge", form).headers["Location"] == "/admin/core"
    assert [(done[0], done[2].staff_id) for done in bank.operations.done] == [("acknowledge", "st_oper")]
    assert "Тревог нет." in text_of(operator.open("/admin/core"))


def test_an_alarm_is_told_in_the_readers_language_with_what_to_do(
    desk: Desk, codes: dict[str, str], bank: FakeBank
) -> None:
    bank.operations.alarms = [ALARM, UNKNOWN, BROKEN_DAY]
    desk.sign_in("audit", codes["audit"])
    page = desk.open("/admin/core")
    told = plain(page)
    assert "выясните, какое из них верное" in told
    assert "Сообщено: Отклонено банком" in told
    assert "У нас: Исполнено" in told
    assert "в документе нет отметки этой программы" in told
    assert "Остаток на начало: 1 000 000,00" in told
    assert "По операциям: -250,50" in told.replace("−", "-")
    assert "the core kept no origin" not in page.text
    english = plain(desk.open("/admin/core", **{"Accept-Language": "en"}))
    assert "Opening balance: 1,000,000.00" in english
    assert "the document does not carry this program's mark" in english


def test_a_document_that_is_not_here_has_no_link(operator: Desk, bank: FakeBank) -> None:
    bank.operations.alarms = [ALARM, UNKNOWN]
    page = operator.open("/admin/core").text
    assert "/admin/documents/pay_waits" in page
    assert "/admin/documents/pay_lost" not in page
    bank.operations.mismatches = [replace(MISMATCH, kind="payment_unknown", payment_id="pay_lost")]
    assert "/admin/documents/pay_lost" not in operator.open("/admin/reconciliation").text


def test_a_wrong_answer_of_the_core_is_about_it_or_about_an_account(operator: Desk, bank: FakeBank) -> None:
    bank.operations.alarms = [WRONG_ANSWER]
    page = plain(operator.open("/admin/core"))
    assert "ДБО в целом" in page
    assert "read_balances: balances/0/booked: not a decimal" in page
    bank.operations.alarms = [replace(WRONG_ANSWER, subject="acc_5f1c")]
    assert "ДБО в целом" not in plain(operator.open("/admin/core"))


def test_a_worker_that_is_silent_is_told(operator: Desk, bank: FakeBank) -> None:
    silent = replace(LINK, status="idle", is_worker_silent=True, worker_silent_s=240.0, lanes=LINK.lanes[2:])
    bank.operations.link = silent
    page = plain(operator.open("/admin/core"))
    assert "Фоновый процесс молчит: последний раз сообщал о себе 4 минуты назад." in page
    assert "Не обращался" in page
    bank.operations.link = replace(silent, worker_silent_s=None)
    assert "Фоновый процесс не запущен." in plain(operator.open("/admin/core"))


@pytest.mark.parametrize("path", ["/admin/core", "/admin/reconciliation"])
def test_who_looks_at_documents_of_customers_is_written_down(
    operator: Desk, bank: FakeBank, server: Context, path: str
) -> None:
    def views() -> int:
        with server.reading() as connection:
            return len(audit.list_events(connection, action="customer_data.viewed"))

    assert views() == 0
    operator.open(path)
    assert views() == 1
    bank.operations.alarms, bank.operations.mismatches = [], []
    operator.open(path)
    assert views() == 1, "there was nobody's to see"


def test_every_fact_and_text_has_words() -> None:
    facts = {
        "mismatch": "differs",
        "number": "118",
        "date": "2026-11-19",
        "amount": "148500.50",
        "currency": "RUB",
        "is_another_account": "yes",
        "ordered": "1400.00",
    }
    told = [line.replace("\xa0", " ") for line in say_facts(facts)]
    assert told == [
        "Операция расходится с поручением, которое называет",
        "№ 118 от 19 ноября 2026 г. на 148 500,50 ₽",
        "Счёт не тот, что в поручении",
        "В поручении 1 400,00",
    ]


def plain(page: TestResponse) -> str:
    return text_of(page).replace("\xa0", " ").replace("\u202f", " ")


def test_an_auditor_only_reads(desk: Desk, codes: dict[str, str], bank: FakeBank) -> None:
    desk.sign_in("audit", codes["audit"])
    page = desk.open("/admin/core")
    assert "/acknowledge" not in page.text
    assert desk.send("/admin/alarms/7/acknowledge", {"csrf": csrf_of(page)}).status_code == 403
    assert bank.operations.done == []


def test_what_does_not_match_is_listed(operator: Desk, bank: FakeBank) -> None:
    assert "pay_waits" in text_of(operator.open("/admin/reconciliation"))
    bank.operations.mismatches = []
    assert "Всё сошлось" in text_of(operator.open("/admin/reconciliation"))


@pytest.mark.parametrize("path", ["/admin/documents", "/admin/documents/pay_x", "/admin/core", "/admin/reconciliation"])
def test_without_signing_in_there_is_nothing_to_see(desk: Desk, codes: dict[str, str], path: str) -> None:
    assert desk.open(path).headers["Location"] == "/admin/login"
