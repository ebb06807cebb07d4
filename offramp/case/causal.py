"""Causal claims: what an author says causes what, as a test of sign and strength.

A claim turns something of the model two ways (edits `high` and `low`), asks one thing of the
worlds of both (`effect`), and says which way the answer must move, and how far at least:

    E[Y | do(high)] - E[Y | do(low)]        (Pearl 2009, Causality)

under the claiming author's own assessment; or by how much that difference exceeds the same of a
second pair of arms, `beside` it (difference in differences; Angrist and Pischke 2009, Mostly
Harmless Econometrics, chapter 5). Claims stand in `claims/NAME.yaml` of a case, where
NAME is an assessment, or `case` for the case itself; each is named by the passage that makes it
(docs/claims.md). How they are put to the model is `offramp/explain/claim_tests.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from offramp.case.assessments import Assessment
from offramp.case.core import Core, Read
from offramp.language.edits import Edit, idle, read_edits
from offramp.language.expressions import (
    Call,
    Expression,
    Number,
    Operation,
    SourcedValue,
    parse_claim,
    rebuild,
    walk,
)
from offramp.language.identity import canonical
from offramp.language.kinds import FLAG, Kind, Resolver
from offramp.language.questions import Question, asking, read_question
from offramp.text.diagnostics import Diagnostic, Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Text

Sign = Literal["+", "-", "none"]
Strength = Literal["", "little", "weak", "moderate", "strong", "decisive"]

SIGNS: tuple[Sign, ...] = ("+", "-", "none")
STRENGTHS: tuple[Strength, ...] = ("little", "weak", "moderate", "strong", "decisive")
QUOTED = 6  # words of a source document that may stand in a row

KEYS = (
    "says",
    "high",
    "low",
    "effect",
    "window",
    "given",
    "sign",
    "strength",
    "because",
    "beside",
    "inexpressible",
)
BESIDE = ("high", "low", "window")
TESTED = ("says", "high", "low", "effect", "window", "sign", "because")
_IN_QUOTES = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»')
_CASE = "case"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two arms, and what is asked of both."""

    high: tuple[Edit, ...]
    low: tuple[Edit, ...]
    question: Question

    @property
    def arms(self) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
        return self.high, self.low


