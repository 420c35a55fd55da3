"""Asking Optuna: every sampler, the same again after the same history, what is told."""

import importlib.util

import pytest

from lepton_automl.search import Earlier, TrialState, parameter_importances, sampler_problems

SAMPLERS = ["tpe", "random", "cmaes", "gp", "nsgaii", "qmc"]
SEVERAL = ["tpe", "random", "nsgaii", "qmc"]


def need(kind):
    package = {"cmaes": "cmaes", "gp": "torch"}.get(kind)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def search(sampler, make_trial, loss_of, count, objectives=1):
    """Tells a start that names one parameter only, then asks and tells; gives what was asked."""
    sampler.tell(make_trial(0, 0.9, 0.9))
    asked = []
    for number in range(1, count + 1):
        params, handle = sampler.ask("net", number)
        loss = loss_of(params)
        sampler.tell(make_trial(number, loss, loss, params=params, origin="sampled", sampled=handle, mb=float(params["depth"])))
        asked.append(params)
    return asked


@pytest.mark.parametrize("kind", SAMPLERS)
def test_every_sampler_gives_legal_configurations_and_the_same_ones_again(kind, make_sampler, make_trial, loss_of):
    need(kind)
    count = 7 if kind == "gp" else 12

    asked = [search(make_sampler(kind, name), make_trial, loss_of, count) for name in ("one", "two")]

    assert asked[0] == asked[1]
    for params in asked[0]:
        assert set(params) == {"rate", "share", "depth", "kind", "rounds"}
        assert 0.01 <= params["rate"] <= 1 and 1 <= params["depth"] <= 9 and params["kind"] in ("wide", "deep")
        assert params["rounds"] == 9
    assert len({params["share"] for params in asked[0]}) == count


@pytest.mark.parametrize("kind", SEVERAL)
def test_samplers_that_know_several_objectives_are_told_all(kind, make_sampler, make_trial, loss_of):
    sampler = make_sampler(kind, objectives=("metric", "model_mb"))

    search(sampler, make_trial, loss_of, 8)

    assert all(len(trial.values) == 2 for trial in sampler.studies["net"].trials)
    assert next(trial.values[1] for trial in sampler.record._studies["net"].trials) == pytest.approx(0.1)


def test_another_seed_asks_for_others(make_sampler, make_trial, loss_of):
    first = search(make_sampler(name="one"), make_trial, loss_of, 4)

    assert first != search(make_sampler(name="two", seed=8), make_trial, loss_of, 4)


def test_points_of_a_sequence_belong_together_over_asks(make_sampler, make_trial, loss_of):
    shares = [p["share"] for p in search(make_sampler("qmc"), make_trial, loss_of, 17)][1:]

    assert sorted(int(share * 16) for share in shares) == pytest.approx(list(range(16)), abs=1)


def test_a_sampler_that_searches_what_trials_share_is_not_narrowed_by_a_start_that_names_one_parameter(
    make_sampler, make_trial, loss_of
):
    sampler = make_sampler("nsgaii")

    search(sampler, make_trial, loss_of, 3)

    assert all(set(trial.params) == {"rate", "share", "depth", "kind"} for trial in sampler.studies["net"].trials)
    assert next(set(trial.params) for trial in sampler.record._studies["net"].trials) == {"depth"}


def test_an_earlier_runs_trials_are_told_before_the_first_question(make_sampler):
    params = {"rate": 0.1, "share": 0.5, "depth": 5, "kind": "wide", "rounds": 9}
    told = (Earlier(3, "net", params, True, (0.2,), {0: 0.2, 1: 0.2}), Earlier(4, "net", params, False, (0.9,), {0: 0.9}))

    sampler = make_sampler(earlier=told)

    (trial,) = sampler.studies["net"].trials
    assert trial.value == 0.2 and trial.params == {"rate": 0.1, "share": 0.5, "depth": 5, "kind": "wide"}
    recorded = sampler.record._studies["net"].trials
    assert [one.state.name for one in recorded] == ["COMPLETE", "PRUNED"]
    assert recorded[0].user_attrs["origin"] == "earlier"


def test_a_failed_trial_is_told_as_failed_and_asking_goes_on(make_sampler, make_trial):
    sampler = make_sampler()
    params, handle = sampler.ask("net", 0)

    sampler.tell(make_trial(0, state=TrialState.FAILED, params=params, sampled=handle, error="MemoryError: no room"))

    assert [trial.state.name for trial in sampler.studies["net"].trials] == ["FAIL"]
    assert sampler.record._studies["net"].trials[0].user_attrs["error"] == "MemoryError: no room"
    assert sampler.ask("net", 1)[0] != params


@pytest.mark.parametrize(
    ("kind", "options", "objectives", "key", "said"),
    [
        ("cmaes", {}, 2, "search.sampler", "cmaes knows one objective; search.objectives has 2."),
        ("tpe", {"n_startup_trails": 3}, 1, "search.sampler_options.n_startup_trails", "is not an argument of tpe."),
        ("tpe", {"n_startup_trials": "3"}, 1, "search.sampler_options.n_startup_trials", "must be a whole number, got '3'."),
        ("tpe", {"group": 1}, 1, "search.sampler_options.group", "must be true or false, got 1."),
        ("random", {"n_startup_trials": 3}, 1, "search.sampler_options.n_startup_trials", "is not an argument of random."),
        ("tpe", {"multivariate": False, "group": True}, 1, "search.sampler_options", "Optuna refuses it:"),
        ("nsgaii", {"population_size": 1}, 1, "search.sampler_options", "Optuna refuses it:"),
    ],
)
def test_what_a_sampler_does_not_take_is_said_with_its_key(kind, options, objectives, key, said):
    (problem,) = sampler_problems(kind, options, objectives)

    assert problem.key == key
    assert problem.message.startswith(said)


def test_an_absent_package_is_said_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    (problem,) = sampler_problems("cmaes", {}, 1)

    assert problem.message == "cmaes needs the package cmaes, which is not installed."
    assert "pip install 'lepton-automl[cmaes]'" in problem.fix


def test_the_parameter_that_matters_has_the_largest_share(make_sampler, make_trial):
    sampler = make_sampler("random")
    for number in range(40):
        params, handle = sampler.ask("net", number)
        loss = (params["share"] - 0.5) ** 2
        sampler.tell(make_trial(number, loss, loss, params=params, sampled=handle))

    found = parameter_importances(sampler.studies, 60.0)["net"]

    assert found.trials == 40 and next(iter(found.shares)) == "share"
    assert found.shares["share"] > 0.5 and sum(found.shares.values()) == pytest.approx(1.0)


def test_with_few_trials_or_no_time_importances_are_not_computed_and_it_is_said(make_sampler, make_trial, loss_of):
    few, many = make_sampler(name="few"), make_sampler(name="many")
    search(few, make_trial, loss_of, 3)
    search(many, make_trial, loss_of, 9)

    assert parameter_importances(few.studies, 60.0)["net"].why_not == "too few trials"
    assert parameter_importances(many.studies, -1.0)["net"].why_not == "no time"
