"""Rival assessments of one crisis: what each author presumes and what each expects.

An assessment is an overlay on a case, in `assessments/NAME.yaml`. Its premises (`says:`) replace
priors of unknowns, priors of beliefs and hidden starts, and nothing else: a file that changed an
event or a want would be another model and not another opinion about this one. Its judgements
(`judges:`) stand beside the answers and never enter the model, which would otherwise repeat its
source (docs/meaning.md, section 9).

An overlay is laid on the expanded tree before anything is typed, so that all checks of the
language hold for it with places in its own file. A replaced prior loses the citations of the old
one with it.

Literature: overlays on one parameter space follow Bayesian melding (Poole and Raftery 2000,
Journal of the American Statistical Association 95).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from offramp.files import there
from offramp.language.build import PRIORS, STATE_KINDS, Builder
from offramp.language.case import Case, _tree, authors_files, source
from offramp.language.crisis import State, Unknown
from offramp.language.diagnostics import CaseError, Diagnostic, Diagnostics, Span, suggestion
from offramp.language.expressions import Basis, Date, parse_claim, parse_plain, parse_range
from offramp.language.identity import model_sha256
from offramp.language.kinds import NUMBER, Scope, constant
from offramp.language.text import read_text
from offramp.language.tree import Mapping, Node, Sequence, Text
from offramp.sources.dating import Dating, day_or_month

Precision = Literal["day", "month", "inferred", "ours"]

_TOP = ("assessment", "document", "date", "about", "says", "judges")
_SAYS = ("unknown", "belief", "state")
_JUDGES = ("question", "phrase", "interval", "premise", "inexpressible")
_CARRIERS = ("unknown", "event", "state", "actor", "belief", "history", "entity")
_ONLY = (
    "an assessment may set unknowns, beliefs and hidden starts; anything else is a different model"
)
_NOTHING = Scope({}, {}, frozenset())  # a number of an interval names nothing


@dataclass(frozen=True)
class Override:
    """One premise: what it replaces ('unknown us.tau'), with what, and on which passages.

    `value` is the tree as written: a prior of an unknown, the priors of a belief's types, a start.
    """

    what: str
    value: Node
    span: Span
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What the assessment says of one outcome, or why that stands elsewhere or nowhere.

    Exactly one of three holds: `question` is set, with `low` and `high` the 10% and 90% points of
    the probability meant; `premise` names the overrides that carry it; `inexpressible` says why
    the case's questions cannot state it.

    passage   the passage that judges; for an assessment without a document, a name of its own
    basis     of the interval; for a phrase, the passage itself
    phrase    the estimative words the interval was taken from, '' where it is explicit
    """

    passage: str
    question: str | None
    low: float | None
    high: float | None
    basis: Basis | None
    phrase: str
    premise: tuple[str, ...]
    inexpressible: str
    span: Span


@dataclass(frozen=True)
class Assessment:
    """One author's premises and judgements.

    date        of the document, or its own where it has one
    precision   'day', 'month' or 'inferred' as in sources.yaml; 'ours' where the date is its own
    knew_until  the last day of which its author can have known, None where that is the date; only
                what is reported later may count for or against it
    by_month    whether only the month of the date is known, of which it is the last day
    """

    id: str
    title: str
    about: str
    document: str | None
    date: dt.date
    precision: Precision
    overrides: tuple[Override, ...]
    judgements: tuple[Judgement, ...]
    span: Span
    knew_until: dt.date | None = None
    by_month: bool = False

    @property
    def dating(self) -> Dating:
        return Dating(self.date, self.precision, self.knew, self.by_month)

    @property
    def knew(self) -> dt.date:
        """The last day of which its author can have known: the assessment speaks as of it."""
        return self.knew_until or self.date


@dataclass(frozen=True)
class Side:
    """What one document says in a disagreement."""

    document: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Disagreement:
    """A point on which documents differ, and what in the model carries it ('unknown c').

    `left` says why nothing in the model does; exactly one of the two is given.
    """

    id: str
    topic: str
    sides: tuple[Side, ...]
    carried_by: tuple[str, ...]
    left: str
    span: Span


def assessments_of(case: Case) -> dict[str, Assessment]:
    """The case's assessments by name, in the order of their names.

    Raises CaseError with the findings of all their files at once.
    """
    read, found = examine_assessments(case)
    if any(d.severity == "error" for d in found):
        raise CaseError(found)
    return read


