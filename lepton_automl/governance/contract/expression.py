"""Relations between columns, such as `start <= end`: read by a small grammar and worked out on whole columns.

Only columns, numbers, texts in quotes, `+ - * / %`, comparisons and `and`, `or`, `not` are known; nothing is ever executed. A
missing value makes a comparison neither true nor false, as in SQL, and only what is false is a violation.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind
from lepton_automl.errors import Problem, RecipeError
from lepton_automl.registry import did_you_mean

MAX_LENGTH, MAX_DEPTH = 1000, 40
MICROSECONDS_OF_DAY = 86_400e6
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`([^`]*)`")
NAMED = "quoted_column_{}_"
SYNTAX = (
    "Use column names, numbers, quoted texts, + - * / %, < <= > >= == !=, and, or, not; `a name` with blanks in back quotes."
)
COMPARISONS: dict[type[ast.cmpop], Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
ARITHMETIC: dict[type[ast.operator], Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
}
REFUSED = {
    ast.Call: "calls a function",
    ast.Attribute: "reads an attribute",
    ast.Subscript: "reads an item by [ ]",
    ast.Lambda: "defines a function",
    ast.NamedExpr: "sets a name",
    ast.IfExp: "has an if",
    ast.JoinedStr: "formats a text",
    ast.Pow: "has a power",
    ast.In: "has an in",
    ast.NotIn: "has a not in",
    ast.Is: "has an is",
    ast.IsNot: "has an is not",
}


@dataclass(frozen=True)
class Truth:
    """What is true and what is false of each row, each of shape `(n,)`; a row may be neither."""

    is_true: np.ndarray
    is_false: np.ndarray


@dataclass(frozen=True)
class Values:
    """Numbers, or dates as days since 1970, or texts, of shape `(n,)` or `()`; numbers and dates are missing where nan."""

    kind: Kind
    values: np.ndarray
    is_constant: bool = False


@dataclass(frozen=True)
class Expression:
    """A relation that was read.

    Args:
        text: As it was written.
        tree: Its syntax.
        columns: Columns it names, in order.
        quoted: Place-holder to the name in back quotes that it stands for.
    """

    text: str
    tree: ast.expr
    columns: tuple[str, ...]
    quoted: dict[str, str]

    def violated(self, data: Dataset) -> np.ndarray:
        """Says which rows break the relation, shape `(n,)`.

        Raises:
            RecipeError: If a column is not there, or is of a kind that can not be compared so.
        """
        return np.broadcast_to(self._worked_out(data).is_false, (len(data),))

    def holds(self, data: Dataset) -> np.ndarray:
        """Says of which rows the relation is true, shape `(n,)`; of one with a missing value it is not.

        Raises:
            RecipeError: If a column is not there, or is of a kind that can not be compared so.
        """
        return np.broadcast_to(self._worked_out(data).is_true, (len(data),))

    def _worked_out(self, data: Dataset) -> Truth:
        absent = [name for name in self.columns if name not in data.names]
        if absent:
            raise RecipeError([_fault(f"names {name!r}, which is no column here.", _near(name, data)) for name in absent])
        with np.errstate(all="ignore"):
            return _truth(_Work(self, data).of(self.tree), self.text)


def read_expression(text: str) -> Expression:
    """Reads a relation.

    Raises:
        RecipeError: If it is anything else than columns, numbers, texts, arithmetic, comparisons and `and`, `or`, `not`.
    """
    if len(text) > MAX_LENGTH:
        raise RecipeError(_fault(f"is longer than {MAX_LENGTH} characters.", "Split it into several relations."))
    quoted: dict[str, str] = {}

    def hidden(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        holder = NAMED.format(len(quoted))
        quoted[holder] = found[1]
        return holder

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(QUOTED.sub(hidden, text).strip(), mode="eval").body
        depth = _depth(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RecipeError(_fault(f"{text!r} can not be read as a relation.", SYNTAX)) from error
    if depth > MAX_DEPTH:
        raise RecipeError(_fault("is nested too deeply.", "Split it into several relations."))
    for node in ast.walk(tree):
        _refuse(node, text)
    if not isinstance(tree, ast.BoolOp | ast.Compare | ast.Name) and not _is_not(tree):
        raise RecipeError(_fault(f"{text!r} compares nothing.", "Write a comparison, such as amount >= 0."))
    names = [quoted.get(node.id, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if not names:
        raise RecipeError(_fault(f"{text!r} names no column.", SYNTAX))
    return Expression(text, tree, tuple(dict.fromkeys(names)), quoted)


def _fault(message: str, fix: str) -> Problem:
    return Problem("relation", message, fix)


def _near(name: str, data: Dataset) -> str:
    return did_you_mean(name, data.names)


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _depth(tree: ast.AST) -> int:
    """Gives how deep a tree is, without recursion."""
    depth, level = 0, [tree]
    while level and depth <= MAX_DEPTH:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _refuse(node: ast.AST, text: str) -> None:
    """Refuses what is not of the small grammar."""
    plain = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.Compare, ast.BinOp, ast.Name, ast.Load)
    if isinstance(node, (*plain, *COMPARISONS, *ARITHMETIC)):
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) or _is_number(node.value):
            return
        raise RecipeError(_fault(f"{text!r} holds {node.value!r}, which is neither a number nor a text.", SYNTAX))
    what = REFUSED.get(type(node), f"holds a {type(node).__name__}")
    raise RecipeError(_fault(f"{text!r} {what}, which a relation can not do.", SYNTAX))


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


class _Work:
    """Works an expression out on a table."""

    def __init__(self, expression: Expression, data: Dataset) -> None:
        self.expression, self.data = expression, data

    def of(self, node: ast.expr) -> Truth | Values:
        """Gives what a part of the expression is on each row."""
        if isinstance(node, ast.BoolOp):
            return self._joined([self._truth(part) for part in node.values], isinstance(node.op, ast.And))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            found = self._truth(node.operand)
            return Truth(found.is_false, found.is_true)
        if isinstance(node, ast.UnaryOp):
            values = self._number(node.operand)
            return Values(Kind.NUMBER, -values.values if isinstance(node.op, ast.USub) else values.values, values.is_constant)
        if isinstance(node, ast.Compare):
            sides = [self._values(side) for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return self._joined([self._compared(op, left, right) for op, left, right in pairs], True)
        if isinstance(node, ast.BinOp):
            return self._calculated(node)
        if isinstance(node, ast.Name):
            return self._column(self.expression.quoted.get(node.id, node.id))
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, str):
            return Values(Kind.CATEGORY, np.array(node.value, dtype=object), True)
        assert isinstance(node.value, int | float)
        return Values(Kind.NUMBER, np.array(float(node.value)), True)

    def _truth(self, node: ast.expr) -> Truth:
        return _truth(self.of(node), self.expression.text)

    def _values(self, node: ast.expr) -> Values:
        found = self.of(node)
        if isinstance(found, Truth):
            raise self._fault("compares the outcome of a comparison.", "Join comparisons by and, or, not.")
        return found

    def _number(self, node: ast.expr) -> Values:
        found = self._values(node)
        if found.kind not in (Kind.NUMBER, Kind.BOOLEAN):
            raise self._fault(f"calculates with a {found.kind}.", "Numbers, and differences of dates, can be calculated with.")
        return found

    def _fault(self, message: str, fix: str) -> RecipeError:
        return RecipeError(_fault(f"{self.expression.text!r} {message}", fix))

    def _column(self, name: str) -> Values:
        kind, values = self.data.column(name).kind, self.data.values(name)
        if kind in (Kind.NUMBER, Kind.BOOLEAN):
            return Values(kind, values.to_numpy(dtype="float64", na_value=np.nan))
        if kind is Kind.DATETIME:
            return Values(kind, _days(values.to_numpy()))
        if kind in (Kind.CATEGORY, Kind.TEXT):
            return Values(Kind.CATEGORY, values.astype(object).where(values.notna(), None).to_numpy())
        raise self._fault(f"names {name}, a column of kind {kind}.", "Relations are between numbers, dates and texts.")

    def _calculated(self, node: ast.BinOp) -> Values:
        """Works arithmetic out; of dates there are differences, in days, and days added or taken away."""
        left, right = self._values(node.left), self._values(node.right)
        work, dates = ARITHMETIC[type(node.op)], (left.kind is Kind.DATETIME, right.kind is Kind.DATETIME)
        is_sum = isinstance(node.op, ast.Add | ast.Sub)
        kind = Kind.NUMBER
        if any(dates):
            is_difference = isinstance(node.op, ast.Sub) and dates == (True, True)
            other = right if dates[0] else left
            is_moved = is_sum and not all(dates) and other.kind is Kind.NUMBER and (dates[0] or isinstance(node.op, ast.Add))
            if not is_difference and not is_moved:
                raise self._fault("calculates with dates.", "Dates have differences in days; days can be added or taken away.")
            kind = Kind.NUMBER if is_difference else Kind.DATETIME
        else:
            left, right = self._number(node.left), self._number(node.right)
        return Values(kind, work(left.values, right.values), left.is_constant and right.is_constant)

    def _compared(self, op: ast.cmpop, left: Values, right: Values) -> Truth:
        left, right = self._date(left, right), self._date(right, left)
        kinds = {Kind.NUMBER if side.kind is Kind.BOOLEAN else side.kind for side in (left, right)}
        if len(kinds) > 1:
            names = " with a ".join("text" if side.kind is Kind.CATEGORY else str(side.kind) for side in (left, right))
            fix = "Write texts and dates in quotes and numbers without, or set data.kinds to what the column holds."
            raise self._fault(f"compares a {names}.", fix)
        if kinds == {Kind.CATEGORY}:
            if not isinstance(op, ast.Eq | ast.NotEq):
                raise self._fault("puts texts in order.", "Texts can be compared by == and != only.")
            known = ~(pd.isna(left.values) | pd.isna(right.values))
        else:
            known = ~(np.isnan(left.values) | np.isnan(right.values))
        holds = COMPARISONS[type(op)](left.values, right.values).astype(bool)
        return Truth(holds & known, ~holds & known)

    def _date(self, side: Values, other: Values) -> Values:
        """Reads a text as a date where it is compared with one."""
        if not (side.is_constant and side.kind is Kind.CATEGORY and other.kind is Kind.DATETIME):
            return side
        try:
            day = np.datetime64(datetime.fromisoformat(str(side.values)))
        except ValueError as error:
            raise self._fault(f"compares a date with {str(side.values)!r}.", "Write dates as '2026-01-31'.") from error
        return Values(Kind.DATETIME, _days(np.array(day)), True)

    @staticmethod
    def _joined(parts: list[Truth], is_and: bool) -> Truth:
        every, some = np.logical_and.reduce, np.logical_or.reduce
        trues, falses = [part.is_true for part in parts], [part.is_false for part in parts]
        shape = np.broadcast_shapes(*(part.shape for part in trues))
        trues, falses = [[np.broadcast_to(part, shape) for part in side] for side in (trues, falses)]
        return Truth(every(trues), some(falses)) if is_and else Truth(some(trues), every(falses))


def _days(moments: np.ndarray) -> np.ndarray:
    """Gives moments as days since 1970, nan where missing, of the same shape."""
    stamps = moments.astype("datetime64[us]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype("int64") / MICROSECONDS_OF_DAY)


def _truth(found: Truth | Values, text: str) -> Truth:
    if isinstance(found, Truth):
        return found
    if found.kind is not Kind.BOOLEAN:
        raise RecipeError(
            _fault(f"{text!r} takes a {found.kind} for true or false.", "Write a comparison, such as amount >= 0.")
        )
    return Truth(found.values == 1, found.values == 0)
