"""Files that say whether their maker lives: it holds a lock on them that ends with it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

#: A look at a file takes its lock for an instant; who is met by so many looks in a row goes on without.
_MOST_LOOKS = 20


def hold_new(name: Callable[[], Path]) -> tuple[int, Path]:
    """Make a file that nobody has yet and hold it; return its open descriptor and its path.

    It is held until the descriptor is closed or the process ends, however it ends.

    Parameters
    ----------
    name
        Returns another path each time: a file may be taken for a dead one's before it is held.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for look in range(1, _MOST_LOOKS + 1):
        path = name()
        # 0o666 less the umask, as any new file; O_EXCL so that nobody's file or link is followed
        descriptor = os.open(path, flags, 0o666)
        is_ours = take(descriptor) is not False and os.fstat(descriptor).st_nlink > 0
        if is_ours or look == _MOST_LOOKS:
            break
        os.close(descriptor)
        path.unlink(missing_ok=True)
    return descriptor, path


@contextlib.contextmanager
def look(path: Path) -> Iterator[bool | None]:
    """Yield whether the maker of a file holds it; None where the system does not tell.

    Where nobody does, nobody begins to while this lasts: the file can be removed meanwhile.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with contextlib.ExitStack() as stack:
        held: bool | None
        try:
            descriptor = os.open(path, flags)
        except FileNotFoundError:
            held = False
        except OSError:
            held = None
        else:
            stack.callback(os.close, descriptor)
            taken = take(descriptor, is_shared=True)
            held = None if taken is None else not taken
        yield held


def is_held(path: Path) -> bool:
    """Return whether the maker of a file is known to hold it still."""
    with look(path) as held:
        return bool(held)


def take(descriptor: int, *, is_shared: bool = False) -> bool | None:
    """Lock an open file until its descriptor is closed, without waiting.

    Return True where it is ours now, False where somebody else has it, None where the system or the drive
    knows no such locks.
    """
    if sys.platform == "win32":
        return None
    how = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
