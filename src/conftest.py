"""The examples in docstrings are tests: `--doctest-modules` runs those of the modules that have any."""

from __future__ import annotations

from pathlib import Path


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a module without an example, so that nothing is imported in vain."""
    if collection_path.suffix == ".py" and ">>> " not in collection_path.read_text(encoding="utf-8"):
        return True
    return None
