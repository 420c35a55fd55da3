"""Faults of the command line, and of what is scored."""

import pytest

BINARY = [
    "recipe=table",
    "data.source.path=t.csv",
    "data.ignore=[five,price]",
    "task.kind=binary",
    "task.target=y",
    "budget.trials=1",
]

WORDS = {
    "no verb": ("pln", ["recipe=credit"], "pln", "Did you mean plan?"),
    "recipe as a verb": ("credit", [], "credit", "recipe=credit"),
    "unknown flag": ("run", ["--multirn", *BINARY], "--multirn", "Did you mean --multirun?"),
    "unknown short flag": ("run", ["-q", *BINARY], "-q", "See `lepton run --help`"),
    "flag of another verb": ("plan", ["-m", *BINARY], "-m", "is a flag of `lepton run`"),
    "folder absent": ("run", ["--config-dir", "nowhere", *BINARY], "--config-dir", "is not a folder"),
    "flag without value": ("run", [*BINARY, "--config-dir"], "--config-dir", "Write one behind it"),
    "cfg misspelt": ("run", ["--cfg", "jbo", *BINARY], "--cfg", "Did you mean job?"),
    "word without =": ("run", [*BINARY, "seed"], "seed", "is not `key=value`"),
    "word without key": ("run", [*BINARY, "=3"], "=3", "is not `key=value`"),
    "list unclosed": ("run", [*BINARY, "data.ignore=[a"], "data.ignore=[a", "is not `key=value`"),
    "quote unclosed": ("run", [*BINARY, "engagement.goal='a"], "engagement.goal='a", "is not `key=value`"),
    "blank in a key": ("run", [*BINARY, "a b=3"], "a b=3", "is not `key=value`"),
    "sweep without -m": ("run", [*BINARY, "seed=1,2"], "seed", "Add -m"),
    "range without -m": ("run", [*BINARY, "seed=range(1,3)"], "seed", "Add -m"),
    "key unknown": ("run", [*BINARY, "budget.secnds=3"], "budget.secnds", "Did you mean seconds?"),
    "block unknown": ("run", [*BINARY, "bugdet.seconds=3"], "bugdet", "Did you mean budget?"),
    "key of a block at the top": ("run", [*BINARY, "seconds=3"], "seconds", "Did you mean budget.seconds?"),
    "value for a block": ("run", [*BINARY, "budget=60"], "budget", "Its keys are: seconds, trials."),
    "null for a block": ("run", [*BINARY, "task=null"], "task", "must be a block of keys"),
    "preset null": ("run", [*BINARY, "search=null"], "search", "~search"),
    "removed what is not there": ("run", [*BINARY, "~budgt"], "~budgt", "Did you mean budget?"),
    "reference to nothing": ("run", [*BINARY, "seed=${sed}"], "seed", "${task.target}"),
    "words for recipes": ("recipes", ["credit"], "credit", "takes no words"),
    "words for schema": ("schema", ["credit"], "credit", "takes no words"),
    "validate: unknown key": ("validate", [*BINARY, "seedd=3"], "seedd", "Did you mean seed?"),
    "plan: unknown key": ("plan", [*BINARY, "seedd=3"], "seedd", "Did you mean seed?"),
    "-m: unknown preset": ("run", ["-m", "recipe=credit,demnd"], "recipe=demnd", "Did you mean demand?"),
    "-m: removed what is not there": (
        "run",
        ["-m", "recipe=credit,demand", "seed=1,2", "~seedd"],
        "~seedd",
        "Did you mean seed?",
    ),
    "--cfg: removed what is not there": ("run", ["--cfg", "job", "recipe=credit", "~seedd"], "~seedd", "Did you mean seed?"),
    "-m: code": ("run", ["-m", "recipe=credit", "seed=1,2", "search._target_=x"], "search._target_", "can not run code"),
}


@pytest.mark.parametrize("fault", WORDS.values(), ids=WORDS.keys())
def test_a_faulty_command_line_names_word_and_fix(fault, bench):
    verb, words, key, fix = fault

    said = bench.ends(2, *words, verb=verb)

    assert key in said
    assert fix in said


@pytest.mark.parametrize("verb", ["run", "validate", "plan"])
def test_the_same_fault_is_told_by_every_verb_that_reads_a_recipe(verb, bench):
    assert "task.metric" in bench.ends(2, *BINARY, "task.metric=rok_auc", verb=verb)


def test_predict_of_a_folder_that_is_no_run(bench):
    said = bench.ends(3, ".", "t.csv", "--out", "p.csv", verb="predict")

    assert "metrics.json" in said or "artifact" in said


def test_the_table_of_faults_of_the_command_line_has_a_minimal_length():
    assert len(WORDS) >= 30
