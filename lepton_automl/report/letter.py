"""A letter for each explained row: its answer, the reasons, what would change it, the data used, and who looks at it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lepton_automl.evidence.explaining import Change, Grounds, Option, Reason, Told
from lepton_automl.report.language import say
from lepton_automl.report.wording import DASH, breakable, number, share

TEMPLATES = Path(__file__).parent / "templates"
NO_OPTION = "No change of up to 3 columns within the values that were seen in training changes the answer."
MOST_WORDS = 6
"""Words that are named, the strongest first."""
NO_REASON = "Nothing that may be named moves this answer away from what is usual."
HOW = (
    "Reasons are the features that moved this answer most, compared with what is usual (Shapley values against rows of the "
    "training data). Possible changes were found by trying values that were seen in training, and each was checked with the "
    "model; they say what the model answers, and are no promise. Words are put into the text in several orders; what each adds "
    "is its effect, from the text being absent."
)


def write_letters(told: Sequence[Told], grounds: Grounds, form: str) -> str:
    """Gives what is told of rows as one text.

    Args:
        told: What is told, for each row.
        grounds: What it rests on.
        form: `text`, `json`, `markdown` or `html`.
    """
    if form == "json":
        items = [{**one.to_dict(), "review": review_of(grounds)} for one in told]
        return json.dumps(items[0] if len(items) == 1 else items, ensure_ascii=False, indent=1)
    letters = [letter_of(one, grounds) for one in told]
    if form == "text":
        return "\n\n".join(_text(letter) for letter in letters)
    if form == "markdown":
        return "\n---\n\n".join(_markdown(letter) for letter in letters)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["breakable"] = breakable
    return environment.get_template("letter.html").render(letters=letters, how=HOW)


def letter_of(told: Told, grounds: Grounds) -> dict[str, Any]:
    """Gives the parts of a letter, in words."""
    return {
        "row": told.row,
        "title": grounds.explaining.title or "Explanation of an answer",
        "answer": answer_words(told),
        "reasons_title": reasons_title(told, grounds),
        "reasons": [_with_words(reason_words(reason), told) for reason in told.reasons],
        "no_reason": NO_REASON,
        "options": [option_words(option, grounds) for option in told.options],
        "no_option": NO_OPTION if grounds.outcome.labels else "",
        "data": [
            {"column": e["column"], "value": value_words(e["value"]), "moves": effect_words(e["effect"], bool(told.explained))}
            for e in told.effects
        ],
        "moves": f"moves the {f'probability of “{told.explained}”' if told.explained else 'prediction'} by",
        "texts": [text_words(one, told) for one in told.words],
        "status": "" if told.status == "ok" else told.status,
        "review": review_of(grounds),
    }


def answer_words(told: Told) -> str:
    """Says the answer, the number behind it, what is usual, and the line.

    >>> answer_words(Told(1, "refuse", True, "refuse", 0.4, 0.3, 0.22, (), (), ()))
    'The answer is “refuse”. The probability of “refuse” is 40 %; usual is 30 %, and from 22 % on the answer is “refuse”.'
    """
    if not told.explained:
        return f"The prediction is {number(told.value)}; usual is {number(told.usual)}."
    value, usual, label = share(told.value), share(told.usual), told.explained
    said = f"The answer is “{told.answer}”. The probability of “{label}” is {value}; usual is {usual}"
    return said + (f", and from {share(told.threshold)} on the answer is “{label}”." if told.threshold else ".")


def reasons_title(told: Told, grounds: Grounds) -> str:
    """Says what the reasons are reasons for."""
    outcome = grounds.outcome
    if not outcome.labels:
        return f"What makes it {'higher' if outcome.sense > 0 else 'lower'} than usual"
    if outcome.adverse is None or told.is_adverse:
        return f"Why the answer is “{told.answer}”"
    return f"What speaks for “{outcome.labels[outcome.adverse]}” all the same"


def reason_words(reason: Reason) -> dict[str, str]:
    """Gives a reason in words, with its value, what is usual, and its weight."""
    usual = value_words(reason.usual) if reason.usual is not None and reason.stands != "usual" else ""
    own = "not known" if reason.stands == "missing" else value_words(reason.value)
    return {"words": reason.words, "column": reason.column, "value": own, "usual": usual, "weight": share(reason.share)}


def _with_words(reason: dict[str, str], told: Told) -> dict[str, str]:
    """Points from a text, whose value is not said, to its words."""
    return {**reason, "value": "its words, below"} if any(one["column"] == reason["column"] for one in told.words) else reason


def option_words(option: Option, grounds: Grounds) -> str:
    """Says a change, and what the answer would be.

    >>> from lepton_automl.evidence.explaining import Outcome
    >>> change = Change("debt", 5120, 3200, "at most")
    >>> class G: outcome = Outcome(1, 1, ("granted", "refused"), 1)
    >>> option_words(Option((change,), 0.2, 0, 0.3), G())
    'With debt of at most 3,200 (instead of 5,120) the answer would be “granted”.'
    """
    said = " and ".join(_change_words(change) for change in option.changes)
    return f"With {said} the answer would be “{grounds.outcome.labels[option.answer]}”."


def _change_words(change: Change) -> str:
    bound = "" if change.bound == "exactly" else f"{change.bound} "
    return f"{change.column} of {bound}{value_words(change.after)} (instead of {value_words(change.before)})"


def value_words(value: Any) -> str:
    """Writes a value for a reader; a dash stands for none.

    >>> value_words(3200), value_words(True), value_words("car"), value_words(None)
    ('3,200', 'yes', '“car”', '–')
    """
    if value is None:
        return DASH
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return number(value) if isinstance(value, int | float) else f"“{value}”"


def effect_words(effect: float, is_share: bool) -> str:
    """Writes an effect with its sign: points of a probability, or units of the target.

    >>> effect_words(0.1234, True), effect_words(-250.0, False)
    ('+12.3 points', '−250')
    """
    text = f"{100 * effect:+.1f} points" if is_share else ("+" if effect > 0 else "") + number(effect, 3)
    return text.replace("-", "−")


def text_words(one: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Gives the words of a text that move the answer most, and its pieces with how strongly each does: -3 to 3."""
    pieces, is_share = one["pieces"], bool(told.explained)
    most = max((abs(piece.effect) for piece in pieces), default=0.0)
    strengths = [0 if not most else round(3 * piece.effect / most) for piece in pieces]
    strongest = sorted(pieces, key=lambda piece: -abs(piece.effect))[:MOST_WORDS]
    what = f"probability of “{told.explained}”" if is_share else "prediction"
    return {
        "title": f"Words of “{one['column']}” that move the {what} most",
        "words": [(piece.text.strip(), effect_words(piece.effect, is_share)) for piece in strongest if piece.effect],
        "pieces": [
            (piece.text, strength, effect_words(piece.effect, is_share))
            for piece, strength in zip(pieces, strengths, strict=True)
        ],
    }


