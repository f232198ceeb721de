"""`bank-adapter feed check`: the core's own statement against what was read from its feed."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from contextlib import closing

import click

from adapter.domain.accounts import Account
from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable
from adapter.domain.feed_check import Difference, DifferenceKind, FeedCheckReport
from adapter.domain.moscow import moscow_day
from adapter.logs import set_up_logs
from adapter.parts import Parts, open_parts
from adapter.settings import Settings
from adapter.store.accounts import list_ids

TOLD_MAX = 50  # differences of an account
MONTH = dt.timedelta(days=30)

MEANINGS = {
    DifferenceKind.MISSING: "only in the bank's statement",
    DifferenceKind.EXTRA: "only here",
    DifferenceKind.DIFFERENT: "told differently",
    DifferenceKind.OPENING: "opening balance",
    DifferenceKind.CLOSING: "closing balance",
}

day = click.DateTime(formats=["%Y-%m-%d"])


@click.command("check")
@click.argument("account_number", required=False)
@click.option("--all", "every", is_flag=True, help="every account")
@click.option("--from", "date_from", type=day, help="first day; a month before the last unless told")
@click.option("--to", "date_to", type=day, help="last day; yesterday unless told")
@click.option("--timeout", default=60.0, show_default=True, help="seconds for one account")
@click.pass_obj
def check(
    settings: Settings,
    account_number: str | None,
    every: bool,
    date_from: dt.datetime | None,
    date_to: dt.datetime | None,
    timeout: float,
) -> None:
    """Order the core's statement of ACCOUNT_NUMBER and compare; exit code 1 where the two differ."""
    set_up_logs(settings.log_level)
    if (account_number is None) != every:
        raise click.UsageError("name one account, or --all")
    with closing(open_parts(settings)) as parts:
        last = date_to.date() if date_to else moscow_day(parts.clock.now()) - dt.timedelta(days=1)
        first = date_from.date() if date_from else last - MONTH
        if first > last:
            raise click.UsageError("--from comes after --to")
        good = [_check_one(parts, account, first, last, timeout) for account in _list_accounts(parts, account_number)]
    if not good:
        raise click.ClickException("no such account")
    click.echo(f"{good.count(True)} of {len(good)} accounts agree.")
    sys.exit(0 if all(good) else 1)


def _list_accounts(parts: Parts, number: str | None) -> Sequence[Account]:
    with parts.database.reading() as connection:
        ids = list_ids(connection, number)
    return parts.services.accounts.list_accounts(ids)


def _check_one(parts: Parts, account: Account, first: dt.date, last: dt.date, timeout: float) -> bool:
    try:
        report = parts.feed_check.check(account, first, last, Deadline.after(timeout))
    except CoreUnavailable as error:
        click.echo(f"{account.number}  not compared: {error}")
        return False
    _tell(report)
    return report.holds


def _tell(report: FeedCheckReport) -> None:
    period = f"{report.account.number}  {report.date_from}..{report.date_to}"
    if report.refusal is not None:
        click.echo(f"{period}  not compared: the bank says: {report.refusal}")
        return
    count = len(report.differences)
    click.echo(f"{period}  {report.entries} entries, " + (f"{count} differences" if count else "all agree"))
    for one in report.differences[:TOLD_MAX]:
        click.echo(f"    {MEANINGS[one.kind]}: {_tell_difference(one)}")
    if count > TOLD_MAX:
        click.echo(f"    and {count - TOLD_MAX} more")


def _tell_difference(one: Difference) -> str:
    if one.details is None:
        return f"the bank has {one.told}, here it is {one.held}"
    details = one.details
    entry = f"{details.booking_date}  № {details.number}  {details.direction}  {details.amount}  {one.entry_id}"
    return f"{entry}  ({', '.join(one.fields)})" if one.fields else entry
