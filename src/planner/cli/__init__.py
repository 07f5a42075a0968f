"""The command line: one module per command; stdout is data, stderr is narration."""

from __future__ import annotations

import os
import sys
from types import TracebackType


def _end_quietly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End on Ctrl+C without a traceback, also while the modules of a command are being read."""
    if issubclass(kind, KeyboardInterrupt):
        # 128 and the signal's number, as shells say it
        os._exit(130)
    _usual_hook(kind, error, trace)


# here and not where commands run: a person may think better of it before those are read
_usual_hook = sys.excepthook
sys.excepthook = _end_quietly
