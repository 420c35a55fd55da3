"""A working folder of its own for every test, with recipes written into it."""

from pathlib import Path

import pytest

from lepton_automl.errors import LeptonError
from lepton_automl.recipe import check, compose

TASK = ["data.source.path=x.csv", "task.kind=binary", "task.target=y"]


class Place:
    """A working folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> Path:
        """Writes a file, whose lines may be indented as in the test."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").splitlines()
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        path.write_text("\n".join(line[indent:] for line in lines) + "\n", encoding="utf-8")
        return path

    def tree(self, *words: str, dirs: tuple[str, ...] = ()) -> dict:
        """Composes and checks a recipe; gives its tree."""
        composed = compose(words, [self.root / name for name in dirs])
        check(composed)
        return composed.tree

    def problems(self, *words: str, dirs: tuple[str, ...] = ()) -> list:
        """Gives what is wrong with a recipe."""
        with pytest.raises(LeptonError) as caught:
            check(compose(words, [self.root / name for name in dirs]))
        assert caught.value.exit_code == 2
        return list(caught.value.problems)

    def problem(self, *words: str, dirs: tuple[str, ...] = ()):
        """Gives the one thing that is wrong with a recipe."""
        found = self.problems(*words, dirs=dirs)
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


@pytest.fixture
def task():
    """The words that make `recipe=table` whole."""
    return ["recipe=table", *TASK]
