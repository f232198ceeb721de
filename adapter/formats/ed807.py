"""The Bank of Russia's directory of bics (Справочник БИК): message ED807, as XML or as the zip that holds it.

Source: Bank of Russia, UFEBS, cbr_ed807 (urn:cbr-ru:ed:v2.0) and «Кодовые значения», tables of PtType, Rstr,
RegulationAccountType.  Published daily, the evening before `BusinessDay`: one zip with one XML in windows-1251.

    <ED807 xmlns="urn:cbr-ru:ed:v2.0" EDDate="2026-09-16" InfoTypeCode="FIRR" BusinessDay="2026-09-17" …>
      <BICDirectoryEntry BIC="044525593">
        <ParticipantInfo NameP="АО &quot;АЛЬФА-БАНК&quot;" Tnp="г" Nnp="Москва" PtType="20" ParticipantStatus="PSAC" …>
          <RstrList Rstr="LWRS" RstrDate="…"/>                                   restrictions, where there are any
        </ParticipantInfo>
        <Accounts Account="30101810200000000593" RegulationAccountType="CRSA" AccountStatus="ACAC" …/>

A damaged entry refuses the whole file: a directory read by half would refuse good payments.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from lxml import etree

from adapter.domain.banks import Bank, BankDirectory
from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.identifiers import InvalidIdentifier, check_account, check_bic
from adapter.formats.archives import is_zip, unpack_only_file
from adapter.formats.notes import refuse, shorten
from adapter.formats.xml import parse_xml

ERRORS_MAX = 100  # a damaged file is fetched again, nobody mends it by hand
XML_SIZE_MAX = 16 * 1024 * 1024  # the real one has less than a megabyte

_NAMESPACE = "{urn:cbr-ru:ed:v2.0}"
_FULL_DIRECTORY = "FIRR"  # the other kind tells changes only
# Who holds accounts at the Bank of Russia itself: its offices (00-40), the treasury (51, 52), its own customers (99).
_CENTRAL_BANK_TYPES = frozenset(("00", "10", "12", "15", "16", "40", "51", "52", "99"))
_CORRESPONDENT, _UNIFIED_TREASURY = "CRSA", "UTRA"
_ACTIVE_ACCOUNT = "ACAC"
_DELETED = "PSDL"
_LICENCE_WITHDRAWN = "LWRS"
_TOWN = ("г", "город")


def parse_directory(data: bytes) -> BankDirectory:
    """A whole directory.  Raises UnreadableFile that tells the first damaged entries with line and bic."""
    xml = unpack_only_file(data, ending=".xml", size_max=XML_SIZE_MAX) if is_zip(data) else data
    if len(xml) > XML_SIZE_MAX:
        raise refuse("too_big", f"файл больше {XML_SIZE_MAX // (1024 * 1024)} МБ")
    root = parse_xml(xml)
    business_date = _read_heading(root)
    errors: list[FieldError] = []
    banks: dict[str, Bank] = {}
    for entry in root.iterchildren(f"{_NAMESPACE}BICDirectoryEntry"):
        found = list(_find_errors(entry, banks))
        errors += found
        if not found:
            bank = _read_bank(entry, business_date)
            banks[bank.bic] = bank
        if len(errors) >= ERRORS_MAX:
            break
    if errors:
        raise UnreadableFile(errors[:ERRORS_MAX])
    if not banks:
        raise refuse("no_banks", "в справочнике нет ни одной записи")
    return BankDirectory(
        business_date=business_date, banks=list(banks.values()), file_sha256=hashlib.sha256(data).digest()
    )


def _read_heading(root: etree._Element) -> dt.date:
    if root.tag != f"{_NAMESPACE}ED807":
        raise refuse("not_ed807", shorten(f"ожидается сообщение ED807 (urn:cbr-ru:ed:v2.0), а это {root.tag!r}"))
    kind = root.get("InfoTypeCode", _FULL_DIRECTORY)
    if kind != _FULL_DIRECTORY:
        raise refuse("not_full", shorten(f"это не полный справочник, а изменения к нему (InfoTypeCode={kind})"))
    day = _parse_date(root.get("BusinessDay") or root.get("EDDate"))
    if day is None:
        raise refuse("no_date", "нет дня, с которого действует справочник (BusinessDay)", root.sourceline)
    return day


def _find_errors(entry: etree._Element, known: dict[str, Bank]) -> Iterator[FieldError]:
    bic = entry.get("BIC", "")
    try:
        check_bic(bic)
    except InvalidIdentifier as broken:
        yield _error(entry, "BIC", broken.code, broken.reason)
    if bic in known:
        yield _error(entry, "BIC", "bic_repeated", "этот БИК в файле уже есть")
    if entry.get("ChangeType") is not None:
        yield _error(entry, "ChangeType", "not_full", "это запись об изменении, а нужен полный справочник")
    info = entry.find(f"{_NAMESPACE}ParticipantInfo")
    if info is None or not info.get("NameP", "").strip():
        yield _error(entry, "NameP", "no_name", "нет наименования участника")
    for account in entry.iterchildren(f"{_NAMESPACE}Accounts"):
        try:
            check_account(account.get("Account", ""))
        except InvalidIdentifier as broken:
            yield _error(account, "Account", broken.code, broken.reason, bic)


def _error(element: etree._Element, field: str, code: str, reason: str, bic: str | None = None) -> FieldError:
    name = bic if bic is not None else element.get("BIC", "")
    message = shorten(f"БИК {name}: {reason}")
    return FieldError(pointer="", code=code, message=message, field=field, line=element.sourceline)


def _read_bank(entry: etree._Element, business_date: dt.date) -> Bank:
    info = entry.find(f"{_NAMESPACE}ParticipantInfo")
    assert info is not None
    return Bank(
        bic=entry.attrib["BIC"],
        name=info.attrib["NameP"].strip(),
        place=_read_place(info),
        correspondent_account=_find_account(entry, _CORRESPONDENT),
        unified_treasury_account=_find_account(entry, _UNIFIED_TREASURY),
        is_central_bank_office=info.get("PtType") in _CENTRAL_BANK_TYPES,
        is_closing=_is_closing(info, business_date),
    )


def _read_place(info: etree._Element) -> str | None:
    kind, name = info.get("Tnp", "").strip(), info.get("Nnp", "").strip()
    if kind in _TOWN:
        kind = "г."
    return f"{kind} {name}".strip() or None


def _find_account(entry: etree._Element, kind: str) -> str | None:
    for account in entry.iterchildren(f"{_NAMESPACE}Accounts"):
        is_active = account.get("AccountStatus", _ACTIVE_ACCOUNT) == _ACTIVE_ACCOUNT
        if is_active and account.get("RegulationAccountType") == kind:
            return account.get("Account")
    return None


def _is_closing(info: etree._Element, business_date: dt.date) -> bool:
    """Deleted, out since a day that has come, or without a licence.  A liquidator (PtType 90) still takes payments."""
    out_since = _parse_date(info.get("DateOut"))
    restrictions = {one.get("Rstr") for one in info.iterchildren(f"{_NAMESPACE}RstrList")}
    return (
        info.get("ParticipantStatus") == _DELETED
        or (out_since is not None and out_since <= business_date)
        or _LICENCE_WITHDRAWN in restrictions
    )


def _parse_date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None
