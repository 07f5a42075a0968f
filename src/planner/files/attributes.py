"""What a file has besides its content, carried over to the one that takes its place."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from planner.text import safe

#: The group's bits of a mode, and those of everybody else.
_GROUP, _OTHERS = 0o070, 0o007


def is_write_protected(path: Path) -> bool:
    """Return whether a file is there that says, by its permissions, that this user should not write it.

    Replacing a file asks its folder alone, and root may write everything: so the file itself is asked. Where
    the folder takes nothing either, the file is not what stands against it.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    is_writable = mode & 0o222 and os.access(path, os.W_OK)
    return not is_writable and os.access(path.parent, os.W_OK)


def carry_over(old: os.stat_result, path: Path, descriptor: int) -> Iterator[str]:
    """Give an open file what the one at `path` has; yield in words what the system does not let it keep."""
    mode = stat.S_IMODE(old.st_mode)
    if sys.platform != "win32":
        mine = os.fstat(descriptor)
        if mine.st_uid != old.st_uid and not _succeeds(os.fchown, descriptor, old.st_uid, -1):
            yield f"its owner (user {old.st_uid})"
        if mine.st_gid != old.st_gid and not _succeeds(os.fchown, descriptor, -1, old.st_gid):
            yield f"its group (group {old.st_gid})"
            # what one group may must not become what another one may
            mode = mode & ~_GROUP | (mode & _OTHERS) << 3
        # after the owner, whose change takes bits away
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, mode)
    if sys.platform == "linux":
        yield from _extended_attributes(path, descriptor)


def _succeeds(call: Callable[[int, int, int], None], descriptor: int, user: int, group: int) -> bool:
    try:
        call(descriptor, user, group)
    except OSError:
        return False
    return True


if sys.platform == "linux":

    def _extended_attributes(path: Path, descriptor: int) -> Iterator[str]:
        """Copy extended attributes, access lists among them; yield those that stay behind."""
        try:
            names = os.listxattr(path)
        except OSError:
            # the drive knows none
            return
        for name in names:
            try:
                value = os.getxattr(path, name)
                if _attribute(descriptor, name) != value:
                    os.setxattr(descriptor, name, value)
            except OSError:
                yield f"its extended attribute '{safe(name, limit=80)}'"

    def _attribute(descriptor: int, name: str) -> bytes | None:
        try:
            return os.getxattr(descriptor, name)
        except OSError:
            return None


def link_again(old: os.stat_result, target: Path, name: Callable[[], Path]) -> Iterator[str]:
    """Let the other names of a replaced file (hard links) mean the new one; yield in words what does not.

    Each name is replaced whole, so a kill leaves each with one version or the other. Names in other folders
    cannot be found; writing into the file in place would reach them, and would tear it where it is killed.

    Parameters
    ----------
    old
        The replaced file, as it was.
    target
        The new file, under its name.
    name
        Returns a new name for a temporary file in the folder.
    """
    others = old.st_nlink - 1
    if others > 0:
        others -= sum(_is_linked_again(other, target, name()) for other in _names(old, target))
    if others > 0:
        yield f"{others} other name{'s' if others > 1 else ''} of it (hard links), with the old version still"


def _names(old: os.stat_result, target: Path) -> list[Path]:
    """Return the names of the old file in the folder of the new one."""
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.inode() == old.st_ino and not entry.is_symlink() and entry.name != target.name
        ]
    return []


def _is_linked_again(other: Path, target: Path, temporary: Path) -> bool:
    try:
        os.link(target, temporary)
        try:
            os.replace(temporary, other)  # noqa: PTH105 - named as the atomic step it is
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except OSError:
        return False
    return True
