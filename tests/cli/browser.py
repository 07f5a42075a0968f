"""A real browser without a window, told what to do over its own protocol; tests skip where there is none."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1400,900",
    "about:blank",
)
#: Whatever is waited for comes within that time, on the busiest machine.
PATIENCE_S = 90.0


class Browser:
    """One page, what it asked the network for, and what came to it over websockets."""

    def __init__(self, channel: aiohttp.ClientWebSocketResponse) -> None:
        self.channel = channel
        self.number = 0
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.received = ""
        self.is_loaded = asyncio.Event()
        self.news = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.channel:
            record = message.json()
            if "id" in record:
                self.answers.pop(record["id"]).set_result(record.get("result", record))
                continue
            told = record["params"]
            match record["method"]:
                case "Network.requestWillBeSent":
                    self.requests.append(told["request"]["url"])
                case "Network.webSocketFrameReceived":
                    payload = told["response"]["payloadData"]
                    if told["response"]["opcode"] == 2:
                        self.received += base64.b64decode(payload).decode("utf-8", "replace")
                        self.news.set()
                case "Page.loadEventFired":
                    self.is_loaded.set()
                case "Log.entryAdded":
                    self.problems.append(told["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.problems.append(str(told["exceptionDetails"]))

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser to do something and return its answer."""
        self.number += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.answers[self.number] = answer
        await self.channel.send_json({"id": self.number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE_S):
            await answer
        return answer.result()

    async def open(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        for domain in ("Network", "Page", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        self.is_loaded.clear()
        await self.ask("Page.navigate", url=address)
        async with asyncio.timeout(PATIENCE_S):
            await self.is_loaded.wait()

    async def evaluate(self, expression: str) -> Any:
        """Return what an expression comes to in the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def click(self, x: int, y: int) -> None:
        """Press and release the mouse."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def type(self, text: str) -> None:
        """Type a text into whatever has the focus."""
        for character in text:
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=character, key=character)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=character)

    async def picture(self, path: Path) -> None:
        """Write what the page looks like."""
        answer = await self.ask("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(answer["data"]))


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """Start a browser that keeps what it keeps in a folder of the test."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("Chromium is not installed here")
    process = await asyncio.create_subprocess_exec(
        program,
        f"--user-data-dir={folder / 'browser'}",
        *_OPTIONS,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while b"DevTools listening on" not in (line := await process.stderr.readline()):
                assert line, "the browser ended"
        draining = asyncio.create_task(process.stderr.read())
        root = line.decode().split()[-1]
        place = root.removeprefix("ws://").partition("/")[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{place}/json/list") as answer:
                pages = await answer.json()
            page = next(one for one in pages if one["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as channel:
                made = Browser(channel)
                yield made
                made.reading.cancel()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    await draining
