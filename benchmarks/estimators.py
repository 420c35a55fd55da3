"""Seconds of a fit of the estimators on small tables, in this process and in workers: the lowest of several fits.

python benchmarks/estimators.py
"""

import time
import warnings

from sklearn.datasets import load_diabetes, load_iris

from lepton_automl import LeptonClassifier, LeptonRegressor

FITS = 3
SETS = (("iris, 150 rows", LeptonClassifier, load_iris), ("diabetes, 442 rows", LeptonRegressor, load_diabetes))


def seconds(estimator, X, y) -> tuple[float, float]:
    """Fits; gives the lowest wall clock and the lowest CPU time of this process."""
    walls, processors = [], []
    for _ in range(FITS):
        wall, processor = time.perf_counter(), time.process_time()
        estimator.fit(X, y)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def main() -> None:
    """Runs the benchmark."""
    warnings.simplefilter("ignore")
    for name, kind, read in SETS:
        X, y = read(return_X_y=True)
        for trials in (1, 2):
            for place in (True, False):
                wall, processor = seconds(kind(trials=trials, threads=1, in_process=place), X, y)
                where = "in this process" if place else "in workers"
                print(f"{name:20} trials={trials} {where:16} {wall:5.2f} s wall, {processor:5.2f} s CPU of this process")


if __name__ == "__main__":
    main()
