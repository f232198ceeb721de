"""A small clean message of another bank, for tests that change one thing in it."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "golden" / "camt053"
OWN = "40702810955230165464"

CREDIT = """\
<Ntry>
<NtryRef>R-1</NtryRef>
<Amt Ccy="RUB">300.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd>
<Sts>BOOK</Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt>
<ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>R-1</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>NTAV</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls>
<Refs><EndToEndId>77</EndToEndId></Refs>
<RltdPties>
<Dbtr><Nm>ИП Иванов</Nm>
<Id><OrgId><Othr><Id>500100732259</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr></OrgId></Id></Dbtr>
<DbtrAcct><Id><Othr><Id>40802810722200035222</Id></Othr></Id></DbtrAcct>
<Cdtr><Nm>ООО "Ромашка"</Nm></Cdtr>
</RltdPties>
<RmtInf><Ustrd>Оплата по договору 5</Ustrd></RmtInf>
</TxDtls></NtryDtls>
</Ntry>
"""
DEBIT = """\
<Ntry>
<NtryRef>R-2</NtryRef>
<Amt Ccy="RUB">50.00</Amt>
<CdtDbtInd>DBIT</CdtDbtInd>
<Sts>BOOK</Sts>
<BookgDt><Dt>2026-11-21</Dt></BookgDt>
<AcctSvcrRef>R-2</AcctSvcrRef><BkTxCd><Prtry><Cd>17</Cd></Prtry></BkTxCd>
<AddtlNtryInf>Комиссия за ведение счёта</AddtlNtryInf>
</Ntry>
"""
STATEMENT = f"""\
<Stmt>
<Id>S-1</Id>
<CreDtTm>2026-11-21T12:30:00+03:00</CreDtTm>
<FrToDt><FrDtTm>2026-11-20T00:00:00+03:00</FrDtTm><ToDtTm>2026-11-21T23:59:59+03:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>{OWN}</Id></Othr></Id><Ccy>RUB</Ccy><Ownr><Nm>ООО "Ромашка"</Nm></Ownr></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>
<Amt Ccy="RUB">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
<Amt Ccy="RUB">1250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
<TxsSummry>
<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>300.00</Sum></TtlCdtNtries>
<TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>50.00</Sum></TtlDbtNtries>
</TxsSummry>
{CREDIT}{DEBIT}</Stmt>
"""
MESSAGE = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt>
<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-21T12:30:00+03:00</CreDtTm></GrpHdr>
{STATEMENT}</BkToCstmrStmt>
</Document>
"""


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with changes; each must find its place, so that no test changes nothing."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def line_of(text: str, start: str) -> int:
    """The number of the first line that begins so."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.startswith(start))
