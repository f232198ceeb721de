"""A process that kills itself (SIGKILL, nothing is cleaned up) at one of its steps on disk or database.

Steps are what a crash can fall between: bringing a file or a folder to the disk, renaming, removing, committing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_ON_DISK = ("fsync", "replace", "rename", "unlink")


def runs_to_its_end(job: Callable[[], object], writers: Callable[[], Engine], step: int) -> bool:
    """Do a job in a process of its own that dies at its n-th step; True where it has fewer steps."""
    child = os.fork()
    if child == 0:
        try:
            _die_at(step, writers())
            job()
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, "the job failed"
    return True


def _die_at(step: int, writer: Engine) -> None:
    left = [step]

    def count(*_arguments: Any) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(act: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            count()
            done = act(*arguments, **named)
            count()
            return done

        return do

    for name in _ON_DISK:
        setattr(os, name, around(getattr(os, name)))
    event.listen(writer, "commit", count)
