"""Which codes the rules of payment orders give to which fields, read from the source of `adapter/domain`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import adapter

DOMAIN = Path(adapter.__file__).parent / "domain"
JSON_READER = Path(adapter.__file__).parent / "schemas/orders.py"
MODULES = (
    "bank_rules",
    "budget_rules",
    "customs_payments",
    "identifiers",
    "order_advice",
    "order_rules",
    "other_budget_payments",
    "payee_rules",
    "payer_rules",
    "purpose_rules",
    "tax_payments",
    "third_person",
    "vat",
)
TELLING = {"add", "must_be", "must_be_empty", "field_error"}


def list_codes() -> dict[str, set[str]]:
    """Each code with the fields that are named beside it; a field that is a variable in the source is left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        tree = ast.parse((DOMAIN / f"{module}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            for code, field in _codes_of(node):
                found[code] |= {field} if field else set()
    return dict(found)


def list_codes_of_json() -> set[str]:
    """The codes that the reader of the JSON gives before any rule is asked."""
    calls = [node for node in ast.walk(ast.parse(JSON_READER.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {code for call in calls if getattr(call.func, "id", "") == "_Wrong" for code in _texts(call.args[0])}


def _codes_of(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "code":
        yield from ((code, None) for code in _texts(node.value))
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "InvalidIdentifier":
        yield from ((code, None) for code in _texts(node.args[0]))
    if name in TELLING:
        fields = _texts(node.args[0]) or [None]
        yield from ((code, field) for code in _texts(node.args[1]) for field in fields)
        if name == "must_be":
            yield from (("required", field) for field in fields)
    if name == "check_characters":
        yield from (("forbidden_characters", field) for field in _texts(node.args[0]))


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
