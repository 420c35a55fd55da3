"""The model card: the same facts as the page, as Markdown."""

from lepton_automl.report import write_report
from lepton_automl.report.card import render_card


def test_the_card_lies_beside_the_report(make_facts, tmp_path):
    path = write_report(make_facts(), tmp_path)

    assert path == tmp_path / "report.html"
    assert (tmp_path / "model_card.md").read_text(encoding="utf-8").startswith("# A small engagement\n\n**No gates.**")


def test_the_card_says_what_the_model_is_for_and_how_well_it_does(make_facts, payoff, gate):
    facts = make_facts(payoff=payoff, gates=[gate("roc_auc", min=0.999)])
    measure = facts.evidence.scores["roc_auc"]

    card = render_card(facts)

    assert "- **Intended use**: Tests." in card and "- **Limits**: Nothing else." in card
    interval = f"{measure.low:.3f} to {measure.high:.3f}"
    assert f"| ROC AUC | **{measure.value:.3f}** | {interval} | 0.500 | higher is better |" in card
    assert "| ROC AUC | ≥ 0.999 |" in card and "| **failed** |" in card
    assert "linear 75 % (trial 1), lightgbm 25 % (trial 0)" in card
    assert "| sex | protected |" in card
    assert "Worth of a row by the decision: " in card


def test_the_card_marks_out_of_fold_evidence(make_facts):
    card = render_card(make_facts(out_of_fold=True))

    assert "**Out-of-fold evidence**: no test rows were set aside." in card
    assert "likely too good" in card


def test_text_of_data_can_not_change_the_form_of_the_card(make_facts):
    card = render_card(make_facts(title="a | b\n# <script>*x*"))

    assert card.splitlines()[0] == r"# a \| b \# &lt;script&gt;\*x\*"
    assert "<script>" not in card
