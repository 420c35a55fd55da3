"""What a notebook shows of an estimator: scikit-learn's own diagram, and once it is fitted the card of its run."""

from __future__ import annotations

from typing import Any

from sklearn.utils import estimator_html_repr


def estimator_html(estimator: Any) -> str:
    """Gives the estimator as HTML; nothing in it is fetched."""
    diagram = str(estimator_html_repr(estimator))
    run = getattr(estimator, "run_", None)
    return diagram if run is None else diagram + str(run._repr_html_())
