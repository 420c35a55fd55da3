"""A run on one card, for a notebook: answer, interval, gates, best trials. All text is escaped; nothing is fetched."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from lepton_automl.api.facts import RunFacts
from lepton_automl.api.style import page_style
from lepton_automl.measure import Measure
from lepton_automl.report.wording import duration, metric_words, number, plural, rounded

SHOWN = 5
"""Trials that the card lists."""
_CARD = Markup('<div class="lepton-x card"><style>{}</style>{}</div>')
_ROW = Markup('<tr><td>{}</td><td class="n">{}</td><td class="n">{}</td><td>{}</td><td class="n">{}</td></tr>')
_HEAD = Markup(
    '<tr><th>model</th><th class="n">trial</th><th class="n">{}, mean of folds</th><th>state</th><th class="n">weight</th></tr>'
)


def plain_card(text: str) -> str:
    """Gives a card with one sentence."""
    return str(_CARD.format(page_style(), Markup("<p>{}</p>").format(text)))


def card_of(run: RunFacts) -> str:
    """Gives the card of a run."""
    parts = (_answer(run), _gates(run), _worth(run), _warnings(run), _board(run), _foot(run))
    return str(_CARD.format(page_style(), Markup("").join(parts)))


def _answer(run: RunFacts) -> Markup:
    evidence, metrics = run.evidence, run.metrics
    words = metric_words(evidence["metric"])
    measure = Measure(**{name: evidence["scores"][evidence["metric"]][name] for name in ("value", "low", "high", "n")})
    title = (
        (run.recipe.get("report") or {}).get("title") or (run.recipe.get("engagement") or {}).get("title") or metrics["recipe"]
    )
    baseline = (metrics["baseline"] or {}).get(evidence["metric"])
    rows = f"{plural(metrics['rows']['judged'], 'test row' if evidence['kind'] == 'test' else 'out-of-fold row')}"
    said = f"{words.title}, {words.better}; {rounded(measure.low, measure)} to {rounded(measure.high, measure)} on {rows}"
    body = Markup("<h4>{}</h4><p>{} of <b>{}</b></p>").format(title, str(metrics["task"]), run.plan["task"]["target"])
    body += Markup('<div><span class="value">{}</span> <span class="faint">{}; baseline {}</span></div>').format(
        rounded(measure.value, measure), said, rounded(baseline, measure)
    )
    if evidence["kind"] != "test":
        body += Markup('<p class="alarm">Out of fold: no test rows were set aside.</p>')
    return body


def _gates(run: RunFacts) -> Markup:
    failed, gates = run.metrics["gates_failed"], run.plan.get("gates") or []
    if failed:
        return Markup('<p class="bad">Gates failed: {}</p>').format(", ".join(failed))
    return Markup('<p class="good">{}</p>').format(f"{plural(len(gates), 'gate')} passed") if gates else Markup("")


def _worth(run: RunFacts) -> Markup:
    value, decision = run.metrics.get("value_per_row"), run.decision
    if not value:
        return Markup("")
    measure = Measure(value["value"], value["low"], value["high"], value["n"], value["unit"])
    ends = tuple(rounded(end, measure) for end in (measure.value, measure.low, measure.high))
    text = "worth {} {unit} a row ({} to {}), line at {line}".format(
        *ends, unit=measure.unit, line=number(decision["threshold"], 3)
    )
    return Markup("<p>{}</p>").format(text)


def _warnings(run: RunFacts) -> Markup:
    ledger = run.ledger
    notes = ledger.loc[(ledger["code"] == "SPLIT002") & (ledger["effect"] == "disagrees"), "note"]
    return Markup("").join(Markup('<p class="alarm">{}</p>').format(note) for note in notes)


def _board(run: RunFacts) -> Markup:
    board, metric = run.leaderboard, run.evidence["metric"]
    rows = Markup("").join(
        _ROW.format(
            row["model"],
            row["trial"],
            number(_float(row[metric]), keeps_zeros=True),
            row["state"],
            f"{row['weight']:.2f}" if row["weight"] else "",
        )
        for row in board.head(SHOWN).to_dict("records")
    )
    head = Markup("<details><summary>{}</summary><table>").format(f"{plural(len(board), 'trial')} in {duration(_seconds(run))}")
    return head + _HEAD.format(metric_words(metric).title) + rows + Markup("</table></details>")


def _foot(run: RunFacts) -> Markup:
    where = "in memory" if run.folder is None else str(run.folder)
    return Markup('<p class="faint">{}</p>').format(f"{where}; .report, .plots, .leaderboard, .ledger, .predict(table)")


def _seconds(run: RunFacts) -> float:
    return float(run.metrics["seconds"]["total"])


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
