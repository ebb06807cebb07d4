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

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Literal, cast

from offramp.case.core import Core, Read
from offramp.case.overlay import ONLY, Override, bases_of, no_passage, overlaid
from offramp.language.build import build
from offramp.language.crisis import Crisis, State, Unknown
from offramp.language.expressions import Basis, Date, parse_claim, parse_plain, parse_range
from offramp.language.keys import PRIORS
from offramp.language.kinds import NUMBER, Scope, constant
from offramp.language.readers import Declared
from offramp.sources.dating import Dating, day_or_month
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Text

Precision = Literal["day", "month", "inferred", "ours"]

TOP = ("assessment", "document", "date", "about", "says", "judges")
SAYS = ("unknown", "belief", "state")
JUDGES = ("question", "phrase", "interval", "premise", "inexpressible")
_NOTHING = Scope({}, {}, frozenset())  # a number of an interval names nothing


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
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
class Rival:
    """An assessment, and the crisis under its premises."""

    assessment: Assessment
    expanded: Mapping
    declared: Declared
    crisis: Crisis
    warnings: tuple[Diagnostic, ...]


def read_assessments(case: Core, only: str = "") -> Read[dict[str, Rival]]:
    """The assessments that could be read, by name, and all that was found in all their files, or in
    one of them alone."""
    read: dict[str, Rival] = {}
    listing = Diagnostics()
    found: list[Diagnostic] = []
    for name in case.texts.authors("assessments", listing):
        if only and name != only:
            continue
        rival, findings = _Reader(name, case).read()
        found += findings
        if rival is not None:
            read[rival.assessment.id] = rival
    return Read(read, (*listing.found, *found))


def overlay(case: Core, assessment: Assessment) -> Rival:
    """The crisis under the premises of an assessment that was not read from this case's files.
    Raises CaseError if it does not fit this case."""
    found = Diagnostics()
    rival = _overlay(case, assessment, found)
    if rival is None:
        raise CaseError(found.ordered())
    return rival


def _overlay(case: Core, assessment: Assessment, found: Diagnostics) -> Rival | None:
    tree = overlaid(case.expanded, assessment.overrides, found)
    known = replace(case.readers(Diagnostics()), entries=case.entries)
    crisis, readers = build(tree, found, known.passages, known.phrases, before=known)
    if crisis is None or found.errors:
        return None
    return Rival(assessment, tree, readers.declared, crisis, tuple(found.ordered()))


