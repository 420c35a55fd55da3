"""Figures that the page shows as tables, drawn: confusion, and importances as bars. For notebooks and files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lepton_automl.report.svg import canvas
from lepton_automl.report.wording import number, share, short

WIDTH = 460
CELL, GUTTER = (64, 34), 110
ROW = 22
SHOWN = 20
"""Features that are drawn, the most important first."""
DEEP = 0.55
"""Share of a row above which a cell is so dark that its figure is written light."""
_TEXT = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
_CELL = Markup(
    '<rect class="cell" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3" fill-opacity="{:.3f}">'
    "<title>{}</title></rect>"
)
_BAR = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="12" rx="2"><title>{}</title></rect>')


def confusion_figure(confusion: Mapping[str, Any]) -> Markup:
    """Draws true against predicted labels, shaded by the share of the row.

    Args:
        confusion: `labels`, `k` of them, and `counts`, shape `(k, k)`: rows the true label, columns the predicted one.
    """
    labels, counts = [str(label) for label in confusion["labels"]], confusion["counts"]
    wide, high = CELL[0] if len(labels) < 7 else 40, CELL[1]
    size = (max(WIDTH, GUTTER + wide * len(labels) + 10), 58 + high * len(labels))
    body = _TEXT.format("axis", 0, 14, "start", "true ↓   said →")
    for place, label in enumerate(labels):
        body += _TEXT.format("tick", GUTTER + wide * (place + 0.5), 40, "middle", short(label, wide // 7))
        body += _TEXT.format("tick", GUTTER - 8, 52 + high * (place + 0.62), "end", short(label, 15))
    for row, found in enumerate(counts):
        total = sum(found) or 1
        for column, count in enumerate(found):
            x, y, part = GUTTER + wide * column, 52 + high * row, count / total
            tip = f"{count:,} rows, {share(part)} of “{labels[row]}”, said “{labels[column]}”"
            body += _CELL.format(x + 1, y + 1, wide - 2, high - 2, 0.04 + 0.86 * part, tip)
            style = "count deep" if part > DEEP else "count"
            body += _TEXT.format(style, x + wide / 2, y + high * 0.62, "middle", f"{count:,}")
    hits = sum(found[place] for place, found in enumerate(counts))
    said = f"{hits:,} of {sum(map(sum, counts)):,} rows were given their true label."
    return canvas("confusion", "Confusion", said, size, body, "plot")


def importance_figure(importance: Mapping[str, float], unit: str) -> Markup:
    """Draws what permuting a feature costs, the largest first.

    Args:
        importance: Feature to the loss that permuting it costs.
        unit: What the figures are: `drop of ROC AUC`.
    """
    shown = list(importance.items())[:SHOWN]
    low, high = min(0.0, *(value for _, value in shown)), max(0.0, *(value for _, value in shown))
    reach, left, wide = (high - low) or 1.0, 170, WIDTH - 170 - 60
    body = _TEXT.format("axis", 0, 14, "start", unit)
    for place, (name, value) in enumerate(shown):
        y, zero = 28 + ROW * place, left - low / reach * wide
        start, width = min(zero, zero + value / reach * wide), max(abs(value) / reach * wide, 1.0)
        body += _TEXT.format("tick", left - 8, y + 11, "end", short(name, 24))
        body += _BAR.format("model" if value > 0 else "muted", start, y, width, f"{name}: {number(value, 3)}")
        body += _TEXT.format("tick", max(start + width, zero) + 6, y + 11, "start", number(value, 3))
    more = f"; {len(importance) - len(shown)} more features are not drawn" if len(importance) > len(shown) else ""
    said = f"{unit} when a feature’s values are shuffled among the judged rows{more}."
    return canvas("importance", "What the model looks at", said, (WIDTH, 34 + ROW * len(shown)), body, "plot")
