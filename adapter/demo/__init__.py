"""`bank-adapter demo`: the whole main job, played over HTTP against a bank that the demo starts itself.

The demo knows the bank as outsiders do: an applicant, employees and a customer at their browsers, and a partner's
program.  Every step is checked; the first that fails ends the demo.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx2

from adapter.demo import approval, connecting, payments, statements, stopping
from adapter.demo.bank_process import RunningBank, running_bank, running_bank_over_http
from adapter.demo.browser import Browser
from adapter.demo.partner_client import PartnerClient
from adapter.demo.telling import DemoFailed, Teller
from adapter.demo.world import Step, World

# The bank's core is asked for news every second, so that nobody waits for the story to go on.
IMPATIENT = {"BANK_ADAPTER_FEED_REFRESH_S": "1"}

PARTS = (approval, connecting, statements, payments, stopping)


CORES = {"sandbox": running_bank, "http": running_bank_over_http}
BEGINNINGS = {
    "sandbox": "Starting a bank of its own: SQLite, sandbox core, web server and worker.",
    "http": "Starting a bank of its own: SQLite, web server and worker, and its core as a process apart, over HTTP.",
}


def play(write: Callable[[str], object] = print, core: str = "sandbox") -> None:
    """Start a bank, play every step, stop the bank; raises DemoFailed at the first step that goes wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as an exception, so that the bank is stopped too
    tell = Teller(write)
    tell.say(BEGINNINGS[core])
    with (
        tempfile.TemporaryDirectory(prefix="bank-adapter-demo-") as folder,
        CORES[core](Path(folder), **IMPATIENT) as bank,
    ):
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
            customer=Browser(bank.url, tell, internet_bank=bank.core_url),
            closing=closing,
        )
        for one in (world.partner, world.applicant, world.customer):
            closing.callback(one.close)
        for part in PARTS:
            for title, step in part.STEPS:
                tell.step(title)
                _take(step, world)


def _take(step: Step, world: World) -> None:
    """A step; an answer without an expected member, or no answer at all, fails it like a check."""
    try:
        step(world)
    except (LookupError, TypeError, httpx2.HTTPError) as error:
        raise DemoFailed(f"{step.__name__}: the bank's answer is not as expected: {error!r}") from error


__all__ = ("IMPATIENT", "DemoFailed", "Teller", "play", "play_against", "running_bank", "running_bank_over_http")
