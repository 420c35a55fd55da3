"""Test files are shared out between processes: each falls to one of them, and none to nobody."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from sharing import SHARE, claimed

TESTS = [SimpleNamespace(nodeid=f"tests/room/test_{name}.py::test_{number}") for name in "abcd" for number in range(3)]


def test_each_file_falls_to_one_process_and_none_is_left(tmp_path):
    first, second = claimed(TESTS, tmp_path), claimed(TESTS, tmp_path)

    mine = [next(first), next(first), next(first)]
    others = [next(second)]
    mine += first
    others += second

    assert [test.nodeid[16] for test in mine] == list("aaacccddd")
    assert [test.nodeid[16] for test in others] == list("bbb")


def test_two_processes_run_every_test_once_and_fixtures_of_a_file_once(tmp_path):
    share, suite = tmp_path / "share", tmp_path / "suite"
    share.mkdir()
    suite.mkdir()
    (suite / "conftest.py").write_text("from sharing import pytest_runtestloop\n")
    for name in "abcdef":
        (suite / f"test_{name}.py").write_text(
            "import pathlib, pytest, time\n"
            "HERE = pathlib.Path(__file__)\n"
            "@pytest.fixture(scope='module')\n"
            "def made():\n"
            "    with HERE.with_suffix('.made').open('a') as told:\n"
            "        told.write('x')\n"
            "@pytest.mark.parametrize('number', range(3))\n"
            "def test_it(made, number):\n"
            "    with HERE.with_suffix('.ran').open('a') as told:\n"
            "        told.write(str(number))\n"
            "    time.sleep(0.05)\n"
        )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    told = {**os.environ, SHARE: str(share), "PYTHONPATH": path}
    asked = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", str(suite)]

    runs = [subprocess.Popen(asked, env=told, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate(timeout=120)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    assert [(suite / f"test_{name}.ran").read_text() for name in "abcdef"] == ["012"] * 6
    assert [(suite / f"test_{name}.made").read_text() for name in "abcdef"] == ["x"] * 6
