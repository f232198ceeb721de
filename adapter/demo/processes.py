"""Programs of ours as processes of their own: for the demo and for tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import adapter
from adapter.demo.telling import DemoFailed

STOPPED_WITHIN_S = 45.0
LOG_TAIL_CHARACTERS = 3000


@contextmanager
def running(folder: Path, log_name: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`bank-adapter …` in a folder of its own; it is stopped when the block ends, however it ends."""
    with (folder / log_name).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "adapter", *arguments],
            cwd=folder,
            env={**clean_environment(), **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        _stop(process)


def run(folder: Path, *arguments: str, **environment: str) -> None:
    """A command that ends by itself; raises DemoFailed."""
    command = [sys.executable, "-m", "adapter", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**clean_environment(), **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DemoFailed(f"bank-adapter {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")


def clean_environment() -> dict[str, str]:
    """Ours without the settings of a real installation; the program is found also when it is not installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANK_ADAPTER_")}
    root = str(Path(adapter.__file__).parents[1])
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, [root, kept.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }


def tail_of_log(folder: Path, log_name: str) -> str:
    return (folder / log_name).read_text("utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
