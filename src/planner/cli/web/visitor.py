"""The app of one visitor: a process of its own, which ends with its visitor whatever it does."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from planner.cli.process import SERVED_BY

#: An app that was told to end has so long to keep what was not saved. [s]
PATIENCE_S = 5.0


class Visitor(AppService):
    """Runs the app for one visitor and carries what is typed and shown between both."""

    def __init__(
        self,
        command: Sequence[str],
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(
            "",
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,
            download_manager=DownloadManager(),
        )
        self.arguments = command
        self._ending: asyncio.Task[None] | None = None

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the app without a shell, out of reach of what the terminal's keys send to the server."""
        environment = self._build_environment(width, height) | {SERVED_BY: str(os.getpid())}
        process = await asyncio.create_subprocess_exec(
            *self.arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def run(self) -> None:
        """Carry what the app shows until it ends, and end the page with it."""
        try:
            await super().run()
        finally:
            # a tab that has gone takes nothing any more
            with suppress(ConnectionError, RuntimeError):
                await self.remote_close()

    async def stop(self) -> None:
        """End the app, drafts written; whoever asks again waits for the same end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        process, carrying = self._process, self._task
        if process is None:
            return
        with suppress(ProcessLookupError):
            # as a terminal says that it has gone
            process.send_signal(signal.SIGHUP)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if carrying is not None:
            carrying.cancel()
            with suppress(asyncio.CancelledError):
                await carrying
