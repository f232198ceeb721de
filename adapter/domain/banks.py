"""Banks of Russia by their bic, as the Bank of Russia's directory tells them, and what a newer directory changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The real directory changes by a handful of its 1,400 entries a day: losing a tenth at once is a wrong file.
REMOVED_SHARE_MAX = 0.1


class DirectoryRefused(Exception):
    """A well-formed directory that should not take the place of the one that is loaded; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A participant of the Bank of Russia's payment system.

    `is_central_bank_office` marks offices of the Bank of Russia (РКЦ, ГРКЦ, treasury offices): accounts there are named
    without a correspondent account, or with the treasury's unified one.
    """

    bic: str
    name: str
    place: str | None = None  # «г. Москва»
    correspondent_account: str | None = None
    unified_treasury_account: str | None = None  # ЕКС, 40102…
    is_central_bank_office: bool = False
    is_closing: bool = False  # takes no payments any more


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDirectory:
    """A whole directory as it was read from a file; `business_date` is the day from which it holds."""

    business_date: dt.date
    banks: Sequence[Bank]
    file_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDirectory:
    """Which directory is in use."""

    business_date: dt.date
    loaded_at: dt.datetime
    banks: int
    file_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryChanges:
    """What a load changed, by bic; `changed` holds each bank as it was and as it is now."""

    added: Sequence[Bank]
    removed: Sequence[Bank]
    changed: Sequence[tuple[Bank, Bank]]


def compare_banks(before: Mapping[str, Bank], after: Mapping[str, Bank]) -> DirectoryChanges:
    """The difference of two directories by bic, in the order of bics."""
    return DirectoryChanges(
        added=[after[bic] for bic in sorted(after.keys() - before.keys())],
        removed=[before[bic] for bic in sorted(before.keys() - after.keys())],
        changed=[
            (before[bic], after[bic]) for bic in sorted(before.keys() & after.keys()) if before[bic] != after[bic]
        ],
    )


def check_replacing(loaded: LoadedDirectory, directory: BankDirectory, changes: DirectoryChanges) -> None:
    """Raises DirectoryRefused for a directory older than the loaded one, or one that loses too many banks at once."""
    if directory.business_date < loaded.business_date:
        raise DirectoryRefused(
            f"the directory of {directory.business_date} is older than the loaded one of {loaded.business_date}"
        )
    if len(changes.removed) > loaded.banks * REMOVED_SHARE_MAX:
        raise DirectoryRefused(f"{len(changes.removed)} of {loaded.banks} banks would disappear")
