"""The files of a finished run: on disk, or kept in memory, as an estimator keeps them when its folder is gone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lepton_automl.deliver import Scorer
from lepton_automl.errors import ArtifactError, Problem

LEFT_OUT = ("run.log", "study.journal", "trials.csv", "curves.csv", "environment.lock")
"""Files of a run that are not kept in memory: nothing here reads them."""


class Files(Protocol):
    """Where the files of a run are."""

    @property
    def folder(self) -> Path | None:
        """The run's folder; none where the files are in memory only."""
        ...

    def read(self, name: str) -> bytes:
        """Gives the content of a file.

        Raises:
            ArtifactError: If the run has no such file.
        """
        ...

    def scorer(self) -> Scorer:
        """Loads the artefact."""
        ...


@dataclass(frozen=True)
class Stored:
    """Files in a folder.

    Args:
        folder: The run's folder, or an artefact's.
        artifact: The artefact's folder.
    """

    folder: Path | None
    artifact: Path

    def read(self, name: str) -> bytes:
        """Reads a file."""
        if self.folder is None or not (self.folder / name).is_file():
            fix = "Give the folder of the whole run."
            raise ArtifactError(Problem(str(self.folder or self.artifact), f"has no {name}.", fix))
        return (self.folder / name).read_bytes()

    def scorer(self) -> Scorer:
        """Loads the artefact; every file is checked by its hash."""
        return Scorer.load(self.artifact)


@dataclass(frozen=True)
class Kept:
    """Files in memory.

    Args:
        contents: Name of a file, relative to the run's folder, to its content.
        folder: The run's folder, where it is still there.
    """

    contents: Mapping[str, bytes]
    folder: Path | None = None

    @classmethod
    def of(cls, folder: Path, stays: bool) -> Kept:
        """Takes the files of a run into memory.

        Args:
            folder: The run's folder.
            stays: Whether it will be there later.
        """
        paths = [path for path in folder.iterdir() if path.is_file() and path.name not in LEFT_OUT]
        paths += [path for path in (folder / "artifact").rglob("*") if path.is_file()]
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        return cls(contents, folder if stays else None)

    def read(self, name: str) -> bytes:
        """Gives a file."""
        if name not in self.contents:
            raise ArtifactError(Problem(name, "was not kept of this run.", ""))
        return self.contents[name]

    def scorer(self) -> Scorer:
        """Loads the artefact by way of a temporary folder; every file is checked by its hash."""
        with tempfile.TemporaryDirectory(prefix="lepton_") as name:
            for path, content in self.contents.items():
                if path.startswith("artifact/"):
                    place = Path(name) / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)
            return Scorer.load(Path(name) / "artifact")
