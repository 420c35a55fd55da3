"""Runs are compared from Python as on the command line."""

import pytest
from people_table import RECIPE, people

from lepton_automl import compare, run
from lepton_automl.errors import ArtifactError, CommandError, DataError


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    recipe = {**RECIPE, "search": {"models": {"linear": {}}}}
    return run(recipe, data=people(), out=tmp_path_factory.mktemp("other") / "run", in_process=True)


def test_two_runs_are_held_against_each_other_on_the_same_rows(finished, other, tmp_path):
    found = compare(finished, other.folder, margins={"roc_auc": 0.5})

    figures = found.figures
    assert set(found.verdicts.values()) <= {"better", "same", "worse", "underpowered"}
    assert {"roc_auc", "log_loss"} <= set(figures["name"]) and figures["run"].nunique() == 1
    assert "ROC AUC" in found.to_markdown()
    assert found.report.save(tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert "iframe" in found._repr_html_() and repr(found).startswith("Compared(")


@pytest.mark.parametrize(("language", "tag", "head"), [(None, "en", "Verdict"), ("zh", "zh-Hans", "结果")])
def test_page_and_markdown_speak_the_language_that_is_asked_for(finished, other, language, tag, head):
    found = compare(finished, other, language=language)

    assert f'<html lang="{tag}">' in found.report.html
    assert f" {head} |" in found.to_markdown()


@pytest.mark.parametrize(
    ("words", "more", "error", "said"),
    [
        ([], {}, CommandError, "needs a baseline and a candidate"),
        (["nowhere"], {}, ArtifactError, "nowhere"),
        (["numbers"], {}, DataError, "task"),
        (["other"], {"metrics": ["rok_auc"]}, CommandError, "Did you mean roc_auc?"),
        (
            ["other"],
            {"language": "zn"},
            CommandError,
            "language   is 'zn', which is not a language of the pages.   Choose one of: en, zh",
        ),
    ],
)
def test_what_can_not_be_compared_is_told(finished, other, numbers, words, more, error, said):
    runs = {"numbers": numbers, "other": other}
    with pytest.raises(error, match=said.replace("?", r"\?")):
        compare(finished, *(runs.get(word, word) for word in words), **more)
