"""Documents that wait for a person, on the staff's pages: who may do what, with a reason, recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauth import audit
from oauth.context import Context
from oauth.operations import ActionRefused, Clerk, CoreSilent, Seen
from oauth.web.operations_words import DOCUMENT_REFUSALS
from tests.oauth.web.actors import Desk, TestResponse, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank
from tests.oauth.web.operations import DOCUMENT

PAGE = "/admin/documents/pay_waits"
REASON = "нашли в АБС, номер совпал"


@pytest.fixture
def approver(desk: Desk, codes: dict[str, str]) -> Desk:
    desk.sign_in("olga", codes["olga"])
    return desk


def act(desk: Desk, action: str, **form: str) -> TestResponse:
    form = {"version": DOCUMENT.version} | form
    return desk.send(f"{PAGE}/{action}", {"csrf": csrf_of(desk.open("/admin/audit"))} | form)


def test_documents_are_listed_with_age_company_amount_and_why(approver: Desk, bank: FakeBank) -> None:
    page = text_of(approver.open("/admin/documents"))
    for told in ("ООО «Ромашка»", "148 500,50 ₽", "№ 118", "Platrum", "ДБО о документе не знает"):
        assert told in page.replace("\xa0", " ").replace("\u202f", " ")
    assert "Сохранённое поручение не читается" in page
    bank.operations.documents = []
    assert "Таких документов нет." in text_of(approver.open("/admin/documents"))


def test_one_document_is_shown_with_its_history_and_the_look_is_recorded(approver: Desk, server: Context) -> None:
    page = text_of(approver.open(PAGE))
    assert "Неизвестно, дошло ли" in page
    assert "(не учтено: пришло поздно)" in page
    assert approver.open("/admin/documents/pay_unreadable").status_code == 200
    assert approver.open("/admin/documents/pay_nobody").status_code == 404
    with server.reading() as connection:
        views = audit.list_events(connection, action="customer_data.viewed")
    assert [view.detail for view in views] == [{"payment_id": "pay_unreadable"}, {"payment_id": "pay_waits"}]
    assert views[0].actor.id == "st_olga"


def test_what_is_in_the_bank_is_adopted_with_a_reason(approver: Desk, bank: FakeBank) -> None:
    assert act(approver, "adopt").status_code == 422
    assert bank.operations.done == []
    assert act(approver, "adopt", reason=REASON).headers["Location"] == PAGE
    assert bank.operations.done == [
        ("adopt", "pay_waits", Clerk(staff_id="st_olga", ip="127.0.0.1", reason=REASON), None)
    ]
    assert "Решения по этому документу не требуется." in text_of(approver.open(PAGE))


@pytest.mark.parametrize(
    "form",
    [{"status": "signed"}, {"core_reference": "17"}, {"status": "queued", "core_reference": "17"}],
)
def test_what_was_seen_is_told_whole(approver: Desk, bank: FakeBank, form: dict[str, str]) -> None:
    refused = act(approver, "adopt", reason=REASON, **form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert bank.operations.done == []
    act(approver, "adopt", reason=REASON, status="signed", core_reference=" АБ  17 ")
    ((_, _, _, seen),) = bank.operations.done
    assert seen == Seen(status="signed", core_reference="АБ 17")


def test_sending_again_needs_a_confirmation(approver: Desk, bank: FakeBank) -> None:
    refused = act(approver, "send", reason="нет в АБС")
    assert (refused.status_code, bank.operations.done) == (422, [])
    assert act(approver, "send", reason="нет в АБС", confirmed="on").status_code == 303
    assert [done[0] for done in bank.operations.done] == ["send"]


@pytest.mark.parametrize("action", ["adopt", "send"])
def test_what_was_sent_since_the_page_was_opened_is_not_acted_on(approver: Desk, bank: FakeBank, action: str) -> None:
    opened = approver.open(PAGE).text
    assert opened.count(f'name="version" value="{DOCUMENT.version}"') == 2
    bank.operations.documents = [replace(DOCUMENT, version="5/11:00")]
    refused = act(approver, action, reason=REASON, confirmed="on")
    assert (refused.status_code, bank.operations.done) == (409, [])
    assert DOCUMENT_REFUSALS["moved_on"] in text_of(refused)
    assert act(approver, action, reason=REASON, confirmed="on", version="").status_code == 409
    assert act(approver, action, reason=REASON, confirmed="on", version="5/11:00").status_code == 303


@pytest.mark.parametrize(
    ("login", "action", "may"),
    [
        ("oper", "adopt", False),
        ("oper", "send", False),
        ("oper", "ask", True),
        ("audit", "ask", False),
        ("audit", "send", False),
        ("olga", "ask", True),
    ],
)
def test_each_action_has_its_role(
    desk: Desk, codes: dict[str, str], bank: FakeBank, login: str, action: str, may: bool
) -> None:
    desk.sign_in(login, codes[login])
    page = desk.open(PAGE)
    assert page.status_code == 200
    assert (f'action="{PAGE}/{action}"' in page.text) == may
    assert act(desk, action, reason=REASON, confirmed="on").status_code == (303 if may else 403)
    assert len(bank.operations.done) == may


def test_without_the_forms_token_nothing_is_done(approver: Desk, bank: FakeBank) -> None:
    assert approver.send(f"{PAGE}/send", {"reason": REASON, "confirmed": "on"}).status_code == 403
    assert bank.operations.done == []
    assert act(approver, "send", reason=REASON, confirmed="on").status_code == 303


@pytest.mark.parametrize("code", DOCUMENT_REFUSALS)
def test_every_refusal_is_told_in_words(approver: Desk, bank: FakeBank, code: str) -> None:
    bank.operations.trouble = ActionRefused(code)
    refused = act(approver, "send", reason=REASON, confirmed="on")
    assert refused.status_code == 409
    assert DOCUMENT_REFUSALS[code] in text_of(refused)


def test_a_core_that_is_silent_decides_nothing(approver: Desk, bank: FakeBank) -> None:
    bank.operations.trouble = CoreSilent()
    refused = act(approver, "adopt", reason=REASON)
    assert (refused.status_code, bank.operations.done) == (503, [])
    bank.operations.trouble = None
    assert act(approver, "adopt", reason=REASON).status_code == 303


def test_unknown_actions_and_documents_are_not_found(approver: Desk) -> None:
    form = {"csrf": csrf_of(approver.open("/admin/audit")), "reason": REASON}
    assert approver.send(f"{PAGE}/delete", form).status_code == 404
    assert approver.send("/admin/documents/pay_nobody/ask", form).status_code == 404
