"""What a run keeps of the rows it was judged on."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role
from lepton_automl.data.sources.file import FileSource
from lepton_automl.deliver import Scorer
from lepton_automl.engine.judged_rows import FILE, MISSING, REST, forget_rows, read_test_rows, slices_of
from lepton_automl.errors import ArtifactError
from lepton_automl.tasks import METRICS
from lepton_automl.testing import table


def test_the_kept_rows_give_the_figures_of_the_run_again(credit):
    plan, result, metrics = credit

    rows = read_test_rows(result.folder)

    assert len(rows) == metrics["rows"]["judged"] == 200
    assert (np.diff(rows.row_ids) > 0).all()
    for name, figure in metrics["test"].items():
        assert METRICS[name].of(rows.y, rows.prediction) == pytest.approx(figure["value"], abs=1e-12)
    assert rows.about["decision"]["threshold"] == result.artifact.scorer.rule.threshold
    assert rows.worth.mean() == pytest.approx(metrics["value_per_row"]["value"])
    raw = FileSource("x", plan.data.place).read().frame.iloc[rows.row_ids]
    assert (raw["creditability"].to_numpy() == np.array(["good", "bad"])[rows.y]).all()
    scored = Scorer.load(result.folder / "artifact").score(raw.reset_index(drop=True))
    assert np.allclose(scored.values, rows.prediction, atol=1e-12)


def test_only_the_owner_may_read_them(credit):
    _, result, _ = credit

    assert (result.folder / FILE).stat().st_mode & 0o077 == 0


def test_protected_columns_are_kept_as_levels_and_bands_without_rare_ones(credit):
    _, result, _ = credit

    slices = read_test_rows(result.folder).slices

    assert set(slices) == {"personal_status_and_sex", "age_in_years", "foreign_worker"}
    ages = pd.Series(slices["age_in_years"]).value_counts()
    assert len(ages) == 4 and sorted(name.split()[0] for name in ages.index if not name[0].isdigit()) == ["over", "up"]
    for levels in slices.values():
        counts = pd.Series(levels).value_counts()
        assert (counts.drop(REST, errors="ignore") >= 10).all()


def test_personal_columns_and_texts_are_no_slices():
    n = 60
    data = table(
        roles=dict.fromkeys(("mail", "sex", "born", "joined", "note"), Role.PROTECTED),
        mail=[f"anna{i}@example.org" for i in range(n)],
        sex=["f", "m", None] * 20,
        born=pd.date_range("1960-01-01", periods=n, freq="90D"),
        joined=pd.date_range("2019-01-01", periods=n, freq="90D"),
        note=[f"a long note number {i} about the house at the lake" for i in range(n)],
        area=["north", "south"] * 30,
        late=[0, 1] * 30,
        target="late",
    )

    slices = slices_of(data)

    assert set(slices) == {"sex", "joined"}
    assert set(slices_of(data, ["area"])) == {"sex", "joined", "area"}
    assert set(slices["sex"]) == {"f", "m", MISSING}
    assert len(set(slices["joined"])) == 4 and all("2019-01-01" not in level for level in slices["joined"])


def test_rows_of_people_to_be_forgotten_leave_the_file(credit, tmp_path):
    import shutil

    _, result, _ = credit
    shutil.copy(result.folder / FILE, tmp_path / FILE)
    ids = read_test_rows(tmp_path).row_ids

    removed = forget_rows(tmp_path, {"test": ids[:3], "train": ids[3:9]})

    assert removed == 3
    assert read_test_rows(tmp_path).row_ids.tolist() == ids[3:].tolist()


def test_a_folder_without_them_or_with_a_damaged_file_is_told(tmp_path):
    with pytest.raises(ArtifactError, match=r"has no test_rows\.parquet"):
        read_test_rows(tmp_path)
    (tmp_path / FILE).write_bytes(b"PAR1 no")
    with pytest.raises(ArtifactError, match=r"can not be read"):
        read_test_rows(tmp_path)
