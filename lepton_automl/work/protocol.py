"""A job is plain words: a function by name, plain arguments, files by path. So any executor can carry it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """How a job ended."""

    DONE = "done"
    FAILED = "failed"
    OUT_OF_TIME = "out of time"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Job:
    """Something to be done in a worker process.

    Args:
        id: Name of the job, unique in a run.
        function: `package.module:function`; it takes `arguments` and gives plain data.
        arguments: Plain words and numbers; files are named by path.
        seconds: Wall clock after which the worker is killed.
        group: Jobs of a group go to a worker that has done one of it before, where it is idle: what they import then takes
            memory in as few workers as can be. Empty for a job that may go anywhere.
    """

    id: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = float("inf")
    group: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Args:
        id: The job's name.
        state: How it ended.
        value: What the function gave, where it is done.
        error: What went wrong, in a line.
        seconds: Wall clock it took.
    """

    id: str
    state: State
    value: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0


class Executor(Protocol):
    """Carries jobs out; local processes now, a cluster by an adapter."""

    @property
    def idle(self) -> int:
        """Number of jobs that could start now."""
        ...

    @property
    def busy(self) -> int:
        """Number of jobs under way."""
        ...

    @property
    def peak_mb(self) -> float:
        """Peak memory of all processes together so far, in MB of proportional set size."""
        ...

    def submit(self, job: Job) -> None:
        """Starts a job; there must be an idle worker."""
        ...

    def has_place(self, group: str, most: int) -> bool:
        """Says whether a job of the group could start now with at most so many workers having done one of it."""
        ...

    def count_in(self, pids: Iterable[int]) -> None:
        """Counts the memory of these processes, and of those they started, with that of the workers."""
        ...

    def poll(self, seconds: float) -> list[Outcome]:
        """Waits at most `seconds` for jobs to end; gives those that did."""
        ...

    def dismiss(self) -> None:
        """Ends all workers, at once, as no job will come any more; memory is measured on."""
        ...

    def close(self) -> None:
        """Ends all workers, at once."""
        ...
