"""After a restore of a backup: `bank-adapter db restored`, then `bank-adapter documents recover`."""

from __future__ import annotations

import time

import click

from adapter import migrations
from adapter.connectors import Core
from adapter.domain.errors import CoreUnavailable
from adapter.logs import set_up_logs
from adapter.parts import SystemClock, open_parts
from adapter.services.following import Following
from adapter.services.recovery import recover as follow_to_the_end
from adapter.settings import SECRET_FILE, Settings, variable, with_own_secret
from adapter.store.database import open_database
from adapter.store.recovery import begin_recovery, end_recovery, is_recovering, list_doubtful, list_losses

QUIET_S = 5.0  # a file counts as finished when it lay still for two seconds


@click.command("restored")
@click.pass_obj
def restored(settings: Settings) -> None:
    """Say that this database was restored to an earlier moment: nothing is accepted or sent before it is recovered."""
    set_up_logs(settings.log_level)
    database = open_database(settings.database_url)
    with database.transaction() as tx:
        doubtful = begin_recovery(tx, SystemClock().now())
    database.close()
    click.echo(
        f"Nothing is accepted or sent now; {doubtful} drafts are in doubt.  Next: bank-adapter documents recover"
    )


@click.command("recover")
@click.option("--accept-losses", is_flag=True, help="go on although some documents of the core cannot be adopted")
@click.pass_obj
def recover(settings: Settings, accept_losses: bool) -> None:
    """Adopt what the core has and this database lost, and let the product accept and send again."""
    set_up_logs(settings.log_level)
    parts = open_parts(_with_secret(settings))
    following = Following(
        fates=parts.delivery.fates, core=parts.core.banking, read_timeout_s=settings.core_read_timeout_s
    )
    try:
        _read_what_came(parts.core)
        silent = parts.core.recall_sent()
        with parts.database.reading() as connection:
            before = list_losses(connection)
        found = follow_to_the_end(following, list(before), silent)
    except CoreUnavailable as error:
        raise click.ClickException(f"the core does not answer ({error}); run this again") from error
    click.echo(f"{found.events} events, {found.adopted} payments recreated")
    with parts.database.reading() as connection:
        losses, doubtful = list_losses(connection), list_doubtful(connection)
    for payment_id, why in losses.items():
        click.echo(f"not adopted: {payment_id}: {why}")
    for payment_id in doubtful:
        click.echo(f"leaves when a worker starts, unless the core has it or its partner cancels it again: {payment_id}")
    with parts.database.transaction() as tx:
        is_over = end_recovery(tx, parts.clock.now(), accept_losses=accept_losses)
    parts.close()
    if not is_over:
        raise click.ClickException("cancel these in the core where this product sent them, then --accept-losses")
    click.echo("The product accepts and sends again.")


def _with_secret(settings: Settings) -> Settings:
    """Without the key that drafts were sealed with nothing of the core's is known as ours."""
    if not settings.secret_key and not SECRET_FILE.exists():
        raise click.ClickException(f"{variable('secret_key')} is needed, the same as before the loss")
    return with_own_secret(settings)


def _read_what_came(core: Core) -> None:
    """What was put aside for a core that exchanges files, before it is asked.  Raises CoreUnavailable."""
    if core.background is None:
        return
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_S:
        if core.background():
            quiet_since = time.monotonic()
        time.sleep(QUIET_S / 10)


def check_recovered(settings: Settings) -> None:
    """Refuse to start on a database that was restored and not yet recovered."""
    database = open_database(settings.database_url)
    with database.reading() as connection:
        recovering = migrations.is_current(connection) and is_recovering(connection)
    database.close()
    if recovering:
        raise click.ClickException("this database was restored to an earlier moment: bank-adapter documents recover")