def examine_assessments(case: Case) -> tuple[dict[str, Assessment], list[Diagnostic]]:
    """The assessments that could be read, and all that was found, warnings included."""
    read: dict[str, Assessment] = {}
    found: list[Diagnostic] = []
    listing = Diagnostics()
    for path in authors_files(case, "assessments", listing):
        assessment, findings = _Reader(path, case).read()
        found += findings
        if assessment is not None:
            read[assessment.id] = assessment
    return read, [*listing.found, *found]


def under(case: Case, assessment: Assessment) -> Case:
    """The case as the assessment's author sees it: its crisis under the author's premises.

    Questions, sources and passages stay, and so do the dice of every unknown, so that worlds under
    two assessments are paired. The model hash is that of the overlaid model; without premises it
    is the case's own. Raises CaseError if the overlay does not fit this case.
    """
    found = Diagnostics()
    tree = overlaid(case.expanded, assessment.overrides, found)
    crisis = Builder(found, frozenset(case.passages), case.own_phrases).build(tree)
    if crisis is None or found.errors:
        raise CaseError(found.ordered())
    digest = model_sha256(crisis, case.questions, case.documents.values(), case.passages.values())
    return replace(case, crisis=crisis, expanded=tree, model_sha256=digest,
                   warnings=tuple(found.ordered()))  # fmt: skip


def overlaid(tree: Mapping, overrides: tuple[Override, ...], found: Diagnostics) -> Mapping:
    """The expanded tree of a crisis with the premises in place of what they replace."""
    for override in overrides:
        section, name = override.what.split(" ", 1)
        entries = tree.get(section)
        old = entries.get(name) if isinstance(entries, Mapping) else None
        if not isinstance(entries, Mapping) or not isinstance(old, Mapping):
            found.error(override.span, "no-such-premise", f"the case has no {override.what}", _ONLY)
            continue
        new = _CHANGES[section](old.without("cites"), override.value)
        if override.passages:
            places = {p: b.span for b in reversed(_bases(override.value)) for p in b.passages}
            ids = tuple(Text(p, places.get(p, override.span)) for p in override.passages)
            new = new.plus("cites", Sequence(ids, override.span))
        key = Text(name, override.span)
        changed = tuple((key, new) if k.value == name else (k, n) for k, n in entries)
        tree = tree.plus(section, Mapping(changed, entries.span))
    return tree


def _new_prior(old: Mapping, value: Node) -> Mapping:
    if not isinstance(value, Mapping):
        return old
    new = old.without(*PRIORS)
    before = old.get("among")
    for key, node in value:
        if key.value == "among" and isinstance(before, Mapping) and isinstance(node, Mapping):
            # The order of the levels is the case's: height() and the dice go by it.
            order = {name: place for place, name in enumerate(before.keys())}
            ranked = sorted(node.entries, key=lambda entry: order.get(entry[0].value, len(order)))
            node = Mapping(tuple(ranked), node.span)
        new = new.plus(key.value, node)
    return new


def _new_types(old: Mapping, value: Node) -> Mapping:
    types = old.get("types")
    if not isinstance(types, Mapping) or not isinstance(value, Mapping):
        return old
    changed = tuple(
        (key, entry.plus("prior", prior))
        if isinstance(entry, Mapping) and (prior := value.get(key.value)) is not None
        else (key, entry)
        for key, entry in types
    )
    return old.plus("types", Mapping(changed, types.span))


def _new_start(old: Mapping, value: Node) -> Mapping:
    kind = next((k for k in STATE_KINDS if old.key(k)), "stock")
    return old.plus("now" if kind in ("stock", "ladder") else kind, value)


_CHANGES = {"unknown": _new_prior, "belief": _new_types, "state": _new_start}


