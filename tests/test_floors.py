"""A room imports only rooms below it. Lazy imports count."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "lepton_automl"
FLOORS = [
    {"errors", "registry", "space", "limits", "measure", "ledger"},
    {"recipe", "work"},
    {"data"},
    {"tasks"},
    {"features"},
    {"models"},
    {"governance", "search", "testing"},
    {"ensemble"},
    {"evidence", "deliver"},
    {"report", "operate", "tracking"},
    {"engine"},
    {"api", "cli"},
    {"__main__"},
]
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
WITHIN_FLOOR_0 = {("registry", "errors"), ("space", "errors"), ("ledger", "errors")}
READS_THE_RECIPE = {"api", "engine", "cli", "recipe"}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module] if node.module != "lepton_automl" else [f"lepton_automl.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("lepton_automl.") and name.count(".")}
    return found - {"__version__"}


FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem not in ("__init__",))


def test_there_are_files_and_every_one_belongs_to_a_room_of_the_table():
    assert len(FILES) > 60
    assert {room_of(path) for path in FILES} <= set(FLOOR_OF)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_lower_floors(path):
    room = room_of(path)
    for other in imported_rooms(path) - {room}:
        below = FLOOR_OF[other] < FLOOR_OF[room] or (room, other) in WITHIN_FLOOR_0
        assert below, f"{path.relative_to(ROOT)} ({room}, floor {FLOOR_OF[room]}) imports {other} (floor {FLOOR_OF[other]})"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_engine_and_the_command_line_read_the_recipe(path):
    if room_of(path) not in READS_THE_RECIPE:
        assert "recipe" not in imported_rooms(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400
