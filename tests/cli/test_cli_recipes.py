"""`lepton recipes` lists what can be chosen."""

from lepton_automl.cli import main


def listed(capsys, *words):
    assert main(["recipes", *words]) == 0
    return capsys.readouterr().out


def test_recipes_come_with_command_and_comment_then_presets_then_data(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    out = listed(capsys)

    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines() if line.startswith("  ")}
    assert lines["credit"].startswith("lepton recipe=credit Credit scoring on 1,000 applicants")
    assert lines["table"].startswith("lepton recipe=table data.source.path=train.csv task.kind=binary task.target=y")
    assert lines["quick"] == "One linear model and one boosted one: a first answer."
    order = [out.index(head) for head in ("recipes\n", "governance=PRESET", "search=PRESET", "profile=PRESET", "example data")]
    assert order == sorted(order)
    assert "german_credit, intent_snips, intent_snips_test, pizza_sales" in out


def test_a_recipe_of_the_user_is_listed_and_says_what_it_hides(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/credit.yaml").write_text("# lepton recipe=credit seed=3\n# Ours.\nseed: 3\n")
    (tmp_path / "recipes/plain.yaml").write_text("seed: 3\n")
    (tmp_path / "recipes/broken.yaml").write_text("seed: [\n")

    lines = [" ".join(line.split()) for line in listed(capsys).splitlines()]

    assert "credit lepton recipe=credit seed=3 Ours. [recipes/credit.yaml hides the packaged one]" in lines
    assert "plain lepton recipe=plain" in lines
    assert next(line for line in lines if line.startswith("broken")).startswith("broken lepton recipe=broken [can not be read:")


def test_presets_of_a_folder_of_the_user_are_listed(capsys, tmp_path):
    (tmp_path / "search").mkdir()
    (tmp_path / "search/tiny.yaml").write_text("# One small model.\nmodels: {linear: {}}\n")

    lines = [" ".join(line.split()) for line in listed(capsys, "--config-dir", str(tmp_path)).splitlines()]

    assert "tiny One small model." in lines
