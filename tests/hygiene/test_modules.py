"""The shape of the source: no module imports itself by way of others, none is too long to be read at once."""

from __future__ import annotations

import graphlib
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[2] / "src" / "planner"
MOST_LINES = 400


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports for the type checker and inside functions count: who needs a name knows its module."""
    graph = grimp.build_graph("planner", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 200
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix()
)
def test_a_module_can_be_read_at_once(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES
