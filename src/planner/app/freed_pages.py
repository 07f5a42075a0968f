"""Gives memory that was freed back to the system, where the C library keeps it otherwise."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def return_freed_pages() -> None:
    """Return the pages that hold nothing any more: arrays of a work that is done leave some MiB of them.

    The GNU C library returns by itself only what lies at a heap's end. Elsewhere nothing is done.
    """
    if sys.platform == "linux":
        # another C library has no such function
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
