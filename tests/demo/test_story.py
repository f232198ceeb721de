from pathlib import Path

import pytest

from adapter.demo import DemoFailed, Teller, play_against
from adapter.demo.bank_process import RunningBank


def test_a_bank_that_does_not_answer_fails_the_first_step_by_name(tmp_path: Path) -> None:
    nobody = RunningBank(url="http://127.0.0.1:9", logins={"staff": []}, folder=tmp_path)
    lines: list[str] = []
    with pytest.raises(DemoFailed, match="apply: the bank's answer is not as expected"):
        play_against(nobody, Teller(lines.append, is_coloured=False))
    assert lines[-1] == "1. An accounting service applies for access"
