"""Shares the test files out between processes that run at the same time: each takes a file when it has ended its last one.

`scripts/test` starts the processes with `LEPTON_TEST_SHARE` naming an empty folder. All of them collect the same tests; the
first to make a file in that folder for a test file runs its tests. Fixtures of a file are therefore made once.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARE = "LEPTON_TEST_SHARE"
"""Variable that names the folder in which processes say which test file is theirs."""


def claimed(items: list[pytest.Item], folder: Path) -> Iterator[pytest.Item]:
    """Gives the tests of each file that no other process took.

    Args:
        items: All tests, those of one file one after the other.
        folder: Where a file is made for each file that is taken.
    """
    mine: dict[str, bool] = {}
    for item in items:
        name = item.nodeid.partition("::")[0]
        if name not in mine:
            mine[name] = _is_first(folder / name.replace("/", "+"))
        if mine[name]:
            yield item


def _is_first(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Runs the tests that fall to this process; leaves the loop to pytest where no share is asked for."""
    folder = os.environ.get(SHARE)
    if not folder or session.config.option.collectonly or session.testsfailed:
        return None
    tests = claimed(session.items, Path(folder))
    item = next(tests, None)
    while item is not None:
        following = next(tests, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True
