"""Finds the data that the program ships, in an installed package or in a checkout."""

from __future__ import annotations

from pathlib import Path

import planner


def shipped_folder(package_data: str, checkout_folder: str) -> Path:
    """Return where shipped data lie: inside an installed package, else at the root of the checkout."""
    package = Path(planner.__file__).parent
    installed = package / package_data
    return installed if installed.is_dir() else package.parent.parent / checkout_folder
