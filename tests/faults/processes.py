"""Processes of a bench: started with a log of their own, stopped or killed, found by their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 40.0
Process = subprocess.Popen[bytes]


class DidNotStart(Exception):
    """A process ended or stayed silent; the text holds the end of its log."""


class Processes:
    """All that one bench started."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.running: dict[str, Process] = {}

    def start(self, name: str, *arguments: str, shift_s: int = 0) -> Process:
        """`python -m …` under our settings; its output goes to NAME.log.  `shift_s` makes its clock wrong."""
        own = {**_clean_environment(), **self.environment}
        if shift_s:
            arguments = ("tests.faults.shifted", str(shift_s), *arguments)
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=self.folder, env=own, stdout=log, stderr=log
            )
        self.running[name] = process
        return process

    def run(self, name: str, *arguments: str, timeout_s: float = 600.0) -> str:
        """`python -m …` to its end; answers its output.  What it says on stderr goes to NAME.log."""
        own = {**_clean_environment(), **self.environment}
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", *arguments]
            done = subprocess.run(
                command, cwd=self.folder, env=own, stdout=subprocess.PIPE, stderr=log, timeout=timeout_s, check=True
            )
        return done.stdout.decode()

    def stop(self, name: str) -> None:
        _stop(self.running.pop(name))

    def kill(self, name: str) -> None:
        """SIGKILL to it and to its children."""
        process = self.running.pop(name)
        for pid in (process.pid, *children(process.pid)):
            _kill(pid)
        process.wait()

    def stop_all(self) -> None:
        for process in reversed(self.running.values()):
            process.terminate()
        for name in reversed(list(self.running)):
            self.stop(name)

    def tail(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")[-4000:]

    def await_url(self, name: str, url: str) -> None:
        """Until the address answers at all with success; raises DidNotStart."""
        self.await_true(name, lambda: _answers(url))

    def await_true(self, name: str, is_so: Callable[[], bool]) -> None:
        """Raises DidNotStart where the process ends before, or takes too long."""
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at and self.running[name].poll() is None:
            if is_so():
                return
            time.sleep(0.1)
        raise DidNotStart(f"{name} does not work; its log ends:\n{self.tail(name)}")


@contextmanager
def open_processes(folder: Path, environment: Mapping[str, str]) -> Iterator[Processes]:
    processes = Processes(folder, environment)
    try:
        yield processes
    finally:
        processes.stop_all()


def children(pid: int) -> Sequence[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill_one(pid: int) -> bool:
    """SIGKILL; False where it is gone already."""
    return _kill(pid)


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _stop(process: Process) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except HTTPError as error:
        return error.code < 500
    except (OSError, URLError):
        return False


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANK_ADAPTER_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
