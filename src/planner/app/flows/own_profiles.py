"""Profiles of one's own: copied, begun and edited from the screen of profiles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.screen import Screen

from planner.app.dialogs.own_copy import OwnCopy
from planner.app.layer import Layer
from planner.app.profile_draft import ProfileDraft
from planner.app.shelf import Shelf
from planner.catalog.kinds import KINDS
from planner.catalog.own_files import copied_text, own_folders, own_path, state_of, write_own
from planner.errors import InputError, PlannerError
from planner.planning.uses import Named
from planner.report.profile_listing import Listed
from planner.text import safe

SHADOWS = "Under the same id it stands before the one that it is copied from, in every plan."
FREE = "It lies in a folder of your own; every plan may name it by its id."


class OwnProfiles:
    """What the screen of profiles does with files."""

    def __init__(
        self,
        screen: Layer[Named],
        shelf: Shelf,
        form: Callable[[ProfileDraft], Screen[None]],
        on_written: Callable[[str, str], None],
    ) -> None:
        self.screen = screen
        self.shelf = shelf
        #: what edits a draft
        self.form = form
        #: hears kind and id of a profile whose file was written
        self.on_written = on_written

    async def copy(self, one: Listed) -> None:
        """Ask where to, copy the file, and edit the copy."""
        assert one.entry is not None
        singular = KINDS[one.kind].singular
        # as the file writes it: rules have capitals
        identifier = str(getattr(one.entry.profile, "id", one.id))
        chosen = await self.ask(f"Copy the {singular} {safe(one.name)}", one.kind, identifier, SHADOWS)
        if chosen is None:
            return
        name, folder = chosen
        try:
            path = own_path(one.kind, name, folder)
            text = await asyncio.to_thread(copied_text, one.entry.path, name)
            await asyncio.to_thread(write_own, path, text, "")
        except PlannerError as error:
            self.refuse(str(error))
            return
        self.on_written(one.kind, path.stem)
        await self.open(one.kind, path, folder)

    async def begin(self, kind: str) -> None:
        """Ask where, and edit a profile that says nothing yet; it is written once it is saved."""
        chosen = await self.ask(f"A new {KINDS[kind].singular}", kind, "", FREE)
        if chosen is None:
            return
        name, folder = chosen
        path = own_path(kind, name, folder)
        await self.edit_draft(ProfileDraft(KINDS[kind], path, folder, {"id": name}))

    async def ask(self, title: str, kind: str, identifier: str, note: str) -> tuple[str, Path] | None:
        """Ask for an id and a folder."""
        folders = own_folders(self.shelf.present_catalog())
        if not folders:
            self.refuse("there is no folder of your own; start with --profiles FOLDER")
            return None
        return await self.screen.choose_from(
            OwnCopy(title, identifier, folders, partial(complaint, kind), note)
        )

    async def edit(self, one: Listed) -> None:
        """Edit the file of a profile, where it is one's own; a broken one too."""
        if one.problem:
            found = [
                (own_path(one.kind, one.id, folder.path), folder.path)
                for folder in own_folders(self.shelf.present_catalog())
            ]
            held = [(path, folder) for path, folder in found if path.exists()]
            if held:
                await self.open(one.kind, *held[0])
            return
        assert one.entry is not None
        if one.origin == "built-in":
            self.refuse(
                "this file is the program's own: c copies it to a folder of yours, to be edited there"
            )
            return
        await self.open(one.kind, one.entry.path, one.entry.path.parent.parent)

    async def open(self, kind: str, path: Path, folder: Path) -> None:
        """Edit a file."""
        try:
            draft = await asyncio.to_thread(ProfileDraft.opened, kind, path, folder)
        except InputError as error:
            self.refuse(str(error))
            return
        await self.edit_draft(draft)

    async def edit_draft(self, draft: ProfileDraft) -> None:
        """Show the form until it is left; then show what was written."""
        before = draft.state
        await self.screen.choose_from(self.form(draft))
        if draft.state != before:
            self.on_written(draft.kind.folder, draft.path.stem)

    def refuse(self, text: str) -> None:
        """Say why something is not done."""
        self.screen.notify(safe(text[:1].upper() + text[1:]), severity="warning", markup=False)


def complaint(kind: str, identifier: str, folder: Path) -> str:
    """Return what is wrong with an id in a folder; empty where nothing is."""
    if not identifier:
        return "an id is needed: it is what plans call the profile"
    try:
        path = own_path(kind, identifier, folder)
        return f"{path.name} is in that folder already; e edits it" if state_of(path) else ""
    except InputError as error:
        return str(error)
