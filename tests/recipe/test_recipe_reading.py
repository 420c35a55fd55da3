"""How YAML is read."""

import pytest

from lepton_automl.errors import RecipeError
from lepton_automl.recipe.reading import read_recipe_file


def read(tmp_path, text):
    path = tmp_path / "r.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_recipe_file(path, "r.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        ("-.5", -0.5),
        ("3.", 3.0),
        ("10_000", 10_000),
        ("-7", -7),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_", "1_"),
        ("1__0", "1__0"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("12:30:45", "12:30:45"),
        ("2024-01-31", "2024-01-31"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'3'", "3"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_a_scalar_is_read_by_yaml_1_2(tmp_path, text, value):
    found = read(tmp_path, f"key: {text}")[0]["key"]

    assert (found, type(found)) == (value, type(value))


def test_keys_are_texts_whatever_they_look_like(tmp_path):
    tree, origins = read(tmp_path, "data:\n  kinds:\n    2024: number\n    true: category\n    null: text")

    assert tree == {"data": {"kinds": {"2024": "number", "true": "category", "null": "text"}}}
    assert origins.of(("data", "kinds", "true")) == "r.yaml:4"


def test_every_key_knows_its_line_and_a_key_that_is_not_there_that_of_its_block(tmp_path):
    _, origins = read(tmp_path, "# comment\nsplit:\n\n  folds: 3\ngates:\n  test.roc_auc:\n    min: 0.5")

    assert origins.of(("split", "folds")) == "r.yaml:4"
    assert origins.of(("split", "nothing", "at", "all")) == "r.yaml:2"
    assert origins.of(("gates", "test", "roc_auc", "min")) == "r.yaml:7"
    assert origins.of(("gates", "test", "roc_auc")) == "r.yaml:6"
    assert origins.of(("budget",)) == ""


def test_anchors_and_merges_are_read(tmp_path):
    tree, _ = read(tmp_path, "a: &here {x: 1}\nb: {<<: *here, y: 2}\nc: *here")

    assert tree == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null"], ids=["empty", "comment", "document mark", "null"])
def test_a_file_without_content_is_an_empty_recipe(tmp_path, text):
    assert read(tmp_path, text)[0] == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b", "is not a mapping"),
        ("just text", "is not a mapping"),
        ("a: [1", "can not be read as YAML"),
        ("a: 1\n\tb: 2", "can not be read as YAML"),
        ("a: 1\n---\nb: 2", "can not be read as YAML"),
        (b"a: \xff\xfe\xfa", "can not be read as YAML"),
        ("a: !!python/object/apply:os.system [ls]", "can not be read as YAML"),
        ("a: 1\nb: 2\na: 3", "is written twice"),
        ("a: &x {b: *x}", "holds itself"),
        ("? {a: b}\n: 3", "has a key that is no text"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\n"
            + "".join(f"{y}: &{y} [{','.join([f'*{x}'] * 9)}]\n" for x, y in zip("abcdefgh", "bcdefghi", strict=True)),
            "can not be read",
        ),
    ],
    ids=[
        "list",
        "text",
        "unclosed",
        "tab",
        "two documents",
        "no text at all",
        "python object",
        "key twice",
        "circle",
        "mapping as key",
        "too large",
    ],
)
def test_what_is_no_recipe_is_refused_in_words(tmp_path, text, said):
    with pytest.raises(RecipeError) as caught:
        read(tmp_path, text)

    assert said in caught.value.text()
    assert len(caught.value.text()) < 400


def test_all_that_is_wrong_in_a_file_is_told_at_once(tmp_path):
    with pytest.raises(RecipeError) as caught:
        read(tmp_path, "seed: 1\nseed: 2\nsearch: {_target_: os.system}\nhydra: {run: {dir: x}}\nname: ${oc.env:USER}")

    assert [(p.key, p.where) for p in caught.value.problems] == [
        ("seed", "r.yaml:2"),
        ("search._target_", "r.yaml:3"),
        ("hydra", "r.yaml:4"),
        ("name", "r.yaml:5"),
    ]
