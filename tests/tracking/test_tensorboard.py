"""Event files, read back record by record."""

import struct

import pytest

pytest.importorskip("tensorboardX")


def events(folder):
    """Reads the scalars of every event file of a folder: tag to (step, value, moment)."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data, place = path.read_bytes(), 0
        while place < len(data):  # length (8 bytes), its check sum (4), the event, its check sum (4)
            (size,) = struct.unpack("<Q", data[place : place + 8])
            event = Event.FromString(data[place + 12 : place + 12 + size])
            place += size + 16
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, round(value.simple_value, 6), event.wall_time))
    return found


@pytest.fixture(scope="module")
def told(tell, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tensorboard")
    assert tell("tensorboard", {}, folder).failure == ""
    return folder / "events"


def test_the_best_score_is_a_curve_over_trials_and_over_wall_clock(told):
    best = events(told)["search/best_roc_auc"]

    assert best == [(1, 0.75, 1_700_000_004.0), (2, 0.75, 1_700_000_005.0), (3, 0.75, 1_700_000_006.0)]


def test_trials_are_counted_by_state(told):
    found = events(told)

    assert [value for _, value, _ in found["trials/done"]] == [1, 1, 1]
    assert [(step, value) for step, value, _ in found["trials/failed"]] == [(3, 1)]


def test_each_trial_has_its_own_curve_by_rounds_and_its_parameters(told):
    found = events(told / "trial_0000_lightgbm")

    assert [(step, value) for step, value, _ in found["curve/fold_0"]] == [(10, 0.6), (20, 0.5)]
    assert [(step, value) for step, value, _ in found["curve/fold_1"]] == [(10, 0.7), (20, 0.4)]
    assert found["trial/roc_auc"][0][1] == 0.75
    assert "_hparams_/session_start_info" in found
    assert sorted(path.name for path in told.glob("trial_*")) == ["trial_0000_lightgbm", "trial_0001_linear"]


def test_the_figures_on_test_rows_come_with_their_intervals(told):
    found = events(told)

    shown = {tag: found[tag][0][:2] for tag in ("final/test/roc_auc", "final/test/roc_auc_low", "final/test/roc_auc_high")}
    assert shown == {
        "final/test/roc_auc": (3, 0.8),
        "final/test/roc_auc_low": (3, 0.75),
        "final/test/roc_auc_high": (3, 0.85),
    }
    assert found["final/artifact_mb"][0][1] == 2.5
