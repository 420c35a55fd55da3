"""Faults of a recipe that only its meaning shows: names, pairs of keys, hardware, output, what could run code."""

import pytest

TABLE = ["recipe=table", "data.source.path=t.csv", "data.ignore=[five,price]"]
BINARY = [*TABLE, "task.kind=binary", "task.target=y", "budget.trials=1"]
NUMBER = [
    "recipe=table",
    "data.source.path=t.csv",
    "data.ignore=[five,y]",
    "task.kind=regression",
    "task.target=price",
    "budget.trials=1",
]
MODEL, RULE = "search.models.lightgbm", "governance.rules"

NAMES = {
    "unknown recipe": (["recipe=crdit"], "recipe=crdit", "Did you mean credit?"),
    "no recipe": (["seed=1"], "recipe is not given", "Write recipe=NAME"),
    "unknown preset": ([*BINARY, "search=quik"], "search=quik", "Did you mean quick?"),
    "unknown profile": ([*BINARY, "profile=smok"], "profile=smok", "Did you mean smoke?"),
    "unknown model": ([*BINARY, "search.models.lightgmb={}"], "search.models.lightgmb", "Did you mean lightgbm?"),
    "unknown rule": ([*BINARY, f"{RULE}.leakge={{}}"], f"{RULE}.leakge", "Did you mean leakage?"),
    "unknown metric": ([*BINARY, "task.metric=rok_auc"], "task.metric", "Did you mean roc_auc?"),
    "unknown figure of a gate": ([*BINARY, "gates.test.rok_auc.min=0.5"], "gates.test.rok_auc", "Did you mean roc_auc?"),
    "unknown example": (["recipe=credit", "data.source.name=german_credt"], "data.source.name", "Did you mean german_credit?"),
    "rule to remove unknown": ([*BINARY, f"~{RULE}.mising"], f"~{RULE}.mising", "Did you mean missing?"),
    "plugin not allowed": ([*BINARY, "search.models.some_plugin={}"], "search.models.some_plugin", "Choose one of"),
    "two faults at once": (
        [*BINARY, "task.metric=rok_auc", "search.models.lightgmb={}"],
        "2 problems",
        "Did you mean lightgbm?",
    ),
}
PAIRS = {
    "metric of another task": ([*BINARY, "task.metric=rmse"], "task.metric", "Choose one of"),
    "metric of labels for numbers": ([*NUMBER, "task.metric=roc_auc"], "task.metric", "Choose one of"),
    "both budgets": ([*BINARY, "budget.seconds=9"], "budget", "budget.seconds=null or budget.trials=null"),
    "payoff of a number": ([*NUMBER, "decision.payoff.true_positive=1"], "decision.payoff", "decision.payoff=null"),
    "threshold of a number": ([*NUMBER, "decision.threshold=0.4"], "decision.threshold", "decision.threshold=null"),
    "gate without a limit": ([*BINARY, "gates.test.roc_auc={}"], "gates.test.roc_auc", "Write one of them"),
    "gate of another confidence": (
        [*BINARY, "gates.test.roc_auc={min: 0.1, confidence: 0.9}"],
        "gates.test.roc_auc.confidence",
        "Write the same in evidence.confidence",
    ),
    "time and group": ([*BINARY, "split.time=day", "split.group=shop"], "split", "Keep the one"),
    "group without column": ([*BINARY, "split.kind=group"], "split.group", "Name the column"),
    "time without column": ([*BINARY, "split.kind=time"], "split.time", "Name the column"),
    "rolling without forecast": ([*BINARY, "split.kind=rolling"], "split.kind", "split.time=COLUMN"),
    "stratified numbers": ([*NUMBER, "split.kind=stratified"], "split.kind", "split.kind=random"),
    "no model": (
        [*BINARY, "search=quick", "~search.models.linear", "~search.models.lightgbm"],
        "search.models",
        "Add one",
    ),
    "sources without a query": (
        ["recipe=table", "task.kind=binary", "task.target=y", "data.sources.a.path=t.csv"],
        "data.query",
        "Write SQL over the names a",
    ),
    "no source": (["recipe=table", "task.kind=binary", "task.target=y"], "data.source", "Write data.source.path=FILE"),
    "the rule of targets": ([*BINARY, f"{RULE}.target={{}}"], f"{RULE}.target", "task.missing_target"),
    "target ignored": ([*BINARY, "data.ignore=[y]"], "task.target", "data.ignore"),
}
COSTS = "decision.payoff={false_positive: -1, false_negative: -5}"
BY_AMOUNT = "decision.payoff={false_positive: -1, false_negative: {per_amount: -0.5}}"
MONEY = {
    "payoff misspelt": ([*BINARY, "decision.payoff.false_negativ=-5"], "decision.payoff.false_negativ", "Did you mean"),
    "payoff a text": ([*BINARY, "decision.payoff.false_negative=much"], "decision.payoff.false_negative", "number"),
    "payoffs that decide nothing": (
        [*BINARY, "decision.payoff={true_positive: 1, false_negative: 1}"],
        "decision.payoff",
        "Give what a wrong answer costs",
    ),
    "payoff by an amount without a column": ([*BINARY, BY_AMOUNT], "decision.payoff", "data.roles.amount: COLUMN"),
    "amount that is a category": ([*BINARY, BY_AMOUNT, "data.roles.amount=shop"], "data.roles.amount", "a number"),
    "amount that is the target": ([*BINARY, BY_AMOUNT, "data.roles.amount=y"], "data.roles.amount", "the target"),
    "payoff by an amount with a fixed line": (
        [*BINARY, BY_AMOUNT, "data.roles.amount=income", "decision.threshold=0.3"],
        "decision.threshold",
        "Remove it",
    ),
    "capacity without payoffs": ([*BINARY, "decision.capacity=0.1"], "decision.capacity", "needs payoffs"),
    "capacity in percent": ([*BINARY, COSTS, "decision.capacity=10"], "decision.capacity", "0.1 for 10 %"),
    "capacity with a fixed line": (
        [*BINARY, COSTS, "decision.capacity=0.1", "decision.threshold=0.3"],
        "decision.capacity",
        "",
    ),
    "a band without payoffs": ([*BINARY, "decision.refer={cost: 1}"], "decision.refer", "needs payoffs"),
    "a band without its cost": ([*BINARY, COSTS, "decision.refer={max_share: 0.1}"], "decision.refer.cost", ""),
    "today names no column": ([*BINARY, COSTS, "decision.today='incom > 3'"], "decision.today", "Did you mean income?"),
    "today compares nothing": ([*BINARY, COSTS, "decision.today='age + 3'"], "decision.today", "comparison"),
    "today calls a function": ([*BINARY, COSTS, "decision.today='open(age) > 1'"], "decision.today", "calls a function"),
    "cost of labels": ([*BINARY, "decision.cost={over: 1, under: 2}"], "decision.cost", "Use decision.payoff"),
    "half a cost": ([*NUMBER, "decision.cost={over: 1}"], "decision.cost.under", ""),
    "cost below 0": ([*NUMBER, "decision.cost={over: -1, under: 2}"], "decision.cost.over", "above 0"),
    "metric in money without payoffs": ([*BINARY, "task.metric=value_per_row"], "task.metric", "decision.payoff"),
    "metric in money by an amount": (
        [*BINARY, BY_AMOUNT, "data.roles.amount=income", "task.metric=value_per_row"],
        "task.metric",
        "log_loss",
    ),
    "gate that no model can pass": (
        [*BINARY, "gates.test.roc_auc.min=1.2"],
        "gates.test.roc_auc.min",
        "is never above 1: no model can pass",
    ),
    "gate below any loss": ([*BINARY, "gates.test.log_loss.max=-0.1"], "gates.test.log_loss.max", "is never below 0"),
    "gate on a share as a percentage": (
        [*BINARY, "gates.calibration.ece={min: 5}"],
        "gates.calibration.ece.min",
        "is never above 1",
    ),
    "gate on a size below none": ([*BINARY, "gates.artifact.size_mb.max=-1"], "gates.artifact.size_mb.max", "is never below 0"),
    "payoffs that settle it": (
        [*BINARY, "decision.payoff={true_positive: 1, false_negative: 2, false_positive: -1}"],
        "decision.payoff",
        "makes the other label the better answer whatever is true",
    ),
    "gate of a chapter misspelt": ([*BINARY, "gates.calibration.ec.max=0.1"], "gates.calibration.ec", "Did you mean ece?"),
    "gate of no chapter": ([*BINARY, "gates.calibratio.ece.max=0.1"], "gates.calibratio", "Did you mean calibration?"),
    "gate of a chapter that is off": (
        [*BINARY, "gates.calibration.ece.max=0.1", "evidence.calibration=null"],
        "gates.calibration.ece",
        "has no chapter",
    ),
    "gate of money without payoffs": (
        [*BINARY, "gates.value.gain_over_half.min=0"],
        "gates.value.gain_over_half",
        "no chapter",
    ),
    "gate with an interval on the artefact": (
        [*BINARY, "gates.artifact.size_mb={max: 3, confidence: 0.95}"],
        "gates.artifact.size_mb.confidence",
        "Remove it",
    ),
}
SETTINGS = {
    "parameter misspelt": ([*BINARY, f"{MODEL}.num_leafs=9"], f"{MODEL}.num_leafs", "Did you mean num_leaves?"),
    "parameter too low": ([*BINARY, f"{MODEL}.num_leaves=1"], f"{MODEL}.num_leaves", "from 2"),
    "parameter a text": ([*BINARY, f"{MODEL}.num_leaves=many"], f"{MODEL}.num_leaves", "a whole number from 2"),
    "parameter a fraction": ([*BINARY, f"{MODEL}.num_leaves=2.5"], f"{MODEL}.num_leaves", "a whole number from 2"),
    "range out of bounds": ([*BINARY, f"{MODEL}.num_leaves={{low: 0, high: 9}}"], f"{MODEL}.num_leaves", "from 2"),
    "range upside down": ([*BINARY, f"{MODEL}.num_leaves={{low: 9, high: 3}}"], f"{MODEL}.num_leaves", "Exchange them"),
    "half a range": ([*BINARY, f"{MODEL}.num_leaves={{low: 9}}"], f"{MODEL}.num_leaves", "Write {low: …, high: …}"),
    "range of texts": ([*BINARY, f"{MODEL}.num_leaves={{low: a, high: b}}"], f"{MODEL}.num_leaves", "Write numbers"),
    "range misspelt": ([*BINARY, f"{MODEL}.num_leaves={{low: 2, hihg: 9}}"], f"{MODEL}.num_leaves", "Write {low: …, high: …}"),
    "log range from 0": (
        [*BINARY, f"{MODEL}.learning_rate={{low: 0, high: 1, log: true}}"],
        f"{MODEL}.learning_rate",
        "above 0",
    ),
    "no choice": ([*BINARY, f"{MODEL}.num_leaves=[]"], f"{MODEL}.num_leaves", "at least one value"),
    "a choice out of bounds": ([*BINARY, f"{MODEL}.num_leaves=[1,31]"], f"{MODEL}.num_leaves", "from 2"),
    "setting misspelt": ([*BINARY, f"{RULE}.leakage.max_acu=0.9"], f"{RULE}.leakage.max_acu", "Did you mean max_auc?"),
    "setting too high": ([*BINARY, f"{RULE}.missing.max_share=40"], f"{RULE}.missing.max_share", "Write 0.4 for 40 %"),
    "setting a text": ([*BINARY, f"{RULE}.missing.max_share=much"], f"{RULE}.missing.max_share", "a share from 0 to 1"),
    "setting a wrong word": ([*BINARY, f"{RULE}.leakage.action=dorp"], f"{RULE}.leakage.action", "Did you mean drop?"),
}
CODE = {
    "_target_": ([*BINARY, "search.models.lightgbm._target_=os.system"], "search.models.lightgbm._target_", "can not run code"),
    "_target_ in a block": (
        [*BINARY, "search={models: {x: {_target_: os.system}}}"],
        "search.models.x._target_",
        "can not run code",
    ),
    "_partial_": ([*BINARY, "+_partial_=true"], "_partial_", "can not run code"),
    "hydra": ([*BINARY, "hydra.run.dir=x"], "hydra.run.dir", "Leave it out"),
    "searchpath": ([*BINARY, "hydra.searchpath=[file:///x]"], "hydra.searchpath", "--config-dir"),
    "resolver": ([*BINARY, "engagement.goal=${oc.env:HOME}"], "engagement.goal", "Write {secret: NAME}"),
    "resolver in a list": ([*BINARY, "data.ignore=[${oc.env:HOME}]"], "data.ignore.0", "Write {secret: NAME}"),
    "password": ([*BINARY, "data.test={kind: sql, url: 'pg://a:b@c/d', table: t}"], "data.test.url", "{secret: ITS_NAME}"),
}
FOUND = {**NAMES, **PAIRS, **MONEY, **SETTINGS, **CODE}


