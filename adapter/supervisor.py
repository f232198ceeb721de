"""`bank-adapter run`: everything on one machine, for a try-out and for a small bank's first day.

The supervisor starts the web server and the worker as processes of their own, and stops all of them when it is told to
stop or when one of them ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from adapter.settings import Settings, variable

STOP_TIMEOUT_S = 35.0


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep: its name for messages, its command, and what its environment has beside ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as a child process reads them."""
    return {variable(field.name): str(getattr(settings, field.name)) for field in fields(Settings)}


def web_program(settings: Settings, host: str, port: int) -> Program:
    command = [sys.executable, "-m", "gunicorn", "-c", "python:adapter.serving", "adapter.wsgi:app"]
    return Program("web", command, {**environment_of(settings), "BANK_ADAPTER_BIND": f"{host}:{port}"})


def worker_program(settings: Settings) -> Program:
    return Program("worker", [sys.executable, "-m", "adapter", "worker"], environment_of(settings))


def supervise(programs: Sequence[Program], stop: threading.Event) -> int:
    """Run the programs until `stop` is set or one of them ends; returns 0 when stopped by request."""
    running = [(program, _start(program)) for program in programs]
    try:
        while not stop.wait(0.2):
            for program, process in running:
                if process.poll() is not None:
                    print(f"{program.name} ended with {process.returncode}", file=sys.stderr)  # noqa: T201
                    return 1
        return 0
    finally:
        _stop(process for _, process in running)


def become(program: Program) -> NoReturn:
    """Replace this process by the program."""
    os.execvpe(program.command[0], list(program.command), {**os.environ, **program.environment})


def stop_on_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()

    def told(_number: int, _frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGINT, told)
    signal.signal(signal.SIGTERM, told)
    return stop


def _start(program: Program) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl+C reaches the supervisor alone, which then stops the programs in order.
    return subprocess.Popen(program.command, env={**os.environ, **program.environment}, start_new_session=True)


def _stop(processes: Any) -> None:
    processes = list(processes)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
