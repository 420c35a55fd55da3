"""Words and sentences of other rooms in the language of the report: kinds, roles, rules, outcomes, and why something is so."""

from __future__ import annotations

import re

from lepton_automl.report.language import language, later, say

KINDS = (
    later("number"),
    later("category"),
    later("text"),
    later("datetime"),
    later("boolean"),
    later("image"),
    later("sequence"),
)
"""What a column holds."""

ROLES = (
    later("feature"),
    later("target"),
    later("id"),
    later("group"),
    later("time"),
    later("series"),
    later("static"),
    later("known future"),
    later("past only"),
    later("user"),
    later("item"),
    later("weight"),
    later("exposure"),
    later("amount"),
    later("protected"),
    later("evaluation only"),
    later("ignore"),
)
"""What a column is for."""

RULES = (
    later("target"),
    later("contract"),
    later("roles"),
    later("constants"),
    later("duplicate columns"),
    later("missing"),
    later("identifiers"),
    later("post outcome"),
    later("row order"),
    later("missingness"),
    later("lookups"),
    later("leakage"),
    later("target copies"),
    later("overlap"),
    later("perfect score"),
    later("duplicates"),
    later("pii"),
    later("disguised missing"),
    later("retention"),
    later("consent"),
    later("licence"),
    later("purpose"),
    later("outliers"),
    later("rare levels"),
    later("mixed types"),
    later("units"),
    later("near constants"),
    later("class balance"),
    later("label noise"),
    later("sample size"),
    later("representativeness"),
    later("shift"),
    later("capped target"),
    later("negatives"),
    later("forgotten"),
    later("proxies"),
    later("reweighing"),
    later("constraint"),
    later("thresholds"),
    later("cache"),
    later("calibration"),
    later("columns"),
    later("dates"),
    later("device"),
    later("encoding"),
    later("fallback"),
    later("families"),
    later("file"),
    later("folds"),
    later("forget"),
    later("gates"),
    later("ignore"),
    later("importance"),
    later("kinds"),
    later("max fits"),
    later("names"),
    later("people"),
    later("probes"),
    later("profile"),
    later("prune trees"),
    later("query"),
    later("ragged rows"),
    later("read"),
    later("refit"),
    later("resamples"),
    later("resume"),
    later("save cleaned"),
    later("search"),
    later("sources"),
    later("starts"),
    later("storage"),
    later("time check"),
    later("trials"),
    later("warm start"),
)
"""Rules of governance, and other steps that write to the ledger."""

OUTCOMES = (
    later("characters replaced"),
    later("column dropped"),
    later("column named"),
    later("column renamed"),
    later("columns made"),
    later("failed"),
    later("family failed"),
    later("gate failed"),
    later("gate passed"),
    later("member dropped"),
    later("names stripped"),
    later("not checked"),
    later("not tried"),
    later("noted"),
    later("passed"),
    later("refit left out"),
    later("rows dropped"),
    later("rows excluded"),
    later("rows forgotten"),
    later("rows read"),
    later("switched off"),
    later("trial done"),
    later("trial pruned"),
    later("trial skipped"),
    later("trial failed"),
    later("trials left out"),
    later("written"),
    later("values set missing"),
    later("values changed"),
    later("acted"),
    later("waived"),
    later("not applicable"),
    later("did not look"),
    later("stop"),
    later("disagrees"),
    later("agrees"),
    later("not whole"),
    later("done"),
    later("weights set"),
    later("lines set"),
    later("pruned"),
    later("skipped"),
    later("running"),
)
"""What became of something: effects of the ledger, and states of trials."""

SPLITS = (
    later("random"),
    later("stratified"),
    later("grouped"),
    later("time"),
    later("rolling"),
    later("given"),
    later("table"),
)
"""How rows are set aside."""

PREPARED = (
    later("number of the level"),
    later("a column for each level"),
    later("parts of dates"),
    later("topics of texts"),
    later("terms of texts"),
    later("past of the target"),
    later("mean target of levels"),
    later("made of two columns"),
    later("target read in texts"),
)
"""Kinds of prepared columns."""

FATES = (
    later("read"),
    later("dropped"),
    later("kept, no feature"),
    later("not read"),
    later("kept out"),
)
"""What became of a column."""

BOUNDS = (later("at least"), later("at most"))
"""Which side of a value."""

