"""What a report costs to look at: bytes, first paint, requests, errors, contrast, and whether a phone has to scroll sideways.

    python benchmarks/report_page.py REPORT.html [MORE.html …] [--pictures FOLDER]

Opens each page in a headless Chromium, in light and dark, 1280 and 390 pixels wide, three times; prints a table, and writes
pictures and a PDF where a folder is named. Exits with 1 where a page is larger than 4 MB, is first painted after more than a
second (the median), asks for anything, says anything in the console, scrolls sideways, cuts a text off where nothing can be
scrolled, or has text of too little contrast.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from browser import CONTRAST, CUT, Browser

MOST_BYTES, MOST_SECONDS, TIMES = 4 * 1024**2, 1.0, 3
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(browser: Browser, page: Path, width: int, scheme: str, pictures: Path | None) -> list[str]:
    """Looks at a page in one way, prints its figures and gives what is wrong with it."""
    seconds = []
    for _ in range(TIMES):
        browser.show(page, width, features={"prefers-color-scheme": scheme})
        seconds.append(browser.ask(PAINTED))
    painted, requests, said = (
        statistics.median(seconds),
        len([url for url in browser.requests()[1:] if not url.startswith("data:")]),
        browser.wrong(),
    )
    beyond, cut, faint = browser.ask(BEYOND), browser.ask(CUT), browser.ask(CONTRAST)
    size = page.stat().st_size
    row = (
        page.name,
        width,
        scheme,
        f"{size / 1e6:.2f} MB",
        f"{painted:.2f} s",
        requests,
        len(said),
        beyond,
        len(cut),
        len(faint),
    )
    print("| " + " | ".join(map(str, row)) + " |", flush=True)
    if pictures:
        browser.picture(pictures / f"{page.stem}_{width}_{scheme}.png")
    found = {
        "too large": size > MOST_BYTES,
        "painted late": painted > MOST_SECONDS,
        "requests": requests > 0,
        f"console: {said}": bool(said),
        "scrolls sideways": beyond > 0,
        f"cut off: {cut[:5]}": bool(cut),
        f"contrast: {faint[:5]}": bool(faint),
    }
    return [f"{page.name}, {width} px, {scheme}: {what}" for what, holds in found.items() if holds]


def main() -> int:
    """Looks at all pages in all ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    print("| page | width | scheme | size | first paint | requests | console | px beyond | cut texts | faint texts |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    wrong = []
    with Browser() as browser:
        for page in given.pages:
            for width in (1280, 390):
                for scheme in ("light", "dark"):
                    wrong += look(browser, page, width, scheme, given.pictures)
            if given.pictures:
                browser.pdf(given.pictures / f"{page.stem}.pdf")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
