"""What people type is never read as markup: a plan may be called "[/]"."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "src" / "planner" / "app"
#: What Textual reads as markup when it is assigned.
TITLES = {"border_title", "border_subtitle", "tooltip"}
#: What Textual reads as markup unless it is told not to.
CALLS = {"notify", "Static"}


def is_content(value: ast.expr) -> bool:
    """Whether a value is a text that stands in the program, or one that is no markup."""
    if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id.isupper()):
        return True
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Content"


def read_as_markup(tree: ast.Module) -> Iterator[int]:
    """Yield the lines at which a text would be read as markup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            is_title = any(isinstance(to, ast.Attribute) and to.attr in TITLES for to in node.targets)
            if is_title and not is_content(node.value):
                yield node.lineno
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            says = any(keyword.arg == "markup" for keyword in node.keywords)
            if name in CALLS and not says and not all(is_content(value) for value in node.args):
                yield node.lineno


@pytest.mark.parametrize(
    "text", ["a.border_title = b.name", 'a.border_subtitle = f"{b}"', "Static(text)", "a.notify(b)"]
)
def test_it_is_seen(text: str) -> None:
    assert list(read_as_markup(ast.parse(text))) == [1]


def test_no_text_of_the_app_is_markup() -> None:
    found = [
        f"{path.relative_to(APP)}:{number}"
        for path in sorted(APP.rglob("*.py"))
        for number in read_as_markup(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
