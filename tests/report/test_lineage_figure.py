"""The picture of the lineage: every column has a way, and every model one to what it reads."""

from lepton_automl.report.lineage import SINGLE, lineage_figure


def column(name, fate="read", kinds=("number",), rule=None):
    rules = [{"code": "GOV005", "rule": rule, "stage": "data", "effect": "column dropped", "note": ""}] if rule else []
    prepared = {"codes_keep": dict.fromkeys(kinds, 1)} if fate == "read" else {}
    return {"name": name, "kind": "number", "roles": [], "fate": fate, "rules": rules, "prepared": prepared, "models": []}


def lineage(columns):
    models = [{"trial": 3, "model": "lightgbm", "weight": 0.75, "fits": 5, "view": "codes_keep"}]
    return {"columns": columns, "views": {"codes_keep": {"number": 2, "parts of dates": 4}}, "models": models}


def test_a_column_goes_to_what_was_made_of_it_or_to_the_rule_that_dropped_it():
    drawn = lineage_figure(
        lineage(
            [
                column("income"),
                column("day", kinds=("parts of dates",)),
                column("<b>", "dropped", rule="missing"),
                column("y", "target"),
            ]
        )
    )
    assert drawn.count('class="way read"') == 4, "two columns, and the model reads both kinds"
    assert drawn.count('class="way gone"') == 1 and drawn.count('class="way calm"') == 1
    assert "GOV005 missing: 1 dropped" in drawn and "parts of dates (4)" in drawn and "lightgbm 3, 75 %" in drawn
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn


def test_many_columns_of_the_same_way_share_one():
    drawn = lineage_figure(lineage([column(f"c{k}") for k in range(SINGLE + 20)] + [column("y", "target")]))
    assert f"{SINGLE + 20} columns: c0, …" in drawn and drawn.count('class="way read"') == 3


def test_without_a_lineage_there_is_no_picture():
    assert lineage_figure({}) == ""
