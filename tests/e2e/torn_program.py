"""gunicorn's entry for tests: the whole application, whose JSON statements break after their first piece."""

from collections.abc import Iterator
from dataclasses import replace

from adapter.api.shapes import SHAPES

FIRST_PIECE = b'{"account":'


def _break_down(*_given: object) -> Iterator[bytes]:
    yield FIRST_PIECE
    raise RuntimeError("the middle of a statement cannot be made")


SHAPES["json"] = replace(SHAPES["json"], render=_break_down)  # type: ignore[index]

from adapter.wsgi import app  # noqa: E402

__all__ = ["app"]
