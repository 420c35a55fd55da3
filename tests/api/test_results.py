"""A finished run that is asked: figures, tables, plots, report, predictions, and what a notebook shows of it."""

import io
import pickle
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from people_table import EVIL, people

from lepton_automl import Run, load
from lepton_automl.cli.predict import main as predict_main
from lepton_automl.errors import ArtifactError, DataError, OutputError

VOID = {"meta", "br", "img", "input", "link", "col", "hr", "wbr"}
OF_LABELS = ["roc", "precision_recall", "calibration", "confusion", "importance", "value", "search", "search_seconds"]
OF_NUMBERS = ["observed", "residuals", "search", "search_seconds"]


class Strict(HTMLParser):
    """Reads HTML and finds every element closed in order; remembers elements and what they reach for."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.reaches, self.frames, self.ids = [], set(), [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        values = dict(attributes)
        self.reaches += [value for name, value in attributes if name in ("src", "href", "action") or name.startswith("on")]
        self.frames += [values["srcdoc"]] if "srcdoc" in values else []
        self.ids += [values["id"]] if "id" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


def read(html):
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


def test_everything_of_a_run_is_at_hand(finished):
    assert finished.metrics["metric"] == "roc_auc" and finished.passed
    assert finished.evidence["scores"]["roc_auc"]["n"] == 24
    assert 0 < finished.decision["threshold"] < 1 and finished.recipe["task"]["target"] == "outcome"
    assert len(finished.leaderboard) == len(finished.trials) == 2 and finished.leaderboard["weight"].sum() == pytest.approx(1)
    assert {"stage", "code", "rule", "effect", "column", "count", "hash"} <= set(finished.ledger.columns)
    assert repr(finished).startswith("Run(people: roc_auc 0.") and "24 test rows" in repr(finished)


def test_it_predicts_what_the_command_line_writes(finished, tmp_path):
    table = people(30, seed=2).set_index(np.arange(100, 130))
    table.to_parquet(tmp_path / "new.parquet")
    predict_main([str(finished.folder), str(tmp_path / "new.parquet"), "--out", str(tmp_path / "scored.parquet")])
    written = pd.read_parquet(tmp_path / "scored.parquet")

    labels, chances, scored = finished.predict(table), finished.predict_proba(table), finished.scored(table)

    assert labels.index.equals(table.index) and labels.name == "outcome" and labels.tolist() == written["prediction"].tolist()
    assert chances.columns.tolist() == ["paid", "late"] and chances["late"].tolist() == written["probability_late"].tolist()
    assert scored["status"].tolist() == written["status"].tolist()


def test_an_artefact_alone_predicts_and_says_what_it_lacks(finished, tmp_path):
    (tmp_path / "artifact").mkdir()
    for path in (finished.folder / "artifact").rglob("*"):
        if path.is_file():
            place = tmp_path / "artifact" / path.relative_to(finished.folder / "artifact")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())

    alone = load(tmp_path / "artifact")

    assert alone.predict(people()).equals(finished.predict(people())) and alone.folder is None
    assert repr(alone) == "Run(artefact alone: predicts 'outcome')" and "artefact alone" in alone._repr_html_()
    with pytest.raises(ArtifactError, match=r"has no metrics.json.   Give the folder of the whole run"):
        _ = alone.metrics
    assert load(finished.folder / "artifact").metrics == finished.metrics


def test_a_run_travels_as_bytes(finished):
    assert isinstance(again := pickle.loads(pickle.dumps(finished)), Run)
    assert again.metrics == finished.metrics and again.predict(people()).equals(finished.predict(people()))


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda run: run.predict([[1, 2]]), DataError, "table   is a list"),
        (lambda run: run.predict(people().drop(columns="debt")), DataError, "debt"),
        (lambda run: run.plots["rok"], KeyError, "'rok' is not a plot of this run. Did you mean roc"),
        (lambda run: run.plots.residuals, AttributeError, "'residuals' is not a plot of this run"),
        (
            lambda run: run.plots.roc.save("roc.png"),
            OutputError,
            "roc.png has an ending that is not known.   Use .svg or .html",
        ),
        (lambda run: run.plots.roc.save("absent/roc.svg"), OutputError, "absent/roc.svg can not be written"),
        (lambda run: run.report.save("absent/report.html"), OutputError, "absent/report.html can not be written"),
        (lambda run: run.scored(people(), history=people()), DataError, "is only for forecasts"),
    ],
)
def test_a_malformed_question_says_what_is_wrong(finished, ask, error, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(error, match=said):
        ask(finished)


def test_numbers_have_no_probabilities(numbers):
    assert numbers.predict(people()).dtype == "float64"
    with pytest.raises(ArtifactError, match="this model predicts numbers"):
        numbers.predict_proba(people())


def test_the_plots_are_those_of_the_task(finished, numbers):
    assert list(finished.plots) == OF_LABELS and list(numbers.plots) == OF_NUMBERS
    assert finished.plots.roc is not None and "roc" in dir(finished.plots) and len(finished.plots) == len(OF_LABELS)


@pytest.mark.parametrize("name", OF_LABELS + OF_NUMBERS[:2])
def test_a_plot_renders_in_a_cell_and_in_a_file_of_its_own(finished, numbers, name, tmp_path):
    plot = (finished if name in OF_LABELS else numbers).plots[name]

    page = read(plot._repr_html_())
    drawn = ElementTree.parse(plot.save(tmp_path / "plot.svg")).getroot()
    read(plot.save(tmp_path / "plot.html").read_text())

    assert page.seen >= {"svg", "style", "figure", "title", "desc"} and not page.seen & {"script", "link", "img"}
    assert not page.reaches and drawn.tag == "{http://www.w3.org/2000/svg}svg" and "lepton-x" in drawn.get("class")
    marks = [part for part in drawn.iter() if part.tag.rpartition("}")[2] in ("path", "circle", "rect")]
    assert marks and drawn.find("{http://www.w3.org/2000/svg}title").text


def test_plots_draw_what_the_report_shows(finished):
    drawn = str(finished.plots.roc.drawing)

    assert drawn in finished.report.html and str(finished.plots.calibration.drawing) in finished.report.html
    assert (
        str(finished.plots.search.drawing) in finished.report.html and str(finished.plots.value.drawing) in finished.report.html
    )


def test_confusion_and_importance_hold_the_figures_of_the_evidence(finished):
    counts = finished.evidence["pictures"]["confusion"]["counts"]

    texts = [part.text for part in ElementTree.parse(io.StringIO(finished.plots.confusion._repr_svg_())).iter() if part.text]

    assert [int(text) for text in texts if text.isdecimal()] == [count for row in counts for count in row]
    assert "<title>debt: " in finished.plots.importance._repr_svg_()


def test_no_two_figures_of_a_page_share_an_identifier(finished):
    page = read("<p></p>" + finished.plots._repr_html_() + finished.plots._repr_html_())

    assert len(page.ids) == len(set(page.ids)) == 4 * len(OF_LABELS)


def test_the_card_is_whole_escaped_offline_and_has_a_dark_side(finished, numbers):
    for run in (finished, numbers):
        page = read(run._repr_html_())

        assert EVIL not in run._repr_html_() and "script" not in page.seen and not page.reaches
        assert "&lt;script&gt;" in run._repr_html_() and "prefers-color-scheme:dark" in run._repr_html_()
        assert "url(" not in run._repr_html_() and "@import" not in run._repr_html_()
    assert "ROC AUC, higher is better" in finished._repr_html_() and "1 gate passed" in finished._repr_html_()
    assert "Out of fold: no test rows were set aside." in numbers._repr_html_()


def test_the_report_stands_in_a_frame_of_its_own(finished, tmp_path):
    page = read(finished.report._repr_html_())

    (inside,) = page.frames
    assert inside == finished.report.html == (finished.folder / "report.html").read_text()
    assert page.seen == {"iframe"} and 'sandbox="allow-scripts"' in finished.report._repr_html_()
    assert finished.report.save(tmp_path / "kept.html").read_text() == inside
