"""What the swept keys do, in words: the order in which they are told, and how levels and effects are written."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from lepton_automl.evidence.comparing import Effect, Sweep
from lepton_automl.measure import Measure
from lepton_automl.report.language import later, say
from lepton_automl.report.wording import DASH, MINUS, interval, listed, rounded

_NUMBER = r"[-+.\de]+"
REST = (later("(others)"), later("(missing)"))
"""What stands for levels that are not told one by one, and for missing values, among slices."""
MOST_TOLD = 3
"""Keys whose effect is told on the first screen."""


def level_said(level: str) -> str:
    """Writes a level; bands of numbers, and what stands for no level, are said in the language of the page.

    >>> level_said("up to 0.3"), level_said("gbdt")
    ('up to 0.3', 'gbdt')
    """
    if found := re.fullmatch(f"up to ({_NUMBER})", level):
        return say("up to {high}", high=found[1])
    if found := re.fullmatch(f"over ({_NUMBER})", level):
        return say("over {low}", low=found[1])
    if found := re.fullmatch(f"({_NUMBER}) to ({_NUMBER})", level):
        return interval(found[1], found[2])
    return say(level) if level in REST else level


def short_names(keys: Sequence[str]) -> list[str]:
    """Gives each key the shortest end that tells it from the others.

    >>> short_names(["search.models.lightgbm.num_leaves", "seed"]), short_names(["a.rate", "b.rate"])
    (['num_leaves', 'seed'], ['a.rate', 'b.rate'])
    """
    parts = [key.split(".") for key in keys]
    for length in range(1, max(map(len, parts), default=1) + 1):
        found = [".".join(part[-length:]) for part in parts]
        if len(set(found)) == len(found):
            return found
    return list(keys)


def signed_effect(value: float, effect: Effect) -> str:
    """Writes an effect, or an end of its interval, with its sign."""
    if not math.isfinite(value):
        return DASH
    text = rounded(value, Measure(effect.effect, effect.low, effect.high, effect.runs))
    return text if text.startswith(MINUS) or value == 0 else f"+{text}"


def ends_of(effect: Effect) -> str:
    """Writes the interval of an effect; a dash where there is none."""
    if not math.isfinite(effect.low + effect.high):
        return DASH
    return interval(signed_effect(effect.low, effect), signed_effect(effect.high, effect))


def tone_of(effect: Effect, is_score: bool) -> str:
    """Gives the tone of an effect: `good` or `bad` where its interval leaves out zero."""
    if not math.isfinite(effect.low + effect.high) or effect.low <= 0 <= effect.high:
        return "calm"
    return "good" if (effect.low > 0) == is_score else "bad"


def why(sweep: Sweep) -> str:
    """Says which keys have an effect that can be told from none, and which of their levels does best."""
    if not sweep.effects:
        return ""
    names = dict(zip(sweep.keys, short_names(sweep.keys), strict=True))
    sign = 1.0 if sweep.is_score else -1.0
    told = []
    for key in ordered_keys(sweep):
        mine = [effect for effect in sweep.effects if effect.key == key and math.isfinite(effect.effect)]
        if any(tone_of(effect, sweep.is_score) != "calm" for effect in mine):
            best = max(mine, key=lambda effect: sign * effect.effect)
            text = say("{key} = {level} ({effect})", key=names[key], level=level_said(best.level), effect=_full(best))
            told.append(text)
    if not told:
        return say("No swept key has an effect that these runs tell from none.")
    return say("What helps: {levels}.", levels=listed(told[:MOST_TOLD]))


def _full(effect: Effect) -> str:
    return say("{value}, interval {range}", value=signed_effect(effect.effect, effect), range=ends_of(effect))


def ordered_keys(sweep: Sweep) -> list[str]:
    """Gives the swept keys, those whose levels lie furthest apart first."""

    def spread(key: str) -> float:
        found = [e.effect for e in sweep.effects if e.key == key and math.isfinite(e.effect)]
        return max(found) - min(found) if found else 0.0

    return sorted(sweep.keys, key=lambda key: (-spread(key), key))


def sorted_levels(levels: Sequence[str]) -> list[str]:
    """Gives the different levels in order: numbers by their size, others by their letters.

    >>> sorted_levels(["31", "4", "31"])
    ['4', '31']
    """
    found = list(dict.fromkeys(levels))
    try:
        return sorted(found, key=float)
    except ValueError:
        return sorted(found)


def band_order(level: str) -> tuple[bool, bool]:
    """Gives the place of a band among those of its key: `up to` first, `over` last; others keep theirs.

    >>> sorted(["4 to 9", "over 9", "up to 4"], key=band_order)
    ['up to 4', '4 to 9', 'over 9']
    """
    return not level.startswith("up to "), level.startswith("over ")


def by_level(effects: Sequence[Effect]) -> list[Effect]:
    """Gives the effects of one key in the order of its levels; bands stay in theirs."""
    order = sorted_levels([effect.level for effect in effects])
    if any(" to " in level for level in order):
        return sorted(effects, key=lambda effect: band_order(effect.level))
    return sorted(effects, key=lambda effect: order.index(effect.level))