@dataclass(frozen=True, kw_only=True)
class CausalClaim:
    """One claim. Either it is a test, or `inexpressible` says why the model cannot state it.

    id        the passage that makes the claim
    author    the assessment under which it is tested; `case` for the case itself
    says      what causes what, in our words
    high, low the edits of the two arms; none is the model as it is
    question  the effect with its window and condition; None for an inexpressible claim
    sign      which way the effect must go from low to high; `none` claims that it goes nowhere
    strength  how far at least, or `little`: there, and not far; '' with `none`
    because   the words of the source from which sign and strength were read
    beside    a second pair of arms: the effect is then by how much that of the first exceeds its
    """

    id: str
    author: str
    says: str
    high: tuple[Edit, ...]
    low: tuple[Edit, ...]
    question: Question | None
    sign: Sign
    strength: Strength
    because: str
    inexpressible: str
    span: Span
    beside: Pair | None = None

    @property
    def believed(self) -> bool:
        """Whether its effect is a belief, on the window's last day."""
        atoms = self.question.atoms if self.question else ()
        return any(name.startswith("believes(") for _, name in atoms)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The first pair of arms, and that beside it; none for an inexpressible claim."""
        if self.question is None:
            return ()
        first = Pair(high=self.high, low=self.low, question=self.question)
        return (first, self.beside) if self.beside else (first,)


def read_claims(case: Core, authors: dict[str, Assessment]) -> Read[dict[str, CausalClaim]]:
    """The claims that could be read, by passage, file by file in the order of their names."""
    read: dict[str, CausalClaim] = {}
    listing = Diagnostics()
    files = case.texts.authors("claims", listing)
    found: list[Diagnostic] = list(listing.found)
    for file in files:
        claims, findings = _Reader(file, case, authors).read()
        found += findings
        for claim in claims:
            other = read.setdefault(claim.id, claim)
            if other is not claim:
                found.append(
                    Diagnostic(
                        claim.span,
                        "twice",
                        f"'{claim.id}' is a claim already, in {other.span.file}",
                        "a passage makes its claim once, with its own author",
                    )
                )
    return Read(read, tuple(found))


class _Reader:
    """Reads one file, with findings of its own."""

    def __init__(self, file: str, case: Core, authors: dict[str, Assessment]) -> None:
        self.file, self.case, self.authors = file, case, authors
        self.name = file.rpartition("/")[2].removesuffix(".yaml")
        self.found = Diagnostics()
        self.readers = case.readers(self.found)

    def read(self) -> tuple[list[CausalClaim], list[Diagnostic]]:
        root = self.case.texts.tree(self.file, self.found)
        if root is None:
            return [], [_about_minus(d) for d in self.found.ordered()]
        self.readers.known(root, ("claims",), "a file of claims")
        document = self.document(root)
        if root.get("claims") is None:
            self.found.error(root.span, "missing", "`claims:` is missing", "its entries go there")
        made = [
            claim
            for key, node in self.readers.section(root, "claims")
            if (claim := self.claim(key, node, document)) is not None
        ]
        known = set(self.case.warnings)
        return made, [d for d in self.found.ordered() if d not in known]

    def document(self, root: Mapping) -> str | None:
        """The document whose claims these are; None for the case and for authors without one."""
        name = self.name
        if name == _CASE:
            return None
        author = self.authors.get(name)
        if author is None:
            span = Span(self.case.texts.source(self.file), root.span.line, root.span.column)
            written = self.case.texts.has(f"assessments/{name}.yaml")
            self.found.error(
                span,
                "unknown-assessment",
                f"the assessment '{name}' has errors of its own"
                if written
                else f"there is no assessment '{name}' whose claims these could be",
                "see `offramp check`"
                if written
                else suggestion(name, (*self.authors, _CASE), "assessments"),
            )
            return None
        return author.document

    def claim(self, key: Text, node: Mapping, document: str | None) -> CausalClaim | None:
        what, before = f"claim '{key.value}'", len(self.found.errors)
        self.readers.known(node, KEYS, what)
        self.made_by(key, document)
        says, because = self.readers.words(node, "says"), self.readers.words(node, "because")
        self.short(node.get("because"), because, what)
        empty = CausalClaim(
            id=key.value,
            author=self.name,
            says=says,
            high=(),
            low=(),
            question=None,
            sign="none",
            strength="",
            because=because,
            inexpressible="",
            span=key.span,
        )
        if node.key("inexpressible"):
            made = self.left_out(key, node, what, empty)
        else:
            made = self.test(key, node, what, empty)
        return made if len(self.found.errors) == before else None

    def made_by(self, key: Text, document: str | None) -> None:
        """The key is a passage, and of the author's own document."""
        passage = self.case.passages.get(key.value)
        if passage is None:
            self.found.error(
                key.span,
                "unknown-passage",
                f"there is no passage '{key.value}'",
                suggestion(key.value, self.case.passages)
                or "a claim is named by the passage that makes it; see passages.yaml",
            )
        elif document and passage.document != document:
            self.found.warning(
                key.span,
                "foreign-passage",
                f"passage '{key.value}' is of {passage.document}, not of {document}",
                "a claim stands under its own author; move it there",
            )

    def short(self, node: Node | None, because: str, what: str) -> None:
        for quoted in _IN_QUOTES.findall(because):
            words = len(" ".join(quoted).split())
            if node is not None and words > QUOTED:
                self.found.error(
                    node.span,
                    "quotation",
                    f"{what} quotes {words} words in a row",
                    f"{QUOTED} at most, the rest in our own words",
                )

    def left_out(
        self, key: Text, node: Mapping, what: str, empty: CausalClaim
    ) -> CausalClaim | None:
        why = self.readers.words(node, "inexpressible")
        if not why:
            self.found.error(
                key.span,
                "missing",
                f"{what} does not say why",
                "one line: what the model would need",
            )
        if not empty.says:
            self.found.error(
                key.span, "missing", f"{what} has no `says:`", "what causes what, in our words"
            )
        for name in (*BESIDE, "effect", "given", "sign", "strength", "beside"):
            stray = node.key(name)
            if stray is not None:
                self.found.error(
                    stray.span,
                    "claim",
                    f"{what} is inexpressible and has `{name}:`",
                    "either a test, or the reason why there is none",
                )
        return replace(empty, inexpressible=why)

    def test(self, key: Text, node: Mapping, what: str, empty: CausalClaim) -> CausalClaim | None:
        helps = {
            "says": "what causes what, in our words",
            "high": "a `do:` of edits; `high: {}` is the model as it is",
            "low": "a `do:` of edits; `low: {}` is the model as it is",
            "effect": "as in `effect: count(rocket) > 0`, in the grammar of questions",
            "window": "as in `window: 2020-01-24 .. 2020-06-30`",
            "sign": 'one of +, "-" (in quotes) and none',
            "because": "the words from which sign and strength were read",
        }
        missing = [name for name in TESTED if node.get(name) is None]
        missing += [n for n in ("says", "because") if n not in missing and not self.has(node, n)]
        for name in missing:
            self.found.error(key.span, "missing", f"{what} has no `{name}:`", helps[name])
        sign, strength = self.sign(node, what), self.strength(node, what, key)
        high, low = self.arms(key, node, what)
        question = None
        if "effect" not in missing and "window" not in missing:
            question = self.question(key, node, what)
        if question is None:
            return None
        first = Pair(high=high, low=low, question=question)
        beside = self.beside(key, node, first, what)
        for pair in (first, beside) if beside else (first,):
            for edit in (*pair.high, *pair.low):
                self.in_time(edit, pair.question, what)
        return replace(
            empty,
            high=high,
            low=low,
            question=question,
            sign=sign or "none",
            strength=strength,
            beside=beside,
        )

    def arms(
        self, key: Text, node: Mapping, what: str
    ) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
        """The edits of both arms, which must differ and change something."""
        high, low = (self.arm(node.get(name)) for name in ("high", "low"))
        crisis = self.case.crisis
        if (high or low) and all(idle(e, crisis, crisis.first) for e in (*high, *low)):
            self.found.error(
                key.span,
                "claim",
                f"{what} changes nothing: each of its edits leaves things as they are",
                "what is high in one arm is low, or never, in the other",
            )
        elif None not in (node.get("high"), node.get("low")) and same_edits(high, low):
            self.found.error(
                key.span,
                "claim",
                f"{what} changes nothing: its high and its low are the same edit",
                "what is high in one arm is low, or never, in the other",
            )
        return high, low

    def beside(self, key: Text, node: Mapping, first: Pair, what: str) -> Pair | None:
        """The second pair of arms, of which the same is asked; in the same window unless it has its
        own."""
        place, value = node.key("beside"), node.get("beside")
        if place is None or value is None:
            return None
        what = f"{what}, beside"
        own = self.readers.mapping(value, f"{what}:", place.span)
        self.readers.known(own, BESIDE, what)
        for name in ("high", "low"):
            if own.get(name) is None:
                self.found.error(
                    place.span,
                    "missing",
                    f"{what} has no `{name}:`",
                    "a second pair of arms; `{}` is the model as it is",
                )
                return None
        high, low = self.arms(place, own, what)
        question = first.question
        if own.get("window") is not None:
            asked = self.question(key, node, what, own)
            if asked is None:
                return None
            question = asked
        pair = Pair(high=high, low=low, question=replace(question, id=f"{key.value} beside"))
        self.compares(place, first, pair, what)
        return pair

    def compares(self, place: Text, first: Pair, pair: Pair, what: str) -> None:
        """Whether two pairs of arms can be told apart, and are asked of windows as long."""
        days = [(p.question.last - p.question.first).days + 1 for p in (first, pair)]
        same = all(same_edits(a, b) for a, b in zip(first.arms, pair.arms, strict=True))
        if same and first.question.first == pair.question.first and days[0] == days[1]:
            self.found.error(
                place.span,
                "beside",
                f"{what} is the same pair in the same window: the effect is compared with itself",
                "other edits, or another window",
            )
        elif days[0] != days[1]:
            self.found.warning(
                place.span,
                "beside",
                f"{what} is asked of {days[1]} days, and the first pair of {days[0]}",
                "windows as long, or the difference is also one of time",
            )

    def has(self, node: Mapping, key: str) -> bool:
        return bool(self.readers.words(node, key))

    def arm(self, node: Node | None) -> tuple[Edit, ...]:
        if isinstance(node, Text) and not node.value.strip():
            self.found.error(
                node.span,
                "shape",
                "an arm without edits is written `{}`",
                "as in `low: {}`, the model as it is",
            )
            return ()
        if node is None:
            return ()
        return read_edits(node, self.case.crisis, self.readers, one_of_two=True)

    def sign(self, node: Mapping, what: str) -> Sign | None:
        text = self.readers.text(node.get("sign"), f"{what}, sign")
        if text is None:
            return None
        for sign in SIGNS:
            if text.value.strip() == sign:
                return sign
        self.found.error(
            text.span,
            "sign",
            f"{what} has the sign '{text.value}'",
            'one of +, "-" (in quotes) and none',
        )
        return None

    def strength(self, node: Mapping, what: str, key: Text) -> Strength:
        text = self.readers.text(node.get("strength"), f"{what}, strength")
        sign = node.get("sign")
        nothing = isinstance(sign, Text) and sign.value.strip() == "none"
        if text is None:
            if not nothing and sign is not None:
                self.found.error(
                    key.span,
                    "missing",
                    f"{what} has no `strength:`",
                    "one of " + ", ".join(STRENGTHS),
                )
            return ""
        if nothing:
            self.found.error(
                text.span,
                "strength",
                f"{what} has no effect and a strength",
                "leave `strength:` out with `sign: none`",
            )
            return ""
        for strength in STRENGTHS:
            if text.value.strip() == strength:
                return strength
        self.found.error(
            text.span,
            "strength",
            f"{what} has the strength '{text.value}'",
            suggestion(text.value, STRENGTHS, "one of"),
        )
        return ""

    def question(
        self, key: Text, node: Mapping, what: str, timed: Mapping | None = None
    ) -> Question | None:
        """The effect as a question of the case: the same grammar, the same checks. `timed` has the
        window, where that is not the claim's own."""
        effect = self.readers.text(node.get("effect"), f"{what}, effect")
        window = (timed or node).get("window")
        if effect is None or window is None:
            return None
        section, yes_no = self.section(effect)
        entries: list[tuple[Text, Node]] = [
            (Text("text", key.span), node.get("says") or key),
            (node.key("effect") or key, effect),
        ]
        entries[1] = (Text("asks", entries[1][0].span), effect)
        for name, of in (("window", timed or node), ("given", node)):
            value, place = of.get(name), of.key(name)
            if value is not None and place is not None:
                entries.append((place, value))
        asked = Mapping(tuple(entries), node.span)
        question = read_question(
            key=key,
            node=asked,
            section=section,
            crisis=self.case.crisis,
            readers=self.readers,
            found=self.found,
            what=what,
            asked="effect",
        )
        if question is not None and section != "beliefs" and not question.atoms:
            self.found.error(
                effect.span,
                "constant",
                f"{what}: the effect is alike in all worlds",
                "count, first, highest, lowest, final, initial or mean of something",
            )
            return None
        if question is None or section != "beliefs":
            return question
        for part in walk(question.asks.expression):
            inside = isinstance(part, Call) and part.function not in ("believes", "min", "max")
            if inside:
                self.found.error(
                    part.span,
                    "belief",
                    f"{what} mixes a belief with what happened",
                    "believes(holder, about, type) of one or more types, and nothing else",
                )
        asks = replace(question.asks, expression=rebuild(question.asks.expression, _that_evening))
        return replace(question, asks=asks, kind_of="binary" if yes_no else "number")

    def section(self, effect: Text) -> tuple[str, bool]:
        """In which section of a questions file the effect would stand; whether it is yes or no."""
        quiet = Diagnostics()
        parsed = parse_claim(effect, quiet)
        if parsed is None:
            return "quantities", False  # its mistake is reported by whoever reads it there
        scope = asking(self.case.crisis, self.readers)
        kind: Kind = Resolver(scope, quiet).resolve(parsed.expression)[1]
        calls = [p.function for p in walk(parsed.expression) if isinstance(p, Call)]
        if "believes" in calls:
            return "beliefs", kind == FLAG
        return ("questions" if kind == FLAG else "quantities"), kind == FLAG

    def in_time(self, edit: Edit, question: Question, what: str) -> None:
        """Warns of an edit that comes too late to be seen."""
        days = edit.dates if edit.verb == "force" else (edit.start,) if edit.start else ()
        if days and min(days) > question.last:
            self.found.warning(
                edit.span,
                "too-late",
                f"{what}: `{edit.words}` begins after the window, which ends on {question.last}",
                "an earlier day, or a longer window",
            )


