"""Drives a headless Chromium over the DevTools protocol, through two pipes: no library, no port, no network."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


def found() -> str | None:
    """Gives the path of a Chromium; none where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _pipe() -> tuple[int, int]:
    """Makes a pipe whose ends are above the descriptors that a shell names by one digit."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]


class Browser:
    """A headless Chromium with one page."""

    def __init__(self) -> None:
        program = found()
        assert program is not None, "there is a Chromium"
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        asked, told = _pipe(), _pipe()
        command = [program, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        # The browser reads from its descriptor 3 and writes to its descriptor 4; a shell puts the pipes there.
        script = f'exec "$@" 3<&{asked[0]} 4>&{told[1]}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script, "browser", *command],
            pass_fds=(asked[0], told[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked[0])
        os.close(told[1])
        self._to, self._from = asked[1], os.fdopen(told[0], "rb")
        self._number, self._session = 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{room}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._to)
        self._process.kill()
        self._process.wait()
        self._from.close()
        self._profile.cleanup()

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Calls a method and gives its result; what happens meanwhile is kept in `events`."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while True:
            told = self._read()
            if told.get("id") == self._number:
                assert "error" not in told, (method, told["error"])
                return dict(told["result"])
            self.events.append(told)

    def _read(self) -> dict[str, Any]:
        parts = []
        while (byte := self._from.read(1)) != b"\0":
            assert byte, "the browser is running"
            parts.append(byte)
        return dict(json.loads(b"".join(parts)))

    def show(self, path: Path, width: int, height: int = 900, features: Mapping[str, str] | None = None) -> None:
        """Opens a file in a window of that width and waits until it is loaded and painted."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        chosen = [{"name": name, "value": value} for name, value in (features or {}).items()]
        self.call("Emulation.setEmulatedMedia", features=chosen)
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + 60
        while not self.ask("document.readyState === 'complete' && performance.getEntriesByType('paint').length > 0"):
            assert time.monotonic() < until, "the page is loaded"
            time.sleep(0.05)

    def ask(self, expression: str) -> Any:
        """Gives the value of an expression of JavaScript in the page."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def key(self, name: str) -> None:
        """Presses a key."""
        codes = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "Tab": 9, "Escape": 27}
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=codes[name])

    def wrong(self) -> list[str]:
        """Gives errors and warnings of the console, and exceptions, since the page was opened."""
        logs = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [str(e["params"]) for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        said = [str(e["params"]["args"]) for e in self.events if e.get("method") == "Runtime.consoleAPICalled"]
        return [*logs, *thrown, *said]

    def requests(self) -> list[str]:
        """Gives the addresses that were asked for since the page was opened, the page itself first."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def picture(self, path: Path, height: int | None = None) -> None:
        """Writes a picture of the page, of all of it or of its upper part."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or min(16_000, size["height"]), "scale": 1}
        told = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(told["data"]))

    def pdf(self, path: Path) -> None:
        """Prints the page to a file."""
        told = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(told["data"]))


CONTRAST = r"""
(() => {
  const parts = (colour) => { const n = colour.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, under) => [0, 1, 2].map((k) => top[k] * top[3] + under[k] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (mark) => {
    const layers = [];
    for (let part = mark; part; part = part.parentElement) layers.push(parts(getComputedStyle(part).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const mark = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim()) continue;
    if (mark.closest("script, title, desc, [hidden], .visually-hidden, .skip, .zero")) continue;
    if (!mark.getClientRects().length) continue;
    const style = getComputedStyle(mark), under = behind(mark);
    const ink = over(parts(mark.closest("svg") ? style.fill : style.color), under);
    const [high, low] = [light(ink), light(under)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) {
      found.push([Math.round(ratio * 100) / 100, mark.tagName, mark.className.baseVal ?? mark.className,
        walk.currentNode.textContent.trim().slice(0, 30)]);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
})()
"""
"""Gives the texts whose contrast with what is behind them is below 4.5 to 1 (3 to 1 if large; WCAG 2.1, 1.4.3)."""

CUT = r"""
(() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const mark = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || mark.closest("script, style, title, desc, .visually-hidden, .skip")) continue;
    if (!mark.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const box = range.getBoundingClientRect();
    if (!box.width || box.right < 0) continue;
    for (let part = mark; part && part !== document.body; part = part.parentElement) {
      const { overflowX: flow, clipPath } = getComputedStyle(part);
      if (flow === "auto" || flow === "scroll" || clipPath !== "none") break;
      if ((flow === "hidden" || flow === "clip") && box.right > part.getBoundingClientRect().right + 1) {
        found.push(walk.currentNode.textContent.trim().slice(0, 30));
        break;
      }
    }
  }
  return found;
})()
"""
"""Gives the texts that are cut off at the right by something that cannot be scrolled."""

HEADINGS = """[...document.querySelectorAll("h1,h2,h3,h4")].map((mark) => Number(mark.tagName[1]))"""
"""Gives the levels of the headings in their order."""
