"""In a real browser: the report asks nobody for anything, and the served app follows the keys."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.browser import PATIENCE_S, Browser, browser
from tests.cli.test_serve import Served

Run = Callable[..., "subprocess.CompletedProcess[str]"]
_ESCAPES = re.compile(r"\x1b(?:\[[\d;?<=>]*[ -/]*[@-~]|[()][A-Z0-9]|[=>])")
_POWER = re.compile(r"POWER ([\d.]+) [kMG]?W ")
#: Where pictures of what was tested are kept, to be looked at; nowhere without it.
_PICTURES = os.environ.get("PLANNER_TEST_PICTURES")


async def _picture(page: Browser, name: str) -> None:
    if _PICTURES:
        await page.picture(Path(_PICTURES) / name)


async def test_a_report_opens_and_asks_for_nothing(run: Run, plan_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run("export", str(plan_file), "--to", str(path)).returncode == 0
    async with browser(tmp_path) as page:
        await page.open(path.as_uri())
        assert page.requests == [path.as_uri()]
        assert page.problems == []
        assert await page.evaluate("document.querySelector('h1').firstChild.textContent") == "A small plan"
        assert await page.evaluate("document.querySelectorAll('svg').length") > 2
        # nothing is wider than the page, on a telephone too
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        for width in (1400, 800, 400):
            await page.ask(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=900,
                deviceScaleFactor=1,
                mobile=False,
            )
            assert not await page.evaluate(wide), width
        await _picture(page, "report-400.png")


async def test_the_app_in_a_browser_follows_the_keys(plan_file: Path, tmp_path: Path) -> None:
    served = Served(str(plan_file))
    try:
        async with browser(tmp_path) as page:
            await page.open(served.address)
            before = await _power(page)
            await page.evaluate("document.querySelector('.xterm-helper-textarea').focus()")
            await page.type("8")
            after = await _power(page, other_than=before)
            assert after != before
            await _picture(page, "served.png")
            own = (served.address, f"ws://127.0.0.1:{served.port}/", "data:")
            assert [url for url in page.requests if not url.startswith(own)] == []
            # how this browser paints without a graphics card is no fault of the page
            assert [problem for problem in page.problems if "WebGL" not in problem] == []
            assert await page.evaluate("document.fonts.check('16px \"Roboto Mono\"')")
    finally:
        await asyncio.to_thread(served.end, signal.SIGTERM)


async def _power(page: Browser, *, other_than: str = "") -> str:
    """Return the power that was painted last, once it is another one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = _POWER.findall(_ESCAPES.sub("", page.received))
            if found and found[-1] != other_than:
                return str(found[-1])
            page.news.clear()
            await page.news.wait()
