"""`lepton doctor`: what is installed, and what this machine offers."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from lepton_automl import __version__
from lepton_automl.errors import CommandError, Problem
from lepton_automl.limits import gpu_count, machine_memory_gb, machine_threads
from lepton_automl.recipe.find import CONF, RECIPES

CORE = ("hydra-core", "omegaconf", "pydantic", "optuna", "lightgbm", "scikit-learn", "pandas", "numpy", "scipy", "pyarrow")
OPTIONAL = (
    ("xgboost", "xgboost", "the model xgboost"),
    ("duckdb", "duckdb", "DuckDB files, and SQL over several sources"),
    ("openpyxl", "excel", "Excel files"),
    ("psycopg", "postgresql", "PostgreSQL"),
    ("s3fs", "s3", "files in S3"),
    ("tensorboardX", "tracking", "TensorBoard events"),
    ("wandb", "tracking", "Weights & Biases"),
    ("mlflow", "tracking", "MLflow"),
)
DISTRIBUTIONS = {"xgboost": ("xgboost", "xgboost-cpu"), "mlflow": ("mlflow", "mlflow-skinny")}


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    if words and words[0] in ("-h", "--help"):
        print("usage: lepton doctor\n\nShows versions, threads, memory, GPU, and optional parts with how to install them.")
        return 0
    if words:
        raise CommandError(
            Problem(words[0], "is not understood: `lepton doctor` takes no words.", "See `lepton doctor --help`.")
        )
    print(f"lepton-automl    {__version__}")
    print(f"python           {platform.python_version()}  {sys.executable}")
    print(f"system           {platform.platform()}")
    print(f"threads          {machine_threads()}")
    print(f"memory           {machine_memory_gb():.1f} GiB")
    gpus = gpu_count()
    print(f"gpu              {f'{gpus} NVIDIA' if gpus else 'none seen'}")
    print(f"presets          {CONF}")
    print(f"recipes          ./recipes, then {RECIPES}")
    print("\ncore")
    missing = [name for name in CORE if not _line(name, (name,))]
    print("\noptional")
    for module, extra, what in OPTIONAL:
        if importlib.util.find_spec(module) is None:
            print(f"  {module:<14} absent    {what}: pip install 'lepton-automl[{extra}]'")
        else:
            _line(module, DISTRIBUTIONS.get(module, (module,)), what)
    return 2 if missing else 0


def _line(name: str, distributions: tuple[str, ...], what: str = "") -> bool:
    for distribution in distributions:
        try:
            print(f"  {name:<14} {version(distribution):<9} {what}".rstrip())
            return True
        except PackageNotFoundError:
            continue
    print(f"  {name:<14} absent    install lepton-automl again")
    return False
