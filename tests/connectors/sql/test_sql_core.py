"""The SQL core meets the contract of a core with exactly the rights that the bank's DBA is asked to give."""

from __future__ import annotations

import pytest

from tests.connectors.core_contract import CoreContract
from tests.connectors.sql.sql_bench import SqlBench


class TestSqlCore(CoreContract):
    @pytest.fixture
    def bench(self, sql_bench: SqlBench) -> SqlBench:
        return sql_bench