class _Reader:
    """Reads one file, with findings of its own: a mistake here must not hide one elsewhere."""

    def __init__(self, path: Path, case: Case) -> None:
        self.path, self.case = path, case
        self.found = Diagnostics()
        self.builder = Builder(self.found, frozenset(case.passages), case.own_phrases)
        self.document: str | None = None

    def read(self) -> tuple[Assessment | None, list[Diagnostic]]:
        root = _tree(self.path, self.found)
        assessment = self.assessment(root) if root is not None else None
        if assessment is not None:
            tree = overlaid(self.case.expanded, assessment.overrides, self.found)
            self.builder.build(tree)
        known = set(self.case.warnings)
        findings = [d for d in self.found.ordered() if d not in known]
        return (None if self.found.errors else assessment), findings

    def assessment(self, root: Mapping) -> Assessment | None:
        self.builder.known(root, _TOP, "an assessment")
        if self.path.stem == "case" or not re.fullmatch(r"\w+", self.path.stem, re.ASCII):
            self.found.error(
                root.span, "name", f"an assessment cannot be named '{self.path.stem}'",
                "letters, digits and _ ; 'case' is the case itself",
            )  # fmt: skip
        title = self.builder.words(root, "assessment")
        if not title:
            self.found.error(root.span, "missing", "`assessment:` is missing",
                             "as in `assessment: The view from Tel Aviv`")  # fmt: skip
        dated = self.date(root)
        overrides = self.overrides(root)
        judgements = tuple(
            j
            for key, node in self.entries(root, "judges", "'judges:'")
            if (j := self.judgement(key, node, overrides)) is not None
        )
        if dated is None:
            return None
        for override in overrides:
            self.own(override.passages, override.span)
        return Assessment(
            self.path.stem, title, self.builder.words(root, "about"), self.document, dated.date,
            cast(Precision, dated.precision), overrides, judgements, root.span,
            None if dated.knew_until == dated.date else dated.knew_until, dated.by_month,
        )  # fmt: skip

    def entries(self, node: Mapping, key: str, what: str) -> Mapping:
        """What stands under a key; nothing, where the key is absent or empty."""
        value = node.get(key)
        if isinstance(value, Text) and not value.value.strip():
            value = None
        return self.builder.mapping(value, what, node.span)

    # ---- whose, and of when --------------------------------------------------------------

    def date(self, root: Mapping) -> Dating | None:
        """The document's dating; that of `date:` where there is one, beside a document or not."""
        named = self.builder.text(root.get("document"), "document")
        written = self.builder.text(root.get("date"), "date")
        if named is None and written is None:
            given = root.key("assessment")
            self.found.error(
                given.span if given else root.span, "dates",
                "an assessment has a `document:`, a `date:` or both",
                "the document dates it; without one, or where its author spoke as of an earlier "
                "day, `date: 2020-01-03 ? why then`",
            )  # fmt: skip
            return None
        document = None
        if named is not None:
            document = self.case.documents.get(named.value)
            if document is None:
                self.found.error(
                    named.span, "unknown-document", f"sources.yaml has no '{named.value}'",
                    suggestion(named.value, self.case.documents, "documents"),
                )  # fmt: skip
                return None
            self.document = document.id
        own = self.own_date(written) if written is not None else None
        if written is None or own is None:
            return document.dating if document is not None and written is None else None
        if document is not None and own.date > document.date:
            self.found.error(
                written.span, "dates",
                f"`date:` {own.date} is after '{document.id}' was written ({document.date})",
                "beside a document it says as of which earlier day its author spoke",
            )  # fmt: skip
            return None
        return own

    def own_date(self, written: Text) -> Dating | None:
        """A day or a month with its basis."""
        words, mark, rest = written.value.partition(" ")
        by_month = False
        try:
            day, by_month = day_or_month(words)
            written = Text(f"{day}{mark}{rest}", written.span)
        except ValueError:
            pass  # the parser says what is wrong, at its place
        claim = parse_claim(written, self.found)
        if claim is None:
            return None
        if not isinstance(claim.expression, Date):
            self.found.error(
                written.span, "kind", "`date:` wants a date", "as in 2020-01-03 ? why, or 2020-01"
            )  # fmt: skip
            return None
        self.builder.bases(claim.bases)
        self.builder.basis(claim, "`date:`", True)
        day = claim.expression.value
        return Dating(day, "ours", day, by_month)

    def own(self, passages: tuple[str, ...], span: Span) -> None:
        """Warns of a passage that another document wrote."""
        for id in passages:
            named = [p for p in self.case.passages.values() if id in (p.id, p.id.split(".")[0])]
            others = {p.document for p in named} - {self.document}
            if self.document and others:
                self.found.warning(
                    span, "foreign-passage",
                    f"passage '{id}' is of {' and '.join(sorted(others))}, not of {self.document}",
                    "an author answers for his own words; cite those, or give a reason of ours",
                )  # fmt: skip

    # ---- premises ------------------------------------------------------------------------

    def overrides(self, root: Mapping) -> tuple[Override, ...]:
        says = self.entries(root, "says", "'says:'")
        made = []
        for section, _ in says:
            if section.value not in _SAYS:
                near = suggestion(section.value, _SAYS)
                self.found.error(
                    section.span, "different-model",
                    f"an assessment cannot set '{section.value}:'",
                    f"{near} {_ONLY}" if near.startswith("did you mean") else _ONLY,
                )  # fmt: skip
                continue
            for key, value in self.entries(says, section.value, f"'{section.value}:'"):
                fits = {"unknown": self.prior, "belief": self.types, "state": self.start}
                if fits[section.value](key, value):
                    passages = tuple(dict.fromkeys(p for b in _bases(value) for p in b.passages))
                    what = f"{section.value} {' '.join(key.value.split())}"
                    made.append(Override(what, value, key.span, passages))
        return tuple(made)

    def prior(self, key: Text, value: Node) -> bool:
        """Whether it is a prior that the unknown can have: the same options, the same support."""
        old = next((u for u in self.case.crisis.unknowns if u.name == key.value), None)
        if old is None:
            known = [u.name for u in self.case.crisis.unknowns]
            self.builder.unknown_name(key, known, "unknown")
            return False
        what = f"unknown '{key.value}'"
        node = self.builder.mapping(value, what, key.span)
        ok = isinstance(value, Mapping)
        for inner, _ in node:
            if inner.value not in PRIORS:
                near = suggestion(inner.value, PRIORS, "priors")
                self.found.error(inner.span, "different-model",
                                 f"an assessment cannot set '{inner.value}' of {what}",
                                 near or _ONLY)  # fmt: skip
                ok = False
        given = [prior for prior in PRIORS if node.key(prior)]
        if ok and len(given) != 1:
            self.found.error(
                key.span, "prior", f"{what} must have exactly one prior: {', '.join(PRIORS)}",
                "as in `share: .3 .. .95 ~B59`",
            )  # fmt: skip
            return False
        if not ok:
            return False
        if (given[0] == "among") != (old.prior == "among"):
            self.found.error(
                key.span, "kind", f"{what} is `{old.prior}` in the case, so not `{given[0]}` here",
                _options_of(old) or "use a prior of numbers: between, share, scale, normal, says",
            )  # fmt: skip
            return False
        if given[0] == "among":
            names = [option.name for option in old.options]
            return self.same(key, node.get("among"), names, what, "options")
        return self.supported(key, node, given[0], old)

    def supported(self, key: Text, node: Mapping, prior: str, old: Unknown) -> bool:
        """Whether the values stay in the range for which the case's expressions were written."""
        text = node.get(prior)
        pair = parse_range(text, Diagnostics()) if isinstance(text, Text) else None
        ends = [constant(claim.expression) for claim in pair] if pair else [None, None]
        low, high = ends
        share = old.prior in ("share", "says")
        positive = old.prior == "scale" or (
            old.prior == "between" and old.low is not None
            and (constant(old.low.expression) or 0.0) >= 0
        )  # fmt: skip
        wrong = ""
        if share and (
            prior in ("scale", "normal")
            or (prior == "between" and low is not None and high is not None
                and not 0 <= low < high <= 1)
        ):  # fmt: skip
            wrong = "is a share, from 0 to 1"
        elif positive and (
            prior == "normal" or (prior == "between" and low is not None and low < 0)
        ):
            wrong = "cannot be below 0"
        if wrong:
            self.found.error(
                node.key(prior).span, "support",  # type: ignore[union-attr]
                f"in the case the unknown '{key.value}' {wrong}",
                f"the case has `{old.prior}:`; use that, with other points",
            )  # fmt: skip
        return not wrong

    def types(self, key: Text, value: Node) -> bool:
        beliefs = {f"{b.holder} about {b.about}": b for b in self.case.crisis.beliefs}
        belief = beliefs.get(" ".join(key.value.split()))
        if belief is None:
            self.builder.unknown_name(key, beliefs, "belief")
            return False
        names = [t.name for t in belief.types]
        return self.same(key, value, names, f"belief '{key.value}'", "types")

    def same(self, key: Text, value: Node | None, names: list[str], what: str, kind: str) -> bool:
        """Whether exactly these names have a value."""
        node = self.builder.mapping(value, what, key.span)
        ok = isinstance(value, Mapping)
        for name, _ in node:
            if name.value not in names:
                self.found.error(
                    name.span, f"unknown-{kind[:-1]}", f"{what} has no '{name.value}' in the case",
                    suggestion(name.value, names, kind),
                )  # fmt: skip
                ok = False
        missing = [name for name in names if node.key(name) is None]
        if isinstance(value, Mapping) and missing:
            self.found.error(
                key.span, "missing", f"{what} gives no probability to {', '.join(missing)}",
                "a prior is replaced whole; what is impossible gets 0 and a reason",
            )  # fmt: skip
            ok = False
        return ok

    def start(self, key: Text, value: Node) -> bool:
        """Whether it is a hidden start: one that no passage states."""
        states: dict[str, State] = {s.name: s for s in self.case.crisis.states}
        state = states.get(key.value)
        if state is None:
            self.builder.unknown_name(key, states, "quantity")
            return False
        if not isinstance(value, Text):
            self.found.error(
                value.span, "different-model",
                f"an assessment sets where '{key.value}' starts, and nothing else of it",
                f"as in `{key.value}: hold ~A94`; {_ONLY}",
            )  # fmt: skip
            return False
        stated = [b for b in (state.start.bases if state.start else ()) if b.grade == "stated"]
        if stated:
            passages = ", ".join(p for basis in stated for p in basis.passages)
            self.found.error(
                key.span, "stated-start",
                f"where '{key.value}' starts is stated by {passages}: a fact, not a premise",
                "an assessment may set starts that the case supposes (~ or ?)",
            )  # fmt: skip
            return False
        return True

    # ---- judgements ----------------------------------------------------------------------

    def judgement(
        self, key: Text, value: Node, overrides: tuple[Override, ...]
    ) -> Judgement | None:
        what = f"judgement '{key.value}'"
        node = self.builder.mapping(value, what, key.span)
        if not isinstance(value, Mapping):
            return None
        self.builder.known(node, _JUDGES, what)
        self.judged(key)
        ways = [way for way in ("question", "premise", "inexpressible") if node.key(way)]
        if len(ways) != 1:
            self.found.error(
                key.span, "judgement",
                f"{what} needs exactly one of `question:`, `premise:` and `inexpressible:`",
                "as in `{question: broad_conflict, phrase: unlikely}`",
            )  # fmt: skip
            return None
        empty = Judgement(key.value, None, None, None, None, "", (), "", key.span)
        if ways[0] == "question":
            return self.expected(key, node, what, empty)
        for stray in ("phrase", "interval"):
            text = node.key(stray)
            if text is not None:
                self.found.error(text.span, "judgement", f"{what} has a `{stray}:` of no question",
                                 "name the `question:`")  # fmt: skip
        if ways[0] == "inexpressible":
            why = self.builder.words(node, "inexpressible")
            if not why:
                self.found.error(key.span, "missing", f"{what} does not say why",
                                 "one line: what would have to be asked")  # fmt: skip
                return None
            return replace(empty, inexpressible=why)
        return self.presumed(node, what, empty, overrides)

    def judged(self, key: Text) -> None:
        """The key is a passage of the assessment's own document."""
        if self.document is None:
            return  # without a document the keys are free names
        passage = self.case.passages.get(key.value)
        if passage is None:
            _no_passage(key, self.case, self.found)
        elif passage.document != self.document:
            self.found.error(
                key.span, "foreign-judgement",
                f"'{key.value}' is a judgement of '{passage.document}', not of '{self.document}'",
                f"move it to the assessment of '{passage.document}'",
            )  # fmt: skip

    def expected(self, key: Text, node: Mapping, what: str, empty: Judgement) -> Judgement | None:
        text = self.builder.text(node.get("question"), f"{what}, question")
        if text is None:
            return None
        questions = {q.id: q for q in self.case.questions}
        question = questions.get(text.value)
        if question is None:
            self.builder.unknown_name(text, questions, "question")
            return None
        if not question.binary:
            self.found.error(
                text.span, "not-binary", f"'{text.value}' asks for a quantity, not for yes or no",
                "judge a question from `questions:`",
            )  # fmt: skip
            return None
        ways = [way for way in ("phrase", "interval") if node.key(way)]
        if len(ways) != 1:
            self.found.error(key.span, "judgement",
                             f"{what} needs exactly one of `phrase:` and `interval:`",
                             "as in `phrase: unlikely` or `interval: .1 .. .35 ~J69`")  # fmt: skip
            return None
        read = self.phrase if ways[0] == "phrase" else self.interval
        return read(key, node, what, replace(empty, question=question.id))

    def phrase(self, key: Text, node: Mapping, what: str, empty: Judgement) -> Judgement | None:
        text = self.builder.text(node.get("phrase"), f"{what}, phrase")
        parsed = parse_plain(text, self.found) if text is not None else None
        if parsed is None or text is None:
            return None
        if self.document is None:
            self.found.error(text.span, "no-basis", f"{what} has words of no document",
                             "without a document write `interval: .1 .. .35 ? why`")  # fmt: skip
            return None
        phrase, bases = parsed
        self.builder.bases(bases)
        try:
            entry = self.case.phrases.lookup(phrase)
        except LookupError as error:
            self.found.error(text.span, "unknown-phrase", str(error.args[0]), "see phrases.yaml")
            return None
        for basis in bases:
            self.own(basis.passages, basis.span)
        basis = bases[0] if bases else Basis("sized", (key.value,), "", text.span)
        return replace(empty, low=entry.low, high=entry.high, basis=basis, phrase=phrase)

    def interval(self, key: Text, node: Mapping, what: str, empty: Judgement) -> Judgement | None:
        text = self.builder.text(node.get("interval"), f"{what}, interval")
        pair = parse_range(text, self.found) if text is not None else None
        if pair is None or text is None:
            return None
        low, high = (
            self.builder.check(claim, f"{what}, interval", NUMBER, scope=_NOTHING) for claim in pair
        )
        if low is None or high is None:
            return None
        ends = constant(low.expression), constant(high.expression)
        if ends[0] is None or ends[1] is None or not 0 < ends[0] < ends[1] < 1:
            self.found.error(
                text.span, "probability",
                f"the interval of {what} is none of a probability",
                "two numbers, 0 < low < high < 1, as in .1 .. .35",
            )  # fmt: skip
            return None
        bases = low.bases or high.bases
        if not bases:
            return None  # reported as a number without a basis
        self.own(low.passages, text.span)
        return replace(empty, low=ends[0], high=ends[1], basis=bases[0])

    def presumed(
        self, node: Mapping, what: str, empty: Judgement, overrides: tuple[Override, ...]
    ) -> Judgement | None:
        set_here = [override.what for override in overrides]
        named = self.builder.names(node.get("premise"), f"{what}, premise")
        ok = bool(named)
        if not named:
            key = node.key("premise")
            self.found.error(key.span if key else node.span, "missing",
                             f"{what} names no premise", "as in [unknown order]")  # fmt: skip
        for text in named:
            if " ".join(text.value.split()) not in set_here:
                self.found.error(
                    text.span, "unset-premise",
                    f"'{text.value}' is not set under `says:`",
                    suggestion(text.value, set_here, "set here") or "set it there",
                )  # fmt: skip
                ok = False
        premise = tuple(" ".join(text.value.split()) for text in named)
        return replace(empty, premise=premise) if ok else None


