"""`bank-adapter documents …`: payments whose errand to the core waits for a person.

Whoever may run commands on the bank's server is trusted with both actions; the audit log names the account.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from adapter.domain.errors import CoreUnavailable, NotFound
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import SEEN_STATUSES, AbsentEnd, Evidence, Person, Refusal, StuckDocument, StuckRefused
from adapter.logs import set_up_logs
from adapter.parts import open_parts
from adapter.services.stuck_documents import StuckDocuments
from adapter.settings import Settings

LIST_MAX = 1000

REFUSALS = {
    Refusal.MOVED_ON: "it does not wait for a person any more, or was sent since you looked: see documents show",
    Refusal.NOT_FOUND: "the core does not tell of it; if you saw it there, say so with --status and --core-reference",
    Refusal.CORE_DENIES: "the core proves that it has no such document",
    Refusal.CORE_HAS_IT: "the core has it: documents adopt",
    Refusal.CONSENT_HELD: "the bank suspended the partner or the consent: it waits for that",
}

ENDS = {
    AbsentEnd.SENT_AGAIN: "The worker asks the core once more and sends it now.",
    AbsentEnd.REJECTED: "Its account is closed or not the customer's any more: it is not sent, the worker rejects it.",
    AbsentEnd.CANCELLED: "The consent ended or the partner took it back: it is not sent, the worker cancels it now.",
}

because = click.option("--reason", required=True, help="kept in the audit log")
of_payment = click.argument("payment_id")
as_seen = click.option("--seen", help="the version that documents show told: one that was sent since is refused")


@click.group()
def documents() -> None:
    """Payments whose errand to the core waits for a person."""


@documents.command("list")
@click.pass_obj
def list_stuck(settings: Settings) -> None:
    """Tell which payments wait for a person, since when and why; the longest waiting first."""
    with _open(settings) as stuck:
        for one in stuck.list_stuck(LIST_MAX):
            click.echo(_tell(one))


@documents.command("show")
@of_payment
@click.pass_obj
def show(settings: Settings, payment_id: str) -> None:
    """Tell one payment with its history."""
    with _open(settings) as stuck:
        document = stuck.read(payment_id)
    click.echo(_tell(document))
    if document.since:
        click.echo(f"version {document.version}")
    click.echo(f"partner {document.partner_id}, consent {document.consent_id}, attempts {document.attempts}")
    if document.order is not None:
        click.echo(f"order {document.order.number} of {document.order.date}, {document.order.amount} RUB")
    for step in document.history:
        followed = "" if step.applied else "  (kept, not followed)"
        click.echo(f"{step.at:%Y-%m-%d %H:%M:%S} UTC  {step.source:<8} {step.status}{followed}")


@documents.command("adopt")
@of_payment
@because
@click.option(
    "--status",
    type=click.Choice([status.value for status in SEEN_STATUSES]),
    help="as seen in the core, where it does not tell itself",
)
@click.option("--core-reference", help="the document's number in the core, as seen there")
@as_seen
@click.pass_obj
def adopt(
    settings: Settings, payment_id: str, reason: str, status: str | None, core_reference: str | None, seen: str | None
) -> None:
    """PAYMENT_ID was found in the core: take over where it is there."""
    if (status is None) != (core_reference is None):
        raise click.UsageError("--status and --core-reference go together")
    evidence = (
        Evidence(status=PaymentStatus(status), core_reference=core_reference) if status and core_reference else None
    )
    with _open(settings) as stuck:
        found = stuck.adopt(payment_id, _person(), reason, evidence, seen=seen)
    click.echo(f"{payment_id} is {found}.")


@documents.command("send-again")
@of_payment
@because
@as_seen
@click.option("--yes", is_flag=True, help="the document is confirmed absent in the core; do not ask (needs --seen)")
@click.pass_obj
def send_again(settings: Settings, payment_id: str, reason: str, seen: str | None, yes: bool) -> None:
    """PAYMENT_ID is confirmed absent in the core: let the worker send it under the same id."""
    if yes and seen is None:
        raise click.UsageError("--yes needs --seen: it is confirmed absent since which sending?")
    with _open(settings) as stuck:
        seen = seen or stuck.read(payment_id).version  # before the question: it may be sent while a person thinks
        if not yes:
            click.confirm("Have you made sure that the core has no such document, and none is on its way?", abort=True)
        end = stuck.send_again(payment_id, _person(), reason, seen=seen)
    click.echo(ENDS[end])


@documents.command("ask-again")
@of_payment
@because
@click.pass_obj
def ask_again(settings: Settings, payment_id: str, reason: str) -> None:
    """Let the worker ask the core about PAYMENT_ID again; it never sends on a guess."""
    with _open(settings) as stuck:
        stuck.ask_again(payment_id, _person(), reason)
    click.echo("The worker asks the core again now.")


@contextmanager
def _open(settings: Settings) -> Iterator[StuckDocuments]:
    """The service, its errors told in one line."""
    set_up_logs(settings.log_level)
    try:
        with closing(open_parts(settings)) as parts:
            yield parts.services.stuck_documents
    except StuckRefused as error:
        raise click.ClickException(REFUSALS[error.refusal]) from error
    except NotFound as error:
        raise click.ClickException("there is no such payment") from error
    except CoreUnavailable as error:
        raise click.ClickException(f"the core cannot be asked now: {error}") from error


def _person() -> Person:
    return Person(kind="system", id=f"os:{getpass.getuser()}"[:80])


def _tell(document: StuckDocument) -> str:
    since = f"{document.since:%Y-%m-%d %H:%M} UTC" if document.since else "does not wait"
    return f"{document.payment_id}  {document.status}  {since}  {document.why or ''}".rstrip()
