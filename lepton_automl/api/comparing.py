"""Compares finished runs from Python: the same tests and the same page as `lepton compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lepton_automl.api.report import ReportPage
from lepton_automl.api.results import Run
from lepton_automl.errors import CommandError, Problem
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from lepton_automl.evidence.comparing import Comparison


class Compared:
    """What the comparison of a baseline with one or more candidates says.

    Args:
        comparisons: One for each candidate.
        language: Code of the language of page and Markdown; the one that the candidates' recipes ask for if absent.
    """

    def __init__(self, comparisons: Sequence[Comparison], language: str | None = None) -> None:
        self.comparisons, self.language = tuple(comparisons), language

    @property
    def verdicts(self) -> dict[str, str]:
        """Candidate to `better`, `same`, `worse` or `underpowered`."""
        return {one.candidate.name: str(one.word) for one in self.comparisons}

    @property
    def figures(self) -> pd.DataFrame:
        """Every figure of every candidate, a row each, with the interval of the difference and what is said of it."""
        import pandas as pd

        rows = []
        for one in self.comparisons:
            for figure in one.figures:
                told = figure.to_dict()
                rows.append({"run": one.candidate.name, **told})
        return pd.DataFrame(rows)

    @property
    def report(self) -> ReportPage:
        """The page, as `lepton compare --out` writes it."""
        from lepton_automl.report.comparing import render_comparison

        return ReportPage(render_comparison(self.comparisons, language=self.language))

    def to_markdown(self) -> str:
        """Gives it as Markdown, for a pull request."""
        from lepton_automl.report.comparing import render_markdown

        return render_markdown(self.comparisons, self.language)

    def __repr__(self) -> str:
        return f"Compared({', '.join(f'{name}: {word}' for name, word in self.verdicts.items())})"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()


def compare(
    baseline: Run | str | Path,
    *candidates: Run | str | Path,
    metrics: Sequence[str] = (),
    margins: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    language: str | None = None,
) -> Compared:
    """Says whether runs are better than a baseline, row by row on the test rows that both predicted.

    Args:
        baseline: A finished run, or its folder.
        candidates: Other finished runs, one at least.
        metrics: Figures by which the verdict goes; the recipe's metric, and money where there are payoffs, if empty.
        margins: Figure to the difference that does not matter; else 0.01 of a score and 2 % of a loss or of money.
        confidence: Confidence of intervals and verdicts, 0 to 1.
        language: `en` or `zh`, of the page and the Markdown; `report.language` of the candidates' recipes if absent.

    Raises:
        CommandError: If there is no candidate, or a figure or a language is not known.
        ArtifactError: If a run can not be read.
        DataError: If the runs can not be compared, with the reason.
    """
    from lepton_automl import engine
    from lepton_automl.report.language import LANGUAGES

    if not candidates:
        raise CommandError(Problem("compare", "needs a baseline and a candidate.", "Write compare(baseline, candidate)."))
    if language is not None and language not in LANGUAGES:
        message = f"is {language!r}, which is not a language of the pages."
        raise CommandError(Problem("language", message, did_you_mean(language, LANGUAGES)))
    runs = engine.read_every_run([_folder(run) for run in (baseline, *candidates)])
    asked = engine.Asked(tuple(metrics), dict(margins or {}), confidence)
    engine.check_asked(asked, engine.figures_of(runs[0]))
    return Compared(engine.compare_runs(runs[0], runs[1:], asked), language)


def _folder(run: Run | str | Path) -> Path:
    if not isinstance(run, Run):
        return Path(run)
    if run.folder is None:
        message = "a run without a folder was given, such as one inside an estimator."
        raise CommandError(Problem("compare", message, "Give `folder=` to the estimator, or compare runs of recipes."))
    return run.folder
