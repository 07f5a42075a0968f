"""`planner serve`: the app over a websocket, on loopback alone, a process for each window and none left."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from planner.plans.drafts import find_drafts

Run = Callable[..., "subprocess.CompletedProcess[str]"]

#: Whatever is waited for comes within that time, on the busiest machine; an end comes within the promised.
PATIENCE_S = 90.0
END_S = 10.0
_ESCAPES = re.compile(r"\x1b(?:\[[\d;?<=>]*[ -/]*[@-~]|[()][A-Z0-9]|[=>])")
_POWER = re.compile(r"POWER ([\d.]+) [kMG]?W ")

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="processes are told apart by /proc"
)


class Served:
    """A server as a process, and the apps that it runs."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "planner", "serve", *arguments, "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rstrip("/").rpartition(":")[2] or 0)

    def apps(self) -> list[int]:
        """Return the processes of its visitors."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in children.read_text(encoding="utf-8").split()]

    def end(self, number: signal.Signals) -> int:
        """End it by a signal and return its code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@pytest.fixture
def served(plan_file: Path) -> Iterator[Served]:
    server = Served(str(plan_file))
    yield server
    if server.process.poll() is None:
        server.end(signal.SIGKILL)


class Window:
    """A tab of a browser, as far as the server sees it; it takes what is painted as it comes."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = opened
        self.painted = ""
        self.news = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.painted += message.data.decode("utf-8", "replace")
                self.news.set()

    async def type(self, keys: str) -> None:
        # a tab takes keys once somebody looks at it
        await self.socket.send_json(["focus"])
        for key in keys:
            await self.socket.send_json(["stdin", key])

    async def power(self, *, other_than: str = "") -> str:
        """Return the power that is painted last, once it is another one."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = _POWER.findall(_ESCAPES.sub("", self.painted))
                if found and found[-1] != other_than:
                    return str(found[-1])
                self.news.clear()
                await self.news.wait()

    async def closed(self) -> None:
        """Wait until the server has closed it."""
        async with asyncio.timeout(PATIENCE_S):
            await self.reading


@asynccontextmanager
async def window(server: Served) -> AsyncIterator[Window]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.address}ws?width=120&height=40", max_msg_size=0) as opened,
    ):
        one = Window(opened)
        yield one
        one.reading.cancel()


