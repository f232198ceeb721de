"""`bank-adapter reconciliation …`: executed payments and booked entries that do not meet."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

import click

from adapter.domain.core import Deadline
from adapter.domain.reconciliation import Mismatch, MismatchKind
from adapter.logs import set_up_logs
from adapter.parts import open_parts
from adapter.settings import Settings

LIST_MAX = 1000
READING_S = 60.0  # of accounts that nobody else reads

MEANINGS = {
    MismatchKind.ENTRY_MISSING: "the payment is executed, its entry did not come",
    MismatchKind.ENTRY_REMOVED: "the payment is executed, its entry was taken away",
    MismatchKind.ENTRIES_DOUBLED: "two entries are the booking of one payment",
    MismatchKind.NOT_EXECUTED: "the entry is booked, the payment was not told executed",
    MismatchKind.ENDED_BOOKED: "the payment is rejected, cancelled or expired, its entry is booked",
    MismatchKind.PAYMENT_UNKNOWN: "the entry names a payment that is not here",
    MismatchKind.DIFFERS: "the entry names the payment, its amount, account or direction is another",
    MismatchKind.LOST_BY_CORE: "the core accepted the draft and does not know it any more; see `documents show`",
    MismatchKind.ENTRY_OF_ANOTHER: "the entry names one payment, another has it as its own",
}


@click.group()
def reconciliation() -> None:
    """Payments that do not meet what the bank has: their entries, and the drafts that it accepted."""


@reconciliation.command("list")
@click.pass_obj
def list_open(settings: Settings) -> None:
    """Tell what does not meet, oldest first; exit code 1 where there is anything."""
    with closing(open_parts(settings)) as parts:
        found = parts.services.reconciliation.list_open(LIST_MAX)
    _tell(found)


@reconciliation.command("run")
@click.pass_obj
def run(settings: Settings) -> None:
    """Reconcile now, as the worker does every few minutes; exit code 1 where something does not meet."""
    set_up_logs(settings.log_level)
    with closing(open_parts(settings)) as parts:
        done = parts.services.reconciliation.run(Deadline.after(READING_S))
        found = parts.services.reconciliation.list_open(LIST_MAX)
    click.echo(f"{done.matched} matched by their fields, {len(done.found)} new, {done.cleared} put right.")
    _tell(found)


def _tell(found: Sequence[Mismatch]) -> None:
    for one in found:
        click.echo(f"{one.found_at:%Y-%m-%d %H:%M} UTC  {one.kind:<16} {_describe(one.facts)}")
        click.echo(f"    {MEANINGS[one.kind]}: payment {one.payment_id or '-'}, entry {one.entry_id or '-'}")
    click.echo(f"{len(found)} open." if found else "Nothing is open.")
    sys.exit(1 if found else 0)


def _describe(facts: Mapping[str, str]) -> str:
    rest = [f"{name}: {value}" for name, value in facts.items() if name not in ("number", "date", "amount", "currency")]
    document = ["№ {number} of {date}, {amount} {currency}".format_map(facts)] if "number" in facts else []
    return "; ".join([*document, *rest])