def _no_passage(text: Text, case: Case, found: Diagnostics) -> None:
    """Reports what is no passage: one side of a disagreement must be named, D22 means them all."""
    side = f"{text.value}.1"
    help = f"name one side, as in {side}" if side in case.passages else ""
    found.error(
        text.span, "unknown-passage", f"there is no passage '{text.value}'",
        help or suggestion(text.value, case.passages) or "passages are listed in passages.yaml",
    )  # fmt: skip


def _bases(node: Node) -> list[Basis]:
    """All marks in a value; what cannot be read has none, and is reported elsewhere."""
    if isinstance(node, Mapping):
        return [basis for _, value in node for basis in _bases(value)]
    if not isinstance(node, Text):
        return []
    quiet = Diagnostics()
    if ".." in node.value:
        pair = parse_range(node, quiet)
        return list(pair[0].bases) if pair else []
    claim = parse_claim(node, quiet)
    if claim is not None:
        return list(claim.bases)
    plain = parse_plain(node, quiet)
    return list(plain[1]) if plain else []


def _options_of(unknown: Unknown) -> str:
    names = ", ".join(option.name for option in unknown.options)
    return f"`among:` with {names}" if names else ""


# ---- disagreements -----------------------------------------------------------------------


def disagreements_of(case: Case) -> tuple[Disagreement, ...]:
    """What the documents disagree on, from disagreements.yaml; none without that file.

    Raises CaseError with all findings: every document, passage and element named must exist.
    """
    path = case.folder / "disagreements.yaml"
    if not there(path):
        return ()
    found = Diagnostics()
    builder = Builder(found, frozenset(case.passages), case.own_phrases)
    root = _tree(path, found)
    made: list[Disagreement] = []
    if root is not None:
        builder.known(root, ("disagreements",), "a file of disagreements")
        if root.get("disagreements") is None:
            found.error(root.span, "missing", "`disagreements:` is missing", "its entries go there")
        known = _elements(case, found)
        for key, node in builder.section(root, "disagreements"):
            made.append(_disagreement(key, node, case, builder, known))
    if found.errors:
        raise CaseError(found.ordered())
    return tuple(made)


