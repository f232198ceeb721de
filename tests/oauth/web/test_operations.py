"""The link to the core, alarms and reconciliation on the staff's pages."""

from __future__ import annotations

import pytest

from tests.oauth.web.actors import Desk, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank
from tests.oauth.web.operations import TROUBLED


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
    page = text_of(operator.open("/admin/core")).replace("\xa0", " ").replace("\u202f", " ")
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


def test_an_auditor_only_reads(desk: Desk, codes: dict[str, str], bank: FakeBank) -> None:
    desk.sign_in("audit", codes["audit"])
    page = desk.open("/admin/core")
    assert "/acknowledge" not in page.text
    assert desk.send("/admin/alarms/7/acknowledge", {"csrf": csrf_of(page)}).status_code == 403
    assert bank.operations.done == []


def test_what_does_not_match_is_listed(operator: Desk, bank: FakeBank) -> None:
    assert "pay_waits" in text_of(operator.open("/admin/reconciliation"))
    bank.operations.mismatches = []
    assert "Всё сошлось." in text_of(operator.open("/admin/reconciliation"))


@pytest.mark.parametrize("path", ["/admin/documents", "/admin/documents/pay_x", "/admin/core", "/admin/reconciliation"])
def test_without_signing_in_there_is_nothing_to_see(desk: Desk, codes: dict[str, str], path: str) -> None:
    assert desk.open(path).headers["Location"] == "/admin/login"
