"""Makes the table from raw rows: quality, wins, budget, memory, speed and size of the engine and its peers.

python benchmarks/compare.py benchmarks/results/suite.jsonl --peers /path/to/results.jsonl --into docs/benchmarks.md

Rows are those of `benchmarks/suite.py`; `--peers` adds rows of another harness (`dataset`, `peer`, `budget`, …). With `--into`
the table goes between the marks `<!-- table NAME -->` and `<!-- end NAME -->` of a page.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from judging import CORRELATION, Errors, at_equal_budget, at_equal_wall, by_set, interval, normalised, points
from rows import Row, read_peers, read_rows
from sets import baseline_of, default_data, error_of, open_set

WORST = 0.03
"""Our figure may be worse than the best peer's by this share."""
NOTE = (
    "A win is a figure better by at least one standard error of the test rows, less is half a win, a failure is last. {paired} "
    "pairs had the predictions of both sides and so a paired standard error; for {rough} it is approximate: one figure's "
    "standard error (from stored predictions of the set, else from the number of test rows), and a correlation of "
    "{correlation} between the two. The normalised error is 0 for the best run seen on the set at any budget and 1 for the "
    "constant. Late, and `!`: the whole process took more than its budget × 1.02 + 3 s. Intervals resample the sets. Equal "
    "wall: our run of the longest budget whose wall clock is not above the peer's; without one, the peer's longest run within "
    "our wall clock."
)
Pairing = Callable[[Sequence[Row], Sequence[Row], float], list[tuple[Row, Row]]]


@dataclass(frozen=True)
class Compared:
    """Everything the table is made from.

    Args:
        rows: All rows.
        ours: Name of our system.
        seconds: The stated budget.
        baselines: Set to the error of its constant.
        errors: Standard errors of pairs.
    """

    rows: list[Row]
    ours: str
    seconds: float
    baselines: dict[str, float]
    errors: Errors

    @property
    def here(self) -> list[Row]:
        """Rows of the stated budget, on sets where we have one."""
        mine = {row.name for row in self.rows if row.system == self.ours and row.seconds == self.seconds}
        return [row for row in self.rows if row.seconds == self.seconds and row.name in mine]

    @property
    def systems(self) -> list[str]:
        """Our system, then the others by name."""
        others = sorted({row.system for row in self.here} - {self.ours})
        return [self.ours, *others]


def wins(facts: Compared, system: str, pairing: Pairing) -> list[float]:
    """Gives our share of wins against a system on each set where both were measured."""
    shares = []
    for rows in by_set([row for row in facts.rows if row.system in (facts.ours, system)]).values():
        ours = [row for row in rows if row.system == facts.ours]
        pairs = pairing(ours, [row for row in rows if row.system == system], facts.seconds)
        won = [points(a, b, facts.errors.of_pair(a, b, facts.rows)) for a, b in pairs]
        if won:
            shares.append(float(np.mean(won)))
    return shares


def normalised_errors(facts: Compared, system: str) -> list[float]:
    """Gives the normalised error of a system on each set, the mean over seeds."""
    found = []
    for name, rows in by_set(facts.here).items():
        best = min((row.loss for row in facts.rows if row.name == name), default=math.inf)
        values = [normalised(row, best, facts.baselines[name]) for row in rows if row.system == system]
        if values and math.isfinite(best):
            found.append(float(np.mean(values)))
    return found


def quality_table(facts: Compared) -> list[str]:
    """Gives the lines of the table of wins and errors."""
    lines = [
        "| system | sets | our wins, equal budget (95 %) | our wins, equal wall (95 %) | its mean normalised error (95 %) "
        "| ours on the same sets |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    mine = dict(
        zip(by_set([r for r in facts.here if r.system == facts.ours]), normalised_errors(facts, facts.ours), strict=True)
    )
    for system in facts.systems:
        found = normalised_errors(facts, system)
        names = list(by_set([row for row in facts.here if row.system == system]))
        own = float(np.mean([mine[name] for name in names]))
        cells = ["–", "–"]
        if system != facts.ours:
            cells = [_share(wins(facts, system, pairing)) for pairing in (at_equal_budget, at_equal_wall)]
        low, high = interval(found)
        error = f"{np.mean(found):.3f} ({low:.3f} to {high:.3f})"
        lines.append(f"| {system} | {len(found)} | {cells[0]} | {cells[1]} | {error} | {own:.3f} |")
    return lines


