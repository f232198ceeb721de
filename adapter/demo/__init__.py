"""`bank-adapter demo`: the whole main job, played over HTTP against a bank that the demo starts itself.

The demo knows the bank as outsiders do: an applicant, employees and a customer at their browsers, and a partner's
program.  Every step is checked; the first that fails ends the demo.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from adapter.demo import approval, connecting, payments, statements, stopping
from adapter.demo.bank_process import RunningBank, running_bank
from adapter.demo.browser import Browser
from adapter.demo.partner_client import PartnerClient
from adapter.demo.telling import DemoFailed, Teller
from adapter.demo.world import World

PARTS = (approval, connecting, statements, payments, stopping)


def play(write: Callable[[str], object] = print) -> None:
    """Start a bank, play every step, stop the bank; raises DemoFailed at the first step that goes wrong."""
    tell = Teller(write)
    tell.say("Starting a bank of its own: SQLite, sandbox core, web server and worker.")
    with tempfile.TemporaryDirectory(prefix="bank-adapter-demo-") as folder, running_bank(Path(folder)) as bank:
        tell.say(f"It answers at {bank.url}. Everything below goes over HTTP.")
        play_against(bank, tell)
    write("")
    write(f"Done: {tell.steps} steps, {tell.checks} checks, all as they must be.")


def play_against(bank: RunningBank, tell: Teller) -> None:
    """Every step against a bank that runs."""
    with ExitStack() as closing:
        world = World(
            bank=bank,
            tell=tell,
            partner=PartnerClient(bank.url, tell),
            applicant=Browser(bank.url, tell),
            customer=Browser(bank.url, tell),
            closing=closing,
        )
        for one in (world.partner, world.applicant, world.customer):
            closing.callback(one.close)
        for part in PARTS:
            for title, step in part.STEPS:
                tell.step(title)
                step(world)


__all__ = ("DemoFailed", "Teller", "play", "play_against", "running_bank")
