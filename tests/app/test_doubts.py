"""Figures that are known to be wrong: named under the field that holds one, and in a profile's preview."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.picker import Picker
from planner.app.estimating import EngineEstimator
from planner.app.shelf import DISPUTED_LABEL, QUIET_LABEL, WRONG_LABEL, Shelf
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.text_field import TextField
from planner.catalog.catalog import load_catalog

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

PUE = ("site", "pue")
RIVAL = """
[[pue.rivals]]
value = 1.05
kind = "claim"
sources = ["CC"]
wrong_because = "that is the design figure of another campus"
"""


@pytest.fixture
def shelf(home: Path) -> Shelf:
    """Return the shipped profiles, with a site whose PUE has a rival that is known to be wrong."""
    shipped = load_catalog(include_user=False).get("sites", "ulanqab-cn").path
    text = shipped.read_text(encoding="utf-8")
    head, mark, rest = text.partition("[pue]")
    block, next_mark, tail = rest.partition("\n[")
    folder = home / "team" / "sites"
    folder.mkdir(parents=True)
    (folder / shipped.name).write_text(f"{head}{mark}{block}\n{RIVAL}{next_mark}{tail}", encoding="utf-8")
    return Shelf(lambda: load_catalog([home / "team"], include_user=False))


async def test_a_figure_known_to_be_wrong_is_named_under_its_field(
    open_app: OpenApp, shelf: Shelf, plan_path: Path
) -> None:
    app = PlannerApp(open_session(plan_path), EngineEstimator(shelf), shelf)
    async with open_app(app, size=(160, 60)) as user:
        screen = user.planning
        assert await screen.form.reveal("site.pue")
        row = screen.form.row_at(PUE)
        assert row is not None
        assert isinstance(row.control, TextField)
        row.control.value = "1.05"
        await user.until(lambda: bool(row.doubt))
        assert str(row.complaint.content) == "! that is the design figure of another campus"
        assert row.complaint.display
        assert not row.has_class("-wrong")
        details = "\n".join(line.plain for line in screen.query_one("#panels", Drawn).drawn_lines)
        assert "site.pue is known to be wrong" in " ".join(details.split())
        row.control.value = "1.05x"
        await user.until(lambda: bool(row.error))
        assert str(row.complaint.content).startswith("x ")
        row.control.value = "1.3"
        await user.until(lambda: not row.doubt)
        assert str(row.complaint.content) == ""


def test_a_preview_shows_documents_and_why_a_rival_is_wrong() -> None:
    shelf = Shelf(lambda: load_catalog(include_user=False))
    catalog = shelf.catalog()
    rows = shelf.preview("chips", "h100-sxm")
    peak = next(index for index, (label, _) in enumerate(rows) if label.endswith("bf16"))
    assert "(datasheet" in rows[peak][1] or "(derived" in rows[peak][1]
    under = []
    for label, text in rows[peak + 1 :]:
        if label not in (QUIET_LABEL, WRONG_LABEL, DISPUTED_LABEL):
            break
        under.append((label, text))
    titles = {source.title for source in catalog.sources.values()}
    assert any(label == QUIET_LABEL and text in titles for label, text in under)
    assert any(label == WRONG_LABEL and "because" in text and "sparsity" in text for label, text in under)


async def test_the_preview_scrolls_by_key_while_the_filter_keeps_the_focus(
    open_app: OpenApp, shelf: Shelf, plan_path: Path
) -> None:
    app = PlannerApp(open_session(plan_path), EngineEstimator(shelf), shelf)
    async with open_app(app, size=(80, 24)) as user:
        await user.press("f4")
        picker = await user.shown(Picker)
        await user.press(*"h100")
        detail = picker.query_one("#picker-detail")
        await user.until(lambda: detail.max_scroll_y > 0)
        await user.press("ctrl+down")
        await user.until(lambda: detail.scroll_offset.y > 0)
        await user.press("ctrl+up")
        await user.until(lambda: detail.scroll_offset.y == 0)
