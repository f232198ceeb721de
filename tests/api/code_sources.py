"""Which codes the API gives to single errors and warnings beside those of the rules, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import adapter
from adapter.schemas.statement_orders import MESSAGES

SOURCES = (
    "api/*.py",
    "domain/periods.py",
    "domain/order_warnings.py",
    "domain/telling.py",
    "formats/amounts.py",
    "formats/notes.py",
    "formats/onec_exchange/orders.py",
    "formats/onec_exchange/reader.py",
    "formats/onec_exchange/text.py",
    "formats/onec_exchange/values.py",
    "formats/pain001/*.py",
    "formats/xml.py",
    "schemas/orders.py",
    "schemas/statement_orders.py",
    "services/*.py",
)
ROOT = Path(adapter.__file__).parent
IS_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*").fullmatch
IS_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE).search
# Who is told a code; what follows it is the message, or else it is no code.
TELLING = {
    "add",
    "add_error",
    "field_error",
    "invalid",
    "refuse",
    "_add_error",
    "_damage",
    "_error",
    "_no_batch",
    "Wrong",
}


def list_codes() -> set[str]:
    files = [file for pattern in SOURCES for file in ROOT.glob(pattern)]
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    return {code for tree in trees for node in ast.walk(tree) for code in _codes_of(node)} | MESSAGES.keys()


def _codes_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign) and _is_code(node.targets[0]):
        yield from _texts(node.value)
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == "code":
                yield from _texts(keyword.value)
        for told, message in zip(node.args, node.args[1:], strict=False):
            if _is_message(message, _name_of(node.func)):
                yield from (text for text in _texts(told) if IS_CODE(text))


def _is_message(node: ast.expr, told_to: str) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(IS_RUSSIAN(str(part.value)) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.Constant):
        return bool(IS_RUSSIAN(str(node.value)))
    return told_to in TELLING and isinstance(node, ast.Name) and node.id == "message"


def _is_code(target: ast.expr) -> bool:
    """`code = …` or `code, what = …`"""
    first = target.elts[0] if isinstance(target, ast.Tuple) else target
    return getattr(first, "id", "") == "code"


def _name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    if isinstance(node, ast.Tuple):
        return _texts(node.elts[0])
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
