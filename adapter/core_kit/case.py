"""A case of the contract: one promise, how it is tried, and what to mend where it is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from adapter.core_kit.bench import Act
from adapter.core_kit.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str  # stable; part and name, e.g. entries.page-limit
    promise: str  # one sentence
    mend: str  # what a bank's team should look at where it is broken
    acts: frozenset[Act]
    capability: str | None  # name of the field of Capabilities that must be true
    run: Callable[[Ground], None]  # raises Broken


@dataclass(slots=True)
class Section:
    """Cases of one part of the contract, in the order in which they are written."""

    part: str
    capability: str | None = None  # that all of them need
    cases: list[Case] = field(default_factory=list)

    def case(
        self, name: str, promise: str, *, mend: str, acts: tuple[Act, ...] = (), capability: str | None = None
    ) -> Callable[[Callable[[Ground], None]], Case]:
        """Make a case of a function."""

        def keep(run: Callable[[Ground], None]) -> Case:
            case = Case(
                id=f"{self.part}.{name}",
                promise=promise,
                mend=mend,
                acts=frozenset(acts),
                capability=capability or self.capability,
                run=run,
            )
            self.cases.append(case)
            return case

        return keep
