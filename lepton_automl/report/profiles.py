"""The small pictures of the data profile: distributions by split and by target, and the map of associations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report.language import say
from lepton_automl.report.svg import canvas
from lepton_automl.report.wording import number, short

WIDE, HIGH = 160, 40
CELL, LABELS, HEAD = 17, 190, 22
FAINT = 0.05
"""An association below this is left white."""
TOLD = 0.3
"""An association from this on says its figure when pointed at."""
_MINI = Markup('<svg class="mini" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}{}</svg>')
_FLOOR = Markup('<line class="floor" x1="0" x2="{}" y1="{}" y2="{}"/>').format(WIDE, HIGH, HIGH)
_CELL = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{:.2f}"{}')


def split_picture(train: Sequence[float], test: Sequence[float]) -> Markup:
    """Draws the shares of training rows as bars and those of test rows as a line of steps over them."""
    mine, theirs = _shares(train), _shares(test)
    top = max([*mine, *theirs, 1e-12])
    body = _path("train", _bars(mine, top))
    return _MINI.format(WIDE, HIGH, body + (_path("test", _steps(theirs, top)) if any(theirs) else Markup("")), _FLOOR)


def target_picture(groups: Sequence[Sequence[float]]) -> Markup:
    """Draws the shares of each group of the target as a line of steps."""
    parts = [_shares(group) for group in groups]
    top = max([share for part in parts for share in part] + [1e-12])
    body = Markup("").join(_path(f"g g{place}", _steps(part, top)) for place, part in enumerate(parts) if any(part))
    return _MINI.format(WIDE, HIGH, body, _FLOOR)


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def _bars(shares: Sequence[float], top: float) -> str:
    width = WIDE / max(1, len(shares))
    gap = min(1.0, width / 4)
    return "".join(
        f"M{place * width + gap / 2:.1f} {HIGH}V{HIGH - HIGH * share / top:.1f}h{width - gap:.1f}V{HIGH}Z"
        for place, share in enumerate(shares)
        if share > 0
    )


def _steps(shares: Sequence[float], top: float) -> str:
    width = WIDE / max(1, len(shares))
    steps = "".join(f"V{HIGH - HIGH * share / top:.1f}H{(place + 1) * width:.1f}" for place, share in enumerate(shares))
    return f"M0 {HIGH}{steps}V{HIGH}"


def _path(style: str, path: str) -> Markup:
    return Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>').format(style, path)


def association_map(found: Mapping[str, Any]) -> Markup:
    """Draws a square of cells, one for each pair of columns: the stronger they go together, the darker; empty below two."""
    names = found.get("columns") or []
    if len(names) < 2:
        return Markup("")
    size = (LABELS + CELL * len(names) + 4, HEAD + CELL * len(names) + 4)
    body = Markup('<rect class="outline" x="{}" y="{}" width="{}" height="{}"/>').format(
        LABELS, HEAD, CELL * len(names), CELL * len(names)
    )
    for place, name in enumerate(names):
        middle = HEAD + CELL * place + 12
        label = Markup('<text x="{}" y="{}" text-anchor="end">{} <tspan class="tick">{}</tspan></text>')
        body += label.format(LABELS - 6, middle, short(name, 26), place + 1)
        head = Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
        body += head.format(LABELS + CELL * (place + 0.5), HEAD - 6, place + 1)
    cells = []
    for row, values in enumerate(found["values"]):
        for column, value in enumerate(values):
            if row == column or abs(value) < FAINT:
                continue
            style = "plus" if value > 0 else "minus"
            tip = f"{names[row]}, {names[column]}: {number(value, 2)}" if abs(value) >= TOLD and row < column else ""
            end = Markup("><title>{}</title></rect>").format(tip) if tip else Markup("/>")
            at = (LABELS + CELL * column, HEAD + CELL * row)
            cells.append(_CELL.format(style, *at, CELL - 1, CELL - 1, abs(value) ** 1.2, end))
    said = say("{n} columns; the stronger two go together, the darker their cell.", n=len(names))
    return canvas("associations", say("How columns go together"), said, size, body + Markup("").join(cells), "heat")
