"""Many payers at once, each one order after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.faults.bench import Bench

GIVE_UP_S = 120.0  # for one order; longer than any fault of a row lasts on one request
ALL_GIVE_UP_S = 600.0


def pay_all(bench: Bench, orders: int, clients: int = 8, prefix: str = "order") -> float:
    """Send so many orders and wait until each is acknowledged; answers how many seconds it took."""
    began = time.monotonic()

    def work(client: int) -> None:
        payer = bench.payer(client)
        for number in range(client, orders, clients):
            payer.pay(f"{prefix}-{number}", number, min(time.monotonic() + GIVE_UP_S, began + ALL_GIVE_UP_S))
        payer.client.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    return time.monotonic() - began


@contextmanager
def paying(bench: Bench, clients: int, pause_s: float, timeout_s: float = 10.0) -> Iterator[None]:
    """While the block runs, each client sends an order, waits for its acknowledgement, pauses, sends the next."""
    done = threading.Event()

    def work(client: int) -> None:
        payer = bench.payer(client, timeout_s)
        number = client
        while not done.wait(pause_s):
            payer.pay(f"order-{number}", number, time.monotonic() + GIVE_UP_S)
            number += clients
        payer.client.close()

    with ThreadPoolExecutor(clients) as pool:
        working = [pool.submit(work, client) for client in range(clients)]
        try:
            yield
        finally:
            done.set()
    for one in working:
        one.result()
