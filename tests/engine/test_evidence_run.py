"""The chapters in a run, and what of them the artefact carries."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.deliver import Scorer

TABLE = ["recipe=table", "task.kind=regression", "task.target=y", "evidence=thorough"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A table in time, with numbers and a category."""
    rng, n = np.random.default_rng(0), 1_000
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d"),
            "income": rng.normal(30, 9, n).round(3),
            "city": rng.choice(["Bern", "Rome", "Oslo"], n),
        }
    )
    frame["y"] = (frame["income"] + 10 * (frame["city"] == "Rome") + rng.normal(0, 2, n)).round(3)
    path = tmp_path_factory.mktemp("source") / "table.csv"
    frame.to_csv(path, index=False)
    return path, frame


@pytest.fixture(scope="module")
def thorough(source, tmp_path_factory, run_words):
    """A finished run with every chapter, split by time."""
    out = tmp_path_factory.mktemp("thorough") / "run"
    words = [*TABLE, f"data.source.path={source[0]}", "split.kind=time", "split.time=day"]
    plan, result = run_words(words, out)
    return plan, result, json.loads((out / "evidence.json").read_text()), (out / "report.html").read_text()


def test_every_chapter_of_its_task_is_written_and_shown(thorough):
    plan, _, said, report = thorough
    chapters = said["chapters"]

    assert all(chapter["is_whole"] for chapter in chapters.values()), chapters
    for examiner in plan.evidence.examiners:
        assert set(chapters[examiner.name]["figures"]) == set(examiner.figures(plan.task, plan.decision)), examiner.name
        assert (f'id="chapter-{examiner.name}"' in report) == bool(examiner.figures(plan.task, plan.decision)), examiner.name
    rows = [point["rows"] for point in chapters["learning_curve"]["content"]["points"]]
    assert rows == sorted(set(rows)) and len(rows) == 4
    assert len(chapters["robustness"]["content"]["blocks"]) > 1


def test_the_same_trials_give_the_same_evidence(thorough, source, tmp_path, run_words):
    words = [*TABLE, f"data.source.path={source[0]}", "split.kind=time", "split.time=day"]
    _, again = run_words(words, tmp_path / "again")

    assert {name: chapter.to_dict() for name, chapter in again.evidence.chapters.items()} == {
        name: chapter.to_dict() for name, chapter in thorough[1].evidence.chapters.items()
    }


def test_the_artefact_writes_the_intervals_that_were_measured_and_names_what_lies_outside(thorough):
    plan, result, said, _ = thorough
    scorer = Scorer.load(result.folder / "artifact")
    rows = pd.DataFrame({"day": ["2025-02-01"] * 3, "income": [30.0, 300.0, 30.0], "city": ["Rome", "Rome", "Kyiv"]})
    found = scorer.predict(rows)

    assert found["outside"].tolist() == ["", "income", "city"]
    assert {"low_80", "high_80", "low_90", "high_90"} <= set(found.columns)
    assert (found["low_90"] <= found["low_80"]).all() and (found["high_80"] <= found["high_90"]).all()
    width = said["chapters"]["conformal"]["figures"]["width_90"]["value"]
    assert (found["high_90"] - found["low_90"]).mean() == pytest.approx(width, rel=0.3)
    assert scorer.conformal is not None and scorer.conformal.levels == plan.delivery.promise.levels


def test_of_labels_the_artefact_writes_sets(credit):
    _, result, _ = credit
    scorer = Scorer.load(result.folder / "artifact")
    row = {e.column.name: (e.levels[0] if e.levels else e.low) for e in scorer.contract.columns}
    found = scorer.predict(pd.DataFrame([row, row]))
    labels = ["", *scorer.task.labels.names, " | ".join(scorer.task.labels.names)]

    assert set(found["set_90"]) <= set(labels) and list(found.columns)[-2:] == ["status", "outside"]


def test_nothing_is_delivered_that_the_recipe_turns_off(source, tmp_path, run_words):
    off = ["evidence=fast", "evidence.conformal=null", "delivery.flag_outside=null", f"data.source.path={source[0]}"]
    _, result = run_words([*TABLE[:3], *off], tmp_path / "off")
    scorer = Scorer.load(result.folder / "artifact")

    assert scorer.conformal is None and scorer.domain is None
    assert list(scorer.predict(source[1].iloc[:2]).columns) == ["prediction", "status"]


def test_an_artefact_of_an_earlier_format_has_none_of_it_and_scores_as_it_did(credit, tmp_path):
    import shutil

    from lepton_automl.deliver.pack import write_manifest

    _, result, _ = credit
    old = tmp_path / "artifact"
    shutil.copytree(result.folder / "artifact", old)
    model = json.loads((old / "model.json").read_text())
    for key in ("conformal", "domain"):
        del model[key]
    (old / "model.json").write_text(json.dumps(model))
    (old / "domain.npz").unlink()
    write_manifest(old)
    manifest = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps({**manifest, "format": 2}))

    before, now = (Scorer.load(folder) for folder in (old, result.folder / "artifact"))
    row = pd.DataFrame([{e.column.name: (e.levels[0] if e.levels else e.low) for e in now.contract.columns}])
    kept = before.predict(row)
    assert "outside" not in kept and kept.equals(now.predict(row)[kept.columns])


def test_what_is_delivered_was_learned_of_the_rows_that_the_evidence_speaks_of(credit):
    plan, result, _ = credit
    learned = result.artifact.scorer.conformal
    chapter = result.evidence.chapters["conformal"]

    assert chapter.content["levels"] == list(learned.levels) and chapter.content["kind"] == learned.kind
    assert 0 < chapter.content["rows"] <= len(plan.data.source)