def _disagreement(
    key: Text, node: Mapping, case: Case, builder: Builder, known: dict[str, list[str]]
) -> Disagreement:
    found, what = builder.found, f"disagreement '{key.value}'"
    builder.known(node, ("topic", "sides", "carried_by", "left"), what)
    topic, left = builder.words(node, "topic"), builder.words(node, "left")
    if not topic:
        found.error(
            key.span, "missing", f"{what} has no `topic:`", "what it is about, in our words"
        )
    carriers = builder.names(node.get("carried_by"), f"{what}, carried_by")
    if bool(carriers) == bool(left):
        found.error(
            key.span, "disagreement", f"{what} needs either `carried_by:` or `left:`",
            "name what carries it, as in [unknown c], or say why nothing does",
        )  # fmt: skip
    for text in carriers:
        _carrier(text, known, found)
    sides = []
    for name, value in builder.mapping(node.get("sides"), f"{what}, sides", key.span):
        if name.value not in case.documents:
            builder.unknown_name(name, case.documents, "document")
        passages = builder.names(value, f"{what}, side of '{name.value}'")
        if not passages:
            found.error(name.span, "missing", f"{what} cites nothing of '{name.value}'",
                        "as in [D1.1]")  # fmt: skip
        for passage in passages:
            known_passage = case.passages.get(passage.value)
            if known_passage is None:
                _no_passage(passage, case, found)
            elif known_passage.document != name.value:
                found.error(
                    passage.span, "foreign-passage",
                    f"passage '{passage.value}' is of '{known_passage.document}', "
                    f"not of '{name.value}'",
                    f"put it under `{known_passage.document}:`",
                )  # fmt: skip
        sides.append(Side(name.value, tuple(p.value for p in passages)))
    if not sides:
        found.error(key.span, "missing", f"{what} has no sides", "sides: {inss: [D1.1]}")
    return Disagreement(
        key.value, topic, tuple(sides), tuple(" ".join(t.value.split()) for t in carriers), left,
        key.span,
    )  # fmt: skip


