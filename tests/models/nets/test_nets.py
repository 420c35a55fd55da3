"""Nets for tables: the contract, what each parameter does, and predictions without PyTorch."""

import json
import math
import subprocess
import sys
import time

import numpy as np
import pytest

from lepton_automl.errors import ArtifactError, HardwareError
from lepton_automl.features import FeatureOptions, Prepared, learn_preparation
from lepton_automl.models import Limits, Rows, Shape, no_step
from lepton_automl.models.nets.fitted import pruned
from lepton_automl.models.nets.learning import affordable_epochs
from lepton_automl.models.nets.realmlp import RealMLP
from lepton_automl.models.nets.realmlp import forward as realmlp_forward
from lepton_automl.models.nets.table import Inputs, Scaling
from lepton_automl.models.nets.tabm import TabM
from lepton_automl.models.nets.tabm import forward as tabm_forward
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import check_model, table

pytest.importorskip("torch")
pytest.importorskip("pytorch_lightning")

SMALL = {
    "tabm": {"k": 4, "width": 32, "blocks": 2, "bins": 8, "epochs": 6, "batch_size": 64},
    "realmlp": {"width": 32, "layers": 2, "epochs": 8, "batch_size": 64},
}
FAMILIES = {"tabm": TabM(), "realmlp": RealMLP()}
BOTH = pytest.mark.parametrize("name", list(FAMILIES))
TWO = Goal(Makes.PROBABILITIES, 2)


def made_rows(goal, n=300, seed=0, X=None):
    rng = np.random.default_rng(seed)
    towns = np.array([f"town {i}" for i in range(30)])
    size, age, town = rng.lognormal(size=n), rng.normal(size=n), rng.integers(0, 30, n)
    data = table(
        size=np.where(rng.random(n) < 0.1, np.nan, size), age=age, town=towns[town], kind=np.array(list("abc"))[town % 3]
    )
    score = np.log(size) + np.sin(3 * age) + (town % 3) + 0.2 * rng.normal(size=n)
    preparation = learn_preparation(data.rows(np.arange(n)), TabM.needs, FeatureOptions(), None)
    y = (score > np.median(score)).astype("int64") if goal.makes is Makes.PROBABILITIES else 100 + 7 * score
    return Rows(preparation.apply(data.frame), y)


def fitted(name, goal=TWO, valid=True, step=no_step, limits=None, n=300, **params):
    train, watched = made_rows(goal, n), made_rows(goal, 120, seed=1) if valid else None
    return FAMILIES[name].fit(train, watched, {**SMALL[name], **params}, goal, limits or Limits(seed=3), step)


@BOTH
def test_a_net_keeps_the_contract(name):
    quick = {"epochs": 6, "width": 32, "batch_size": 32}
    check_model(FAMILIES[name], {**quick, "k": 4} if name == "tabm" else quick)


@BOTH
@pytest.mark.parametrize(
    "goal", [Goal(Makes.PROBABILITIES, 3), Goal(Makes.VALUES), Goal(Makes.QUANTILES, 2, (0.1, 0.9))], ids=str
)
def test_numpy_gives_what_pytorch_gives(name, goal):
    import torch

    rows = made_rows(goal, 64)
    scaling = Scaling.learn(rows.prepared)
    inputs = scaling.apply(rows.prepared)
    shape = Shape(64, 4, goal)
    module = sys.modules[type(FAMILIES[name]).__module__]
    net, _ = module._made({**FAMILIES[name].starts(shape)[0], "width": 64}, Limits(), scaling, goal.width)
    generator = torch.Generator().manual_seed(5)
    weights = net.start(inputs, generator)
    for key, weight in weights.items():
        if not net.is_fixed(key):
            weights[key] = weight + 0.1 * torch.randn(weight.shape, generator=generator)

    x = net.encode(weights, torch.from_numpy(inputs.dense), torch.from_numpy(inputs.codes))
    ours = net.outputs(weights, x, lambda hidden: hidden).numpy()
    forward = tabm_forward if name == "tabm" else realmlp_forward
    theirs = forward(net.export({key: weight.numpy() for key, weight in weights.items()}), inputs)

    assert theirs.dtype == np.float32
    np.testing.assert_allclose(theirs, ours, atol=1e-4 * max(1, np.abs(ours).max()))


