"""The bank's core from the product's side.  One package or module per kind of core; `open_core` picks one.

To connect another core, meet `adapter.ports.CoreBanking` and `oauth.CustomerLogin`, run
`tests/connectors/core_contract.py` against it and add it to `open_core`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint

from adapter.connectors.sandbox.opening import open_sandbox
from adapter.ports import Clock, CoreBanking
from oauth import CustomerLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An opened core.  `blueprint` and `clock_step` belong to the sandbox; a real bank has neither."""

    banking: CoreBanking
    login: CustomerLogin
    blueprint: Blueprint | None = None
    clock_step: Callable[[], int] | None = None  # executes what is signed; answers how many orders
    close: Callable[[], None] = lambda: None


def open_core(name: str, *, database_url: str, base_url: str, bank_name: str, clock: Clock) -> Core:
    """Open the core of this name; `base_url` is where the browser finds the product.  Raises ValueError."""
    if name != "sandbox":
        raise ValueError(f"there is no core {name!r}; known: sandbox")
    sandbox = open_sandbox(database_url, base_url=base_url, bank_name=bank_name, clock=clock)
    return Core(
        banking=sandbox.banking,
        login=sandbox.login,
        blueprint=sandbox.blueprint,
        clock_step=sandbox.clock_step,
        close=sandbox.database.close,
    )
