"""A bank for the demo and for tests: `bank-adapter run` as a process, in a folder of its own, on a free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

import adapter
from adapter.demo.telling import DemoFailed

READY_WITHIN_S = 120.0
STOPPED_WITHIN_S = 45.0
LOG_TAIL_CHARACTERS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBank:
    """`logins` is what `run` wrote for people who try it out: url, staff, customers."""

    url: str
    logins: Mapping[str, Any]
    folder: Path


@contextmanager
def running_bank(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningBank]:
    """A bank that answers; it is stopped when the block ends, however it ends."""
    log_path = folder / "bank.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "adapter", "run", "--port", "0", *arguments],
            cwd=folder,
            env={**_environment(), **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait_until_ready(process, folder, log_path)
    finally:
        _stop(process)


def _environment() -> dict[str, str]:
    """Ours without the settings of a real installation; the program is found also when it is not installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANK_ADAPTER_")}
    root = str(Path(adapter.__file__).parents[1])
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, [root, kept.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, log_path: Path) -> RunningBank:
    logins_path = folder / "var" / "demo-logins.json"
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        logins = _read_logins(logins_path)
        if logins and _is_ready(logins["url"]):
            whole = _read_logins(logins_path) or logins  # all of it is written before the bank answers
            return RunningBank(url=logins["url"], logins=whole, folder=folder)
        time.sleep(0.2)
    tail = log_path.read_text("utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]
    raise DemoFailed(f"the bank did not start within {READY_WITHIN_S:.0f} s; its log ends:\n{tail}")


def _read_logins(path: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # not there yet, or half written
        return None
    return found


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
