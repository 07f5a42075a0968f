"""How long a large shared folder of profiles takes: listed, and read whole, cold and again.

Run by hand: python tests/benchmarks/catalog_load.py [PROFILES]
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.kinds import KINDS
from planner.catalog.search_path import built_in_folder

#: Chips are the largest profiles, so they make up most of the folder.
_COPIED = ("chips", "systems", "models", "sites")


def make_folder(folder: Path, profiles: int) -> None:
    """Fill the folder with copies of shipped profiles under new ids."""
    originals = [path for kind in _COPIED for path in sorted((built_in_folder() / kind).glob("*.toml"))]
    for number in range(profiles):
        original = originals[number % len(originals)]
        identifier = f"{original.stem}-copy{number}"
        text = original.read_text(encoding="utf-8")
        target = folder / original.parent.name / f"{identifier}.toml"
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            text.replace(f'id = "{original.stem}"', f'id = "{identifier}"', 1), encoding="utf-8"
        )


def read_all(catalog: Catalog) -> int:
    """Read every profile of the catalog and return how many are sound."""
    return sum(len(dict(catalog.of_kind(kind))) for kind in KINDS)


def seconds_of(folder: Path) -> tuple[float, float, float, int]:
    """Return the seconds of listing, of reading all, and of asking all again; and how many there were."""
    began = time.perf_counter()
    catalog = load_catalog([folder], include_user=False)
    listed = time.perf_counter()
    found = read_all(catalog)
    read = time.perf_counter()
    read_all(catalog)
    return listed - began, read - listed, time.perf_counter() - read, found


def main() -> None:
    """Print the times."""
    if sys.argv[1:2] == ["--child"]:
        listed, read, again, found = seconds_of(Path(sys.argv[2]))
        print(f"{found:6,} profiles: listed in {listed:.3f} s, all read in {read:.2f} s, again {again:.3f} s")
        return
    profiles = int(sys.argv[1]) if sys.argv[1:] else 2_000
    print(f"{platform.platform()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        make_folder(Path(folder), profiles)
        # each in a new process: a catalog lives as long as its process
        for _ in range(3):
            subprocess.run([sys.executable, __file__, "--child", folder], check=True)


if __name__ == "__main__":
    main()
