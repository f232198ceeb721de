"""`bank-adapter sandbox serve`: the sandbox bank as an HTTP core in a process of its own."""

from __future__ import annotations

import click

from adapter.bank_server import BankOptions, BankServer
from adapter.logs import set_up_logs
from adapter.settings import Settings

KEYS_HELP = "JWKS of the adapter, a file or an address: calls must then be signed"


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8100, show_default=True)
@click.option("--url", default="", help="its address as others have it; from host and port unless told")
@click.option("--adapter-url", default="http://127.0.0.1:8000", show_default=True, help="the adapter's issuer")
@click.option("--callers-jwks", default="", help=KEYS_HELP)
@click.option("--token-key", default="", help="file of the bank's private key (JWK): signs hints and hand-overs")
@click.option("--hint-url", default="", help="where the adapter takes hints, …/core/hints")
@click.option("--certificate", default="", help="PEM file: serve https")
@click.option("--certificate-key", default="", help="PEM file of its key")
@click.option("--client-ca", default="", help="PEM file: only callers with a certificate of these may connect")
@click.option(
    "--with-control",
    is_flag=True,
    help="also serve the acts that `core check` asks for, unguarded: they move money and the bank's clock",
)
@click.pass_obj
def serve(
    settings: Settings, /, host: str, port: int, url: str, adapter_url: str, with_control: bool, **files: str
) -> None:
    """Serve the sandbox bank over HTTP for an adapter that runs with --core http."""
    scheme = "https" if files["certificate"] else "http"
    options = BankOptions(
        host=host,
        port=port,
        url=url or f"{scheme}://{host}:{port}",
        adapter_url=adapter_url,
        callers_jwks=files["callers_jwks"],
        token_key_file=files["token_key"],
        hint_url=files["hint_url"],
        certificate_file=files["certificate"],
        certificate_key_file=files["certificate_key"],
        client_ca_file=files["client_ca"],
        with_control=with_control,
    )
    try:
        options.check()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    set_up_logs(settings.log_level)
    BankServer(settings, options).run()


@click.command("new-key")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--kid", default="key-1", show_default=True, help="its name in a JWKS")
def new_key(file: str, kid: str) -> None:
    """Write a fresh private key (JWK, ES256) to FILE, for its owner only; FILE.public.json is its JWKS."""
    from adapter.connectors.signed_tokens import write_new_key

    write_new_key(file, kid)
    click.echo(f"{file} is secret; give {file}.public.json to the other side.")
