"""`lepton explain`: from the artefact alone, in every format, and what it says to wrong rows."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from small_run import FIELDS, WORDS, people

from lepton_automl.cli import main
from lepton_automl.data.dataset import load_dataset
from lepton_automl.deliver import Scorer
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.errors import RecipeError
from lepton_automl.evidence.explaining import Grounds
from lepton_automl.ledger import read_ledger
from lepton_automl.recipe import compose

KEY = "a key of the bank"
PHRASES = (
    "explanation.phrases={age: {up: The applicant is older, down: The applicant is younger}, income: {up: Income is high, "
    "down: Income is low}, city: The town}"
)


@pytest.fixture(scope="module")
def lent(tmp_path_factory, run_words):
    """A run on a table about people; the table is gone when it is explained."""
    folder = tmp_path_factory.mktemp("lent")
    path = people(folder)
    table = pd.read_csv(path)
    words = ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=late", "task.positive='yes'"]
    words += ["data.roles.protected=[household]", "data.roles.id=[name]", "engagement.human_oversight=Ana decides."]
    words += ["engagement.title=Loans", "explanation.background=30", "explanation.immutable=[city]", PHRASES]
    words += ["evidence.explanation={rows: 20, rounds: 4, curves: 2, pairs: 2, checked: 5}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEPTON_ID_KEY", KEY)
        _, result = run_words(words, folder / "outputs" / "loans")
    path.unlink()
    return result.folder, table.drop(columns=["late", "name", "household"])


@pytest.fixture
def explain(lent, capsys, tmp_path):
    """Runs the verb on rows; gives exit code, output and messages."""

    def do(rows, *words, name="rows.json"):
        path = tmp_path / name
        if isinstance(rows, pd.DataFrame):
            rows = rows.to_csv(index=False) if name.endswith(".csv") else rows.to_json(orient="records")
        path.write_text(rows)
        code = main(["explain", str(words[0]) if words and "/" in str(words[0]) else str(lent[0]), str(path), *words[1:]])
        told = capsys.readouterr()
        return code, told.out, told.err

    return do


def adverse(lent):
    folder, table = lent
    scorer = Scorer.load(folder / "artifact")
    return table[scorer.score(table).values[:, 1] >= scorer.rule.threshold]


def test_a_row_is_explained_from_the_artefact_alone(lent, explain, tmp_path):
    shutil.copytree(lent[0] / "artifact", tmp_path / "sent")
    row = adverse(lent).iloc[[0]]

    code, out, _ = explain(row, tmp_path / "sent", "--format", "json")

    told = json.loads(out)
    assert code == 0
    assert (told["answer"], told["is_adverse"], told["explained"]) == ("yes", True, "yes")
    assert sum(e["effect"] for e in told["effects"]) == pytest.approx(told["value"] - told["usual"], abs=1e-6)
    assert told["value"] == pytest.approx(Scorer.load(lent[0] / "artifact").score(row).values[0, 1], abs=1e-6)
    assert told["reasons"] and {reason["column"] for reason in told["reasons"]} <= {"age", "city", "income"}
    assert told["review"]["oversight"] == "Ana decides."


def test_reasons_say_the_recipes_phrases_and_changes_keep_to_what_can_change(lent, explain):
    code, out, _ = explain(adverse(lent).head(8), "", "--format", "json")

    told = json.loads(out)
    assert code == 0 and len(told) == 8
    said = {reason["words"] for one in told for reason in one["reasons"]}
    phrases = {"The applicant is older", "The applicant is younger", "Income is high", "Income is low", "The town"}
    assert said and said <= phrases
    changes = [change for one in told for option in one["options"] for change in option["changes"]]
    assert changes and {change["column"] for change in changes} <= {"age", "income"}
    low, high = lent[1]["age"].min(), lent[1]["age"].max()
    assert all(low <= change["after"] <= high for change in changes if change["column"] == "age")
    scorer, rows = Scorer.load(lent[0] / "artifact"), adverse(lent).head(8).reset_index(drop=True)
    for number, one in enumerate(told):
        for option in one["options"]:
            changed = rows.iloc[[number]].assign(**{c["column"]: [c["after"]] for c in option["changes"]})
            assert scorer.score(changed).values[0, 1] < scorer.rule.threshold


@pytest.mark.parametrize(
    ("ending", "parts"),
    [
        (".txt", ["row 1: The answer is “yes”", "Why the answer is “yes”", "What would change the answer"]),
        (".md", ["# Loans: row 1", "## Data used", "| age |", "## Review by a person", "Ana decides."]),
        (".html", ["<h1>Loans: row 1</h1>", "What would change the answer", "Ana decides.", "default-src 'none'"]),
    ],
)
def test_a_letter_is_written_in_the_format_of_its_ending(lent, explain, tmp_path, ending, parts):
    code, out, _ = explain(adverse(lent).iloc[[0]], "", "--out", str(tmp_path / f"letter{ending}"))

    assert code == 0 and out.strip() == f"1 row explained -> {tmp_path / f'letter{ending}'}"
    text = (tmp_path / f"letter{ending}").read_text()
    for part in parts:
        assert part in text


def test_marks_of_a_value_are_only_text(lent, explain, tmp_path):
    row = adverse(lent).iloc[[0]].assign(city="<b>|x")

    for ending in (".md", ".html"):
        explain(row, "", "--out", str(tmp_path / f"letter{ending}"))
        text = (tmp_path / f"letter{ending}").read_text()
        assert "<b>" not in text
        assert "Not as in training: unseen: city" in text


def test_one_row_of_several_is_chosen_by_its_number(lent, explain):
    rows = adverse(lent).head(3)

    _, every, _ = explain(rows, "", "--format", "json", name="rows.csv")
    code, one, _ = explain(rows, "", "--format", "json", "--row", "2", name="rows.csv")

    assert code == 0 and json.loads(one) == json.loads(every)[1]
    assert json.loads(one)["row"] == 2


def test_an_object_on_several_lines_is_a_row(lent, explain):
    row = json.loads(adverse(lent).iloc[0].to_json())

    code, out, _ = explain(json.dumps(row, indent=2), "", "--format", "json")

    assert code == 0 and json.loads(out)["answer"] == "yes"


WRONG = [
    ("[]", (), 3, "has no rows"),
    ("{", (), 3, "not JSON"),
    ("[1, 2]", (), 3, "is not an object but int"),
    ('{"age": 30, "city": "Bernville"}', (), 3, "income   is not a column of"),
    ('{"age": 30, "city": "Bernville", "incom": 3}', (), 3, "income   is not a column of"),
    ('{"age": 30, "age ": 3, "city": "Bernville", "income": 3}', (), 3, "age"),
    ('{"age": 30, "city": "Bernville", "income": 3}', ("--row", "2"), 2, "the rows 1 to 1"),
    ('{"age": 30, "city": "Bernville", "income": 3}', ("--row", "0"), 2, "the rows 1 to 1"),
    ('{"age": 30, "city": "Bernville", "income": 3}', ("--format", "jsn"), 2, "Did you mean json?"),
    ('{"age": 30, "city": "Bernville", "income": 3}', ("--out", "letter.pdf"), 2, "Use one of .txt, .json, .md, .html"),
    ('{"age": 30, "city": "Bernville", "income": 3}', ("--history", "past.csv"), 3, "is only for forecasts"),
    ("\n".join(['{"age": 30, "city": "Bernville", "income": 3}'] * 51), (), 2, "Choose one by --row N"),
]


@pytest.mark.parametrize(("rows", "words", "code", "said"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_wrong_row_or_word_is_told(explain, tmp_path, monkeypatch, rows, words, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "past.csv").write_text("a\n1\n")

    found, _, err = explain(rows, "", *words)

    assert found == code
    assert said in err


def test_an_unreadable_value_is_missing_and_told(lent, explain):
    code, out, _ = explain('{"age": "old", "city": "Romeburg", "income": 3}', "")

    assert code == 0 and "not as in training: unreadable: age" in out


@pytest.mark.parametrize("what", ["no folder", "no run", "changed"])
def test_an_artefact_that_is_none_or_was_changed_is_told(lent, explain, tmp_path, what):
    folder = tmp_path / "sent"
    if what != "no folder":
        shutil.copytree(lent[0] / "artifact", folder)
    if what == "no run":
        (folder / "manifest.json").unlink()
    if what == "changed":
        (folder / "explanation.json").write_text("{}")

    code, _, err = explain('{"age": 30, "city": "Romeburg", "income": 3}', folder)

    assert (
        code == 3
        and {"no folder": "does not exist", "no run": "is not a finished run", "changed": "its hash differs"}[what] in err
    )


def test_what_the_artefact_keeps_is_told_and_is_neither_personal_nor_protected(lent):
    folder, _ = lent
    (entry,) = [entry for entry in read_ledger(folder / "ledger.jsonl") if entry["code"] == "EXPLAIN001"]
    assert entry["count"] == 30 and "kB" in entry["note"]

    background = load_dataset(folder / "artifact" / "background.arrow")
    grounds = Grounds.load(json.loads((folder / "artifact" / "explanation.json").read_text()), background)

    assert sorted(background.names) == sorted(grounds.names) == ["age", "city", "income"]
    kept = [path.read_bytes() for path in (folder / "artifact").rglob("*") if path.is_file()]
    assert not any(b"Zoltan" in content or b"household" in content for content in kept)


def test_the_chapter_is_in_evidence_and_report_and_names_no_protected_column(lent):
    folder, _ = lent
    chapter = json.loads((folder / "evidence.json").read_text())["chapters"]["explanation"]

    assert chapter["is_whole"] and chapter["figures"]["additivity"]["value"] < 1e-6
    assert chapter["figures"]["reason_fidelity"]["value"] >= 0.95
    assert {feature["column"] for feature in chapter["content"]["features"]} == {"age", "city", "income"}
    page = (folder / "report.html").read_text()
    part = page.partition('id="chapter-explanation"')[2].partition("</section>")[0]
    assert "Effect of age" in part and "household" not in part and "Zoltan" not in part


def test_forgotten_people_leave_what_is_compared_with_and_the_rest_still_explains(lent, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LEPTON_ID_KEY", KEY)
    monkeypatch.setenv("LEPTON_CACHE", str(tmp_path / "cache"))
    run = tmp_path / "outputs" / "loans"
    shutil.copytree(lent[0], run)
    before = load_dataset(run / "artifact" / "background.arrow").row_ids
    person = f"Zoltan{before[4]:03d}"
    (tmp_path / "ids.txt").write_text(f"{person}\n")

    assert main(["forget", str(tmp_path / "outputs"), "--ids", str(tmp_path / "ids.txt")]) == 0

    after = load_dataset(run / "artifact" / "background.arrow").row_ids
    assert after.tolist() == [row for row in before if row != before[4]]
    (tmp_path / "row.json").write_text('{"age": 60, "city": "Romeburg", "income": 30}')
    capsys.readouterr()
    assert main(["explain", str(run), str(tmp_path / "row.json")]) == 0
    assert "row 1: The answer is" in capsys.readouterr().out


def test_an_artefact_without_it_says_so(tmp_path, run_words, capsys):
    path = people(tmp_path)
    words = ["recipe=table", f"data.source.path={path}", "task.kind=regression", "task.target=age", "explanation.background=0"]
    _, result = run_words([*words, "data.roles.id=[name]"], tmp_path / "run")
    (tmp_path / "row.json").write_text("{}")

    assert main(["explain", str(result.folder), str(tmp_path / "row.json")]) == 3
    assert "keeps nothing to explain predictions with" in capsys.readouterr().err


def test_numbers_of_a_regression_are_explained_without_an_answer_to_change(tmp_path, run_words, capsys):
    path = people(tmp_path)
    words = ["recipe=table", f"data.source.path={path}", "task.kind=regression", "task.target=age", "data.roles.id=[name]"]
    words += ["evidence.explanation={rows: 20, rounds: 4, curves: 2, pairs: 2, checked: 5}", "explanation.adverse=low"]
    _, result = run_words(words, tmp_path / "run")
    pd.read_csv(path).iloc[[0]].to_json(tmp_path / "row.json", orient="records")

    assert main(["explain", str(result.folder), str(tmp_path / "row.json")]) == 0
    out = capsys.readouterr().out
    assert "row 1: The prediction is" in out and "What makes it lower than usual" in out
    assert "change the answer" not in out
    chapter = json.loads((result.folder / "evidence.json").read_text())["chapters"]["explanation"]
    assert chapter["figures"]["additivity"]["value"] < 1e-6 and chapter["content"]["explained"] == "age"


def test_rows_of_a_forecast_are_explained_by_their_features_and_keep_their_past(tmp_path, run_words, capsys):
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=80, freq="D")
    frame = pd.DataFrame(
        [
            {
                "shop": shop,
                "day": day,
                "price": (price := float(rng.integers(1, 9))),
                "sold": 40 - 3 * price + 9 * (shop == "b"),
            }
            for shop in "ab"
            for day in days
        ]
    )
    frame.to_csv(tmp_path / "sales.csv", index=False)
    words = ["recipe=table", f"data.source.path={tmp_path / 'sales.csv'}", "task.kind=forecast", "task.target=sold"]
    words += ["task.time=day", "task.series=[shop]", "task.horizon=7", "task.season=7", "task.known_future=[price]"]
    words += ["evidence.explanation={rows: 20, rounds: 4, curves: 2, pairs: 2, checked: 5}"]
    _, result = run_words(words, tmp_path / "run")
    chapter = json.loads((result.folder / "evidence.json").read_text())["chapters"]["explanation"]
    assert [feature["column"] for feature in chapter["content"]["features"]] == ["price"]
    assert chapter["content"]["features"][0]["goes"] == "down"
    frame.iloc[[79]].to_json(tmp_path / "row.json", orient="records", date_format="iso")

    assert main(["explain", str(result.folder), str(tmp_path / "row.json"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [effect["column"] for effect in told["effects"]] == ["price"]
    assert told["effects"][0]["effect"] == pytest.approx(told["value"] - told["usual"], abs=1e-6)


def problems(words):
    with pytest.raises(RecipeError) as caught:
        compile(compose(words))
    return [(problem.key, f"{problem.message} {problem.fix}") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("word", "key", "said"),
    [
        ("explanation.phrases={incom: Income}", "explanation.phrases.incom", "Did you mean income?"),
        ("explanation.phrases={household: Household}", "explanation.phrases.household", "is protected: no reason"),
        ("explanation.immutable=[ag]", "explanation.immutable", "Did you mean age?"),
        ("explanation.changes={ag: up}", "explanation.changes.ag", "Did you mean age?"),
        ("explanation.adverse=maybe", "explanation.adverse", "Choose one of: no, yes."),
    ],
    ids=["phrase", "protected", "immutable", "changes", "adverse"],
)
def test_a_column_or_label_that_is_not_there_is_told(tmp_path, word, key, said):
    words = ["recipe=table", f"data.source.path={people(tmp_path)}", "task.kind=binary", "task.target=late", *WORDS]

    ((found, message),) = problems([*words, "data.roles.protected=[household]", word])

    assert found == key and said in message


def test_a_policy_that_asks_for_phrases_wants_one_of_every_feature_and_others_are_warned(tmp_path):
    words = ["recipe=table", f"data.source.path={people(tmp_path)}", "task.kind=binary", "task.target=late", *WORDS]
    gates = ["gates.test.roc_auc.min=0.5", "gates.test.log_loss.max=2"]
    words.append("data.roles.id=[name]")
    some = "explanation.phrases={age: Age}"

    told = problems([*words, "policy=us_credit", "governance=regulated", *FIELDS[:-1], *gates, some])
    plan = compile(compose([*words, "data.roles.protected=[household]", some]))

    assert [key for key, _ in told] == ["explanation.phrases"]
    assert "has no phrase for city, income; policy us_credit asks for one of every feature" in told[0][1]
    assert any("explanation.phrases has none for city, income" in notice for notice in plan.notices)


@pytest.fixture(scope="module")
def opinions(tmp_path_factory, run_words):
    """A run on short texts whose label hangs on a few words."""
    rng = np.random.default_rng(0)
    words = np.array(["room", "staff", "view", "bed", "lobby", "street", "stairs", "door", "lamp"])
    rows = []
    for _ in range(400):
        is_good = rng.random() < 0.5
        said = [*rng.choice(words, 4), rng.choice(["lovely", "superb"] if is_good else ["dirty", "noisy"])]
        rows.append((" ".join(rng.permutation(said)), "good" if is_good else "poor"))
    path = tmp_path_factory.mktemp("opinions") / "opinions.csv"
    pd.DataFrame(rows, columns=["text", "said"]).to_csv(path, index=False)
    words = ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=said", "task.positive=poor"]
    words += [
        "data.kinds.text=text",
        "search.models={linear: {}}",
        "budget.trials=2",
        "evidence.explanation={rows: 20, rounds: 4}",
    ]
    _, result = run_words(words, path.parent / "run")
    return result.folder


def test_the_words_of_a_text_are_told_and_those_that_many_rows_hold_stand_in_the_report(opinions, explain, tmp_path):
    text = {"text": "lovely view but a dirty, noisy room of Zebediah"}
    code, out, _ = explain(json.dumps(text), opinions, "--format", "json")

    told = json.loads(out)
    (shown,) = told["words"]
    effects = {piece["text"].strip(): piece["effect"] for piece in shown["pieces"]}
    assert code == 0 and shown["column"] == "text"
    assert effects["dirty,"] > 0.1 and effects["noisy"] > 0.1 and effects["lovely"] < -0.1
    assert abs(effects["Zebediah"]) < 0.05
    assert "".join(piece["text"] for piece in shown["pieces"]) == text["text"]

    _, page, _ = explain(json.dumps(text), opinions, "--format", "html")
    assert re.search(r'<mark class="up s\d" title="\+[\d.]+ points">noisy</mark>', page)
    assert re.search(r'<mark class="down s\d" title="−[\d.]+ points">lovely</mark>', page)
    assert "“dirty,” +" in explain(json.dumps(text), opinions, "--format", "text")[1]
    chapter = json.loads((opinions / "evidence.json").read_text())["chapters"]["explanation"]["content"]
    (words,) = chapter["words"]
    strongest = {one["word"]: one["effect"] for one in words["words"][:4]}
    assert set(strongest) == {"lovely", "superb", "dirty", "noisy"} and strongest["dirty"] > 0 > strongest["superb"]
    assert "Words of text that move" in (opinions / "report.html").read_text()
