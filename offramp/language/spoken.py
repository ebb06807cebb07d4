"""A question's condition in words: what stands behind "in the worlds in which".

A share of the worlds that meet a condition is no share of all worlds, so no sentence may give the
one without the other. The words are made of the titles of the crisis; what has no plain reading is
printed as it was written, without its marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from offramp.language.crisis import Crisis
from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Name,
    Number,
    Operation,
    Ref,
    SourcedValue,
    watched,
)
from offramp.language.kinds import spelt

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DENIED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
# Of the five ways to read a quantity: what it does beside a bound, by operator.
_READ = {
    "highest": {
        ">=": "reaches {}",
        ">": "rises above {}",
        "<=": "never rises above {}",
        "<": "stays below {}",
        "==": "has its highest at {}",
        "!=": "does not have its highest at {}",
    },
    "lowest": {
        "<=": "falls to {}",
        "<": "falls below {}",
        ">=": "never falls below {}",
        ">": "stays above {}",
        "==": "has its lowest at {}",
        "!=": "does not have its lowest at {}",
    },
    "final": {
        ">=": "ends at {} or above",
        ">": "ends above {}",
        "<=": "ends at {} or below",
        "<": "ends below {}",
        "==": "ends at {}",
        "!=": "does not end at {}",
    },
    "initial": {
        ">=": "begins at {} or above",
        ">": "begins above {}",
        "<=": "begins at {} or below",
        "<": "begins below {}",
        "==": "begins at {}",
        "!=": "does not begin at {}",
    },
    "mean": {
        ">=": "averages {} or more",
        ">": "averages above {}",
        "<=": "averages {} or less",
        "<": "averages below {}",
        "==": "averages {}",
        "!=": "does not average {}",
    },
}

_DAYS = {
    ">=": "holds on {:.4g} of the days or more",
    ">": "holds on more than {:.4g} of the days",
    "<=": "holds on {:.4g} of the days or less",
    "<": "holds on less than {:.4g} of the days",
    "==": "holds on {:.4g} of the days",
    "!=": "holds on more or less than {:.4g} of the days",
}


def condition(claim: SourcedValue | None, crisis: Crisis) -> str:
    """`“A swarm at the anchorage: death” happens`; '' without a condition."""
    if claim is None:
        return ""
    return _Speaker(crisis).said(claim.expression) or f"`{bare(claim.text)}` holds"


def dated(day: date) -> str:
    """`1 Mar 2020`"""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def bare(text: str) -> str:
    """An expression as written, without its marks."""
    text = re.sub(r"\s*\[\?[^\]]*\]", "", text)
    text = re.sub(r"\s*\?.*$", "", text, flags=re.DOTALL)
    return " ".join(re.sub(r"\s*[@~]\s*[A-Za-z][\w.,]*", "", text).split())


@dataclass(frozen=True)
class _Speaker:
    crisis: Crisis

    def said(self, e: Expression) -> str:
        """The proposition in words; '' where it has no plain reading."""
        if isinstance(e, Ref) and e.what == "flag":
            return ""
        if isinstance(e, Call):
            return self.flag(e, "==" if e.function in _READ else "", "yes")
        if not isinstance(e, Operation):
            return ""
        if e.operator in ("and", "or"):
            parts = [self.said(o) for o in e.operands]
            kinds = {o.operator for o in e.operands if isinstance(o, Operation)} & {"and", "or"}
            if not all(parts) or kinds - {e.operator}:
                return ""
            return f" {e.operator} ".join(parts)
        if e.operator == "not":
            return self.denied(e.operands[0])
        if e.operator not in _TURNED:
            return ""
        left, right = e.operands
        return self.compared(left, e.operator, right) or self.compared(
            right, _TURNED[e.operator], left
        )

    def denied(self, e: Expression) -> str:
        if isinstance(e, Call):
            return self.flag(e, "==", "no")
        if isinstance(e, Operation) and e.operator in _DENIED:
            return self.said(Operation(_DENIED[e.operator], e.operands, e.span))
        return ""

    def compared(self, e: Expression, operator: str, bound: Expression) -> str:
        counted = self.counted(e)
        if counted:
            events = self.events(counted)
            value = bound.value if isinstance(bound, Number) and not bound.unit else None
            return "" if value is None else _times(events, operator, value)
        name = watched(e.arguments[0]) if isinstance(e, Call) and e.arguments else ""
        if not isinstance(e, Call) or not name:
            return ""
        if e.function == "first" and isinstance(bound, Date):
            when = {"<=": "by", "<": "before", "==": "first on"}.get(operator)
            return f"{self.event(name)} happens {when} {dated(bound.value)}" if when else ""
        if e.function not in _READ:
            return ""
        if isinstance(bound, Ref) and bound.what == "flag" and bound.name in ("yes", "no"):
            wanted = bound.name if operator == "==" else {"yes": "no", "no": "yes"}[bound.name]
            return self.flag(e, operator, wanted) if operator in ("==", "!=") else ""
        if _same(e, bound):
            ends = {
                "==": "as it began",
                ">": "higher than it began",
                "<": "lower than it began",
                ">=": "no lower than it began",
                "<=": "no higher than it began",
                "!=": "otherwise than it began",
            }
            return f"{self.state(name)} ends {ends[operator]}"
        if e.function == "mean" and self.is_flag(name):
            if not isinstance(bound, Number):
                return ""
            return f"{self.state(name)} {_DAYS[operator].format(bound.value)}"
        words = self.value(bound)
        return f"{self.state(name)} {_READ[e.function][operator].format(words)}" if words else ""

    def flag(self, e: Call, operator: str, wanted: str) -> str:
        """A flag that holds, or does not."""
        if not operator or not e.arguments or not isinstance(e.arguments[0], Name):
            return ""
        words = {
            ("highest", "yes"): "holds at some time",
            ("highest", "no"): "never holds",
            ("lowest", "yes"): "holds throughout",
            ("lowest", "no"): "fails at some time",
            ("final", "yes"): "holds at the end",
            ("final", "no"): "does not hold at the end",
            ("initial", "yes"): "holds at the beginning",
            ("initial", "no"): "does not hold at the beginning",
        }.get((e.function, wanted))
        return f"{self.state(e.arguments[0].name)} {words}" if words else ""

    def counted(self, e: Expression) -> list[str]:
        """The names of events that a sum of counts is of; none where it is anything else."""
        if isinstance(e, Operation) and e.operator == "+":
            parts = [self.counted(o) for o in e.operands]
            return [name for part in parts for name in part] if all(parts) else []
        if isinstance(e, Call) and e.function == "count" and isinstance(e.arguments[0], Name):
            return [e.arguments[0].name]
        return []

    def event(self, name: str) -> str:
        return self.events([name])[0]

    def events(self, names: list[str]) -> list[str]:
        """Titles in quotation marks; several outcomes of one event behind its title."""
        titles = {e.name: e.title for e in self.crisis.events}
        found: dict[str, list[str]] = {}
        for name in names:
            whole, _, outcome = name.rpartition(".")
            if name in titles:
                whole, outcome = name, ""
            found.setdefault(whole, []).append(outcome.replace("_", " "))
        out = []
        for whole, outcomes in found.items():
            title = titles.get(whole, whole)
            named = [o for o in outcomes if o]
            if len(named) < len(outcomes):
                out.append(f"“{title}”")
            if named:
                out.append(f"“{title}: {_either(named)}”")
        return out

    def state(self, name: str) -> str:
        reading, _, arguments = name.rstrip(")").partition("(")
        if not arguments:
            return next((f"“{s.title}”" for s in self.crisis.states if s.name == name), name)
        first, *others = arguments.split(", ")
        if reading == "votes":
            what = "vote for" if others == ["yes"] else "attendance at"
            return f"the {what} {self.event(first)}"
        actor = next(a for a in self.crisis.actors if a.name == first)
        if reading == "worth":
            return f"the utility of “{actor.title}”"
        if reading == "inclines":
            return f"the inclination of “{actor.title}” to {self.event(others[0])}"
        terms = [f"“{w.name}”" for w in actor.wants]
        terms += [f"the dread of {self.event(f.event)}" for f in actor.fears]
        part = terms[[spelt(name) for name in actor.terms].index(others[1])]
        return f"the part of {part} in what {self.event(others[0])} is worth to “{actor.title}”"

    def is_flag(self, name: str) -> bool:
        return any(s.name == name and s.kind == "flag" for s in self.crisis.states)

    def value(self, e: Expression) -> str:
        if isinstance(e, Ref) and e.what == "level":
            return e.name.replace("_", " ")
        if isinstance(e, Number):
            return f"{e.value:g} {'days' if e.unit == 'd' else e.unit}".strip()
        return ""


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _same(e: Call, bound: Expression) -> bool:
    """`final(x)` beside `initial(x)`, wherever in the file each stands."""
    if not isinstance(bound, Call) or (e.function, bound.function) != ("final", "initial"):
        return False
    names = [watched(c.arguments[0]) for c in (e, bound) if c.arguments]
    return len(names) == 2 and names[0] == names[1] != ""


def _times(events: list[str], operator: str, n: float) -> str:
    """How often, in words: `“A” happens`, `neither “A” nor “B” happens`."""
    if operator == ">" and float(n).is_integer():
        operator, n = ">=", n + 1
    if operator == "<" and float(n).is_integer():
        operator, n = "<=", n - 1
    either = _either(events)
    if operator == ">=" and 0 < n <= 1:
        return f"{either} happens"
    if operator == "!=" and n == 0:
        return f"{either} happens"
    if operator in ("<=", "==") and n == 0:
        return f"none of {either} happens" if len(events) > 1 else f"{either} does not happen"
    how = {">=": "at least", "<=": "at most", "==": "exactly"}.get(operator)
    if how is None or not float(n).is_integer():
        return ""
    together = " together" if len(events) > 1 else ""
    all_of = events[0] if len(events) == 1 else f"{', '.join(events[:-1])} and {events[-1]}"
    verb = "happen" if len(events) > 1 else "happens"
    return f"{all_of}{together} {verb} {how} {'once' if n == 1 else f'{n:g} times'}"
