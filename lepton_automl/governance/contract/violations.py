"""Looks for everything that breaks a contract, at once: pandera runs the checks of all columns and relations in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, read_column
from lepton_automl.data.sources.file import FileSource
from lepton_automl.errors import DataError, LeptonError, Problem, RunError
from lepton_automl.governance.contract.expression import read_expression
from lepton_automl.governance.contract.terms import ColumnTerms, FreshnessTerms, RelationTerms
from lepton_automl.registry import did_you_mean

SHOWN_VALUES = 12


class Contracted(Protocol):
    """A contract, as the rule holds it."""

    @property
    def action(self) -> str:
        """What is done where nothing else is said."""

    @property
    def columns(self) -> Mapping[str, ColumnTerms | None] | None:
        """Column to what is promised of it."""

    @property
    def relations(self) -> Mapping[str, str | RelationTerms] | None:
        """Name to relation."""

    @property
    def freshness(self) -> FreshnessTerms | None:
        """How old the newest row may be."""

    @property
    def min_rows(self) -> int | None:
        """Fewest rows."""

    @property
    def max_rows(self) -> int | None:
        """Most rows."""

    @property
    def strict(self) -> bool:
        """Whether there may be no other columns."""


@dataclass(frozen=True)
class Violation:
    """One term that the table breaks.

    Args:
        term: Key of the term in the contract: `columns.age.min`.
        check: Which check: `min`.
        column: The column; empty for the whole table.
        said: What was expected and what is there, without any value of a row.
        action: What is to be done.
        rows: Positions of the rows that break it; none where it is not about rows.
        measured: The figure that was compared.
        limit: What it was compared with.
        unit: Unit of both.
        treatments: How its values are made missing, here and wherever rows are read later.
    """

    term: str
    check: str
    column: str
    said: str
    action: str
    rows: np.ndarray | None = None
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    treatments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """A check to be run by pandera; `holds` gives a boolean series, shape `(n,)`."""

    violation: Violation
    holds: Callable[[Any], pd.Series]


def find_violations(contract: Contracted, data: Dataset, hidden: frozenset[str], today: date) -> list[Violation]:
    """Finds everything in a table that breaks a contract.

    Args:
        contract: What is promised.
        data: The table.
        hidden: Columns that it has and that are not shown: the target.
        today: The day of the run, by which its age counts.
    """
    terms = {name: said or ColumnTerms() for name, said in (contract.columns or {}).items() if name not in hidden}
    found = [*_table_violations(contract, data, hidden, today)]
    return [*found, *_value_violations(contract, terms, data, hidden)]


def find_test_violations(contract: Contracted, test: Dataset, hidden: frozenset[str]) -> list[Violation]:
    """Finds the values of a test table that break the contract of the other: not its size, its age and what is unique in it.

    Args:
        contract: What is promised.
        test: Rows of the test table, read like the other's, the target left out.
        hidden: Columns that it has and that are not shown: the target.
    """
    said = {name: terms or ColumnTerms() for name, terms in (contract.columns or {}).items() if name not in hidden}
    terms = {name: one.model_copy(update={"unique": False}) for name, one in said.items()}
    found = _value_violations(contract, terms, test, hidden)
    return [one for one in found if one.rows is not None or one.check == "required"]  # the rest is told of the other table


def _value_violations(
    contract: Contracted, terms: Mapping[str, ColumnTerms], data: Dataset, hidden: frozenset[str]
) -> list[Violation]:
    found: list[Violation] = []
    tests: dict[str, list[Probe]] = {}
    for name, said in terms.items():
        if name in data.names:
            broken, tests[name] = _column_tests(data, data.column(name), said, contract.action)
            found.extend(broken)
        elif said.required:
            near = did_you_mean(name, [other for other in data.names if other not in terms] or data.names)
            text = f"the column is not there (or data.ignore leaves it out). {near}"
            found.append(Violation(f"columns.{name}", "required", name, text, said.action_of("required", contract.action)))
    relations = []
    for name, relation in (contract.relations or {}).items():
        test = _relation_test(name, relation, data, hidden, contract.action)
        found.append(test) if isinstance(test, Violation) else relations.append(test)
    return [*found, *_run(data, tests, relations)]


def _table_violations(contract: Contracted, data: Dataset, hidden: frozenset[str], today: date) -> list[Violation]:
    found, n, action = [], len(data), contract.action
    if contract.min_rows is not None and n < contract.min_rows:
        said = f"expected at least {contract.min_rows} rows, there are {n}"
        found.append(Violation("min_rows", "min_rows", "", said, action, None, n, contract.min_rows, "rows"))
    if contract.max_rows is not None and n > contract.max_rows:
        said = f"expected at most {contract.max_rows} rows, there are {n}"
        found.append(Violation("max_rows", "max_rows", "", said, action, None, n, contract.max_rows, "rows"))
    declared = contract.columns or {}
    if contract.strict:
        for name in data.names:
            if name not in declared and name not in hidden:
                near = did_you_mean(name, [other for other in declared if other not in data.names])
                said = f"the contract does not know this column{'' if near.startswith('There') else '. ' + near}"
                found.append(Violation("strict", "strict", name, said, action))
    if contract.freshness is not None:
        found.extend(_freshness(contract.freshness, data, action, today))
    return found


def _freshness(terms: FreshnessTerms, data: Dataset, action: str, today: date) -> list[Violation]:
    name, day = terms.column, terms.day(today)
    make = partial(Violation, "freshness", "freshness", name, action=action)
    if name not in data.names:
        return [make(f"the column whose newest date counts is not there. {did_you_mean(name, data.names)}")]
    if data.column(name).kind is not Kind.DATETIME:
        return [make(f"expected dates, the column is a {data.column(name).kind}. Set data.kinds.{name}: datetime")]
    newest = data.values(name).max()
    if pd.isna(newest):
        return [make("expected dates, every value is missing")]
    age = (pd.Timestamp(day) - newest) / pd.Timedelta(days=1)
    if age <= terms.max_age_days:
        return []
    said = f"expected a newest value at most {terms.max_age_days:g} days old on {day}, it is {age:.1f} days old"
    return [make(said, measured=float(age), limit=terms.max_age_days, unit="days")]


def _relation_test(
    name: str, relation: str | RelationTerms, data: Dataset, hidden: frozenset[str], default: str
) -> Probe | Violation:
    terms = RelationTerms(expression=relation) if isinstance(relation, str) else relation
    expression = read_expression(terms.expression)
    violation = Violation(f"relations.{name}", "relation", "", f"expected {terms.expression}", terms.action or default)
    if hidden & set(expression.columns):
        said = "the relation names the target, whose values no rule sees before the split: it is not checked"
        return replace(violation, said=said, action="note")
    try:
        is_broken = expression.violated(data)
    except LeptonError as error:
        said = " ".join(f"{problem.message} {problem.fix}".strip() for problem in error.problems)
        return replace(violation, said=said, action="note" if default == "note" else "stop")
    return Probe(violation, lambda frame: pd.Series(~is_broken, index=frame.index))


def _column_tests(data: Dataset, column: Column, terms: ColumnTerms, default: str) -> tuple[list[Violation], list[Probe]]:
    """Gives the checks of a column, and the terms that make no sense for what it is."""
    name, kind = column.name, column.kind
    found: list[Violation] = []
    if terms.kind is not None and kind != terms.kind:
        said = f"expected a {terms.kind}, its values read as a {kind}. If they are one, set data.kinds.{name}: {terms.kind}"
        violation = Violation(f"columns.{name}.kind", "kind", name, said, terms.action_of("kind", default))
        return [violation], [*_missing_tests(data, name, terms, default)]
    tests: list[Probe] = []
    for check in ("min", "max", "whole", "values", "pattern", "references", "unique"):
        asked = getattr(terms, check)
        if asked is None or asked is False:
            continue
        violation = Violation(f"columns.{name}.{check}", check, name, "", terms.action_of(check, default))
        try:
            tests.append(CHECKS[check](violation, asked, column))
        except LeptonError as error:
            said = " ".join(f"{problem.message} {problem.fix}".strip() for problem in error.problems)
            found.append(replace(violation, said=said, action="note" if default == "note" else "stop"))
    return found, [*tests, *_missing_tests(data, name, terms, default)]


def _unfit(said: str) -> DataError:
    """Makes the error of a term that makes no sense for the kind of its column."""
    return DataError(Problem("contract", said))


def _missing_tests(data: Dataset, name: str, terms: ColumnTerms, default: str) -> list[Probe]:
    limit = terms.max_missing_share
    if limit is None or data.values(name).isna().mean() <= limit:
        return []
    said = f"expected at most {limit:.2%} missing" if limit else "expected no missing value"
    action = terms.action_of("max_missing_share", default)
    violation = Violation(
        f"columns.{name}.max_missing_share", "max_missing_share", name, said, action, limit=limit, unit="share"
    )
    return [Probe(violation, lambda values: values.notna())]


def _bound_test(violation: Violation, bound: float | str, column: Column) -> Probe:
    is_min = violation.check == "min"
    limit: Any = bound
    if isinstance(bound, str):
        if column.kind is not Kind.DATETIME:
            raise _unfit(f"expected dates from {bound}, the column is a {column.kind}")
        limit = pd.Timestamp(datetime.fromisoformat(bound))
    elif column.kind not in (Kind.NUMBER, Kind.BOOLEAN):
        raise _unfit(f"expected numbers, the column is a {column.kind}; a date is written as 2026-01-31")
    shown = bound if isinstance(bound, str) else f"{bound:g}"
    word = "below" if is_min else "above"
    said = f"expected at {'least' if is_min else 'most'} {shown}"
    treatment = f"missing_{word}:{bound if isinstance(bound, str) else repr(bound)}"

    def holds(values: pd.Series) -> pd.Series:
        return ~((values < limit) if is_min else (values > limit))

    return Probe(replace(violation, said=said, treatments=(treatment,)), holds)


def _whole_test(violation: Violation, asked: bool, column: Column) -> Probe:
    if column.kind is not Kind.NUMBER:
        raise _unfit(f"expected whole numbers, the column is a {column.kind}")

    def holds(values: pd.Series) -> pd.Series:
        return ~(values % 1 > 0)

    return Probe(replace(violation, said="expected whole numbers", treatments=("missing_fractions",)), holds)


def _values_test(violation: Violation, asked: list[Any], column: Column) -> Probe:
    import json

    levels = _as_kind(asked, column)
    shown = ", ".join(map(str, asked[:SHOWN_VALUES])) + (", …" if len(asked) > SHOWN_VALUES else "")
    words = json.dumps(
        [value.isoformat() if isinstance(value, pd.Timestamp) else value for value in levels], ensure_ascii=False
    )
    said = f"expected one of {shown}"
    return Probe(replace(violation, said=said, treatments=(f"missing_unlisted:{words}",)), partial(_is_listed, levels=levels))


def _is_listed(values: pd.Series, levels: list[Any]) -> pd.Series:
    return values.isin(levels) | values.isna()


def _as_kind(asked: list[Any], column: Column) -> list[Any]:
    """Gives declared values as a column stores them."""
    if column.kind in (Kind.CATEGORY, Kind.TEXT):
        return [str(value) for value in asked]
    if column.kind is Kind.DATETIME:
        try:
            return [pd.Timestamp(datetime.fromisoformat(str(value))) for value in asked]
        except ValueError:
            raise _unfit("expected declared dates such as 2026-01-31, the column is a datetime") from None
    if any(isinstance(value, str) for value in asked):
        raise _unfit(f"expected declared values that are no texts, the column is a {column.kind}")
    return [float(value) for value in asked]


def _pattern_test(violation: Violation, pattern: str, column: Column) -> Probe:
    if column.kind not in (Kind.CATEGORY, Kind.TEXT):
        raise _unfit(f"expected text, the column is a {column.kind}. Set data.kinds.{column.name}: category if it is a code")
    from lepton_automl.data.treatments import is_like

    said = f"expected text like {pattern}"
    return Probe(replace(violation, said=said, treatments=(f"missing_unlike:{pattern}",)), partial(is_like, pattern=pattern))


def _references_test(violation: Violation, asked: Any, column: Column) -> Probe:
    if asked.file is None:
        said = f"expected one of {len(asked.values)} listed values"
        return Probe(replace(violation, said=said), partial(_is_listed, levels=_as_kind(asked.values, column)))
    name = asked.column or column.name
    frame = FileSource(f"columns.{column.name}.references", asked.file).read().frame
    if name not in frame.columns:
        raise _unfit(f"{name!r} is not a column of {asked.file}. {did_you_mean(name, list(map(str, frame.columns)))}")
    known = read_column(frame[name], replace(column.reading, treatments=())).values.dropna().unique().tolist()
    said = f"expected a value of the column {name} of {asked.file}"
    return Probe(replace(violation, said=said), partial(_is_listed, levels=known))


def _unique_test(violation: Violation, asked: bool, column: Column) -> Probe:
    def holds(values: pd.Series) -> pd.Series:
        return ~(values.duplicated() & values.notna())

    return Probe(replace(violation, said="expected each value once"), holds)


CHECKS: Mapping[str, Callable[[Violation, Any, Column], Probe]] = {
    "min": _bound_test,
    "max": _bound_test,
    "whole": _whole_test,
    "values": _values_test,
    "pattern": _pattern_test,
    "references": _references_test,
    "unique": _unique_test,
}


def _run(data: Dataset, tests: Mapping[str, list[Probe]], relations: list[Probe]) -> list[Violation]:
    """Runs all checks at once; gives those that fail, in order, with the rows and their share."""
    every = {test.violation.term: test for part in (*tests.values(), relations) for test in part}
    if not every:
        return []
    import pandera.pandas as pandera

    def made(test: Probe) -> Any:
        return pandera.Check(test.holds, name=test.violation.term, ignore_na=False, n_failure_cases=1)

    columns = {
        name: pandera.Column(checks=[made(test) for test in part], nullable=True) for name, part in tests.items() if part
    }
    schema = pandera.DataFrameSchema(columns, checks=[made(test) for test in relations])
    frame = data.frame[list(columns)] if columns else pd.DataFrame({"row": np.arange(len(data))})
    try:
        schema.validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failed = {_term(error): error.check_output for error in errors.schema_errors}
    else:
        return []
    return [_measured(test.violation, failed[term], len(data)) for term, test in every.items() if term in failed]


def _term(error: Any) -> str:
    if error.check_output is None:
        raise RunError(f"a check of the contract failed itself: {error.reason_code}.")
    return str(error.check.name)


def _measured(violation: Violation, holds: pd.Series, n: int) -> Violation:
    rows = np.flatnonzero(~holds.to_numpy(dtype=bool))
    limit = 0.0 if violation.limit is None else violation.limit
    return replace(violation, rows=rows, measured=len(rows) / n, limit=limit, unit="share")
