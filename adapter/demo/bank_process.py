"""A bank for the demo and for tests: `bank-adapter run` as a process, in a folder of its own, on a free port.

Its core is the sandbox: inside the product, or served beside it as the HTTP core of a bank would be.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from adapter.connectors.sandbox.sample import bank_directory
from adapter.demo.processes import free_port, run, running, tail_of_log
from adapter.demo.telling import DemoFailed

READY_WITHIN_S = 120.0
BANK_LOG = "bank.log"
CORE_LOG = "core.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBank:
    """`logins` is what `run` wrote for people who try it out: url, staff, customers."""

    url: str
    logins: Mapping[str, Any]
    folder: Path
    core_url: str = ""  # where the core's own pages are; empty: at `url`

    @property
    def internet_bank(self) -> str:
        """Where the customer logs in and signs."""
        return self.core_url or self.url


@contextmanager
def running_bank(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningBank]:
    """A bank that answers, with the sandbox inside; it is stopped when the block ends, however it ends."""
    with running(folder, BANK_LOG, "run", "--port", "0", *arguments, **environment) as process:
        yield _wait_until_ready(process, folder)


@contextmanager
def running_bank_over_http(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningBank]:
    """The same with its core in a process of its own: signed calls both ways, hints, logins handed over."""
    port, core_port = free_port(), free_port()
    url, core_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{core_port}"
    for name in ("adapter-key.json", "core-key.json"):
        run(folder, "new-key", name)
    serving = ["--port", str(core_port), "--adapter-url", url, "--token-key", "core-key.json"]
    trusting = ["--callers-jwks", "adapter-key.json.public.json", "--hint-url", f"{url}/core/hints"]
    with running(folder, CORE_LOG, "sandbox", "serve", *serving, *trusting) as core:
        _wait_until(core, lambda: _answers(f"{core_url}/sandbox/"), folder, CORE_LOG)
        beside = ["--port", str(port), "--core", "http", "--core-url", core_url]
        ours = {"BANK_ADAPTER_CORE_TOKEN_KEY_FILE": "adapter-key.json", **environment}
        with running(folder, BANK_LOG, "run", *beside, *arguments, **ours) as process:
            bank = _wait_until_ready(process, folder)
            (folder / "ed807.xml").write_bytes(bank_directory())
            run(folder, "bics", "load", "ed807.xml", **environment)
            yield replace(bank, core_url=core_url)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> RunningBank:
    logins_path = folder / "var" / "demo-logins.json"

    def is_ready() -> bool:
        logins = _read_logins(logins_path)
        return bool(logins) and _answers(f"{logins['url']}/health/ready")

    _wait_until(process, is_ready, folder, BANK_LOG)
    logins = _read_logins(logins_path)  # all of it is written before the bank answers
    return RunningBank(url=logins["url"], logins=logins, folder=folder)


def _wait_until(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], folder: Path, log_name: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.2)
    tail = tail_of_log(folder, log_name)
    raise DemoFailed(f"the bank did not start within {READY_WITHIN_S:.0f} s; its log ends:\n{tail}")


def _read_logins(path: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # not there yet, or half written
        return {}
    return found


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code < 400
    except httpx2.TransportError:
        return False