@pytest.mark.parametrize("fault", FOUND.values(), ids=FOUND.keys())
def test_a_faulty_recipe_names_key_and_fix(fault, bench):
    words, key, fix = fault

    said = bench.ends(2, *words)

    assert key in said
    assert fix in said


FILES = {
    "code": ("search: {_target_: os.system}", "search._target_", "faulty.yaml:2"),
    "hydra": ("hydra: {run: {dir: x}}", "hydra", "faulty.yaml:2"),
    "resolver": ("seed: ${oc.env:HOME}", "seed", "faulty.yaml:2"),
    "resolver in a key": ("data: {kinds: {'${oc.env:HOME}': text}}", "data.kinds", "faulty.yaml:2"),
    "unclosed": ("data: [", "faulty.yaml", "Line "),
    "no mapping": ("- a\n- b", "faulty.yaml", "Write `key: value` lines"),
    "key twice": ("seed: 1\nseed: 2", "seed", "faulty.yaml:3"),
    "python object": ("seed: !!python/name:os.system ''", "faulty.yaml", "can not be read as YAML"),
    "not UTF-8": ("seed: 1 # \udcff", "faulty.yaml", "can not be read as YAML"),
    "defaults misspelt": ("defaults: [{override /search: quik}]", "defaults", "Did you mean quick?"),
    "defaults no list": ("defaults: quick", "defaults", "must be a list"),
    "unknown base": ("defaults: [nobody]", "defaults", "no recipe named 'nobody'"),
    "itself": ("defaults: [faulty]", "defaults", "a file starts from itself"),
}


