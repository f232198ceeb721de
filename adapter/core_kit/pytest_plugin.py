"""The contract as tests: a bank's team gives a fixture `core_bench` and gets one test for each case.

    import pytest

    @pytest.fixture
    def core_bench(): ...                   # a bench over your core: see adapter.core_kit.bench

    def test_our_core(core_contract):
        core_contract()

pytest finds this plugin by itself where the product is installed.  It does nothing unless a test asks for
`core_contract`: the cases are imported only then.  A fixture `core_effort` of yours makes the large cases smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from adapter.core_kit.bench import Bench, Effort


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case."""
    if "core_contract" in metafunc.fixturenames:
        from adapter.core_kit.catalogue import ALL_CASES

        metafunc.parametrize("core_contract", ALL_CASES, ids=[case.id for case in ALL_CASES], indirect=True)


@pytest.fixture(scope="session")
def core_effort() -> Effort:
    """How much the large cases do."""
    from adapter.core_kit.bench import Effort

    return Effort()


@pytest.fixture
def core_contract(request: pytest.FixtureRequest, core_bench: Bench, core_effort: Effort) -> Callable[[], None]:
    """Tries one case on `core_bench`: fails with what to mend, skips where the bench cannot do what it needs."""
    from adapter.core_kit.ground import Ground
    from adapter.core_kit.running import Verdict, run_case

    case = request.param

    def try_case() -> None:
        outcome = run_case(case, Ground(core_bench, core_effort))
        if outcome.verdict is Verdict.NOT_TRIED:
            pytest.skip(outcome.detail)
        if outcome.verdict is Verdict.BROKEN:
            pytest.fail(f"{case.promise}\n  seen:    {outcome.detail}\n  to mend: {case.mend}", pytrace=False)

    return try_case
