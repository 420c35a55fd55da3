"""The examples of docs/python.md run, and say what the page says."""

import doctest
import re
from pathlib import Path

import pytest

from lepton_automl import LeptonClassifier, LeptonRegressor

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


FIGURE = re.compile(r"\d+\.\d+")
NEAR = 0.02
"""Figures may differ so much between machines."""


class Checker(doctest.OutputChecker):
    """Compares text as it is, apart from blanks, and figures nearly."""

    def check_output(self, want, got, flags):
        texts = [" ".join(FIGURE.sub("#", text).split()) for text in (want, got)]
        pairs = zip(FIGURE.findall(want), FIGURE.findall(got), strict=False)
        return texts[0] == texts[1] and all(abs(float(a) - float(b)) <= NEAR for a, b in pairs)


@pytest.mark.filterwarnings("ignore::lepton_automl.api.fitting.LeakWarning")
def test_the_examples_give_what_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    examples = doctest.DocTestParser().get_doctest(PAGE.read_text(encoding="utf-8"), {}, "python.md", str(PAGE), 0)
    runner = doctest.DocTestRunner(Checker())

    runner.run(examples)

    assert runner.summarize(verbose=False).failed == 0 and runner.tries > 10


@pytest.mark.parametrize("kind", [LeptonClassifier, LeptonRegressor])
def test_every_parameter_is_on_the_page_and_in_the_docstring(kind):
    page = PAGE.read_text(encoding="utf-8").partition("## Estimators")[2]

    for name in kind().get_params():
        assert f"`{name}`" in page
        assert f"        {name}: " in kind.__doc__