def _has_ended(process: int, seconds: float = END_S) -> bool:
    """Wait until a process has ended, and return whether it did within that time."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], seconds)[0])
    finally:
        os.close(watched)


async def test_a_window_follows_what_is_typed_and_leaves_no_process(served: Served, plan_file: Path) -> None:
    async with window(served) as first:
        before = await first.power()
        (mine,) = served.apps()
        async with window(served) as second:
            assert await second.power() == before
            assert len(served.apps()) == 2
            # where a plan begins to be filled in is the number of systems
            await first.type("8")
            after = await first.power(other_than=before)
            assert after != before
            # another window has a session of its own: painted anew it shows what it showed
            second.painted = ""
            await second.socket.send_json(["resize", {"width": 121, "height": 41}])
            assert await second.power() == before
            theirs = next(app for app in served.apps() if app != mine)
        assert await asyncio.to_thread(_has_ended, theirs)
        assert mine in served.apps()
    assert await asyncio.to_thread(_has_ended, mine)
    # what a closed tab did not save is offered again
    (draft,) = find_drafts(plan_file)
    assert draft.plan.cluster.pools[0].count in (48, 84)
    assert served.end(signal.SIGTERM) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, signal.SIGKILL, pytest.param(signal.SIGHUP, marks=pytest.mark.exhaustive)],
)
async def test_whatever_ends_the_server_ends_its_apps(served: Served, number: signal.Signals) -> None:
    async with window(served) as one:
        await one.power()
        (app,) = served.apps()
        started = time.monotonic()
        code = await asyncio.to_thread(served.end, number)
        assert code in (-number, 128 + number)
        assert await asyncio.to_thread(_has_ended, app)
        assert time.monotonic() - started < 2 * END_S


async def test_neither_a_quit_nor_nonsense_ends_more_than_its_window(served: Served) -> None:
    for words in ("nonsense", "{}", '["stdin"]', '["resize", 5]', '["stdin", null]'):
        async with window(served) as one:
            await one.socket.send_str(words)
            await one.closed()
    async with window(served) as one:
        await one.power()
        await one.type("\x11")
        await one.closed()
    assert served.process.poll() is None
    async with aiohttp.ClientSession() as session, session.get(served.address) as answer:
        assert answer.status == 200


async def test_it_answers_this_machine_and_its_own_pages_alone_and_these_load_nothing_from_outside(
    served: Served,
) -> None:
    for host in {"127.0.0.2", *(info[4][0] for info in _own_addresses())} - {"127.0.0.1"}:
        with socket.socket(socket.AF_INET) as other:
            assert other.connect_ex((str(host), served.port)) != 0, host
    own = f"127.0.0.1:{served.port}"
    async with aiohttp.ClientSession() as session:
        for path in ("", "ws", "static/js/textual.js"):
            for headers in (
                {"Host": f"evil.example:{served.port}"},
                {"Host": "127.0.0.1"},
                {"Host": own, "Origin": "http://evil.example"},
                {"Host": own, "Origin": "null"},
                {"Host": own, "Origin": f"http://localhost:{served.port}"},
            ):
                async with session.get(served.address + path, headers=headers) as answer:
                    assert answer.status == 403, (path, headers)
        async with session.get(f"http://localhost:{served.port}/") as answer:
            assert str(answer.url) == served.address
        for path in ("static/", "static/..%2f..%2fserver.py", "download/x", "ws/../../etc/passwd"):
            async with session.get(served.address + path) as answer:
                assert answer.status in (403, 404), path
    assert served.apps() == []
    await _loads_nothing_from_outside(served)


def _own_addresses() -> list[tuple[object, object, object, object, tuple[str, int]]]:
    try:
        return socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)  # type: ignore[return-value]
    except OSError:
        return []


async def _loads_nothing_from_outside(served: Served) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(served.address) as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert set(re.findall(r"\w+://[^/\s;]+", policy)) == {f"ws://127.0.0.1:{served.port}"}
        addresses = re.findall(r"(?<![-\w])(?:href=|src=|url\()[\"']?([^\"')\s>]+)", page)
        own = [address for address in addresses if address.startswith(served.address)]
        assert len(own) == 4
        assert set(addresses) - set(own) == {"data:,", "/"}
        assert set(re.findall(r"\w+://[^/\"\s]+", page)) == {
            served.address.rstrip("/"),
            f"ws://127.0.0.1:{served.port}",
        }
        for address in own:
            async with session.get(address) as answer:
                assert answer.status == 200
                content = (await answer.read()).decode("utf-8", "replace")
            if not address.endswith(".ttf"):
                # the style's comments name who wrote it
                bare = (
                    re.sub(r"/\*.*?\*/", "", content, flags=re.DOTALL)
                    if address.endswith(".css")
                    else content
                )
                assert not re.search(r"https?://|@import", bare), address


def test_without_the_extra_one_line_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plainly = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "textual_serve" else plainly(name, *more),
    )
    process = run("serve")
    assert process.returncode == 2
    line = "planner: serve: needs textual-serve, which is not installed; pip install textual-serve\n"
    assert process.stderr == line


def test_what_cannot_be_served_is_told_in_a_line(run: Run, plan_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("name = 5\n", encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for arguments, words in (
            (("--port", port), "address already in use"),
            (("--port", "70000"), "is no port; expected a number from 0 to 65535"),
            (("--port", "-1"), "is no port"),
            (("no-such-plan",), "no such file or saved plan"),
            ((str(broken),), "broken.toml"),
        ):
            process = run("serve", *arguments)
            assert process.returncode == 2, arguments
            assert words in process.stderr
            assert process.stdout == ""
