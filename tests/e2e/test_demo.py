import os
import subprocess
import sys
from pathlib import Path

import adapter

ROOT = Path(adapter.__file__).parents[1]


def test_the_demo_plays_every_step_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    told = done.stdout
    for line in (
        "✓ the same employee cannot be the second one",
        "✓ a second claim is refused",
        "✓ an account that was not chosen does not exist for the service",
        "✓ nothing new: 304 and no body",
        "✓ only the new entry comes",
        "✓ the error names the line of the file",
        "✓ the booked entries carry the payments' ids",
        "✓ the file is read and creates nothing",
        "✓ the very next call fails",
        "Done: 15 steps",
    ):
        assert line in told
    assert "\033[" not in told  # no colours outside a terminal
    for secret in ("at_", "rt_", "ac_"):
        assert not any(len(word.strip(",…")) > 20 for word in told.split() if word.startswith(f"access_token={secret}"))
    assert list(tmp_path.iterdir()) == []


def test_the_demo_fails_and_says_why_when_the_bank_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": "/dev/null/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
