"""Serves the app to browsers of this machine: loopback alone, our own page alone, an app for each visitor."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from textual_serve.server import Server, to_int

from planner.cli.web.visitor import Visitor
from planner.errors import InputError

HOST = "127.0.0.1"
_NAME = "planner"
#: Each is a process of some 100 MB; a page that opens them without end gets no more.
MOST_VISITORS = 8
#: Columns and rows that a browser may ask for.
_LARGEST_SIDE = 1_000
#: What is typed or pasted at once. [bytes]
_LONGEST_MESSAGE = 2**20
_HEARTBEAT_S = 15.0
#: Of connections that do not end by themselves once all apps have. [s]
_SHUTDOWN_S = 1.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer(Server):
    """Answers on one address alone, and to pages of its own alone."""

    def __init__(self, command: Sequence[str], port: int) -> None:
        super().__init__("", HOST, port, _NAME, templates_path=str(Path(__file__).parent))
        self.arguments = command
        self.visitors: set[Visitor] = set()
        self.authority = self.public_url.removeprefix("http://")

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self.guard])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path), autoescape=True)
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get("/ws", self.handle_websocket, name="websocket"),
                web.static("/static", self.statics_path, name="static"),
            ]
        )
        return app

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what another site's page asks for, under whatever name it found this machine."""
        if request.host.partition(":")[0] == "localhost" and request.path == "/":
            raise web.HTTPFound(f"{self.public_url}/")
        origin = request.headers.get("Origin")
        if request.host != self.authority or origin not in (None, self.public_url):
            raise web.HTTPForbidden(text=f"planner answers as {self.public_url} alone\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._headers())
        return response

    def _headers(self) -> dict[str, str]:
        """Return what lets a browser load from here alone, and be framed by nobody."""
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            f"img-src 'self' data:; connect-src 'self' ws://{self.authority}; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for as long as its page is open."""
        if len(self.visitors) >= MOST_VISITORS:
            raise web.HTTPServiceUnavailable(text=f"{MOST_VISITORS} windows are open; close one\n")
        width, height = (
            min(max(to_int(request.query.get(side, ""), usual), 1), _LARGEST_SIDE)
            for side, usual in (("width", 80), ("height", 24))
        )
        page = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=_LONGEST_MESSAGE)

        async def close() -> None:
            await page.close()

        visitor = Visitor(self.arguments, page.send_bytes, page.send_str, close)
        self.visitors.add(visitor)
        try:
            await page.prepare(request)
            await visitor.start(width, height)
            await self._process_messages(page, visitor)
        except (AssertionError, IndexError, KeyError, TypeError, ValueError):
            # no page of ours sends such a thing
            await page.close()
        finally:
            await visitor.stop()
            self.visitors.discard(visitor)
        return page

    async def end(self) -> None:
        """End every visitor's app."""
        await asyncio.gather(*(visitor.stop() for visitor in self.visitors))


def bound(port: int) -> socket.socket:
    """Return a socket on loopback; of port 0 on a free one.

    Raises
    ------
    InputError
        Where the port is taken, or not this user's to take.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen()
    except OSError as error:
        found.close()
        why = (error.strerror or "cannot be had").lower()
        raise InputError(f"--port {port}: {why}; expected a free one, such as --port {port + 1}") from None
    return found


async def serve(command: Sequence[str], place: socket.socket, tell: Callable[[str], None]) -> int:
    """Serve until a signal ends it, and return that signal.

    Parameters
    ----------
    command
        What runs for each visitor.
    place
        Where to listen.
    tell
        Hears the address once it answers.
    """
    server = LoopbackServer(command, place.getsockname()[1])
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def stop(number: int) -> None:
        if not ended.done():
            ended.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    runner = web.AppRunner(await server._make_app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, place).start()
        tell(f"{server.public_url}/")
        return await ended
    finally:
        await server.end()
        await runner.cleanup()
