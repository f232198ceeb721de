"""After a restore of our own database: everything that the core has and we lost is found and adopted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapter.domain.core import CoreDocument
from adapter.services.following import Following


@dataclass(slots=True, kw_only=True)
class Recovered:
    """What the core's events told since the moment that the database was restored to."""

    events: int = 0
    adopted: int = 0
    unknown: list[str] = field(default_factory=list)  # documents of the core that could not be adopted


def recover(following: Following, losses: Sequence[str] = (), silent: Sequence[CoreDocument] = ()) -> Recovered:
    """Adopt what earlier runs could not, and follow the core's events from the stored mark to their end.

    `silent` left by the core's own records, and it has not yet spoken of them.

    Raises CoreUnavailable; then call it again.
    """
    found = Recovered(adopted=following.adopt_again(losses))
    while True:
        page = following.follow_page()
        found.events += page.events
        found.adopted += page.adopted
        found.unknown += [one for one in page.unknown if one not in found.unknown]
        if not page.has_more:
            break
    found.adopted += following.adopt_silent(silent)
    return found
