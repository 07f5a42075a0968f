"""Paints what changed out of the widgets that lie there, and of no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class ChangesCompositor(Compositor):
    """Textual's, which asks each widget of a pane that the rectangle around all changes meets.

    That is each field of a form, with every key and every blink of the cursor.
    """

    def __init__(self) -> None:
        super().__init__()
        #: what is being painted anew; nothing while all is painted
        self.changes: Sequence[Region] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed since it was asked for last, or None where nothing did."""
        self.changes = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self.changes = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        return self._changed_renders() if self.changes else super()._get_renders(crop)

    def _changed_renders(self) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Yield where each widget lies that a change meets, where it shows, and its lines."""
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if shown.area and any(map(shown.overlaps, self.changes)):
                yield region, clip, widget.render_lines(shown.translate((-region.x, -region.y)))
