"""A real bank with a partner that a customer has connected, as the demo does it, for tests of what runs over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adapter.demo import Teller, approval, connecting
from adapter.demo.browser import Browser
from adapter.demo.partner_client import PartnerClient
from adapter.demo.world import World
from tests.e2e.server import started_bank


@contextmanager
def connected_partner(folder: Path, **environment: str) -> Iterator[World]:
    """`.partner.access_token` has both scopes, for the account `.account_id`."""
    tell = Teller(lambda _line: None)
    with started_bank(folder, **environment) as bank, ExitStack() as closing:
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
        for part in (approval, connecting):
            for _, step in part.STEPS:
                step(world)
        yield world
