"""A run of Weights & Biases that needs no account and no network, read back from its own file."""

import json
import struct

import pytest

pytest.importorskip("wandb")
SETTINGS = {"project": "tests", "entity": None, "mode": "offline", "tags": ["small"]}
NOWHERE = "http://127.0.0.1:9"


def records(path):
    """Reads a W&B file: after 7 bytes, blocks of 32 KiB of parts with a check sum (4), a size (2) and a kind (1)."""
    from wandb.proto import wandb_internal_pb2

    data, place, part, found = path.read_bytes(), 7, b"", []
    while place + 7 <= len(data):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        _, size, kind = struct.unpack("<IHB", data[place : place + 7])
        part += data[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # whole, or the last part
            found.append(wandb_internal_pb2.Record.FromString(part))
            part = b""
    return found


@pytest.fixture(scope="module")
def folder(tell, tmp_path_factory):
    """The offline folder of a run that was told of while no network could be reached."""
    place = tmp_path_factory.mktemp("wandb")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, NOWHERE)
        for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_DIR"):
            patch.delenv(name, raising=False)
        patch.setenv("WAREHOUSE_URL", "postgresql://ann:hush@db/shop")
        assert tell("wandb", SETTINGS, place).failure == ""
    (found,) = (place / "wandb").glob("offline-run-*")
    return found


def items(record):
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.item}


def test_an_offline_run_holds_trials_curves_and_figures(folder):
    (path,) = folder.glob("*.wandb")
    kinds = {}
    for record in records(path):
        kinds.setdefault(record.WhichOneof("record_type"), []).append(record)

    rows = [items(record.history) for record in kinds["history"]]
    trials = [row for row in rows if "search/best_roc_auc" in row]
    assert [(row["trial"], row["at_seconds"], row.get("search/roc_auc")) for row in trials] == [
        (0, 4.0, 0.75),
        (1, 5.0, 0.6),
        (2, 6.0, None),
    ]
    curve = [
        (row["round"], row["curve/0000_lightgbm/fold_0"], row["curve/0000_lightgbm/fold_1"]) for row in rows if "round" in row
    ]
    assert curve == [(10, 0.6, 0.7), (20, 0.5, 0.4)]
    last = {}
    for record in kinds["summary"]:
        last |= {u.key or "/".join(u.nested_key): json.loads(u.value_json) for u in record.summary.update}
    assert (last["test/roc_auc"], last["test/roc_auc_low"], last["artifact_mb"]) == (0.8, 0.75, 2.5)
    assert (kinds["run"][0].run.project, list(kinds["run"][0].run.tags)) == ("tests", ["small"])


def test_neither_secrets_nor_the_machine_nor_the_command_line_are_written(folder):
    (path,) = folder.glob("*.wandb")
    whole = path.read_bytes()

    assert b"lightgbm" in whole
    assert b"hush" not in whole
    assert {record.run.host for record in records(path) if record.WhichOneof("record_type") == "run"} == {"-"}
    assert b"pytest" not in whole
    assert not (folder / "files" / "wandb-metadata.json").exists()