@BOTH
def test_a_saved_net_predicts_in_a_process_without_pytorch(name, tmp_path):
    found = fitted(name)
    for file, content in found.save().items():
        (tmp_path / file).write_bytes(content)
    rows = made_rows(TWO, 5).prepared
    np.save(tmp_path / "rows.npy", rows.X)
    place = f"{type(FAMILIES[name]).__module__} import {type(FAMILIES[name]).__name__}"
    code = f"""
import sys, numpy as np
from pathlib import Path
from lepton_automl.features import Prepared
from {place} as Family
files = {{name: Path(name).read_bytes() for name in ("net.json", "net.npz")}}
X = np.load("rows.npy")
rows = Prepared(X, (), (), {rows.categorical}, {rows.levels})
np.save("out.npy", Family().load(files).predict(rows))
print(sorted(name for name in sys.modules if name.split(".")[0] in ("torch", "pytorch_lightning", "torchmetrics")))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
    assert np.array_equal(np.load(tmp_path / "out.npy"), found.predict(rows))
    assert sorted(found.save()) == ["net.json", "net.npz"]


@BOTH
def test_files_of_another_family_are_refused(name):
    other = "realmlp" if name == "tabm" else "tabm"
    with pytest.raises(ArtifactError, match=f"family '{name}'; {other} reads format 1"):
        FAMILIES[other].load(fitted(name, epochs=1).save())


@BOTH
def test_a_gpu_that_is_absent_is_an_error(name):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(HardwareError, match="PyTorch finds no GPU here"):
        fitted(name, limits=Limits(device="gpu"))


@BOTH
def test_a_deadline_stops_a_fit_within_an_epoch(name):
    train = made_rows(TWO, 40_000)
    limits = Limits(deadline=time.time() + 1.0)
    found = FAMILIES[name].fit(train, made_rows(TWO, 100), {"batch_size": 8, "epochs": 3}, TWO, limits, no_step)

    assert found.rounds[0] == 1
    assert np.isfinite(found.predict(train.prepared)).all()


@BOTH
def test_a_deadline_that_leaves_no_time_for_all_epochs_shortens_the_schedule(name):
    train, valid = made_rows(TWO, 2_000), made_rows(TWO, 100)
    long = {"batch_size": 64, "epochs": 5_000, "patience": 5_000}
    found = FAMILIES[name].fit(train, valid, long, TWO, Limits(deadline=time.time() + 3.0, patience=5_000), no_step)
    short = FAMILIES[name].fit(train, valid, {**long, "epochs": 2}, TWO, Limits(deadline=time.time() + 60.0), no_step)

    assert 1 <= found.rounds[1] < 5_000
    assert short.rounds[1] == 2
    assert affordable_epochs(50, time.time() - 1.0, 0.1) == 1


@BOTH
def test_the_epoch_with_the_lowest_valid_loss_is_kept(name):
    losses = []
    found = fitted(name, step=lambda number, value: losses.append(value), epochs=30, learning_rate=0.1)
    watched = made_rows(TWO, 120, seed=1)
    out = found.predict(watched.prepared)

    assert found.rounds[0] == int(np.argmin(losses)) + 1
    assert -np.log(out[np.arange(120), watched.y]).mean() == pytest.approx(min(losses), abs=1e-5)


@BOTH
def test_training_stops_after_patience_without_gain(name):
    heard = []
    found = fitted(name, step=lambda number, _: heard.append(number), epochs=60, learning_rate=0.3, patience=3)

    assert len(heard) == found.rounds[0] + 3 < 60


@BOTH
def test_exact_rounds_are_epochs_and_ask_no_clock(name):
    heard = []
    limits = Limits(seed=3, rounds=(4, 6), deadline=1.0)
    found = fitted(name, step=lambda number, _: heard.append(number), limits=limits)

    assert found.rounds == (4, 6)
    assert heard == [0, 1, 2, 3]


@BOTH
@pytest.mark.parametrize(
    "params",
    [
        {"learning_rate": 1e-4},
        {"weight_decay": 5.0},
        {"dropout": 0.6},
        {"batch_size": 16},
        {"gradient_clip": 1e-3},
        {"noise": 1.0},
        {"mixup": 0.5},
        {"category_width": 2},
        {"embedding_width": 3},
        {"width": 16},
        {"epochs": 3},
    ],
    ids=lambda params: next(iter(params)),
)
def test_a_parameter_changes_what_is_learned(name, params):
    plain, changed = fitted(name, valid=False), fitted(name, valid=False, **params)
    rows = made_rows(TWO, 50, seed=2).prepared

    assert not np.allclose(plain.predict(rows), changed.predict(rows), atol=1e-5)


@BOTH
def test_weight_decay_makes_weights_smaller(name):
    plain, decayed = (
        fitted(name, weight_decay=0.0, epochs=20, valid=False),
        fitted(name, weight_decay=8.0, epochs=20, valid=False),
    )

    assert np.abs(decayed.arrays["weight_1"]).mean() < 0.95 * np.abs(plain.arrays["weight_1"]).mean()


@BOTH
@pytest.mark.parametrize("params", [{"dropout": 0.5}, {"noise": 0.5}, {"mixup": 1.0}], ids=lambda params: next(iter(params)))
def test_augmentation_keeps_a_net_from_learning_rows_by_heart(name, params):
    plain, held = fitted(name, valid=False, epochs=60, learning_rate=0.02, dropout=0.0), None
    held = fitted(name, **{"valid": False, "epochs": 60, "learning_rate": 0.02, "dropout": 0.0, **params})
    train = made_rows(TWO)

    assert loss_of(held, train) > 1.1 * loss_of(plain, train)


def loss_of(found, rows):
    out = found.predict(rows.prepared)
    return -np.log(out[np.arange(len(rows.y)), rows.y]).mean()


def test_label_smoothing_keeps_probabilities_from_the_ends():
    plain = fitted("realmlp", valid=False, epochs=40)
    smooth = fitted("realmlp", valid=False, epochs=40, label_smoothing=0.3)
    rows = made_rows(TWO).prepared

    assert smooth.predict(rows).max() < plain.predict(rows).max()
    assert "label_smoothing" not in RealMLP().legal(Goal(Makes.VALUES))


@BOTH
def test_pruning_sets_the_smallest_weights_to_zero_and_shrinks_the_file(name):
    plain, cut = fitted(name), fitted(name, prune=0.75)
    before, after = plain.arrays["weight_0"], cut.arrays["weight_0"]

    assert (after == 0).mean() == pytest.approx(0.75, abs=0.01)
    assert np.array_equal(after[after != 0], before[after != 0])
    assert np.abs(before[after == 0]).max() <= np.abs(after[after != 0]).min()
    assert len(cut.save()["net.npz"]) < 0.75 * len(plain.save()["net.npz"])


def test_pruning_leaves_biases_and_edges_of_bins():
    arrays = {"edge_low": np.ones((2, 2)), "bias_0": np.ones(4), "weight_0": np.array([[1.0, -3.0], [2.0, 0.5]])}
    cut = pruned(arrays, 0.5)

    assert cut["weight_0"].tolist() == [[0, -3], [2, 0]]
    assert (cut["edge_low"] == 1).all() and (cut["bias_0"] == 1).all()


@BOTH
def test_bfloat16_learns_as_well_as_float32(name):
    losses = [
        loss_of(fitted(name, n=600, epochs=15, precision=precision), made_rows(TWO, 120, seed=1))
        for precision in ("32", "bf16")
    ]

    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)


@pytest.mark.parametrize("params", [{"k": 1}, {"blocks": 1}, {"bins": 2}], ids=lambda params: next(iter(params)))
def test_the_sizes_of_tabm_are_those_of_its_arrays(params):
    arrays = fitted("tabm", epochs=1, **params).arrays
    full = {**SMALL["tabm"], **params}

    assert arrays["member"].shape[0] == arrays["head"].shape[0] == full["k"]
    assert sum(name.startswith("weight_") for name in arrays) == full["blocks"]
    assert arrays["bins"].shape[1] == full["bins"]


@pytest.mark.parametrize(
    "params", [{"layers": 3}, {"frequencies": 5}, {"activation": "mish"}], ids=lambda params: next(iter(params))
)
def test_the_sizes_of_realmlp_are_those_of_its_arrays(params):
    arrays = fitted("realmlp", epochs=1, **params).arrays
    full = {**RealMLP().starts(Shape(300, 4, TWO))[0], **SMALL["realmlp"], **params}

    assert sum(name.startswith("weight_") for name in arrays) == full["layers"]
    assert arrays["frequency"].shape[1] == full["frequencies"]
    assert arrays["activation"].tolist() == [full["activation"]]


def test_scaling_clips_flags_and_tells_unseen_from_seen():
    X = np.array([[0, 1, 0, 0], [1, np.nan, 1, 11], [2, 1, np.nan, 5], [3, 1, 0, 7]], dtype="float32")
    scaling = Scaling.learn(Prepared(X, ("a", "b", "c", "d"), ("a", "b", "c", "d"), (2, 3), (2, 12)))
    far = Prepared(np.array([[1e30, np.nan, np.nan, np.nan]], dtype="float32"), (), (), (2, 3), (2, 12))

    seen, strange = scaling.apply(Prepared(X, (), (), (2, 3), (2, 12))), scaling.apply(far)

    assert seen.dense.shape == (4, 1 + 1 + 3)
    assert seen.dense[1, 1:].tolist() == [1, 0, 1, 0]
    assert seen.dense[2, 1:].tolist() == [0, 0, 0, 1]
    assert seen.codes[:, 0].tolist() == [1, 12, 6, 8]
    assert strange.dense[0].tolist() == [3, 1, 0, 0, 1]
    assert strange.codes.tolist() == [[0]]


def test_a_number_that_is_mostly_zero_is_scaled_by_the_others():
    X = np.array([[0.0]] * 8 + [[10.0], [30.0]], dtype="float32")

    assert Scaling.learn(Prepared(X, (), ())).scale.tolist() == [20]


def test_bins_of_a_number_that_is_mostly_zero_part_the_others():
    from lepton_automl.models.nets.tabm_net import bin_edges

    numbers = np.concatenate([np.zeros(900), np.arange(1, 101)]).astype("float32")[:, None]

    assert (bin_edges(numbers, 10)["edge_rate"] > 0).sum() == 10


def test_a_table_without_columns_gives_the_share_of_the_classes():
    rows = Rows(Prepared(np.zeros((90, 0), dtype="float32"), (), ()), np.arange(90) % 3 // 2)
    for name, family in FAMILIES.items():
        out = family.fit(rows, None, {**SMALL[name], "epochs": 3, "learning_rate": 0.001}, TWO, Limits(), no_step).predict(
            rows.prepared
        )
        np.testing.assert_allclose(out, np.tile([2 / 3, 1 / 3], (90, 1)), atol=0.1)


def test_the_schedule_of_tabm_lowers_the_learning_rate_or_keeps_it():
    rows = made_rows(TWO, 50, seed=2).prepared
    constant, cosine = (fitted("tabm", valid=False, schedule=name).predict(rows) for name in ("constant", "cosine"))

    assert np.abs(constant - cosine).max() > 1e-3


def test_realmlp_takes_the_strengths_of_its_waves_from_sigma():
    slow, fast = (fitted("realmlp", epochs=1, sigma=sigma).arrays["frequency"] for sigma in (0.01, 1.0))

    assert np.abs(fast).mean() > 10 * np.abs(slow).mean()


def test_schedules_follow_the_epochs_that_are_asked_for():
    from lepton_automl.models.nets.realmlp import cycles, fading

    assert cycles((math.sqrt(2) - 1) / 15) == pytest.approx(1)
    assert fading(0.4) == 1 and fading(1.0) == pytest.approx(0)


def test_the_json_of_a_net_is_plain():
    meta = json.loads(fitted("tabm", epochs=1).save()["net.json"])

    assert meta["format"] == 1 and meta["family"] == "tabm" and meta["makes"] == "probabilities"


def test_inputs_know_their_rows():
    assert len(Inputs(np.zeros((3, 1), dtype="float32"), np.zeros((3, 0), dtype="int64"))) == 3
