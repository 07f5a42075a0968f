"""The app in a pseudo-terminal of its own: what is typed, what it paints, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import tty
from collections.abc import Mapping, Sequence
from pathlib import Path

#: What the terminal must be told at the end: no mouse, the main screen, a cursor.
RESTORED = (b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1049l", b"\x1b[?25h")
#: Whatever is waited for comes within that time, on the busiest machine.
PATIENCE_S = 60.0


class Terminal:
    """A process in a terminal of its own.

    Parameters
    ----------
    arguments
        What Python runs.
    environment
        What differs from the environment of the tests.
    folder
        Where the process works; None: where the tests do.
    takes_keys
        As a shell's terminal does before the app begins and once it is left: ^C ends the process, ^Z stops
        it, and ^S what it says.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = (160, 45),
        folder: Path | None = None,
        takes_keys: bool = True,
    ) -> None:
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            if folder is not None:
                os.chdir(folder)
            given = {**os.environ, "TERM": "xterm-256color", **environment}
            os.execve(sys.executable, [sys.executable, *arguments], given)
        self.modes = termios.tcgetattr(self.descriptor)
        if not takes_keys:
            self.modes[tty.IFLAG] &= ~termios.IXON
            self.modes[tty.LFLAG] &= ~termios.ISIG
            termios.tcsetattr(self.descriptor, termios.TCSANOW, self.modes)
        self.size = size
        self.resize(*size)
        #: everything that it said
        self.said = bytearray()
        #: the other side has closed the terminal
        self.is_over = False

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.size = (columns, rows)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float, until: bytes = b"") -> bool:
        """Read what the app says for so long, or until it says something; return whether it said it."""
        begin, end = len(self.said), time.monotonic() + seconds
        while True:
            if until and self.said.find(until, begin) >= 0:
                return True
            left = end - time.monotonic()
            if left <= 0 or self.is_over:
                return False
            if select.select([self.descriptor], [], [], left)[0]:
                self.take()

    def take(self) -> None:
        """Read what is there."""
        try:
            said = os.read(self.descriptor, 1 << 16)
        except OSError:
            # the other side has ended
            said = b""
        self.is_over = not said
        self.said += said

    def write(self, keys: bytes) -> None:
        """Type; what the app says meanwhile is read, so that neither waits for the other."""
        while keys and not self.is_over:
            readable, writable, _ = select.select([self.descriptor], [self.descriptor], [], PATIENCE_S)
            assert readable or writable, "nobody reads what is typed"
            if readable:
                self.take()
            elif writable:
                keys = keys[os.write(self.descriptor, keys[:512]) :]

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        os.kill(self.process, number)

    def end(self) -> int:
        """Wait for the end and return the exit code; the terminal must be as it was, unless it was killed."""
        self.read(PATIENCE_S)
        assert self.is_over, "it does not end"
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        if code != -signal.SIGKILL:
            last = self.said.rfind(b"\x1b[?1049h")
            assert all(self.said.find(told, max(last, 0)) >= 0 for told in RESTORED), bytes(self.said[-500:])
            assert termios.tcgetattr(self.descriptor) == self.modes
        os.close(self.descriptor)
        return code

    def kill(self) -> None:
        """End the process whatever it does, where a test gives up."""
        if not self.is_over:
            self.send(signal.SIGKILL)
            os.waitpid(self.process, 0)
            os.close(self.descriptor)
            self.is_over = True
