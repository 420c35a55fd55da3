"""The figures of the report as objects: shown in a cell, saved as SVG or HTML. Drawn by the report's own functions."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lepton_automl.api.facts import RunFacts
from lepton_automl.api.report import write_text
from lepton_automl.api.style import drawing_style, page_style
from lepton_automl.errors import OutputError, Problem
from lepton_automl.evidence import Decision
from lepton_automl.registry import did_you_mean
from lepton_automl.report import figures
from lepton_automl.report.grids import confusion_figure, importance_figure
from lepton_automl.report.race import race_figure
from lepton_automl.report.searched import history_figure
from lepton_automl.report.wording import metric_words
from lepton_automl.search import Fit, Trial, TrialState

_NUMBERS = itertools.count(1)
_BOX = Markup('<div class="lepton-x"><style>{}</style>{}</div>')
_FIGURE = Markup("<figure><h5>{}</h5>{}<figcaption>{}</figcaption></figure>")
_PAGE = Markup('<!doctype html><html lang="en"><meta charset="utf-8"><title>{}</title><body>{}</body></html>')


@dataclass(frozen=True)
class Plot:
    """A figure.

    Args:
        name: Its name: `roc`.
        title: What it is.
        caption: How to read it.
        drawing: It, as an `svg` element without a style.
    """

    name: str
    title: str
    caption: str
    drawing: Markup

    def __repr__(self) -> str:
        return f"Plot({self.title})"

    def element(self) -> Markup:
        """Gives the `svg` element, with identifiers that no other figure of the page has."""
        mark = f"lepton{next(_NUMBERS)}"
        found = re.match(r'<svg [^>]*aria-labelledby="(\S+)-t"', self.drawing)
        if found is None:
            return self.drawing
        pattern = rf'((?:id|aria-labelledby|aria-describedby)="){re.escape(found[1])}(?=-[td]\b)'
        return Markup(re.sub(pattern, rf"\g<1>{mark}", str(self.drawing), count=4))  # noqa: S704 - safe before, and still

    def _repr_html_(self) -> str:
        return str(_BOX.format(page_style(), _FIGURE.format(self.title, self.element(), self.caption)))

    def __html__(self) -> str:
        return self._repr_html_()

    def _repr_svg_(self) -> str:
        head = '<svg xmlns="http://www.w3.org/2000/svg" class="lepton-x '
        style = f"<style>{drawing_style()}</style>"
        opening, _, rest = str(self.element()).partition(">")
        return opening.replace('<svg class="', head, 1) + ">" + style + rest

    def save(self, path: str | Path) -> Path:
        """Writes the figure into a file of its own, `.svg` or `.html`; gives its path.

        Raises:
            OutputError: If the ending is another, or the file can not be written.
        """
        path = Path(path)
        if path.suffix == ".svg":
            return write_text(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{self._repr_svg_()}\n')
        if path.suffix == ".html":
            return write_text(path, _PAGE.format(self.title, self))
        raise OutputError(Problem("path", f"{path} has an ending that is not known.", "Use .svg or .html."))


class Plots(Mapping[str, Plot]):
    """The figures of a run by name; only those that its task has.

    Args:
        plots: Name to figure.
    """

    def __init__(self, plots: Mapping[str, Plot]) -> None:
        self._plots = dict(plots)

    def __getitem__(self, name: str) -> Plot:
        if name not in self._plots:
            raise KeyError(f"{name!r} is not a plot of this run. {did_you_mean(name, self._plots)}")
        return self._plots[name]

    def __getattr__(self, name: str) -> Plot:
        if name.startswith("_") or name not in self._plots:
            raise AttributeError(f"{name!r} is not a plot of this run. {did_you_mean(name, self.__dict__.get('_plots', ()))}")
        return self._plots[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._plots]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plots)

    def __len__(self) -> int:
        return len(self._plots)

    def __repr__(self) -> str:
        return f"Plots({', '.join(self._plots)})"

    def _repr_html_(self) -> str:
        parts = Markup("").join(_FIGURE.format(plot.title, plot.element(), plot.caption) for plot in self.values())
        return str(_BOX.format(page_style(), Markup('<div class="figures">{}</div>').format(parts)))


def plots_of(run: RunFacts) -> Plots:
    """Draws the figures of a run.

    Raises:
        ArtifactError: If it is an artefact alone.
    """
    found = (make(run) for make in MAKERS)
    return Plots({plot.name: plot for plot in found if plot is not None and plot.drawing})


def _pictures(run: RunFacts) -> Mapping[str, Any]:
    pictures: Mapping[str, Any] = run.evidence.get("pictures") or {}
    return pictures


def _labels(run: RunFacts) -> list[str]:
    return [str(label) for label in (run.plan["task"].get("labels") or {}).get("values", ())]


def _positive(run: RunFacts) -> str:
    labels = _labels(run)
    return labels[1] if len(labels) == 2 else ""


def _roc(run: RunFacts) -> Plot | None:
    points, area = _pictures(run).get("roc"), run.evidence["scores"].get("roc_auc")
    if not points:
        return None
    drawn = figures.roc_figure(points, None if area is None else area["value"], _positive(run))
    return Plot("roc", "ROC curve", "Every line that could be drawn; the dashed diagonal is chance.", drawn)


def _precision_recall(run: RunFacts) -> Plot | None:
    points = _pictures(run).get("precision_recall")
    if not points:
        return None
    drawn = figures.precision_recall_figure(points, _pictures(run).get("positive_share"), _positive(run))
    return Plot("precision_recall", "Precision over recall", "The price of finding more of them.", drawn)


def _calibration(run: RunFacts) -> Plot | None:
    bins = _pictures(run).get("calibration")
    if not bins:
        return None
    caption = "Above the diagonal it happens more often than was said. Larger dots hold more rows."
    return Plot("calibration", "Calibration", caption, figures.calibration_figure(bins, _positive(run)))


def _confusion(run: RunFacts) -> Plot | None:
    confusion = _pictures(run).get("confusion")
    if not confusion:
        return None
    caption = "Rows: the true label. Columns: the predicted one. Shade: share of its row."
    return Plot("confusion", "Confusion", caption, confusion_figure(confusion))


def _observed(run: RunFacts) -> Plot | None:
    rest = _pictures(run).get("residuals")
    if not rest or not rest["observed"]:
        return None
    drawn = figures.observed_figure(rest["predicted"], rest["observed"], run.plan["task"]["target"])
    return Plot("observed", "Observed against predicted", "On the dashed diagonal a prediction is right.", drawn)


def _residuals(run: RunFacts) -> Plot | None:
    rest = _pictures(run).get("residuals")
    if not rest or not rest["observed"]:
        return None
    drawn = figures.residual_figure(rest["predicted"], rest["observed"], run.plan["task"]["target"])
    return Plot("residuals", "Residuals", "Above the line, more was observed than predicted.", drawn)


def _coverage(run: RunFacts) -> Plot | None:
    levels = _pictures(run).get("coverage")
    if not levels:
        return None
    caption = "On the diagonal, quantiles cover what they promise."
    return Plot("coverage", "Coverage of the quantiles", caption, figures.coverage_figure(levels))


def _importance(run: RunFacts) -> Plot | None:
    importance, words = run.evidence.get("importance"), metric_words(run.evidence["metric"])
    if not importance:
        return None
    unit = f"{'drop' if words.is_score else 'growth'} of {words.title}"
    caption = f"{unit} when a feature’s values are shuffled among the judged rows."
    return Plot("importance", "What the model looks at", caption, importance_figure(importance, unit))


def _value(run: RunFacts) -> Plot | None:
    found = Decision.load(run.decision)
    if not found.curve:
        return None
    labels = _labels(run)
    drawn = figures.worth_figure(found, labels[1], labels[0])
    return Plot("value", "Worth of a row over all lines", "The line stands where the worth is highest out of fold.", drawn)


def _search(run: RunFacts) -> Plot:
    words = metric_words(run.evidence["metric"])
    caption = "Each dot is a trial; the line is the best so far of those with all folds. Ringed: in the ensemble."
    return Plot("search", f"{words.title} over trials", caption, race_figure(_trials(run), _weighed(run), words))


def _search_seconds(run: RunFacts) -> Plot:
    words = metric_words(run.evidence["metric"])
    ended = {int(number): seconds for number, seconds in run.searched.get("ended_seconds", {}).items()}
    drawn = history_figure(_trials(run), ended, _weighed(run), words)
    return Plot("search_seconds", f"{words.title} over seconds", "When each trial ended, and the best so far.", drawn)


MAKERS: tuple[Callable[[RunFacts], Plot | None], ...] = (
    _roc,
    _precision_recall,
    _calibration,
    _confusion,
    _observed,
    _residuals,
    _coverage,
    _importance,
    _value,
    _search,
    _search_seconds,
)


def _weighed(run: RunFacts) -> set[int]:
    board = run.leaderboard
    return {int(number) for number in board.loc[board["weight"] > 0, "trial"]}


def _trials(run: RunFacts) -> list[Trial]:
    """Gives the trials as the figures need them: scores, states and families."""
    found = []
    for row in run.trials.to_dict("records"):
        losses = {int(fold): math.nan if loss is None else loss for fold, loss in json.loads(row["fold_losses"]).items()}
        fits = {fold: Fit(fold, loss, (), 0.0, 0.0, 0.0, "", "") for fold, loss in losses.items()}
        found.append(Trial(int(row["number"]), row["model"], {}, row["origin"], TrialState(row["state"]), fits))
    return found


__all__ = ["Plot", "Plots", "plots_of"]
