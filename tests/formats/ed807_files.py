"""Directories of banks in the form in which the Bank of Russia publishes them."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import quoteattr

SBER = "044525225"
SBER_ACCOUNT = "30101810400000000225"


def entry(bic: str = SBER, name: str = "ПАО Сбербанк", account: str | None = SBER_ACCOUNT, **told: str) -> str:
    """One participant; `told` are attributes of ParticipantInfo, `kind` and `account_status` those of its account."""
    kind, status, restriction = told.pop("kind", "CRSA"), told.pop("account_status", "ACAC"), told.pop("rstr", "")
    attributes = {"Tnp": "г", "Nnp": "Москва", "PtType": "20", "ParticipantStatus": "PSAC"} | told
    written = " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items())
    inner = f'<RstrList Rstr="{restriction}" RstrDate="2026-01-01"/>' if restriction else ""
    accounts = f'<Accounts Account="{account}" RegulationAccountType="{kind}" AccountStatus="{status}"/>'
    return (
        f'<BICDirectoryEntry BIC="{bic}"><ParticipantInfo NameP={quoteattr(name)} {written}>{inner}</ParticipantInfo>'
        f"{accounts if account else ''}</BICDirectoryEntry>"
    )


def directory(*entries: str, day: str = "2026-09-17", encoding: str = "windows-1251", **heading: str) -> bytes:
    """A whole file, one entry a line; the first stands in line 3."""
    attributes = {"EDNo": "1", "EDDate": "2026-09-16", "InfoTypeCode": "FIRR", "BusinessDay": day} | heading
    written = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    lines = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        f'<ED807 xmlns="urn:cbr-ru:ed:v2.0" {written}>',
        *(entries or (entry(),)),
        "</ED807>",
    ]
    return "\n".join(lines).encode(encoding)


def zipped(*contents: bytes, name: str = "20260917_ED807_full.xml") -> bytes:
    """A zip as the Bank of Russia makes it, of one file unless more are given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in enumerate(contents):
            archive.writestr(name if not place else f"{place}-{name}", content)
    return packed.getvalue()
