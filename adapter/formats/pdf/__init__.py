"""A statement as a page that a bank hands out: PDF, A4, Russian, with a text that can be selected and searched.

Source: ISO 32000-1 (PDF 1.4), written by reportlab; what stands where is in `api_specs/formats.md`.  Texts are drawn
as they are: nothing in them is taken for markup.

    typeface.py (widths, lines) → paper.py (sheets) → heading.py, entry_cells.py → table.py, closing.py
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from adapter.domain.statements import Statement
from adapter.formats.pdf import closing
from adapter.formats.pdf.heading import draw_heading, draw_running_head, period_of
from adapter.formats.pdf.paper import Paper
from adapter.formats.pdf.table import draw_table
from adapter.formats.pdf.words import moment_of, pdf_moment_of
from adapter.formats.printed import at_most, one_line

ENTRIES_MAX = 20_000
_CHUNK_BYTES = 64 * 1024


def render_pdf(statement: Statement) -> Iterator[bytes]:
    """The file of a statement in chunks; all of it is made before the first one.

    Raises TooManyEntries beyond ENTRIES_MAX.
    """
    entries = at_most(ENTRIES_MAX, statement)
    account = statement.account
    paper = Paper(
        title=f"Выписка по счёту {account.number}",
        subject=f"Выписка {period_of(statement)}",
        author=one_line(statement.bank.name) if statement.bank else f"БИК {account.bic}",
        moment=pdf_moment_of(statement.as_of),
        foot=f"Выписка по счёту {account.number}, сформирована {moment_of(statement.as_of)} МСК",
    )
    draw_heading(paper, statement)
    draw_table(paper, statement, entries, partial(draw_running_head, statement=statement), tail=closing.HEIGHT)
    closing.draw_closing(paper, statement)
    document = memoryview(paper.finish())
    for start in range(0, len(document), _CHUNK_BYTES):
        yield bytes(document[start : start + _CHUNK_BYTES])
