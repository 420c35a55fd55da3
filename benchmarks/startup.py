"""CPU seconds of commands that should answer at once, with compiled bytecode: the lowest of several runs.

python benchmarks/startup.py
"""

import compileall
import os
import resource
import subprocess
import sys

COMMANDS = (["--help"], ["plan", "recipe=credit"], ["validate", "recipe=credit"], ["recipes"], ["doctor"])
RUNS = 5


def cpu_seconds(words: list[str]) -> float:
    """Runs a command; gives its CPU seconds, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "lepton_automl", *words], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Runs the benchmark."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir("lepton_automl", quiet=1)
    for words in COMMANDS:
        print(f"lepton {' '.join(words):24} {min(cpu_seconds(words) for _ in range(RUNS)):.2f} s")


if __name__ == "__main__":
    main()
