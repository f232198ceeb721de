"""What a bank's team reads is what the product writes and takes."""

from __future__ import annotations

import pytest

from adapter.connectors.files.directory import parse_directory
from adapter.connectors.files.incoming import FileKind, find_kind, parse_account_statements
from adapter.connectors.files.status_files import STATUSES, Refusal, parse_statuses
from tests.connectors.files.examples import FOLDER, make_examples

EXAMPLES = make_examples()
PAGE = (FOLDER.parent / "core-files.md").read_text("utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_the_product_writes(name: str) -> None:
    assert (FOLDER / name).read_bytes() == EXAMPLES[name], "run python -m tests.connectors.files.examples"


def test_every_example_is_told_of() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(EXAMPLES)


def test_the_examples_for_the_folder_in_are_taken() -> None:
    assert len(parse_directory(EXAMPLES["directory.json"])["accounts"]) == 3
    assert len(parse_statuses(EXAMPLES["states.csv"])) == 6
    for name, kind in (("statement.txt", FileKind.ONEC), ("statement.xml", FileKind.CAMT053)):
        assert find_kind(EXAMPLES[name]) is kind
        (statement,) = parse_account_statements(kind, EXAMPLES[name])
        assert statement.is_whole


def test_every_status_is_on_the_page() -> None:
    words = {*STATUSES, *Refusal}
    assert [word for word in words if f"`{word}`" not in PAGE] == []
