"""The customer is sent to the bank, logs in there, chooses one account and agrees; the partner gets tokens."""

from __future__ import annotations

from adapter.demo.approval import PARTNER_NAME
from adapter.demo.browser import Browser, Page
from adapter.demo.html_forms import Field, Form, squeeze
from adapter.demo.telling import DemoFailed
from adapter.demo.world import ACCOUNT, COMPANY, CUSTOMER, Part, World


def connect(world: World) -> None:
    world.tell.say(f"In the accounting service the customer types the account number {ACCOUNT}.")
    world.partner.discover()
    address = world.partner.push_request(ACCOUNT)
    world.tell.say("The service sends the customer's browser to the bank.")
    page = log_in(world.customer, world.customer.open(address))
    world.tell.check("the consent page names the service", PARTNER_NAME in page.text, True)
    page = _agree(world, page)
    if page.left_for is None:
        raise DemoFailed(f"the bank did not send the customer back; the page says: {page.text[:300]}")
    _redeem(world, world.partner.read_reply(page.left_for))


def see_accounts(world: World) -> None:
    accounts = world.partner.call("GET", "/v1/accounts", tell=("accounts",)).body["accounts"]
    world.tell.check("only the chosen account is there", [one["number"] for one in accounts], [ACCOUNT])
    world.account_id = accounts[0]["id"]
    foreign = world.partner.call("GET", f"/v1/accounts/{world.other_account_id}")
    world.tell.check("an account that was not chosen does not exist for the service", foreign.status, 404)
    unknown = world.partner.call("GET", "/v1/accounts/acc_000000000000")
    same = [{**one.body, "request_id": ""} for one in (foreign, unknown)]
    world.tell.check("and looks exactly like one that never was", same[0], same[1])


def log_in(browser: Browser, page: Page) -> Page:
    """At the bank's own login: the login name, then the one-time code that the sandbox shows as an SMS."""
    page = browser.submit(page, page.form(having="login"), {"login": CUSTOMER})
    return browser.submit(page, page.form(having="code"), {"code": read_sms(page)})


def read_sms(page: Page) -> str:
    """The one-time code: the sandbox has no phone to send it to and shows it on the page."""
    return page.marked("sms-code")


def _agree(world: World, page: Page) -> Page:
    form = page.form(having="account")
    boxes = form.choices("account")
    world.tell.check(
        "several accounts are offered and none is ticked", [box.is_set for box in boxes], [False] * len(boxes)
    )
    chosen = _box_of(boxes, ACCOUNT)
    company = _company(form)
    world.other_account_id = next(box.value for box in boxes if box is not chosen)
    world.tell.say("The customer ticks one account and presses «Разрешить».")
    return world.customer.submit(
        page, form, {"customer": company, "account": chosen.value}, press=("decision", "allow")
    )


def _box_of(boxes: list[Field], number: str) -> Field:
    for box in boxes:
        if number in squeeze(box.words).replace(" ", ""):
            return box
    raise DemoFailed(f"account {number} is not offered among {len(boxes)}")


def _company(form: Form) -> str:
    for choice in form.choices("customer"):
        if COMPANY in choice.words:
            return choice.value
    raise DemoFailed(f"company {COMPANY} is not offered")


def _redeem(world: World, code: str) -> None:
    partner = world.partner
    answer = partner.redeem(code)
    world.tell.check("the code gives tokens", answer.status, 200)
    partner.access_token, partner.refresh_token = answer.body["access_token"], answer.body["refresh_token"]


STEPS: Part = (
    ("The customer connects the service and chooses one account", connect),
    ("The service sees the chosen account and no other", see_accounts),
)
