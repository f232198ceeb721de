"""The shapes of a statement, by their name in `format=`: what can be chosen and who writes them.

The parameters, `Accept`, the document, the background making and the customer's page follow from the table.  What else
a new shape touches, its words and its section of `formats.md` first, is listed in `ARCHITECTURE.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from adapter.api.statement_json import render_json
from adapter.domain.errors import Busy, TooManyEntries
from adapter.domain.feeds import StatementReading
from adapter.domain.statement_orders import Rendering
from adapter.domain.statements import Statement
from adapter.formats import camt053, pdf, xlsx
from adapter.formats.mt940 import render_statement as render_mt940
from adapter.formats.onec_exchange import Encoding, render_statement
from adapter.formats.statement_csv import Dialect, render_csv

Options = Mapping[str, str]
ACCOUNT_DIGITS_SHOWN = 4
# Costly shapes are made so many at a time in one process, so that its other threads go on answering everybody else.
COSTLY_AT_ONCE_MAX = 2
_costly = threading.BoundedSemaphore(COSTLY_AT_ONCE_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a statement leaves.

    `options` are query parameters that it knows, with their values, the default first.  `entries_max` is what it can
    hold at all, `at_once_max` what is written while the reader waits; more is made in the background.  A shape with
    such a limit is costly: few are made at a time.  `ending` is that of the file's name, None for an answer that is no
    file.
    """

    title: str  # Russian, for the customer's page
    media_type: str
    render: Callable[[StatementReading, Options], Iterable[bytes]]
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ending: str | None = None
    entries_max: int | None = None
    at_once_max: int | None = None

    def content_type(self, options: Options) -> str:
        """The media type, with the charset of a text."""
        charset = options.get("encoding", "utf-8") if self.media_type.startswith("text/") else None
        return f"{self.media_type}; charset={charset}" if charset else self.media_type

    def file_name(self, statement: Statement) -> str:
        """A name that tells the files of several accounts apart without telling the account's number."""
        account = "".join(filter(str.isalnum, statement.account.number))[-ACCOUNT_DIGITS_SHOWN:]
        return f"statement_{account}_{statement.date_from}_{statement.date_to}.{self.ending or 'json'}"

    def check_length(self, statement: Statement, *, at_once: bool) -> None:
        """Raises TooManyEntries beyond what the shape holds or, `at_once`, beyond what is written while one waits."""
        count = statement.credit_entries + statement.debit_entries
        limits = [self.entries_max, self.at_once_max if at_once else None]
        limit = min((limit for limit in limits if limit is not None), default=count)
        if count > limit:
            raise TooManyEntries(limit, count)

    def begin(self, reading: StatementReading, options: Options) -> Iterator[bytes]:
        """Write a statement while the reader waits.  Raises TooManyEntries, and Busy for a costly shape.

        The first piece is made here, so that what keeps a shape from being made is an answer and not a torn file.
        """
        self.check_length(reading.statement, at_once=True)
        if self.at_once_max is not None:
            return iter((self._make_whole(reading, options),))
        pieces = iter(self.render(reading, options))
        return _resume(next(pieces, b""), pieces)

    def _make_whole(self, reading: StatementReading, options: Options) -> bytes:
        """Made at one go, so that a slow reader keeps no place."""
        if not _costly.acquire(blocking=False):
            raise Busy
        try:
            return b"".join(self.render(reading, options))
        finally:
            _costly.release()


def _resume(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _render_1c(reading: StatementReading, options: Options) -> Iterable[bytes]:
    return render_statement(reading.statement, cast(Encoding, options["encoding"]))


def _render_camt053(reading: StatementReading, options: Options) -> Iterable[bytes]:
    return camt053.render_statement(reading.statement, cast(camt053.Version, options["version"]))


def _render_csv(reading: StatementReading, options: Options) -> Iterable[bytes]:
    return render_csv(reading.statement, cast(Dialect, options["dialect"]))


# The first is given to who accepts anything.
SHAPES: Mapping[str, Shape] = {
    "json": Shape(title="JSON", media_type="application/json", render=lambda reading, _: render_json(reading)),
    "1c": Shape(
        title="1С:Предприятие",
        media_type="text/plain",
        render=_render_1c,
        options={"encoding": ("windows-1251", "utf-8", "cp866")},
        ending="txt",
    ),
    "mt940": Shape(
        title="SWIFT MT940",
        media_type="application/x-mt940",
        render=lambda reading, _: render_mt940(reading.statement),
        ending="sta",
    ),
    "csv": Shape(
        title="CSV",
        media_type="text/csv",
        render=_render_csv,
        options={"dialect": ("excel", "plain")},
        ending="csv",
    ),
    "camt053": Shape(
        title="ISO 20022 camt.053",
        media_type="application/xml",
        render=_render_camt053,
        options={"version": ("001.02", "001.08")},
        ending="xml",
    ),
    "xlsx": Shape(
        title="Excel",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        render=lambda reading, _: xlsx.render_xlsx(reading.statement),
        ending="xlsx",
        entries_max=xlsx.ENTRIES_MAX,
        at_once_max=2_000,
    ),
    "pdf": Shape(
        title="PDF",
        media_type="application/pdf",
        render=lambda reading, _: pdf.render_pdf(reading.statement),
        ending="pdf",
        entries_max=pdf.ENTRIES_MAX,
        at_once_max=500,
    ),
}


def render_file(name: str, options: Options, reading: StatementReading) -> Rendering:
    """A statement as a file that is made while nobody waits.  Raises TooManyEntries."""
    shape = SHAPES[name]
    shape.check_length(reading.statement, at_once=False)
    return Rendering(
        media_type=shape.content_type(options),
        file_name=shape.file_name(reading.statement),
        pieces=shape.render(reading, options),
    )
