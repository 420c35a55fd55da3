"""From an Arrow table to pandas without a silent change: whole numbers and truth values with gaps stay what they are."""

from __future__ import annotations

from typing import Any

import pandas as pd


def to_pandas(table: Any) -> pd.DataFrame:
    """Gives an Arrow table as pandas, a column at a time, as two may have one name.

    Whole numbers and truth values with missing ones become pandas' nullable types, decimals float64, dates datetime64.
    Times of the day, lists and structs stay objects.
    """
    columns = [_column(table.column(position)) for position in range(table.num_columns)]
    if not columns:
        return pd.DataFrame()
    return pd.concat(columns, axis=1).set_axis(pd.Index(table.column_names, dtype=object), axis=1)


def _column(column: Any) -> pd.Series:
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_null(kind):
        return pd.Series([None] * len(column), dtype=object)
    if kinds.is_decimal(kind):
        return column.cast(pa.float64()).to_pandas()
    if kinds.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas()
    if column.null_count and kinds.is_integer(kind):
        return column.to_pandas(types_mapper={kind: _nullable(kind)}.get)
    if column.null_count and kinds.is_boolean(kind):
        return column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get)
    return column.to_pandas()


def _nullable(kind: Any) -> Any:
    return pd.UInt64Dtype() if str(kind) == "uint64" else pd.Int64Dtype()
