"""Pages that were freed go back to the system."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pytest

from planner.app.freed_pages import return_freed_pages


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere nothing is done")
def test_what_lies_below_something_that_stays_goes_back() -> None:
    # each too small for pages of its own, so that the C library takes them from its heap
    kept = [np.ones(8_000) for _ in range(1_000)]
    last = np.ones(8_000)
    before = resident_bytes()
    del kept
    return_freed_pages()
    assert resident_bytes() < before - 30_000_000
    assert last.sum() == 8_000
