"""The drill of backup and restore, small, with real PostgreSQL servers."""

from __future__ import annotations

import pytest

from tests.drill.__main__ import play
from tests.drill.playing import Target
from tests.scale import scale

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


def test_what_the_core_has_is_adopted_after_a_restore_and_nothing_is_made_twice() -> None:
    payments = scale(20, 400)
    found = play(Target.MOMENT, payments)
    assert found.is_good, found
    assert found.adopted == payments