def _carrier(text: Text, known: dict[str, list[str]], found: Diagnostics) -> None:
    """Reports a carrier that is not there."""
    kind, _, rest = " ".join(text.value.split()).partition(" ")
    if kind not in _CARRIERS or not rest:
        found.error(
            text.span, "carrier", f"'{text.value}' names no part of a model",
            "begin with " + ", ".join(_CARRIERS) + ", as in `unknown c`",
        )  # fmt: skip
    elif kind != "entity" and rest not in known[kind]:
        found.error(text.span, f"unknown-{kind}", f"the case has no {kind} '{rest}'",
                    suggestion(rest, known[kind], "known here"))  # fmt: skip


def _elements(case: Case, found: Diagnostics) -> dict[str, list[str]]:
    crisis = case.crisis
    return {
        "unknown": [u.name for u in crisis.unknowns],
        "event": [e.name for e in crisis.events],
        "state": [s.name for s in crisis.states],
        "actor": [a.name for a in crisis.actors],
        "belief": [f"{b.holder} about {b.about}" for b in crisis.beliefs],
        "history": _report_ids(case.folder / "history.csv", found),
    }


def _report_ids(path: Path, found: Diagnostics) -> list[str]:
    """The first column of a case's reports."""
    text = read_text(path, source(path), found) if there(path) else None
    try:
        rows = [row for row in csv.reader(io.StringIO(text or "")) if row]
    except csv.Error as error:
        found.error(Span(source(path), 1, 1), "csv", f"the reports cannot be read: {error}")
        return []
    return [row[0] for row in rows[1:]]  # below the heading
