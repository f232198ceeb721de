"""What a statement file changes in what is known of an account.  Pure rules, no database.

An entry is known by its content and its place among equal ones: two equal fees are two entries, the same two in
another file are the same two.  For each of them it is kept which file told it last, and for each day which file told
it *whole*.  An entry is there as long as nobody later told its day whole without it.  So the order in which files
arrive does not matter: only the moment at which each was made (`Version`) does.

Only a statement whose opening balance and entries give its closing balance tells its days whole; others only add.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from adapter.connectors.files.pairing import line_up, pair, without_outdated
from adapter.connectors.files.tellings import Changes, KnownEntry, Telling, ToldEntry, Version


def compare(known: Sequence[KnownEntry], whole: Mapping[dt.date, Version], telling: Telling) -> Changes:
    """What a telling changes.  `known` holds at least the entries of its days."""
    told = [one for one in telling.entries if _is_news(whole, one.details.booking_date, telling.version)]
    lined_up = line_up(known, without_outdated(told, known, telling.version), telling)
    changes = Changes(added=list(lined_up.new))
    for old, new in lined_up.pairs:
        _take_again(changes, old, new, telling)
    for old in lined_up.untold:
        if telling.tells_whole(old.details.booking_date) and _is_news(whole, old.details.booking_date, telling.version):
            _take_away(changes, old, telling)
    pair(changes, known, lined_up.untold, telling)
    return changes


def _take_again(changes: Changes, old: KnownEntry, new: ToldEntry, telling: Telling) -> None:
    """A day told whole confirms its entries by itself; one told in part confirms each."""
    is_later = old.told < telling.version
    if telling.tells_whole(old.details.booking_date):
        if not old.in_whole:
            changes.settled.append(old)
    elif is_later:
        changes.confirmed.append(old)
    if new.reference and new.reference != old.reference and (is_later or old.reference is None):
        changes.named.append((old, new.reference))


def _take_away(changes: Changes, old: KnownEntry, telling: Telling) -> None:
    if old.told < telling.version:
        changes.removed.append(old)
    elif old.in_whole:
        changes.settled.append(old)


def _is_news(whole: Mapping[dt.date, Version], day: dt.date, version: Version) -> bool:
    return day not in whole or version >= whole[day]
