"""Statements compiled once for all engines of a run: a new engine in each test compiled everything anew, which took a
third of a test's time.
"""

from __future__ import annotations

from typing import Any


class CompiledStatements:
    """What SQLAlchemy asks of a cache (execution option `compiled_cache`), for engines of equal dialects."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def get(self, key: tuple[Any, ...]) -> Any:
        return self._known.get(_of_all_engines(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._known[_of_all_engines(key)] = compiled


def _of_all_engines(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key without its first part, the engine's own dialect; what is compiled depends on its kind and version."""
    dialect, *statement = key
    return (type(dialect), dialect.server_version_info, *statement)
