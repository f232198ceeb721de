"""The customer stops the service on the bank's page; the very next call fails."""

from __future__ import annotations

from adapter.demo.approval import PARTNER_NAME
from adapter.demo.connecting import log_in
from adapter.demo.world import Part, World


def stop(world: World) -> None:
    before = world.partner.call("GET", "/v1/accounts", tell=("accounts",))
    world.tell.check("until now the service works", before.status, 200)
    page = world.customer.open("/customer")
    if any(form.has("login") for form in page.parsed.forms):
        page = log_in(world.customer, page)
    world.tell.check("the customer sees the connected service", PARTNER_NAME in page.text, True)
    page = world.customer.open(page.link(to="/stop"))
    page = world.customer.submit(page, page.form(button="Остановить"), {})
    world.tell.check("the bank confirms with a receipt", bool(page.marked("receipt-number")), True)
    after = world.partner.call("GET", "/v1/accounts")
    world.tell.check("the very next call fails", after.status, 401)
    grant = {"grant_type": "refresh_token", "refresh_token": world.partner.refresh_token}
    renewed = world.partner.post_form(world.partner.metadata["token_endpoint"], grant)
    world.tell.check("and there are no new tokens", (renewed.status, renewed.body["error"]), (400, "invalid_grant"))


STEPS: Part = (("The customer stops the service", stop),)
