"""The command `bank-adapter`.  Each command reads the settings, opens what it needs and calls one function."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

import oauth
from adapter import supervisor
from adapter.app import oauth_settings
from adapter.chores import list_loops
from adapter.commands.bank import new_key
from adapter.commands.bank import serve as serve_bank
from adapter.commands.bics import bics
from adapter.commands.database import db
from adapter.commands.documents import documents
from adapter.commands.feed import feed
from adapter.commands.reconciliation import reconciliation
from adapter.commands.recovery import check_recovered, recover, restored
from adapter.connectors import OPENERS
from adapter.connectors.sandbox.commands import build_group
from adapter.connectors.sandbox.opening import Sandbox, open_sandbox
from adapter.core_kit.command import core_group
from adapter.demo.processes import free_port
from adapter.logs import set_up_logs
from adapter.parts import SystemClock, open_parts
from adapter.settings import BadSettings, Settings, check_for_serving, read_settings, with_own_secret
from adapter.store.database import open_database

SPECIFICATION = Path("api_specs/openapi.json")
GATEWAY_SPECIFICATION = "core-gateway.openapi.json"
TRY_OUT_REFRESH_S = 3.0


class _Main(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Whichever command meets settings that cannot be used tells them in a line."""
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Main)
@click.pass_context
def main(context: click.Context) -> None:
    """OAuth 2.0 authorization server and open-API adapter of a bank."""
    context.obj = read_settings()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="0 takes a free one")
@click.option("--with-demo-partner", is_flag=True, help="also start a demo accounting service")
@click.option("--partner-port", default=8001, show_default=True, help="its port; 0 takes a free one")
@click.option("--core", default="", help=f"{', '.join(OPENERS)}; as the settings say unless told")
@click.option("--core-url", default="", help="of the HTTP core, e.g. of `bank-adapter sandbox serve`")
@click.pass_obj
def run(
    settings: Settings, /, host: str, port: int, with_demo_partner: bool, partner_port: int, core: str, core_url: str
) -> None:
    """Start everything on this machine: database, core, web server and worker."""
    from adapter import tryout

    set_up_logs(settings.log_level)
    settings = with_own_secret(settings)
    port = port or free_port()
    settings = _for_one_machine(_with_core(settings, core, core_url), host, port)
    stop = supervisor.stop_on_signals()
    with tryout.prepare(settings, (partner_port or free_port()) if with_demo_partner else None) as prepared:
        programs = [
            supervisor.web_program(settings, host, port),
            supervisor.worker_program(settings),
            *prepared.programs,
        ]
        click.echo(prepared.welcome)
        sys.exit(supervisor.supervise(programs, stop))


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.pass_obj
def serve(settings: Settings, bind: str) -> None:
    """Start the web server alone (gunicorn); the worker is a process of its own."""
    check_for_serving(settings)
    check_recovered(settings)
    host, _, port = bind.rpartition(":")
    program = supervisor.web_program(settings, host, int(port))
    supervisor.become(program)


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Send drafts, follow their fate, refresh feeds, make statements; stops after the present round on SIGTERM."""
    from adapter.worker import run_loops

    check_for_serving(settings)
    check_recovered(settings)
    set_up_logs(settings.log_level)
    parts = open_parts(settings)
    stop = supervisor.stop_on_signals()
    run_loops(stop, list_loops(parts, stop), settings.worker_interval_s)
    parts.lane_teller.take_back()
    parts.close()


@main.command()
@click.option("--core", type=click.Choice(["sandbox", "http"]), default="sandbox", show_default=True)
def demo(core: str) -> None:
    """Play the whole main job over HTTP against a server of its own, telling each step."""
    from adapter.demo import DemoFailed, play

    try:
        play(core=core)
    except DemoFailed as error:
        raise click.ClickException(str(error)) from error


@main.group()
def specs() -> None:
    """The documents of the API and of the core's side."""


@specs.command()
@click.argument("file", type=click.Path(path_type=Path), default=SPECIFICATION)
@click.pass_obj
def write(settings: Settings, file: Path) -> None:
    """Write the generated OpenAPI documents: the API's to FILE, what an HTTP core serves beside it."""
    from adapter.app import create_app, openapi_document
    from adapter.connectors.gateway import app as gateway

    file.with_name(GATEWAY_SPECIFICATION).write_bytes(gateway.openapi_document())
    file.write_bytes(openapi_document(create_app(open_parts(with_own_secret(settings)))))


def _for_one_machine(settings: Settings, host: str, port: int) -> Settings:
    """The address it is started on; and somebody who clicks through pages does not wait a minute for an entry."""
    defaults = Settings()
    if settings.issuer == defaults.issuer:
        settings = replace(settings, issuer=f"http://{host}:{port}")
    if settings.feed_refresh_s == defaults.feed_refresh_s:
        settings = replace(settings, feed_refresh_s=TRY_OUT_REFRESH_S)
    return settings


def _with_core(settings: Settings, core: str, url: str) -> Settings:
    """The core named on the command line; where nothing else is told, customers log in at its hand-over."""
    if core:
        settings = replace(settings, core=core)
    if not url:
        return settings
    settings = replace(settings, core=core or "http", core_url=url)
    if settings.core_login or settings.core_issuer:
        return settings
    return replace(
        settings,
        core_login="handover",
        core_handover_url=f"{url}/sandbox/handover",
        core_issuer=url,
        core_jwks_url=f"{url}/sandbox/jwks.json",
    )


def _open_office() -> oauth.BackOffice:
    settings = click.get_current_context().find_object(Settings)
    assert settings is not None
    database = open_database(settings.database_url)
    return oauth.BackOffice(settings=oauth_settings(settings), writer=database.writer, clock=SystemClock())


def _open_sandbox() -> Sandbox:
    settings = click.get_current_context().find_object(Settings)
    assert settings is not None
    return open_sandbox(
        settings.sandbox_database_url, base_url=settings.issuer, bank_name=settings.bank_name, clock=SystemClock()
    )


sandbox = build_group(_open_sandbox)
sandbox.add_command(serve_bank)
db.add_command(restored)
documents.add_command(recover)
for command in (
    db,
    bics,
    oauth.partner_commands(_open_office),
    oauth.staff_commands(_open_office),
    sandbox,
    new_key,
    core_group,
    documents,
    reconciliation,
    feed,
):
    main.add_command(command)
