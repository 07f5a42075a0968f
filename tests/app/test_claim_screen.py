"""The claim checker as a person drives it: typing a claim, opening a known one, what is missing or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList, Static

from planner.app.claim_form import CLAIM_FIELDS, ClaimDraft
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.drawing.claim import scale_lines
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.planning import PlanningScreen
from planner.catalog.catalog import Catalog
from planner.catalog.runs import load_runs
from planner.claims.judgement import judge_training
from planner.domain.claim import Claim, TrainingStatement
from planner.errors import InputError
from planner.planning.published import PublishedRun, published_runs
from planner.report.claim_document import claim_document, training_document
from planner.report.terminal import terminal_text

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp, User
TYPED = {
    "chip": "ascend-910b",
    "chips": "8192",
    "model": "pangu-ultra-135b",
    "tokens": "13.2T",
    "mfu": "50 %",
}


async def claims(user: User) -> ClaimScreen:
    """Open the claim checker from the planning screen."""
    await user.shown(PlanningScreen)
    await user.press("f10")
    screen = await user.shown(ClaimScreen)
    await user.until(lambda: bool(screen.claims))
    return screen


async def settled(user: User, screen: ClaimScreen) -> None:
    await user.pause()
    await screen.work.settled(60)
    assert not screen.work.is_busy
    await user.pause()


async def type_into(user: User, screen: ClaimScreen, name: str, text: str) -> None:
    await user.type_over(screen.row(name), text)
    await settled(user, screen)


async def fill(user: User, screen: ClaimScreen, **texts: str) -> None:
    for name, text in texts.items():
        screen.typed(name, text)
    screen.show_fields()
    await settled(user, screen)


def shown(screen: ClaimScreen) -> str:
    return str(getattr(screen.query_one("#claim-text", Static).content, "plain", ""))


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def catalog(shipped: Catalog) -> Catalog:
    return shipped


@pytest.fixture(scope="module")
def published(shipped: Catalog) -> tuple[PublishedRun, ...]:
    return published_runs(load_runs().runs, shipped)


async def test_begins_with_a_sentence_and_says_what_is_missing(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = await claims(user)
        assert "press F6 and Enter" in squeezed(shown(screen))
        await type_into(user, screen, "days", "21")
        text = squeezed(shown(screen))
        for words in ("the chip", "how many chips", "the model or its parameters", "the tokens"):
            assert words in text


async def test_a_typed_claim_reads_as_the_command_prints_it(
    open_app: OpenApp, catalog: Catalog, published: tuple[PublishedRun, ...]
) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await claims(user)
        await fill(user, screen, **{name: text for name, text in TYPED.items() if name != "mfu"})
        await type_into(user, screen, "mfu", "50 %")
        statement = TrainingStatement(
            chip="ascend-910b", chips=8192, model="pangu-ultra-135b", tokens=13.2e12, mfu=0.5
        )
        judgement = judge_training(statement, catalog, published)
        width = screen.query_one("#claim-verdict").scrollable_content_region.width
        assert terminal_text(
            training_document(judgement, catalog.sources), width=width
        ).rstrip() in "\n".join(row.rstrip() for row in shown(screen).split("\n"))
        await user.press("f8")
        assert "PLAUSIBLE" in user.app.clipboard
        await type_into(user, screen, "mfu", "120 %")
        assert "IMPOSSIBLE" in shown(screen)
        assert "= 120 %" in str(screen.row("mfu").hint.content)


async def test_an_invalid_field_keeps_the_verdict_and_what_cannot_be_judged_is_said(
    open_app: OpenApp,
) -> None:
    async with open_app() as user:
        screen = await claims(user)
        await fill(user, screen, **TYPED)
        assert "PLAUSIBLE" in shown(screen)
        await type_into(user, screen, "chips", "many")
        assert "PLAUSIBLE" in shown(screen)
        assert "stale: how many is not valid" in str(screen.query_one("#claim-verdict").border_subtitle)
        assert screen.row("chips").error
        await type_into(user, screen, "chips", "4k")
        assert not screen.row("chips").error
        assert not screen.query_one("#claim-verdict").border_subtitle
        # what cannot be judged is said in words
        await fill(user, screen, parameters="10B", active_parameters="20B")
        assert "active_parameters" in shown(screen)
        await fill(user, screen, active_parameters="", chip="no-such-chip")
        assert "no-such-chip" in shown(screen)
        await fill(user, screen, chip="[red]x[/")
        assert "x" in shown(screen)
        assert user.app.is_running


async def test_a_known_claim_opens_fills_the_form_and_can_be_varied(
    open_app: OpenApp, catalog: Catalog
) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = await claims(user)
        await user.press("f6", "enter")
        await settled(user, screen)
        assert screen.known is not None
        assert screen.known.training
        assert screen.known.name.split()[0] in shown(screen)
        assert "SOURCES SAY" in shown(screen).upper()
        assert screen.draft.texts["chip"] == screen.known.training[0].chip
        known = screen.known
        await type_into(user, screen, "chips", "65536")
        assert screen.known is None
        assert f"(claim {known.id})" not in shown(screen)
        await user.press("ctrl+r")
        assert not screen.draft.texts
        assert "press F6" in squeezed(shown(screen))


async def test_every_kind_of_known_claim_reads_as_the_command_prints_it(
    open_app: OpenApp, catalog: Catalog
) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await claims(user)
        options = screen.query_one("#claim-list", OptionList)
        assert options.option_count == len(catalog.of_kind("claims"))
        for index in (0, options.option_count - 1):
            screen.set_focus(options)
            options.highlighted = index
            await user.press("enter")
            await settled(user, screen)
            width = screen.query_one("#claim-verdict").scrollable_content_region.width
            assert screen.judgement is not None
            expected = terminal_text(claim_document(screen.judgement, catalog.sources), width=width)  # type: ignore[arg-type]
            assert expected.rstrip() in "\n".join(row.rstrip() for row in shown(screen).split("\n"))


async def test_mouse_alone_opens_a_known_claim_and_picks_a_chip(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await claims(user)
        await user.click("#claim-list", offset=(5, 2))
        await settled(user, screen)
        assert screen.known is not None
        await user.click(screen.row("chip").control)
        picker = await user.shown(Picker)
        picker.dismiss("a100-80gb-sxm")
        await user.until(lambda: screen.draft.texts.get("chip") == "a100-80gb-sxm")
        assert screen.known is None
        # what is chosen or entered leads on to the next field
        await user.until(lambda: screen.focused is screen.row("chips").control)
        await user.press("enter")
        await user.until(lambda: screen.focused is screen.row("model").control)


async def test_help_goes_with_the_field_and_what_was_typed_stays(open_app: OpenApp) -> None:
    async with open_app(size=(70, 24)) as user:
        screen = await claims(user)
        await type_into(user, screen, "mfu", "40 %")
        await user.press("f1")
        await user.shown(Page)
        assert "MFU" in str(getattr(user.app.screen, "page_title", ""))
        await user.press("escape")
        await user.press("f5")
        assert screen.query_one("#claim-verdict").has_focus
        await user.press("f6", "enter")
        await settled(user, screen)
        assert screen.query_one("#claim-verdict").has_focus
        await user.press("f2")
        assert screen.query_one("#claim-left").display
        await fill(user, screen, **dict.fromkeys(screen.draft.texts, ""), mfu="40 %")
        await user.press("escape")
        await user.shown(PlanningScreen)
        again = await claims(user)
        assert again.draft.texts == {"mfu": "40 %"}


def test_fields_exclude_each_other_as_the_statement_asks() -> None:
    draft = ClaimDraft()
    for name, text in TYPED.items():
        draft.write(name, text)
    assert draft.write("days", "21") == ["mfu"]
    assert draft.write("parameters", "135B") == ["model"]
    assert draft.statement().days == 21
    assert draft.write("model", "pangu-ultra-135b") == ["parameters"]
    assert draft.missing == []
    assert draft.write("mfu", "") == []
    draft.write("days", "")
    assert draft.missing == ["days, tokens/s, MFU or J/token"]


def test_an_unreadable_text_is_a_problem_of_its_field() -> None:
    draft = ClaimDraft()
    draft.write("chips", "12.5")
    assert "whole number" in draft.problems["chips"]
    draft.write("chips", "12")
    assert not draft.problems
    with pytest.raises(InputError):
        draft.statement()


def test_every_field_is_one_of_the_statement_and_a_known_claim_comes_back(catalog: Catalog) -> None:
    assert {spec.key for spec in CLAIM_FIELDS} <= set(TrainingStatement.model_fields)
    found = [entry.profile for entry in catalog.of_kind("claims").values()]
    statements = [s for claim in found if isinstance(claim, Claim) for s in claim.training]
    assert statements
    for statement in statements:
        draft = ClaimDraft()
        draft.fill(statement)
        assert draft.statement() == statement.model_copy(update={"assumed": ()})


@pytest.mark.parametrize("mfu", [0.01, 0.5, 1.0, 3.0, 50.0])
@pytest.mark.parametrize("width", [40, 70, 110])
def test_the_scale_fits_and_marks_the_claim(
    catalog: Catalog, published: tuple[PublishedRun, ...], mfu: float, width: int
) -> None:
    statement = TrainingStatement(
        chip="ascend-910b", chips=8192, model="pangu-ultra-135b", tokens=13.2e12, mfu=mfu
    )
    judgement = judge_training(statement, catalog, published)
    lines = scale_lines(judgement, width)
    assert max(row.cell_length for row in lines) <= width
    assert "\u25c6" in lines[0].plain
    assert "100 %" in lines[-2].plain
