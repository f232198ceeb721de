"""Payment orders from a 1C text file become drafts; the customer signs them in the bank; they are executed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from adapter.demo.connecting import log_in, read_sms
from adapter.demo.exchange_files import BAD, GOOD, Payer, find_line, write_file
from adapter.demo.statements import wait_for_news
from adapter.demo.telling import DemoFailed
from adapter.demo.world import ACCOUNT, BANK_BIC, CUSTOMER, Part, World, today

PAYER = Payer(name='ООО "Вега"', inn="7701123451", account=ACCOUNT, bic=BANK_BIC)
FATE_WITHIN_S = 60.0


def import_file(world: World) -> None:
    world.file = write_file(PAYER, GOOD, today())
    answer = _send(world, world.file, key="demo-file-1")
    world.tell.check("the file is accepted", (answer.status, answer.body.get("created")), (202, len(GOOD)))
    world.payment_ids = _payment_ids(answer.body)
    world.tell.check("each order is a payment", len(world.payment_ids), len(GOOD))
    world.tell.say("The bank's worker hands the drafts to the core.")
    drafts = _wait_for_status(world, "awaiting_signature")
    world.tell.check("every draft has a link to sign it", all(one["sign_url"] for one in drafts), True)


def refuse_bad_line(world: World) -> None:
    data = write_file(PAYER, (GOOD[0], BAD), today())
    answer = _send(world, data, key="demo-file-2")
    world.tell.check("the file is refused as a whole", answer.status, 422)
    error = answer.body["errors"][0]
    world.tell.say(f"line {error.get('line')}, {error.get('field')}: {error['message']}")
    world.tell.check("the error names the line of the file", error.get("line"), find_line(data, BAD.account))
    world.tell.check("and the field", "account" in error["pointer"], True)
    world.tell.check("nothing of it was stored", len(_list_payments(world)), len(GOOD))


def sign(world: World) -> None:
    world.tell.say("The customer opens the internet bank, sees who prepared the drafts, and signs.")
    page = world.customer.open(f"{world.bank.internet_bank}/sandbox/")
    if any(form.has("login") for form in page.parsed.forms):
        page = log_in(world.customer, page)
    for payment_id in world.payment_ids:
        _sign_one(world, payment_id)
    paid = _wait_for_status(world, "executed", act=lambda: world.control("clock"))
    world.tell.check("every payment is executed", [one["status"] for one in paid], ["executed"] * len(GOOD))


def meet_entries(world: World) -> None:
    added: list[dict[str, Any]] = []
    while len(added) < len(GOOD):
        added += wait_for_news(world)["added"]
    ids = sorted(entry["payment_id"] for entry in added)
    world.tell.check("the booked entries carry the payments' ids", ids, sorted(world.payment_ids))
    payment = world.partner.call("GET", f"/v1/payments/{world.payment_ids[0]}", tell=("status", "entry_id")).body
    entry_ids = {entry["payment_id"]: entry["id"] for entry in added}
    world.tell.check("and the payment names its entry", payment["entry_id"], entry_ids[world.payment_ids[0]])


def send_again(world: World) -> None:
    world.tell.say("The accountant sends the same file again, as a new request.")
    answer = _send(world, world.file, key="demo-file-1-again")
    got = (answer.status, answer.headers.get("Idempotent-Replayed"))
    world.tell.check("the bank answers with what it stored before", got, (200, "true"))
    world.tell.check("the payments are the same", sorted(_payment_ids(answer.body)), sorted(world.payment_ids))
    world.tell.check("the bank still has as many", len(_list_payments(world)), len(GOOD))


def _send(world: World, data: bytes, key: str) -> Any:
    return world.partner.call(
        "POST",
        "/v1/payment-imports",
        sent=f"1C text, windows-1251, {len(data)} bytes, Idempotency-Key: {key}",
        tell=("id", "accepted", "created", "refused"),
        content=data,
        headers={"Content-Type": "text/plain; charset=windows-1251", "Idempotency-Key": key},
    )


def _payment_ids(answer: dict[str, Any]) -> list[str]:
    return [line["payment_id"] for line in answer["lines"]]


def _list_payments(world: World) -> list[dict[str, Any]]:
    return list(world.partner.call("GET", "/v1/payments?limit=100", tell=("payments",)).body["payments"])


def _wait_for_status(world: World, status: str, act: Callable[[], object] | None = None) -> list[dict[str, Any]]:
    """Follow the payments until each has this status."""
    deadline = time.monotonic() + FATE_WITHIN_S
    while time.monotonic() < deadline:
        if act:
            act()
        payments = [one for one in _list_payments(world) if one["id"] in world.payment_ids]
        told = sorted(one["status"] for one in payments)
        world.tell.say(f"statuses: {', '.join(told)}")
        if told == [status] * len(world.payment_ids):
            return payments
        time.sleep(1)
    raise DemoFailed(f"the payments did not become {status} within {FATE_WITHIN_S:.0f} s: {told}")


def _sign_one(world: World, payment_id: str) -> None:
    payment = world.partner.call("GET", f"/v1/payments/{payment_id}", tell=("status", "sign_url")).body
    page = world.customer.open(payment["sign_url"])
    world.tell.check(f"{CUSTOMER} sees the draft of the payee", payment["payee"]["name"] in page.text, True)
    page = world.customer.submit(page, page.form(action="/code"), {})
    page = world.customer.submit(page, page.form(having="code"), {"code": read_sms(page)})
    world.tell.check("the signature is taken", page.status, 200)


STEPS: Part = (
    ("Payment orders from a 1C file arrive as drafts", import_file),
    ("A file with a bad line is refused with line, field and reason", refuse_bad_line),
    ("The customer signs in the bank, and the payments are executed", sign),
    ("The booked entries carry the payments' ids", meet_entries),
    ("The same file sent again creates nothing", send_again),
)
