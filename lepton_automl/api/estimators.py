"""The engine as estimators of scikit-learn: `LeptonClassifier` and `LeptonRegressor` pass its own `check_estimator`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, final

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from lepton_automl.api.fitting import Rows, fit_run, seed_of
from lepton_automl.api.frames import (
    as_labels,
    as_numbers,
    as_table,
    as_weights,
    free_name,
    label_values,
    with_pairs,
    without_weightless,
)
from lepton_automl.api.looks import estimator_html

Presets = str | Mapping[str, Any] | None
Overrides = Sequence[str] | Mapping[str, Any] | None


@final
class LeptonClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Labels, by a search over models and their ensemble.

    Args:
        seconds: Wall clock of a fit; 60 if neither this nor `trials` is given.
        trials: Configurations tried instead: the same rows, seed, threads and machine then give the same model.
        metric: What the search optimises, such as `roc_auc`; the task's own choice if absent (`docs/tasks.md`).
        search: Preset of models (`quick`, `balanced`, `thorough`), or the recipe's block `search`.
        governance: Preset of rules (`noted`, `standard`, `none`, …), or the recipe's block `governance`. `noted` is `standard`,
            but what looks like a leak is told by a `LeakWarning` and stays, as the columns were chosen by you.
        test_share: Share of rows kept untouched for the evidence of `run_`; 0: it is out of fold.
        threads: Threads over all processes; all of the machine if absent.
        random_state: Seed; 0 if absent, so that a fit is repeatable unless a generator is given.
        overrides: More of the recipe: `key=value` words, or keys to values.
        folder: Folder under which each fit leaves its run; a temporary one if absent.
        in_process: Whether fits run in this process, without limits of time and memory; `auto`: where `trials` are counted and
            the table has at most 100,000 cells.
        verbose: Whether a line shows how the fit stands.

    Attributes:
        classes_: The labels in order, shape `(k,)`.
        n_features_in_: Features of the fit.
        feature_names_in_: Their names, where they are all text.
        run_: The run: figures, plots, report, ledger.

    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(100, noise=0.2, random_state=0)
    >>> LeptonClassifier(trials=2).fit(X, y).score(X, y) > 0.8
    True
    """

    def __init__(
        self,
        seconds: float | None = None,
        trials: int | None = None,
        metric: str | None = None,
        search: Presets = "quick",
        governance: Presets = "noted",
        test_share: float = 0.0,
        threads: int | None = None,
        random_state: Any = None,
        overrides: Overrides = None,
        folder: str | Path | None = None,
        in_process: bool | str = "auto",
        verbose: bool = False,
    ) -> None:
        self.seconds = seconds
        self.trials = trials
        self.metric = metric
        self.search = search
        self.governance = governance
        self.test_share = test_share
        self.threads = threads
        self.random_state = random_state
        self.overrides = overrides
        self.folder = folder
        self.in_process = in_process
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learns.

        Args:
            X: Features, a data frame or an array, shape `(n, m)`; missing ones may be NaN or None.
            y: Labels, shape `(n,)`.
            sample_weight: Weights of the rows, 0 or more, shape `(n,)`.

        Raises:
            ValueError: If the rows, the labels or a parameter can not be used.
            GovernanceStop: If a rule forbids going on.
        """
        table = as_table(self, X, is_fit=True)
        weights = as_weights(sample_weight, len(table))
        classes, codes = as_labels(self, y, len(table))
        seen = np.unique(codes if weights is None else codes[weights > 0])
        if len(seen) < 2:
            raise ValueError(
                f"{type(self).__name__} needs labels of at least 2 classes; y has one class, {classes[seen[0]]!r}."
            )
        classes, codes = classes[seen], np.searchsorted(seen, codes)
        values, seed = label_values(classes), seed_of(self.random_state)
        target = free_name("target", list(table.columns))
        table = table.assign(**{target: np.array(values)[np.minimum(codes, len(values) - 1)]})
        table, weights = without_weightless(table, weights)
        table, weights = with_pairs(table, target, weights)
        smallest = int(table[target].value_counts().min())
        task = {"kind": "multiclass"} if len(classes) > 2 else {"kind": "binary", "positive": values[1]}
        self.run_ = fit_run(self, Rows(table, target, weights, smallest), task, seed)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Gives the probability of each label, in the order of `classes_`, shape `(n, k)`."""
        check_is_fitted(self, "run_")
        table, scorer = as_table(self, X, is_fit=False), self.run_.scorer
        assert scorer.task.labels is not None
        place = {value: column for column, value in enumerate(scorer.task.labels.values)}
        order = [place[value] for value in label_values(self.classes_)]
        return scorer.score(table, "X", self.threads or 1).values[:, order]

    def predict(self, X: Any) -> np.ndarray:
        """Gives the most probable label of each row, shape `(n,)`."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _html_repr(self) -> str:
        return estimator_html(self)


@final
class LeptonRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers, by a search over models and their ensemble.

    Args:
        seconds: Wall clock of a fit; 60 if neither this nor `trials` is given.
        trials: Configurations tried instead: the same rows, seed, threads and machine then give the same model.
        metric: What the search optimises, such as `mae`; the root of the mean squared error if absent.
        search: Preset of models (`quick`, `balanced`, `thorough`), or the recipe's block `search`.
        governance: Preset of rules (`noted`, `standard`, `none`, …), or the recipe's block `governance`. `noted` is `standard`,
            but what looks like a leak is told by a `LeakWarning` and stays, as the columns were chosen by you.
        test_share: Share of rows kept untouched for the evidence of `run_`; 0: it is out of fold.
        threads: Threads over all processes; all of the machine if absent.
        random_state: Seed; 0 if absent, so that a fit is repeatable unless a generator is given.
        overrides: More of the recipe: `key=value` words, or keys to values.
        folder: Folder under which each fit leaves its run; a temporary one if absent.
        in_process: Whether fits run in this process, without limits of time and memory; `auto`: where `trials` are counted and
            the table has at most 100,000 cells.
        verbose: Whether a line shows how the fit stands.

    Attributes:
        n_features_in_: Features of the fit.
        feature_names_in_: Their names, where they are all text.
        run_: The run: figures, plots, report, ledger.
    """

    def __init__(
        self,
        seconds: float | None = None,
        trials: int | None = None,
        metric: str | None = None,
        search: Presets = "quick",
        governance: Presets = "noted",
        test_share: float = 0.0,
        threads: int | None = None,
        random_state: Any = None,
        overrides: Overrides = None,
        folder: str | Path | None = None,
        in_process: bool | str = "auto",
        verbose: bool = False,
    ) -> None:
        self.seconds = seconds
        self.trials = trials
        self.metric = metric
        self.search = search
        self.governance = governance
        self.test_share = test_share
        self.threads = threads
        self.random_state = random_state
        self.overrides = overrides
        self.folder = folder
        self.in_process = in_process
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learns.

        Args:
            X: Features, a data frame or an array, shape `(n, m)`; missing ones may be NaN or None.
            y: Numbers, shape `(n,)`.
            sample_weight: Weights of the rows, 0 or more, shape `(n,)`.

        Raises:
            ValueError: If the rows, the numbers or a parameter can not be used.
            GovernanceStop: If a rule forbids going on.
        """
        table = as_table(self, X, is_fit=True)
        weights = as_weights(sample_weight, len(table))
        target = free_name("target", list(table.columns))
        table = table.assign(**{target: as_numbers(self, y, len(table))})
        seed = seed_of(self.random_state)
        table, weights = without_weightless(table, weights)
        self.run_ = fit_run(self, Rows(table, target, weights, len(table) // 4), {"kind": "regression"}, seed)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Gives the number of each row, shape `(n,)`."""
        check_is_fitted(self, "run_")
        table = as_table(self, X, is_fit=False)
        return self.run_.scorer.score(table, "X", self.threads or 1).values[:, 0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _html_repr(self) -> str:
        return estimator_html(self)
