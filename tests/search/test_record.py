"""The record of the studies: in a journal, in SQLite, in PostgreSQL; and what is said of a storage that can not be used."""

import threading

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from lepton_automl.errors import RecipeError
from lepton_automl.search import Studies, TrialState, check_storage
from lepton_automl.search.sampling import Sampler

ABOUT = {"recipe": "small", "metric": "roc_auc", "is_score": True, "run": "outputs/small/1"}


def tell_some(sampler, make_trial):
    """A start, a sampled one, one that was given up, one that failed."""
    params, handle = sampler.ask("net", 1)
    sampler.tell(make_trial(0, -0.7, -0.8, params={"depth": 4, "rounds": 9, "categories": "native"}))
    sampler.tell(make_trial(1, -0.6, -0.6, params=params, sampled=handle, origin="sampled"))
    sampler.tell(make_trial(2, -0.5, params={"depth": 2}, state=TrialState.PRUNED))
    sampler.tell(make_trial(3, params={"depth": 9}, state=TrialState.FAILED, error="MemoryError: no room"))


def check_study(study):
    """Makes sure that all four stand there, in the metric's own sense."""
    trials = study.trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "COMPLETE", "PRUNED", "FAIL"]
    assert [trial.value for trial in trials] == [pytest.approx(0.75), pytest.approx(0.6), pytest.approx(0.5), None]
    assert trials[0].intermediate_values == pytest.approx({1: 0.7, 2: 0.75})
    assert trials[0].params == {"depth": 4} and set(trials[1].params) == {"rate", "share", "depth", "kind"}
    assert trials[0].user_attrs["other_params"] == {"rounds": 9, "categories": "native"}
    assert trials[0].user_attrs["folds"] == {"0": 0.7, "1": 0.8}
    assert trials[3].user_attrs["error"] == "MemoryError: no room"
    assert study.direction.name == "MAXIMIZE" and study.metric_names == ["roc_auc"]
    assert study.user_attrs["recipe"] == "small"
    assert study.best_value == pytest.approx(0.75)


def test_the_journal_is_a_study_as_optuna_has_them(tmp_path, make_sampler, make_trial):
    tell_some(make_sampler(about=ABOUT), make_trial)

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))
    check_study(optuna.load_study(study_name="net", storage=storage))


def recorded_in(url, net, make_trial, tmp_path, **changes):
    settings = Studies(storage=url, name="small/1", about=ABOUT, **changes)
    check_storage(settings, ("net",))
    sampler = Sampler((net,), "tpe", 7, tmp_path / "unused.journal", settings)
    tell_some(sampler, make_trial)
    sampler.record.close()
    assert sampler.record.lost == 0 and not (tmp_path / "unused.journal").exists()


def load(url):
    storage = optuna.storages.RDBStorage(url)
    check_study(optuna.load_study(study_name="small/1/net", storage=storage))
    storage.remove_session()
    storage.engine.dispose()


def test_a_study_in_sqlite_is_refused_a_second_time_and_made_anew_by_a_run_that_goes_on(tmp_path, net, make_trial):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    recorded_in(url, net, make_trial, tmp_path)
    load(url)

    with pytest.raises(RecipeError, match=r"search.study_name   the storage has a study 'small/1/net' already"):
        recorded_in(url, net, make_trial, tmp_path)
    recorded_in(url, net, make_trial, tmp_path, replaces=True)
    load(url)


def test_a_study_in_postgresql(postgres, tmp_path, net, make_trial, monkeypatch):
    monkeypatch.setenv("STUDIES", postgres.url)

    recorded_in({"secret": "STUDIES"}, net, make_trial, tmp_path)

    load(postgres.url)


def test_a_database_that_is_gone_loses_the_record_and_not_the_run(tmp_path, net, make_trial, monkeypatch):
    monkeypatch.setattr("lepton_automl.search.record.CLOSE_SECONDS", 60)
    url = f"sqlite:///{tmp_path / 'study.db'}"
    sampler = Sampler((net,), "tpe", 7, tmp_path / "unused.journal", Studies(storage=url, name="a"))
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE trials"))
    engine.dispose()

    sampler.tell(make_trial(0, 0.5, 0.5))
    sampler.record.close()

    assert sampler.record.lost == 1 and "no such table: trials" in sampler.record.why_lost


def test_a_database_that_hangs_is_not_waited_for(tmp_path, net, make_trial, monkeypatch):
    url, gone = f"sqlite:///{tmp_path / 'study.db'}", threading.Event()
    monkeypatch.setattr("lepton_automl.search.record.CLOSE_SECONDS", 0.2)
    sampler = Sampler((net,), "tpe", 7, tmp_path / "unused.journal", Studies(storage=url, name="a"))
    sampler.record._writer.do(gone.wait)
    sampler.tell(make_trial(0, 0.5, 0.5))

    sampler.record.close()

    assert sampler.record.lost == 2 and sampler.record.why_lost == "it took longer than 0.2 s"
    gone.set()
    sampler.record._writer._thread.join()
    sampler.record._storage.engine.dispose()


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ("nonsense", "search.storage   is not a usable SQLAlchemy URL"),
        ("oracel://host/db", "search.storage   is not a usable SQLAlchemy URL"),
        ("sqlite:////no/such/folder/study.db", "search.storage   the folder of /no/such/folder/study.db does not exist."),
        ({"secret": "NOT_THERE"}, "search.storage   the environment has no NOT_THERE."),
    ],
)
def test_a_storage_that_can_not_be_used_is_an_error_of_the_recipe(storage, said):
    with pytest.raises(RecipeError) as caught:
        check_storage(Studies(storage=storage, name="a"), ("net",))

    assert said in str(caught.value) and caught.value.exit_code == 2


def test_the_password_of_a_database_that_is_not_there_is_masked(monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.setenv("STUDIES", "postgresql+psycopg://ann:s3cret@127.0.0.1:1/shop")

    with pytest.raises(RecipeError) as caught:
        check_storage(Studies(storage={"secret": "STUDIES"}, name="a"), ("net",))

    assert "the database can not be reached" in str(caught.value) and "s3cret" not in str(caught.value)