def _that_evening(e: Expression) -> Expression:
    """A belief is asked of the window's last evening."""
    belief = isinstance(e, Call) and e.function == "believes"
    return Call("final", (e,), e.span) if belief else e


def _about_minus(d: Diagnostic) -> Diagnostic:
    """YAML takes a lone minus for the beginning of a list."""
    lone = d.code == "yaml" and "sequence entries" in d.message
    return replace(d, help='a minus stands in quotes: sign: "-"') if lone else d


# ---- when two arms are one ---------------------------------------------------------------


def key_of(edit: Edit) -> tuple[object, ...]:
    """What an edit does, without where it is written and on which passages it rests."""
    amount = canonical(_bare(edit.amount)) if edit.amount else None
    return (edit.verb, edit.target, edit.outcome, edit.dates, repr(amount), edit.start)


def _bare(claim: SourcedValue) -> object:
    value = claim.expression
    parts = [p for p in walk(value) if isinstance(p, Number)]
    if isinstance(value, Number):
        return value.value, value.unit
    if isinstance(value, Operation) and value.operator == "neg" and len(parts) == 1:
        return -parts[0].value, parts[0].unit
    return value


def same_edits(a: tuple[Edit, ...], b: tuple[Edit, ...]) -> bool:
    """Whether two arms do the same. (Written otherwise they may still; then both are run.)"""
    return tuple(map(key_of, a)) == tuple(map(key_of, b))
