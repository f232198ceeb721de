import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

import adapter
from adapter.demo import DemoFailed, running_bank

SECRET = re.compile(r"\b(at|rt|ac|rc)_[\w-]{8,}")  # a token, code or receipt told in full
ROOT = Path(adapter.__file__).parents[1]
WAIT_S = 560  # a tenth of it on a quiet machine


@pytest.mark.timeout(600)
@pytest.mark.parametrize("core", ["sandbox", "http"])
def test_the_demo_plays_every_step_and_leaves_nothing_running(tmp_path: Path, core: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "demo", "--core", core],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
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
        "✓ the bank still has as many",
        "✓ the very next call fails",
        "✓ the file is the statement for 1C",
        "Done: 16 steps",
    ):
        assert line in told
    assert "\033[" not in told  # no colours outside a terminal
    assert not SECRET.search(told)
    url = told.split("It answers at ")[1].split(". ")[0]
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/health/live")


def test_a_bank_that_does_not_start_ends_the_demo_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="No such option"), running_bank(tmp_path, "--no-such-option"):
        pytest.fail("the bank must not start")