class _Reader:
    """Reads one file, with findings of its own: a mistake here must not hide one elsewhere."""

    def __init__(self, file: str, case: Core) -> None:
        self.file, self.case = file, case
        self.name = file.rpartition("/")[2].removesuffix(".yaml")
        self.found = Diagnostics()
        self.readers = case.readers(self.found)
        self.document: str | None = None

    def read(self) -> tuple[Rival | None, list[Diagnostic]]:
        root = self.case.texts.tree(self.file, self.found)
        assessment = self.assessment(root) if root is not None else None
        rival = None if assessment is None else _overlay(self.case, assessment, self.found)
        known = set(self.case.warnings)
        findings = [d for d in self.found.ordered() if d not in known]
        return (None if self.found.errors else rival), findings

    def assessment(self, root: Mapping) -> Assessment | None:
        self.readers.known(root, TOP, "an assessment")
        if self.name == "case" or not re.fullmatch(r"\w+", self.name, re.ASCII):
            self.found.error(
                root.span,
                "name",
                f"an assessment cannot be named '{self.name}'",
                "letters, digits and _ ; 'case' is the case itself",
            )
        title = self.readers.words(root, "assessment")
        if not title:
            self.found.error(
                root.span,
                "missing",
                "`assessment:` is missing",
                "as in `assessment: The view from Tel Aviv`",
            )
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
            id=self.name,
            title=title,
            about=self.readers.words(root, "about"),
            document=self.document,
            date=dated.date,
            precision=cast(Precision, dated.precision),
            overrides=overrides,
            judgements=judgements,
            span=root.span,
            knew_until=None if dated.knew_until == dated.date else dated.knew_until,
            by_month=dated.by_month,
        )

    def entries(self, node: Mapping, key: str, what: str) -> Mapping:
        """What stands under a key; nothing, where the key is absent or empty."""
        value = node.get(key)
        if isinstance(value, Text) and not value.value.strip():
            value = None
        return self.readers.mapping(value, what, node.span)

    # ---- whose, and of when --------------------------------------------------------------

    def date(self, root: Mapping) -> Dating | None:
        """The document's dating; that of `date:` where there is one, beside a document or not."""
        named = self.readers.text(root.get("document"), "document")
        written = self.readers.text(root.get("date"), "date")
        if named is None and written is None:
            given = root.key("assessment")
            self.found.error(
                given.span if given else root.span,
                "dates",
                "an assessment has a `document:`, a `date:` or both",
                "the document dates it; without one, or where its author spoke as of an earlier "
                "day, `date: 2020-01-03 ? why then`",
            )
            return None
        document = None
        if named is not None:
            document = self.case.documents.get(named.value)
            if document is None:
                self.found.error(
                    named.span,
                    "unknown-document",
                    f"sources.yaml has no '{named.value}'",
                    suggestion(named.value, self.case.documents, "documents"),
                )
                return None
            self.document = document.id
        own = self.own_date(written) if written is not None else None
        if written is None or own is None:
            return document.dating if document is not None and written is None else None
        if document is not None and own.date > document.date:
            self.found.error(
                written.span,
                "dates",
                f"`date:` {own.date} is after '{document.id}' was written ({document.date})",
                "beside a document it says as of which earlier day its author spoke",
            )
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
            )
            return None
        self.readers.bases(claim.bases)
        self.readers.basis(claim, "`date:`", True)
        day = claim.expression.value
        return Dating(day, "ours", day, by_month)

    def own(self, passages: tuple[str, ...], span: Span) -> None:
        """Warns of a passage that another document wrote."""
        for id in passages if self.document else ():
            named = [p for p in self.case.passages.values() if id in (p.id, p.id.split(".")[0])]
            others = {p.document for p in named} - {self.document}
            if others:
                self.found.warning(
                    span,
                    "foreign-passage",
                    f"passage '{id}' is of {' and '.join(sorted(others))}, not of {self.document}",
                    "an assessment cites its author alone; do so, or give a reason of ours",
                )

    # ---- premises ------------------------------------------------------------------------

    def overrides(self, root: Mapping) -> tuple[Override, ...]:
        says = self.entries(root, "says", "'says:'")
        made = []
        for section, _ in says:
            if section.value not in SAYS:
                near = suggestion(section.value, SAYS)
                self.found.error(
                    section.span,
                    "different-model",
                    f"an assessment cannot set '{section.value}:'",
                    f"{near} {ONLY}" if near.startswith("did you mean") else ONLY,
                )
                continue
            for key, value in self.entries(says, section.value, f"'{section.value}:'"):
                fits = {"unknown": self.prior, "belief": self.types, "state": self.start}
                if fits[section.value](key, value):
                    passages = tuple(dict.fromkeys(p for b in bases_of(value) for p in b.passages))
                    what = f"{section.value} {' '.join(key.value.split())}"
                    made.append(Override(what, value, key.span, passages))
        return tuple(made)

    def prior(self, key: Text, value: Node) -> bool:
        """Whether it is a prior that the unknown can have: the same options, the same support."""
        old = next((u for u in self.case.crisis.unknowns if u.name == key.value), None)
        if old is None:
            known = [u.name for u in self.case.crisis.unknowns]
            self.readers.unknown_name(key, known, "unknown")
            return False
        what = f"unknown '{key.value}'"
        node = self.readers.mapping(value, what, key.span)
        ok = isinstance(value, Mapping)
        for inner, _ in node:
            if inner.value not in PRIORS:
                near = suggestion(inner.value, PRIORS, "priors")
                self.found.error(
                    inner.span,
                    "different-model",
                    f"an assessment cannot set '{inner.value}' of {what}",
                    near or ONLY,
                )
                ok = False
        given = [prior for prior in PRIORS if node.key(prior)]
        if ok and len(given) != 1:
            self.found.error(
                key.span,
                "prior",
                f"{what} must have exactly one prior: {', '.join(PRIORS)}",
                "as in `share: .3 .. .95 ~B59`",
            )
            return False
        if not ok:
            return False
        if (given[0] == "among") != (old.prior == "among"):
            self.found.error(
                key.span,
                "kind",
                f"{what} is `{old.prior}` in the case, so not `{given[0]}` here",
                _options_of(old) or "use a prior of numbers: between, share, scale, normal, says",
            )
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
            old.prior == "between"
            and old.low is not None
            and (constant(old.low.expression) or 0.0) >= 0
        )
        wrong = ""
        if share and (
            prior in ("scale", "normal")
            or (
                prior == "between"
                and low is not None
                and high is not None
                and not 0 <= low < high <= 1
            )
        ):
            wrong = "is a share, from 0 to 1"
        elif positive and (
            prior == "normal" or (prior == "between" and low is not None and low < 0)
        ):
            wrong = "cannot be below 0"
        if wrong:
            self.found.error(
                (node.key(prior) or node).span,
                "support",
                f"in the case the unknown '{key.value}' {wrong}",
                f"the case has `{old.prior}:`; use that, with other points",
            )
        return not wrong

    def types(self, key: Text, value: Node) -> bool:
        beliefs = {f"{b.holder} about {b.about}": b for b in self.case.crisis.beliefs}
        belief = beliefs.get(" ".join(key.value.split()))
        if belief is None:
            self.readers.unknown_name(key, beliefs, "belief")
            return False
        names = [t.name for t in belief.types]
        return self.same(key, value, names, f"belief '{key.value}'", "types")

    def same(self, key: Text, value: Node | None, names: list[str], what: str, kind: str) -> bool:
        """Whether exactly these names have a value."""
        node = self.readers.mapping(value, what, key.span)
        ok = isinstance(value, Mapping)
        for name, _ in node:
            if name.value not in names:
                self.found.error(
                    name.span,
                    f"unknown-{kind[:-1]}",
                    f"{what} has no '{name.value}' in the case",
                    suggestion(name.value, names, kind),
                )
                ok = False
        missing = [name for name in names if node.key(name) is None]
        if isinstance(value, Mapping) and missing:
            self.found.error(
                key.span,
                "missing",
                f"{what} gives no probability to {', '.join(missing)}",
                "a prior is replaced whole; what is impossible gets 0 and a reason",
            )
            ok = False
        return ok

    def start(self, key: Text, value: Node) -> bool:
        """Whether it is a hidden start: one that no passage states."""
        states: dict[str, State] = {s.name: s for s in self.case.crisis.states}
        state = states.get(key.value)
        if state is None:
            self.readers.unknown_name(key, states, "quantity")
            return False
        if not isinstance(value, Text):
            self.found.error(
                value.span,
                "different-model",
                f"an assessment sets where '{key.value}' starts, and nothing else of it",
                f"as in `{key.value}: hold ~A94`; {ONLY}",
            )
            return False
        stated = [b for b in (state.start.bases if state.start else ()) if b.grade == "stated"]
        if stated:
            passages = ", ".join(p for basis in stated for p in basis.passages)
            self.found.error(
                key.span,
                "stated-start",
                f"where '{key.value}' starts is stated by {passages}: a fact, not a premise",
                "an assessment may set starts that the case supposes (~ or ?)",
            )
            return False
        return True

    # ---- judgements ----------------------------------------------------------------------

    def judgement(
        self, key: Text, value: Node, overrides: tuple[Override, ...]
    ) -> Judgement | None:
        what = f"judgement '{key.value}'"
        node = self.readers.mapping(value, what, key.span)
        if not isinstance(value, Mapping):
            return None
        self.readers.known(node, JUDGES, what)
        self.judged(key)
        ways = [way for way in ("question", "premise", "inexpressible") if node.key(way)]
        if len(ways) != 1:
            self.found.error(
                key.span,
                "judgement",
                f"{what} needs exactly one of `question:`, `premise:` and `inexpressible:`",
                "as in `{question: broad_conflict, phrase: unlikely}`",
            )
            return None
        empty = Judgement(
            passage=key.value,
            question=None,
            low=None,
            high=None,
            basis=None,
            phrase="",
            premise=(),
            inexpressible="",
            span=key.span,
        )
        if ways[0] == "question":
            return self.expected(key, node, what, empty)
        for stray in ("phrase", "interval"):
            text = node.key(stray)
            if text is not None:
                self.found.error(
                    text.span,
                    "judgement",
                    f"{what} has a `{stray}:` of no question",
                    "name the `question:`",
                )
        if ways[0] == "inexpressible":
            why = self.readers.words(node, "inexpressible")
            if not why:
                self.found.error(
                    key.span,
                    "missing",
                    f"{what} does not say why",
                    "one line: what would have to be asked",
                )
                return None
            return replace(empty, inexpressible=why)
        return self.presumed(node, what, empty, overrides)

    def judged(self, key: Text) -> None:
        """The key is a passage of the assessment's own document."""
        if self.document is None:
            return  # without a document the keys are free names
        passage = self.case.passages.get(key.value)
        if passage is None:
            no_passage(key, self.case, self.found)
        elif passage.document != self.document:
            self.found.error(
                key.span,
                "foreign-judgement",
                f"'{key.value}' is a judgement of '{passage.document}', not of '{self.document}'",
                f"move it to the assessment of '{passage.document}'",
            )

    def expected(self, key: Text, node: Mapping, what: str, empty: Judgement) -> Judgement | None:
        text = self.readers.text(node.get("question"), f"{what}, question")
        if text is None:
            return None
        questions = {q.id: q for q in self.case.questions}
        question = questions.get(text.value)
        if question is None:
            self.readers.unknown_name(text, questions, "question")
            return None
        if not question.binary:
            self.found.error(
                text.span,
                "not-binary",
                f"'{text.value}' asks for a quantity, not for yes or no",
                "judge a question from `questions:`",
            )
            return None
        ways = [way for way in ("phrase", "interval") if node.key(way)]
        if len(ways) != 1:
            self.found.error(
                key.span,
                "judgement",
                f"{what} needs exactly one of `phrase:` and `interval:`",
                "as in `phrase: unlikely` or `interval: .1 .. .35 ~J69`",
            )
            return None
        read = self.phrase if ways[0] == "phrase" else self.interval
        return read(key, node, what, replace(empty, question=question.id))

    def phrase(self, key: Text, node: Mapping, what: str, empty: Judgement) -> Judgement | None:
        text = self.readers.text(node.get("phrase"), f"{what}, phrase")
        parsed = parse_plain(text, self.found) if text is not None else None
        if parsed is None or text is None:
            return None
        if self.document is None:
            self.found.error(
                text.span,
                "no-basis",
                f"{what} has an estimative phrase and no document",
                "without a document write `interval: .1 .. .35 ? why`",
            )
            return None
        phrase, bases = parsed
        self.readers.bases(bases)
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
        text = self.readers.text(node.get("interval"), f"{what}, interval")
        pair = parse_range(text, self.found) if text is not None else None
        if pair is None or text is None:
            return None
        low, high = (
            self.readers.check(claim, f"{what}, interval", NUMBER, scope=_NOTHING) for claim in pair
        )
        if low is None or high is None:
            return None
        ends = constant(low.expression), constant(high.expression)
        if ends[0] is None or ends[1] is None or not 0 < ends[0] < ends[1] < 1:
            self.found.error(
                text.span,
                "probability",
                f"the interval of {what} is not an interval of a probability",
                "two numbers, 0 < low < high < 1, as in .1 .. .35",
            )
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
        named = self.readers.names(node.get("premise"), f"{what}, premise")
        ok = bool(named)
        if not named:
            key = node.key("premise")
            self.found.error(
                key.span if key else node.span,
                "missing",
                f"{what} names no premise",
                "as in [unknown order]",
            )
        for text in named:
            if " ".join(text.value.split()) not in set_here:
                self.found.error(
                    text.span,
                    "unset-premise",
                    f"'{text.value}' is not set under `says:`",
                    suggestion(text.value, set_here, "set here") or "set it there",
                )
                ok = False
        premise = tuple(" ".join(text.value.split()) for text in named)
        return replace(empty, premise=premise) if ok else None


def _options_of(unknown: Unknown) -> str:
    names = ", ".join(option.name for option in unknown.options)
    return f"`among:` with {names}" if names else ""