SENTENCES = (
    later("no time for more"),
    later("{n} of {of} rows were explained: {why}"),
    later("{column} cut as the recipe says"),
    later("{column} cut at the quarters of the training rows"),
    later("{train} training rows, {folds} folds, {test} test rows"),
    later("each row was compared with {n} of {of} background rows: no time for more"),
    later("left out: there is no feature to explain"),
    later("{n} curves were left out: no time"),
    later("some pairs of features were left out: no time"),
    later("words of {n} of {of} rows were looked at: no time for more"),
    later("no row has the adverse outcome: reasons were not checked"),
    later("reasons of {n} of {of} adverse rows were checked: {why}"),
    later("left out: it needs test rows and the artefact"),
    later("rows follow each other in time: coverage is measured, not promised"),
    later("coverage was counted on half of the out-of-fold rows; the other half set the widths"),
    later("left out: there are no test rows to judge fits by"),
    later("left out: {lost} of {of} fits did not end in time"),
    later("{lost} of {of} fits did not end in time"),
    later("no time for {what}"),
    later("it rests on {events} events; {least} are the least"),
    later("its interval is wider than its distance from the baseline"),
    later("the ensemble of {n}"),
    later("the same with one line for all"),
    later("{model} (trial {trial})"),
    later("squared error of the probability"),
    later("mean pinball loss"),
    later("absolute error"),
    later("cut as the recipe says"),
    later("cut at the quarters of the training rows"),
    later("intervals rest on {made} of {of} resamples: no time for more"),
    later("{n} pairs of columns were not looked at: no time"),
    later("not applicable: the task makes {what}"),
    later("too few trials"),
    later("no time"),
    later("all trials have the same score"),
    later("it does not make quantiles"),
    later("it does not make {what}"),
    later("it does not run on a GPU"),
    later("it reads none of the columns ({kinds})"),
    later("the package {package} is not installed"),
    later("the recipe says so"),
    later("no payoffs are given"),
    later("the worth out of fold is highest there"),
    later("the worth out of fold is highest there, with at most {share} % of the rows"),
    later("a unit too little costs {under}, one too much {over}: the quantile {level} is ordered"),
    later("{n} rows without an amount are not valued"),
    later("no row has an amount"),
    later("left out: no time"),
    later("failed: {error}"),
    later("names rows"),
    later("most values are held by fewer than ten rows"),
    later("too few rows"),
    later("lengths of the texts"),
    later("what is missing together"),
    later("how columns go together"),
    later("groups of {column}"),
    later("{rest} of {of} columns"),
    later("Money is not compared: the currencies differ ({one}, {other})."),
    later("Money is not compared: the payoffs differ ({told})."),
    later("Too few rows to be compared: {names}."),
    later("No test rows were set aside: these rows also took part in choosing the models of both runs."),
    later("The baseline was optimised for {one}, the candidate for {other}; the verdict goes by the baseline's metric."),
    later("Made by different versions: {one} and {other}."),
    later("Of the judged rows {share} were kept; the figures rest on these."),
    later("The tables were read differently; on these rows {same} of {of} columns that both have hold the same values."),
    later("Seeds 1 to {count} set the rows aside and drive the search; test rows for each training row: {ratio}."),
    later(
        "Origin 0 is the present, each other one test window before; the models of an origin know only what was before its "
        "window. By {metric} {candidate} is ahead in {ahead} of {count} windows: {changes} (the present first)."
    ),
    later(
        "All windows are one series of moments, and the test allows for what neighbours in it have in common. Later models "
        "have learned of the rows of earlier ones: what that adds is not told, as the correction for overlapping splits is for "
        "splits drawn at random."
    ),
    later("{n} origins in time"),
    later("The best of {n} was chosen by these figures, so its own is likely a little too good."),
    later("{n} runs were judged on other rows than the best one; they are not compared with it."),
    later("The {n} best are compared with the best one."),
    later("The recipes do not differ: no key was swept."),
    later("Keys that only changed together can not be told apart; their effects are left open."),
    later("stopped midway"),
    later("not finished"),
    later("DeLong"),
    later("Diebold–Mariano"),
    later("corrected resampled t"),
    later("paired bootstrap"),
    later("paired bootstrap of entities"),
    later("paired bootstrap of blocks of {n} moments"),
)
"""Sentences of other rooms, with places for what changes in them."""
RULE_TITLES = (
    later("Every row has a target"),
    later("The table is what the contract promises"),
    later("Columns with a role of their own are kept out of every model"),
    later("A feature of one value is dropped"),
    later("Of features with the same values, one is kept"),
    later("A feature that is nearly empty is dropped"),
    later("A feature that only names rows is dropped"),
    later("Nothing is used that is known only after the outcome"),
    later("Neither the order of rows nor an identifier follows the target"),
    later("Whether a value is there does not give the target away"),
    later("No feature is the mean target of a category"),
    later("No feature alone gives the target away"),
    later("No feature is a near-copy of the target"),
    later("Test rows share no row, person or group with training rows"),
    later("No small model is nearly without error"),
    later("Rows that repeat an earlier one are counted"),
    later("Personal data is found and kept out"),
    later("A value that stands for a missing one is told, or set missing"),
    later("Rows outside of the retention period are dropped and counted"),
    later("Rows of people who are to be forgotten are dropped and counted"),
    later("Rows without consent are dropped and counted"),
    later("The licence of the data allows the use"),
    later("The engagement says what the model is for, and who answers for it"),
    later("Numbers far outside of the others are counted, put on the limit, or set missing"),
    later("Levels that few rows have are counted"),
    later("A column that mixes numbers and words, or holds numbers with units, is told"),
    later("A column that seems to hold two units is told"),
    later("A feature in which nearly all rows say the same is told, or dropped"),
    later("Every class has enough rows, and the smallest is told"),
    later("The share of wrong labels is estimated"),
    later("There are enough rows to learn from and to judge by"),
    later("Groups are there as often as in the population"),
    later("Test rows are like training rows"),
    later("A target that piles up at its largest or smallest value is told"),
    later("A few negative numbers among positive ones are told"),
    later("Features do not stand for protected columns"),
)
"""What each rule of governance asks."""
_KNOWN = frozenset((*KINDS, *ROLES, *RULES, *OUTCOMES, *SPLITS, *PREPARED, *FATES, *BOUNDS))


def called(word: str) -> str:
    """Gives a word of data, rules or ledger in the language of the report; one that no table has stays as it is.

    >>> called("known_future"), called("column dropped")
    ('known future', 'column dropped')
    """
    plain = word.replace("_", " ")
    return say(plain) if plain in _KNOWN else plain


def heard(text: str) -> str:
    """Gives a sentence of another room in the language of the report; one that is not known stays as it is.

    >>> heard("the recipe says so")
    'the recipe says so'
    """
    if language() == "en":
        return text
    if text in RULE_TITLES:
        return say(text)
    for known in SENTENCES:
        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(known)), text, re.DOTALL)
        if found:
            return say(known, **{name: heard(value) for name, value in found.groupdict().items()})
    return text
