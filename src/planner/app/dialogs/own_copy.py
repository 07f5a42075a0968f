"""Asks under which id, and in which folder, a profile of one's own begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.widgets import Input

from planner.app.dialogs.named_start import NamedStart, Words
from planner.app.drawing.pieces import QUIET, STRONG, line
from planner.catalog.search_path import Folder
from planner.text import safe

_KEYS = "Enter write and edit   Up, Down folder   Esc cancel"


class OwnCopy(NamedStart[tuple[str, Path]]):
    """Returns id and folder; None where somebody would rather not."""

    def __init__(
        self,
        title: str,
        identifier: str,
        folders: Sequence[Folder],
        complaint: Callable[[str, Path], str],
        note: str,
    ) -> None:
        super().__init__(
            Words(title, _KEYS, "Id", "In the folder", note),
            Input(identifier, id="new-name", compact=True, select_on_focus=False),
            [line((safe(it.label), STRONG), "  ", (safe(str(it.path)), QUIET)) for it in folders],
        )
        self.folders = tuple(folders)
        #: what is wrong with an id in a folder; empty where nothing is
        self.complaint = complaint

    def problem(self, answer: tuple[str, Path]) -> str:
        """Return why the id cannot be one, or is not free in that folder."""
        return self.complaint(*answer)

    def answer(self, name: str, place: int) -> tuple[str, Path]:
        """Return id and folder."""
        return name, self.folders[place].path
