"""The bank's own doings: `python -m tests.faults.bank_day DATABASE_URL ACCOUNT CHANGES` books, changes and removes.

Each change carries a number that only grows, in the purpose of its entry («… № 17»), so that readers can be judged by
what they read alone.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from dataclasses import replace

from adapter.connectors.sandbox import ledger
from adapter.connectors.sandbox.database import open_sandbox_database
from adapter.domain.moscow import MOSCOW
from tests.fakes import entry_details

AT_ONCE = 100  # changes in one transaction
CHANGED, REMOVED = 0.05, 0.02
KEPT = 500  # entries of which some are changed or removed later
PURPOSE = "Оплата по счёту, НДС не облагается, изменение № "


def main(database_url: str, account: str, changes: int) -> None:
    database = open_sandbox_database(database_url)
    chance = random.Random(3)
    today = dt.datetime.now(MOSCOW).date()
    recent: list[str] = []
    for first in range(1, changes + 1, AT_ONCE):
        with database.transaction() as tx:
            for number in range(first, min(first + AT_ONCE, changes + 1)):
                dice = chance.random()
                details = replace(entry_details(f"{number}.00", day=today), purpose=f"{PURPOSE}{number}")
                if dice < CHANGED and recent:
                    ledger.change(tx, chance.choice(recent), details)
                elif dice < CHANGED + REMOVED and recent:
                    ledger.remove(tx, recent.pop(chance.randrange(len(recent))))
                else:
                    recent.append(ledger.book(tx, account, details))
        del recent[:-KEPT]
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