def review_of(grounds: Grounds) -> dict[str, str]:
    """Gives who looks at the answer, and how to object."""
    asked = grounds.explaining
    return {
        "oversight": asked.oversight or "The recipe does not say who looks at this answer (engagement.human_oversight).",
        "redress": asked.redress or "The recipe does not say how to object to it (engagement.redress).",
    }


def _text(letter: dict[str, Any]) -> str:
    lines = [f"row {letter['row']}: {letter['answer']}"]
    if letter["status"]:
        lines.append(f"  not as in training: {letter['status']}")
    lines.append(f"  {letter['reasons_title']}:")
    lines.extend(_numbered(letter, "    "))
    for text in letter["texts"]:
        lines.append(f"  {text['title']}:")
        lines.append("    " + ", ".join(f"“{word}” {effect}" for word, effect in text["words"]))
    if letter["options"] or letter["no_option"]:
        lines.append("  What would change the answer:")
        lines.extend(f"    - {said}" for said in letter["options"] or [letter["no_option"]])
    return "\n".join(lines)


def _numbered(letter: dict[str, Any], indent: str) -> list[str]:
    if not letter["reasons"]:
        return [f"{indent}{letter['no_reason']}"]
    return [f"{indent}{place}. {_reason_line(reason)}" for place, reason in enumerate(letter["reasons"], start=1)]


def _reason_line(reason: dict[str, str]) -> str:
    usual = f", usual {reason['usual']}" if reason["usual"] else ""
    return f"{reason['words']}: {reason['value']}{usual}; weight {reason['weight']}"


def _markdown(letter: dict[str, Any]) -> str:
    lines = [f"# {_plain(letter['title'])}: row {letter['row']}", "", _plain(letter["answer"]), ""]
    if letter["status"]:
        lines += [f"Not as in training: {_plain(letter['status'])}.", ""]
    lines += [f"## {_plain(letter['reasons_title'])}", ""]
    lines += [_plain(line) for line in _numbered(letter, "")] + [""]
    for text in letter["texts"]:
        lines += [f"## {_plain(text['title'])}", ""]
        lines += [f"- “{_plain(word)}” {effect}" for word, effect in text["words"]] + [""]
    if letter["options"] or letter["no_option"]:
        lines += ["## What would change the answer", ""]
        lines += [f"- {_plain(said)}" for said in letter["options"] or [letter["no_option"]]] + [""]
    lines += ["## Data used", "", f"| column | value | {_plain(letter['moves'])} |", "| --- | --- | --- |"]
    lines += [f"| {_plain(row['column'])} | {_plain(row['value'])} | {row['moves']} |" for row in letter["data"]]
    lines += ["", "## Review by a person", "", _plain(letter["review"]["oversight"]), "", _plain(letter["review"]["redress"])]
    return "\n".join([*lines, "", HOW, ""])


def _plain(text: str) -> str:
    r"""Keeps marks of data from being read as Markdown.

    >>> _plain("a|b <i>")
    'a\\|b &lt;i>'
    """
    text = " ".join(str(text).split())
    for mark in "\\`*[]|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;")
