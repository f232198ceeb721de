"""Statements for a person at the bank's own pages: the same shapes and the same files that partners get."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.api.shapes import SHAPES
from adapter.domain.errors import Busy, CoreUnavailable, TooManyEntries
from adapter.domain.feeds import Viewer
from adapter.services.statements import Statements
from oauth import StatementDownload, StatementNotReady, StatementRequest, StatementShape, StatementTooLong

NO_PARTNER = ""  # entries name the payments of the partner who reads; a person reads as none


class StatementDesk:
    """Meets `oauth.StatementDesk`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_shapes(self) -> Sequence[StatementShape]:
        return [StatementShape(name=name, title=shape.title, options=shape.options) for name, shape in SHAPES.items()]

    def open(self, request: StatementRequest) -> StatementDownload:
        shape = SHAPES[request.shape]
        viewer = Viewer(partner_id=NO_PARTNER, history_from=request.date_from)
        try:
            reading = self._statements.read_statement(request.account_id, request.date_from, request.date_to, viewer)
            chunks = shape.begin(reading, request.options)
        except (CoreUnavailable, Busy) as error:
            raise StatementNotReady from error
        except TooManyEntries as error:
            raise StatementTooLong(error.limit, error.entries) from error
        return StatementDownload(
            content_type=shape.content_type(request.options),
            file_name=shape.file_name(reading.statement),
            chunks=chunks,
        )
