"""Ends a process whose app does not end, with the terminal as it was before."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Any

#: After a signal the app ends within that time, drafts written, whatever holds it up. [s]
LONGEST_END_S = 10.0
#: What takes back all that the app asks of a terminal: reports of pastes, sizes and mouse, keys, its screen.
_AS_BEFORE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)


class LastResort:
    """Remembers how the terminal is before the app opens."""

    def __init__(self) -> None:
        self.modes: list[Any] | None = None
        self.descriptor = -1
        # a stream that is no file, and a system without terminal modes, have nothing to be put back
        with suppress(ImportError, OSError, ValueError, AttributeError):
            import termios  # noqa: PLC0415 - not on every system

            assert sys.__stderr__ is not None
            self.descriptor = sys.__stderr__.fileno()
            with suppress(termios.error):
                self.modes = termios.tcgetattr(self.descriptor)

    def arm(self, code: int) -> None:
        """End the process with a code, unless it has ended by itself before long."""
        timer = threading.Timer(LONGEST_END_S, self.end, (code,))
        timer.daemon = True
        timer.start()

    def end(self, code: int) -> None:
        """End the process now."""
        with suppress(Exception):
            self.put_back()
        os._exit(code)

    def put_back(self) -> None:
        """Give the terminal its modes and its screen; one that takes nothing is not waited for."""
        if self.modes is None:
            return
        import termios  # noqa: PLC0415 - it is there where there are modes

        os.set_blocking(self.descriptor, False)
        with suppress(OSError):
            os.write(self.descriptor, _AS_BEFORE)
        termios.tcsetattr(self.descriptor, termios.TCSANOW, self.modes)