@pytest.mark.parametrize("fault", FILES.values(), ids=FILES.keys())
def test_a_faulty_file_names_key_and_line(fault, bench):
    text, key, fix = fault
    (bench.root / "recipes").mkdir()
    (bench.root / "recipes/faulty.yaml").write_bytes(f"# lepton recipe=faulty\n{text}\n".encode(errors="surrogateescape"))

    said = bench.ends(2, "recipe=faulty", *BINARY[1:])

    assert key in said
    assert fix in said


def test_more_threads_than_the_machine_has(bench):
    said = bench.ends(2, *BINARY, "hardware.threads=4096")

    assert "hardware.threads is 4096; this process may use" in said
    assert "or write auto" in said


def test_more_memory_than_the_machine_has(bench):
    assert "hardware.memory_gb is 1e+06; this machine has" in bench.ends(2, *BINARY, "hardware.memory_gb=1000000")


def test_a_gpu_that_is_absent(bench, monkeypatch):
    monkeypatch.setattr("lepton_automl.engine.hardware.visible_gpus", lambda: ())

    said = bench.ends(2, *BINARY, "hardware.device=gpu")

    assert "hardware.device is gpu; this machine has none" in said
    assert "hardware.device=cpu" in said
    assert "hardware.if_absent=cpu" in said


