"""A partner applies, two employees approve, the partner claims its credentials once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyotp

from adapter.demo.browser import Browser, Page
from adapter.demo.partner_client import REDIRECT_URI
from adapter.demo.telling import DemoFailed
from adapter.demo.world import Part, World

PARTNER_NAME = "Бухгалтерия Пример"


def apply(world: World) -> None:
    page = world.applicant.open("/apply")
    values = {
        "name": PARTNER_NAME,
        "legal_name": 'ООО "Бухгалтерия Пример"',
        "inn": "7701999129",
        "website": "https://buh.example",
        "purpose": "Загружаем выписки в бухгалтерский учёт и готовим платёжные поручения.",
        "expected_volume": "100 клиентов, опрос раз в два часа",
        "contact_name": "Ольга Разработчикова",
        "contact_email": "api@buh.example",
        "scopes": ["statements", "payments"],
        "redirect_uris": REDIRECT_URI,
        "auth_method": "private_key_jwt",
        "jwks": json.dumps(world.partner.public_keys),
    }
    page = world.applicant.submit(page, page.form(having="legal_name"), values)
    world.receipt = page.marked("receipt-code")
    world.partner_id = page.marked("application-number")
    world.tell.check("the application has a number", world.partner_id.startswith("pa_"), True)
    world.tell.check("the applicant holds a receipt code, shown once", world.receipt.startswith("rc_"), True)


def first_approval(world: World) -> None:
    anna, page = _sign_in(world, _approvers(world)[0])
    page = _open_application(world, anna, page)
    form = page.form(action="/approve")
    anna.submit(page, form, {})
    world.tell.check("the application waits for a second person", _is_approved(world), False)
    again = anna.submit(page, form, {})
    world.tell.check("the same employee cannot be the second one", again.status, 403)
    status = _ask_status(world)
    world.tell.check("the service is offered nothing to claim yet", _can_claim(status), False)
    forced = replace(status.form(having="receipt"), action="/apply/claim")
    early = world.applicant.submit(status, forced, {"receipt": world.receipt})
    world.tell.check("and a claim is refused", early.status, 409)


def second_approval(world: World) -> None:
    boris, page = _sign_in(world, _approvers(world)[1])
    page = _open_application(world, boris, page)
    boris.submit(page, page.form(action="/approve"), {})
    world.tell.check("with two different people the service is approved", _is_approved(world), True)


def claim(world: World) -> None:
    page = _ask_status(world)
    form = page.form(having="receipt", action="/claim")
    taken = world.applicant.submit(page, form, {})
    world.partner.client_id = taken.marked("client-id")
    world.tell.check("the partner has its client_id", world.partner.client_id.startswith("pc_"), True)
    again = world.applicant.submit(page, form, {})
    world.tell.check("a second claim is refused", (again.status, "client-id" in again.parsed.marked), (409, False))


def _approvers(world: World) -> list[Mapping[str, Any]]:
    found = [one for one in world.bank.logins["staff"] if one["role"] == "approver"]
    if len(found) < 2:
        raise DemoFailed(f"the bank needs two approvers, it has {len(found)}")
    return found


def _sign_in(world: World, employee: Mapping[str, Any]) -> tuple[Browser, Page]:
    """With password and the one-time code of the authenticator app."""
    browser = world.new_browser()
    world.tell.say(f"{employee['name']} ({employee['role']}) signs in.")
    page = browser.open("/admin")
    values = {
        "login": employee["login"],
        "password": employee["password"],
        "code": pyotp.TOTP(employee["totp_secret"]).now(),
    }
    page = browser.submit(page, page.form(having="password"), values)
    world.tell.check("the employee is in", page.status, 200)
    return browser, page


def _open_application(world: World, browser: Browser, page: Page) -> Page:
    page = browser.open(page.link(words=PARTNER_NAME))
    world.tell.check("the employee sees who applies", PARTNER_NAME in page.text, True)
    return page


def _ask_status(world: World) -> Page:
    page = world.applicant.open("/apply/status")
    return world.applicant.submit(page, page.form(having="receipt"), {"receipt": world.receipt})


def _is_approved(world: World) -> bool:
    """What the applicant is told."""
    return "Банк одобрил подключение" in _ask_status(world).text


def _can_claim(page: Page) -> bool:
    return any(form.action.endswith("/claim") for form in page.parsed.forms)


STEPS: Part = (
    ("An accounting service applies for access", apply),
    ("One employee of the bank approves, and alone that is not enough", first_approval),
    ("A second employee approves", second_approval),
    ("The service claims its credentials, once", claim),
)
