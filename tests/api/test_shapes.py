"""The table of shapes: each is reached by its media type, and `formats.md` tells where each has its fields."""

from __future__ import annotations

import re
from pathlib import Path

from adapter.api.shapes import SHAPES

SPECS = Path(__file__).parents[2] / "api_specs"


def test_no_two_shapes_have_one_media_type() -> None:
    assert len({shape.media_type for shape in SHAPES.values()}) == len(SHAPES)


def test_every_shape_but_json_itself_has_its_section_of_places() -> None:
    sections = re.findall(r"^## .+ \(`format=(\w+)`, `(.+)`\)$", (SPECS / "formats.md").read_text(), re.MULTILINE)
    assert dict(sections) == {name: shape.media_type for name, shape in SHAPES.items() if name != "json"}