def _share(shares: list[float]) -> str:
    if not shares:
        return "no pair"
    low, high = interval(shares)
    return f"{100 * np.mean(shares):.0f} % of {len(shares)} ({100 * low:.0f} to {100 * high:.0f})"


def cost_table(facts: Compared) -> list[str]:
    """Gives the lines of the table of budget, memory, speed and size: medians over runs."""
    lines = [
        "| system | runs | failed | late | wall s, median (most) | peak PSS MB, median (most) | rows/s | one row ms "
        "| artefact MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for system in facts.systems:
        rows = [row for row in facts.here if row.system == system]
        good = [row for row in rows if not row.has_failed]
        late = sum(row.is_late for row in rows)
        wall, peak = [row.wall for row in rows], [row.peak_mb for row in rows if row.peak_mb is not None]
        cells = [_middle([row.rows_per_second for row in good], ",.0f"), _middle([row.single_row_ms for row in good], ".3g")]
        cells.append(_middle([row.artifact_mb for row in good], ".3g"))
        memory = f"{np.median(peak):,.0f} ({max(peak):,.0f})" if peak else "–"
        walls = f"{np.median(wall):.1f} ({max(wall):.1f})"
        head = f"| {system} | {len(rows)} | {len(rows) - len(good)} | {late} | {walls} | {memory} |"
        lines.append(f"{head} {' | '.join(cells)} |")
    return lines


def _middle(values: Sequence[float | None], form: str) -> str:
    known = [value for value in values if value is not None]
    return format(float(np.median(known)), form) if known else "–"


def score_table(facts: Compared) -> list[str]:
    """Gives the lines of the table of figures: a set a line, the best in bold, the mean over seeds; ! marks a late run."""
    lines = [
        f"| set | metric | constant | {' | '.join(facts.systems)} |",
        "| --- | --- | ---: |" + " ---: |" * len(facts.systems),
    ]
    for name, rows in by_set(facts.here).items():
        metric = rows[0].metric
        means = {system: _mean_loss([row for row in rows if row.system == system]) for system in facts.systems}
        best = min(means.values())
        cells = []
        for system, loss in means.items():
            mine = [row for row in rows if row.system == system]
            mark = "!" if any(row.is_late for row in mine) else ""
            text = "–" if not mine else "failed" if not math.isfinite(loss) else _figure(metric, loss)
            cells.append((f"**{text}**" if loss == best and math.isfinite(loss) else text) + mark)
        lines.append(f"| {name} | {metric} | {_figure(metric, facts.baselines[name])} | {' | '.join(cells)} |")
    return lines


def _mean_loss(rows: Sequence[Row]) -> float:
    return float(np.mean([row.loss for row in rows])) if rows else math.inf


def _figure(metric: str, loss: float) -> str:
    score = error_of(metric, loss)  # its own inverse
    return f"{score:,.0f}" if abs(score) >= 1000 else f"{score:.4g}"


def far_behind(facts: Compared) -> list[str]:
    """Gives the sets on which our figure is worse than the best peer's by more than 3 %."""
    found = []
    for name, rows in by_set(facts.here).items():
        ours = _mean_loss([row for row in rows if row.system == facts.ours])
        theirs = {s: _mean_loss([row for row in rows if row.system == s]) for s in facts.systems if s != facts.ours}
        if not theirs or not math.isfinite(min(theirs.values())):
            continue
        peer = min(theirs, key=lambda system: theirs[system])
        metric = rows[0].metric
        mine, best = error_of(metric, ours), error_of(metric, theirs[peer])
        if not math.isfinite(ours) or (abs(mine - best) / abs(best) > WORST and ours > theirs[peer]):
            found.append(f"{name} ({_figure(metric, ours)} against {_figure(metric, theirs[peer])} of {peer})")
    return found


def document(facts: Compared) -> str:
    """Gives the whole table as Markdown."""
    machines = sorted({f"{row.system}: {row.machine}" for row in facts.here if row.machine})
    dates = sorted({row.date for row in facts.here if row.date})
    dates_said = f"{dates[0]} to {dates[-1]}" if len(dates) > 1 else "".join(dates) or "not said"
    quality = quality_table(facts)
    behind = far_behind(facts)
    parts = [
        f"Budget {facts.seconds:g} s, {len(by_set(facts.here))} sets, {len(facts.here)} runs, {dates_said}.",
        *(f"Machine of {machine}." for machine in machines),
        "",
        *quality,
        "",
        *cost_table(facts),
        "",
        *score_table(facts),
        "",
        f"Sets on which we are more than {100 * WORST:.0f} % worse than the best peer: {'; '.join(behind) or 'none'}.",
        "",
        NOTE.format(paired=facts.errors.measured, rough=facts.errors.approximate, correlation=CORRELATION),
    ]
    return "\n".join(parts) + "\n"


def insert(page: Path, name: str, text: str) -> None:
    """Puts text between the marks of a page.

    Raises:
        SystemExit: If the page does not have them.
    """
    begin, end = f"<!-- table {name} -->", f"<!-- end {name} -->"
    content = page.read_text(encoding="utf-8")
    head, found, rest = content.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} lacks the lines {begin} and {end}: write them where the table shall stand.")
    page.write_text(f"{head}{begin}\n{text}{end}{tail}", encoding="utf-8")


