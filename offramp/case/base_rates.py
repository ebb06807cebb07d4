"""What others give the questions: reference classes (baselines.yaml), and what a forecasting
platform said where it asked the same (crowd.csv)."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping as Tree
from offramp.text.tree import Text
from offramp.text.yaml import COMMAS, separated

RATES, CROWD = "baselines.yaml", "crowd.csv"
TOP = "base_rates"
RULES = ("share", "jeffreys")


@dataclass(frozen=True)
class Rate:
    """How often the like of a question happened in a reference class: `hits` of `n`."""

    question: str
    reference: str
    hits: int
    n: int
    rule: str
    dataset: str
    version: str
    differs: str

    @property
    def probability(self) -> float:
        """By its rule: the share, or the mean under Jeffreys' prior, (hits + 1/2)/(n + 1)."""
        if self.rule == "share":
            return self.hits / self.n
        return (self.hits + 0.5) / (self.n + 1)


def read_rates(case: Core) -> Read[tuple[Rate, ...]]:
    """The reference classes of baselines.yaml; none where the case has no such file."""
    if not case.texts.has(RATES):
        return Read(())
    found = Diagnostics()
    root = case.texts.parsed(RATES, found)
    rates = _rates(root, case, case.texts.source(RATES), found) if root is not None else ()
    return Read(rates, tuple(found.ordered()))


KEYS = ("class", "hits", "n", "rule", "dataset", "version", "differs")


def _rates(root: object, case: Core, shown: str, found: Diagnostics) -> tuple[Rate, ...]:
    listing = root.get(TOP) if isinstance(root, Tree) else None
    if not isinstance(root, Tree) or not isinstance(listing, Tree):
        found.error(Span(shown, 1, 1), "shape", f"there are no entries under `{TOP}:`")
        return ()
    for key, _ in root:
        if key.value != TOP:
            found.error(
                key.span,
                "unknown-key",
                f"{RATES} has no key '{key.value}'",
                suggestion(key.value, (TOP,), "keys"),
            )
    asked = {q.id: q for q in case.questions}
    rates = []
    for key, node in listing:
        if key.value not in asked or not asked[key.value].binary:
            found.error(
                key.span,
                "unknown-question",
                f"there is no yes-or-no question '{key.value}'",
                suggestion(key.value, [q for q in asked if asked[q].binary]),
            )
        entry = {k.value: v for k, v in node} if isinstance(node, Tree) else {}
        for name in entry:
            if name not in KEYS:
                found.error(
                    key.span,
                    "unknown-key",
                    f"a base rate has no '{name}'",
                    suggestion(name, KEYS, "keys"),
                )
        words = {k: v.value for k, v in entry.items() if isinstance(v, Text)}
        missing = [k for k in KEYS if not words.get(k, "").strip()]
        if missing:
            found.error(
                key.span,
                "missing",
                f"the base rate of '{key.value}' has no "
                + ", no ".join(f"`{m}:`" for m in missing),
            )
            continue
        hits, n = (
            int(words[k]) if words[k].isdecimal() and len(words[k]) < 10 else -1
            for k in ("hits", "n")
        )
        if not 0 <= hits <= n or n == 0:
            found.error(
                key.span,
                "count",
                f"{words['hits']} of {words['n']} is not a count of cases",
                "hits: 47 and n: 103, whole numbers, hits at most n",
            )
        elif words["rule"] not in RULES:
            found.error(key.span, "rule", f"no rule '{words['rule']}'", "one of share, jeffreys")
        else:
            rest = (words[k] for k in ("rule", "dataset", "version", "differs"))
            rates.append(Rate(key.value, words["class"], hits, n, *rest))
    return tuple(rates)


@dataclass(frozen=True)
class Crowd:
    """What a platform's forecasters gave a question that is one of ours, and on which day."""

    platform: str
    id: str
    question: str
    probability: float
    as_of: dt.date


def read_crowd(case: Core) -> Read[tuple[Crowd, ...]]:
    """The rows of crowd.csv that are mapped to a question of the case (column `question`); the
    others stand there with the reason why not."""
    if not case.texts.has(CROWD):
        return Read(())
    found, shown, rows = Diagnostics(), case.texts.source(CROWD), []
    text = case.texts.text(CROWD, found)
    if text is None:
        return Read((), tuple(found.ordered()))
    binary = {q.id for q in case.questions if q.binary}
    other = separated(text.lstrip().split("\n", 1)[0])
    if other:
        found.error(
            Span(shown, 1, 1),
            "separator",
            f"the columns are separated by {other}, not by commas",
            COMMAS,
        )
        return Read((), tuple(found.ordered()))
    reader = csv.DictReader(text.splitlines())
    try:
        table = list(reader)
        if "question" not in (reader.fieldnames or ()):
            raise csv.Error("no column `question`")
    except csv.Error as error:
        found.error(
            Span(shown, 1, 1),
            "csv",
            f"it is not a table: {error}",
            "a header with question, probability, as_of, platform and id",
        )
        return Read((), tuple(found.ordered()))
    for line, row in enumerate(table, 2):
        place = Span(shown, line, 1)
        question = (row.get("question") or "").strip()
        if not question:
            continue
        if question not in binary:
            found.error(
                place,
                "unknown-question",
                f"there is no yes-or-no question '{question}'",
                suggestion(question, binary),
            )
            continue
        try:
            p, day = float(row["probability"]), dt.date.fromisoformat(row["as_of"])
            if not 0 <= p <= 1:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            found.error(
                place,
                "crowd",
                f"the row of '{question}' has no probability with its day",
                "a probability from 0 to 1, and as_of as in 2020-01-24",
            )
            continue
        rows.append(Crowd(row.get("platform") or "", row.get("id") or "", question, p, day))
    return Read(tuple(rows), tuple(found.ordered()))
