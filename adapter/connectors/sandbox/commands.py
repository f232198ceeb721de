"""`bank-adapter sandbox …`: the sandbox bank from the command line."""

from __future__ import annotations

from collections.abc import Callable

import click

from adapter.connectors.sandbox import acts, ledger, people, seed
from adapter.connectors.sandbox.opening import Sandbox
from adapter.connectors.sandbox.sample import counterparties
from adapter.domain.money import Money


def build_group(open_bank: Callable[[], Sandbox]) -> click.Group:
    """The group `sandbox`; `open_bank` opens the bank that the settings name, only when a command runs."""

    @click.group()
    def sandbox() -> None:
        """The sandbox bank: fill it, let money come in, execute what is signed."""

    @sandbox.command("seed")
    def fill() -> None:
        """Fill an empty bank with sample customers and a year of entries (opening does that)."""
        open_bank()
        click.echo("The sandbox bank is ready.")

    @sandbox.command()
    @click.confirmation_option(prompt="All accounts, entries and drafts of the sandbox will be lost. Go on?")
    def reset() -> None:
        """Empty the bank and fill it anew."""
        click.echo(f"{_refill(open_bank())} entries.")

    @sandbox.command()
    @click.argument("account_number")
    @click.argument("amount", type=_amount)
    @click.option("--purpose", default="Оплата по договору, НДС не облагается", show_default=True)
    def incoming(account_number: str, amount: Money, purpose: str) -> None:
        """Let AMOUNT rubles come in on ACCOUNT_NUMBER."""
        click.echo(_receive(open_bank(), account_number, amount, purpose))

    @sandbox.command()
    def step() -> None:
        """Execute what is signed."""
        click.echo(f"{open_bank().clock_step()} orders.")

    @sandbox.command()
    def logins() -> None:
        """Who can log in, and for whom they act."""
        for line in list_logins(open_bank()):
            click.echo(line)

    return sandbox


def list_logins(bank: Sandbox) -> list[str]:
    """A line for each demo login."""
    with bank.database.reading() as connection:
        return [
            f"{user.login:12} {user.name}: "
            + "; ".join(f"{one.party.name}, {one.role}" for one in people.list_customers(connection, user.id))
            for user in people.list_users(connection)
        ]


def _refill(bank: Sandbox) -> int:
    bank.database.drop_tables()
    bank.database.create_tables()
    with bank.database.transaction() as tx:
        return seed.fill_if_empty(tx, bank.clock.now())


def _receive(bank: Sandbox, account_number: str, amount: Money, purpose: str) -> str:
    with bank.database.transaction() as tx:
        try:
            account_id = acts.find_account_id(tx, account_number)
        except ledger.UnknownAccount as error:
            raise click.ClickException("There is no such account; see the page /sandbox/operator/") from error
        return acts.receive_payment(tx, account_id, amount, counterparties("buyer")[0], purpose, bank.clock.now())


def _amount(text: str) -> Money:
    """A click type: raises ValueError, which click tells as a usage error."""
    amount = Money.of(text.replace(",", "."))
    if amount.kopecks <= 0:
        raise ValueError("an amount is more than zero")
    return amount
