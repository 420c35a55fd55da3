"""A working folder with a small table, and a way to run the program that refuses to let a fault pass unseen."""

from pathlib import Path

import pytest
from small_table import table

from lepton_automl.cli import main


class Bench:
    """A working folder with `t.csv`."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys = root, capsys

    def ends(self, code: int, *words: str, verb: str = "run") -> str:
        """Runs the program, which must end with `code`, in words, and leave nothing finished; gives what it says."""
        self.capsys.readouterr()
        try:
            found = main([verb, *words])
        except SystemExit as end:
            found = int(end.code or 0)
        shown = self.capsys.readouterr()
        said = " ".join(shown.err.split())
        assert found == code, f"ended with {found}: {shown.err or shown.out}"
        assert "Traceback" not in shown.out + shown.err
        assert "mistake in Lepton" not in shown.err
        assert not [path for path in self.root.rglob("*") if path.name in ("metrics.json", "report.html", "artifact")]
        return said


@pytest.fixture
def bench(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table().to_csv("t.csv", index=False)
    return Bench(tmp_path, capsys)