def gather(options: argparse.Namespace) -> Compared:
    """Reads the rows and what they are measured against."""
    rows = [row for path in options.rows for row in read_rows(path)]
    rows += [row for path in options.peers for row in read_peers(path)]
    data = options.data if options.data.is_dir() else None
    baselines = {row.name: error_of(row.metric, row.baseline) for row in rows if row.baseline is not None}
    for name in {row.name for row in rows} - set(baselines):
        if data is not None and (data / name / "meta.json").is_file():
            table = open_set(data, name)
            baselines[name] = error_of(table.metric, baseline_of(table))
    mine = {row.name for row in rows if row.system == options.ours and row.seconds == options.seconds}
    if not mine:
        raise SystemExit(f"no rows of {options.ours} at {options.seconds:g} s: run benchmarks/suite.py first.")
    if mine - set(baselines):
        raise SystemExit(
            f"the constants of {', '.join(sorted(mine - set(baselines)))} are not known: name the sets' folder by --data."
        )
    return Compared(rows, options.ours, options.seconds, baselines, Errors(options.predictions, data))


def main() -> None:
    """Makes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="+", help="JSON lines of benchmarks/suite.py")
    parser.add_argument("--peers", type=Path, action="append", default=[], help="JSON lines of another harness")
    parser.add_argument("--seconds", type=float, default=60, help="the stated budget that is compared")
    parser.add_argument("--ours", default="lepton", help="the system that is compared with the others")
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the sets; LEPTON_DATA, or ../shared/data")
    parser.add_argument("--predictions", type=Path, default=Path("outputs/benchmarks/predictions"))
    parser.add_argument("--out", type=Path, help="write the table to this file as well")
    parser.add_argument("--into", type=Path, help="put the table between its marks in this page")
    parser.add_argument("--name", help="name in the marks; by default the budget: 60s")
    options = parser.parse_args()
    text = document(gather(options))
    print(text, end="")
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")
    if options.into is not None:
        insert(options.into, options.name or f"{options.seconds:g}s", text)


if __name__ == "__main__":
    main()
