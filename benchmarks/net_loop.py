"""What Lightning's Trainer costs: the same nets trained under it and in a bare loop of PyTorch, in turn, in one process.

python benchmarks/net_loop.py
"""

import math
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402

torch_seconds = time.perf_counter() - started
from lepton_automl.models.nets.lightning import train  # noqa: E402

lightning_seconds = time.perf_counter() - started - torch_seconds

import numpy as np  # noqa: E402

from lepton_automl.features import Prepared  # noqa: E402
from lepton_automl.models import Limits, Rows, Shape, no_step  # noqa: E402
from lepton_automl.models.nets.learning import target_facts  # noqa: E402
from lepton_automl.models.nets.realmlp import RealMLP  # noqa: E402
from lepton_automl.models.nets.table import Scaling  # noqa: E402
from lepton_automl.models.nets.tabm import TabM  # noqa: E402
from lepton_automl.models.nets.training import Loop, Loss, Part  # noqa: E402
from lepton_automl.tasks import Goal, Makes  # noqa: E402

CASES = ((1_000, 10, 20), (10_000, 20, 4))
"""Rows, columns, epochs."""
TIMES = 7
GOAL = Goal(Makes.PROBABILITIES, 2)


def make_loop(family: TabM | RealMLP, rows: int, columns: int, epochs: int) -> Loop:
    """Makes rows and a loop that has not begun."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns)).astype("float32")
    y = (X[:, 0] + np.sin(2 * X[:, 1]) + rng.normal(size=rows) > 0).astype("int64")
    prepared = Prepared(X, (), ())
    scaling = Scaling.learn(prepared)
    inputs = scaling.apply(prepared)
    params = {**family.starts(Shape(rows, columns, GOAL))[0], "epochs": epochs, "precision": "32"}
    net, course = sys.modules[type(family).__module__]._made(params, Limits(), scaling, 2)
    offset = torch.from_numpy(target_facts(Rows(prepared, y), GOAL)["offset"])
    loss = Loss(GOAL, offset, torch.zeros(0), 0.0)
    weights = net.start(inputs, torch.Generator().manual_seed(0))
    return Loop(net, weights, loss, course, Part.of(inputs, y, None, "cpu"), None, Limits(), no_step)


def bare(loop: Loop) -> None:
    """Trains as the loop does, written out: no Lightning, no deadline, no best state, no callback."""
    net, weights, course, part = loop.net, loop.weights, loop.course, loop.train
    optimizer, generator, n = loop.optimizer(), loop.generator, len(part)
    for epoch in range(course.epochs):
        order = torch.randperm(n, generator=generator)
        for start in range(0, n, course.batch_size):
            progress = min(1.0, (epoch + start / n) / course.epochs)
            for group in optimizer.param_groups:
                group["lr"] = course.learning_rate * course.rate_at(progress) * group["pace"][0]
                group["weight_decay"] = course.weight_decay * course.fade_at(progress) * group["pace"][1]
            rows = order[start : start + course.batch_size]
            x = net.encode(weights, part.dense[rows], part.codes[rows])
            outputs = net.outputs(weights, x, loop._drop(course.dropout * course.fade_at(progress)))
            loss = loop.loss.each(outputs, part.y[rows]).mean()
            optimizer.zero_grad()
            loss.backward()
            if course.gradient_clip > 0:
                torch.nn.utils.clip_grad_norm_(loop.trained, course.gradient_clip)
            optimizer.step()


def main() -> None:
    """Runs the benchmark."""
    torch.set_num_threads(2)
    print(f"imports: torch {torch_seconds:.2f} s, then pytorch_lightning and what it brings {lightning_seconds:.2f} s")
    for family in (TabM(), RealMLP()):
        for rows, columns, epochs in CASES:
            seconds = {"lightning": math.inf, "bare": math.inf}
            ends = {}
            for _ in range(TIMES):
                for name in seconds:
                    loop = make_loop(family, rows, columns, epochs)
                    started = time.perf_counter()
                    train(loop, "cpu") if name == "lightning" else bare(loop)
                    seconds[name] = min(seconds[name], time.perf_counter() - started)
                    ends[name] = {key: weight.detach().clone() for key, weight in loop.weights.items()}
            same = all(torch.equal(weight, ends["bare"][key]) for key, weight in ends["lightning"].items())
            ratio = seconds["lightning"] / seconds["bare"]
            print(
                f"{type(family).__name__:8} {rows:6} rows, {epochs:2} epochs: under Lightning {seconds['lightning']:.3f} s, "
                f"bare {seconds['bare']:.3f} s, ratio {ratio:.3f}, "
                f"difference {1e3 * (seconds['lightning'] - seconds['bare']):.0f} ms, same weights: {same}"
            )


if __name__ == "__main__":
    main()
