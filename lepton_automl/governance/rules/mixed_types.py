"""GOV025: numbers among words, and numbers with their unit behind them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import SAMPLE, pick_rows, sample_note

NUMBER = r"^[-+]?(?:[\d.,' ]*\d)(?:[eE][-+]?\d+)?$"
WITH_UNIT = r"^[-+]?\d(?:[\d.,' ]*\d)?\s?([^\W\d_]{1,6}|[%°][CFcf]?|[µμ][gmls]?)$"
WRITTEN = (
    "mm cm dm m km in inch ft yd mi mile miles mg g kg t lb lbs oz ml cl dl l gal ms s sec min h hr hrs d day days w wk week "
    "weeks mo y yr yrs year years c f k kw mw kwh wh v kv a ma pa hpa kpa bar psi hz khz mhz ghz b kb mb gb tb rpm kmh mph "
    "pct ppm bpm eur usd gbp cny rmb chf jpy bn mn % ° °c °f µ µg µm µl µs μ μg μm μl μs "
    "元 万 亿 米 厘米 毫米 公里 千克 公斤 克 斤 升 毫升 岁 年 月 天 小时 分钟 秒 度"
)
UNITS = frozenset(WRITTEN.split())
"""Units that may be shown in a note; no other text of the data is."""
MIN_UNIT_SHARE = 0.5
MAX_KINDS = 8


@dataclass(frozen=True)
class MixedTypes:
    """Categories that hold numbers among words, or numbers with units behind them, are told.

    Args:
        min_share: Share of the rows that must be numbers, and that must be words, to be mixed.
    """

    min_share: Annotated[float, Field(gt=0, le=0.5, json_schema_extra={"unit": "share"})] = 0.05
    code = "GOV025"
    title = "A column that mixes numbers and words, or holds numbers with units, is told"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Looks at the levels of each category."""
        data, findings = subject.data, []
        pick = pick_rows(len(data))
        for column in data.features:
            if column.kind is not Kind.CATEGORY:
                continue
            counted = data.values(column.name).iloc[pick].value_counts()
            counted = counted[counted > 0]
            if len(counted):
                texts = pd.Series(counted.index.astype("str"))
                note = self._note(texts, counted.to_numpy())
                if note is not None:
                    words, count, share = note
                    words += sample_note(len(data), SAMPLE)
                    facts = (Verdict.NOTED, "", None, count, share, self.min_share, "share", words)
                    findings.append(Finding(self.code, column.name, *facts))
        return findings

    def _note(self, texts: pd.Series, counts: np.ndarray) -> tuple[str, int, float] | None:
        """Gives a sentence, a number of rows and their share; none if nothing is mixed."""
        total = counts.sum()
        texts = texts.str.strip()
        is_number = texts.str.fullmatch(NUMBER.strip("^$")).to_numpy(dtype=bool)
        found = texts.str.extract(WITH_UNIT, expand=False).str.lower()
        units = found.where(found.isin(UNITS))
        with_unit = int(counts[units.notna().to_numpy()].sum())
        if (with_unit + counts[is_number].sum()) / total >= MIN_UNIT_SHARE and with_unit / total >= self.min_share:
            names = list(dict.fromkeys(units.dropna()))
            shown = ", ".join(names[:MAX_KINDS]) + (", …" if len(names) > MAX_KINDS else "")
            more = "; more than one unit in one column" if len(names) > 1 else ""
            return f"numbers with a unit behind them ({shown}){more}: read as words", with_unit, float(with_unit / total)
        numbers = int(counts[is_number].sum())
        if len(texts) > 2 and self.min_share <= numbers / total <= 1 - self.min_share and is_number.sum() > 2:
            return "numbers among words: all are read as words", numbers, float(numbers / total)
        return None