def test_more_gpus_than_there_are(bench, monkeypatch):
    monkeypatch.setattr("lepton_automl.engine.hardware.visible_gpus", lambda: ("0",))

    said = bench.ends(2, *BINARY, "hardware.device=gpu", "hardware.devices=2")

    assert "hardware.devices is 2; this process may use 1." in said
    assert "Lower it to 1." in said


def test_no_right_to_write_where_the_run_should_be(bench):
    (bench.root / "file").write_text("in the way")

    said = bench.ends(2, *BINARY, "run.dir=file/below/it")

    assert "run.dir" in said
    assert "Give another folder" in said or "Give a folder" in said


def test_an_output_folder_that_is_a_file(bench):
    assert "run.dir t.csv is a file. Give a folder." in bench.ends(2, *BINARY, "run.dir=t.csv")


def test_an_output_folder_that_is_not_empty(bench):
    (bench.root / "full").mkdir()
    (bench.root / "full/note.txt").write_text("mine")

    said = bench.ends(2, *BINARY, "run.dir=full")

    assert "run.dir full is not empty; runs never overwrite each other. Give a new folder." in said
    assert [path.name for path in (bench.root / "full").iterdir()] == ["note.txt"]


def test_the_table_of_faults_of_meaning_has_a_minimal_length():
    assert len(FOUND) + len(FILES) >= 60
