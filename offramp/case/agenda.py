"""Policies: what texts recommend, as edits; and losses: whose interest a policy is judged by.

A case may have a `policies.yaml`:

    losses:
      kelmark:
        name: Kelmark's sailors and trade
        about: The government in Port Kel counts its dead and its trade.
        sum:
          sailors: 1 [? the unit] * count(swarm.death)
          trade: 10 [? a tenth lost weighs as one sailor] * max(0, .9 ? as now - final(trade))
    policies:
      T27:                              # a passage, or a name of your own with `cites:`
        name: No blockade
        addressee: [kelmark]
        do: {never: [kelmark.blockade]}
        note: where the reading is doubtful

A policy is what somebody can do (Pearl's do, offramp/language/edits.py), so it may not `set` an
unknown or a start: those are drawn, and conditioned on, before the policy begins. A loss is a sum
of terms in the grammar of questions, each over the days from the policy's to the last that is shown
(`show until:`). Losses belong to people; several are asked for because any one of them hides a
value judgement (Lempert 2019, Robust Decision Making).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, idle, read_edits
from offramp.language.expressions import SourcedValue
from offramp.language.kinds import NUMBER, Scope
from offramp.language.questions import Question, _Reader, asking
from offramp.language.readers import Readers
from offramp.language.supposed import alike
from offramp.text.diagnostics import CaseError, Diagnostics, Span
from offramp.text.tree import Mapping, Text

FILE = "policies.yaml"
SECTIONS = ("losses", "policies")
POLICY = ("name", "addressee", "cites", "do", "note", "inexpressible")
LOSS = ("name", "about", "of", "cites", "sum")
AS_IT_IS = "as it is"  # the row that is always there: no edit


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A recommendation as edits, or why it cannot be one; exactly one of the two is given.

    id         a passage, or a name of the case's own
    addressee  the actors who would have to do it; empty where the text names nobody
    note       where the reading is doubtful, or why it is here without a passage
    """

    id: str
    name: str
    addressee: tuple[str, ...]
    cites: tuple[str, ...]
    edits: tuple[Edit, ...]
    note: str
    inexpressible: str
    span: Span

    @property
    def does(self) -> tuple[str, ...]:
        """What it does, in a form in which equal policies are equal: without the marks."""
        return alike(self.edits)


@dataclass(frozen=True)
class Term:
    """One term of a loss: a number a world, weighted, that is to be small."""

    name: str
    amount: SourcedValue


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Somebody's interest as a sum of terms, lower is better; only differences mean anything.

    about  whose interest it is, and on what reading of the texts
    of     the actors whose interest it is, where they are actors of the crisis: what they can do
           themselves is compared apart, since one regrets what one could have chosen
    """

    id: str
    name: str
    about: str
    of: tuple[str, ...]
    cites: tuple[str, ...]
    terms: tuple[Term, ...]
    span: Span

    def questions(self, crisis: Crisis) -> tuple[Question, ...]:
        """Its terms as questions of a number, over the whole course of the crisis."""
        return tuple(
            Question(
                id=f"{self.id}: {t.name}",
                text=t.name,
                first=crisis.first,
                last=crisis.shown_last,
                asks=t.amount,
                given=None,
                kind_of="number",
                kind=NUMBER,
                cites=self.cites,
                resolves="",
                headline=False,
                clause="",
                resolution=None,
                span=self.span,
            )
            for t in self.terms
        )


@dataclass(frozen=True)
class Agenda:
    """What a case's policies.yaml holds."""

    policies: tuple[Policy, ...]
    losses: tuple[Loss, ...]


def read_agenda(case: Core) -> Read[Agenda]:
    """The case's policies and losses; none without the file."""
    nothing = Agenda((), ())
    if not case.texts.has(FILE):
        return Read(nothing)
    found = Diagnostics()
    root = case.texts.tree(FILE, found)
    agenda = nothing if root is None else agenda_from(root, case.crisis, case.readers(found))
    return Read(agenda, tuple(found.ordered()))


def agenda_from(root: Mapping, crisis: Crisis, readers: Readers) -> Agenda:
    """What stands in a tree; findings go to those of `readers`."""
    readers.known(root, SECTIONS, "a file of policies")
    scope = asking(crisis, readers)
    losses = [
        _loss(key, node, crisis, readers, scope) for key, node in readers.section(root, "losses")
    ]
    course = crisis.until(crisis.shown_last)  # losses see nothing of what is done later
    policies = [
        _policy(key, node, course, readers) for key, node in readers.section(root, "policies")
    ]
    for name, entries in (("losses", losses), ("policies", policies)):
        if not entries:
            readers.found.error(
                root.span,
                "missing",
                f"there are no `{name}:`",
                "a policy is judged by somebody's loss: it takes both",
            )
    return Agenda(tuple(p for p in policies if p), tuple(x for x in losses if x))


def begin_on(agenda: Agenda, crisis: Crisis, begins: dt.date) -> None:
    """Refuses policies that on that day change nothing, or not what they say, as one that forces an
    event on days that are past. Raises CaseError with all of them."""
    found = Diagnostics()
    for policy in agenda.policies:
        for edit in policy.edits:
            why = idle(edit, crisis, begins)
            if why is not None:
                found.error(edit.span, "moot", f"policy '{policy.id}': {why[0]}", why[1])
    if found.errors:
        raise CaseError(found.ordered())


# ---- policies ----------------------------------------------------------------------------


def _policy(key: Text, node: Mapping, crisis: Crisis, readers: Readers) -> Policy | None:
    found, what = readers.found, f"policy '{key.value}'"
    before = len(found.errors)
    readers.known(node, POLICY, what)
    name, note = readers.words(node, "name"), readers.words(node, "note")
    why_not = readers.words(node, "inexpressible")
    if key.value == AS_IT_IS:
        found.error(
            key.span,
            "reserved",
            f"'{AS_IT_IS}' is the row without an edit",
            "it is always there; take another name",
        )
    if not name:
        found.error(key.span, "missing", f"{what} has no `name:`", "what is to be done, in words")
    cites = readers.cites(node)
    known = readers.passages
    if known is not None and key.value in known:
        readers.passage(key.value, key.span)
        cites = cites if key.value in cites else (key.value, *cites)
    elif not cites and not note:
        found.error(
            key.span,
            "no-basis",
            f"{what} is not a passage, and nothing says where it comes from",
            "name it by the passage that recommends it, or write `cites: [R9]`, or say in `note:` "
            "why it is here",
        )
    addressee = _actors(node, "addressee", what, crisis, readers)
    if (node.get("do") is None) == (not why_not):
        found.error(
            key.span,
            "policy",
            f"{what} needs exactly one of `do:` and `inexpressible:`",
            "an edit, as in `do: {never: [us.withdraw]}`, or why there is none",
        )
    edits = _edits(node, what, crisis, readers) if node.get("do") is not None else ()
    if len(found.errors) > before:
        return None
    return Policy(
        id=key.value,
        name=name,
        addressee=addressee,
        cites=cites,
        edits=edits,
        note=note,
        inexpressible=why_not,
        span=key.span,
    )


def _actors(
    node: Mapping, key: str, what: str, crisis: Crisis, readers: Readers
) -> tuple[str, ...]:
    known = [a.name for a in crisis.actors]
    named = readers.names(node.get(key), f"{what}, {key}")
    for actor in named:
        if actor.value not in known:
            readers.unknown_name(actor, known, "actor")
    return tuple(a.value for a in named)


def _edits(node: Mapping, what: str, crisis: Crisis, readers: Readers) -> tuple[Edit, ...]:
    found, root = readers.found, node.get("do")
    before = len(found.errors)
    edits = read_edits(root, crisis, readers)
    unknowns = {u.name for u in crisis.unknowns}
    for edit in edits:
        if edit.verb == "set":
            help = (
                "no actor can choose what is unknown; ask `offramp sensitivity`, or edit what an "
                "actor can do: never, force, cost, urge"
                if edit.target in unknowns
                else f"`hold: {{{edit.target}: ...}}` keeps a quantity from the policy's day on"
            )
            found.error(
                edit.span,
                "not-a-policy",
                f"{what} sets '{edit.target}', which was drawn before it begins",
                help,
            )
    if not edits and len(found.errors) == before:
        key = node.key("do")
        found.error(
            key.span if key else node.span,
            "missing",
            f"{what} does nothing",
            "as in `do: {never: [us.withdraw]}`",
        )
    return edits


# ---- losses ------------------------------------------------------------------------------


def _loss(key: Text, node: Mapping, crisis: Crisis, readers: Readers, scope: Scope) -> Loss | None:
    found, what = readers.found, f"loss '{key.value}'"
    before = len(found.errors)
    readers.known(node, LOSS, what)
    of = _actors(node, "of", what, crisis, readers)
    name, about = readers.words(node, "name"), readers.words(node, "about")
    for word, said in (("name", name), ("about", about)):
        if not said:
            found.error(
                key.span,
                "missing",
                f"{what} has no `{word}:`",
                "a loss is somebody's: say in a line whose, and why",
            )
    terms = []
    for term, value in readers.mapping(node.get("sum"), f"{what}, sum", key.span):
        reader = _Reader(
            key=term, node=node, section="quantities", crisis=crisis, readers=readers, found=found
        )
        reader.what = f"{what}, {term.value}"
        claim = reader.proposition(value, "term", NUMBER, scope)
        if claim is None:
            continue
        if not claim.bases:
            found.error(
                value.span,
                "no-basis",
                f"{what}: nothing says why '{term.value}' counts",
                f"put a weight with its reason before it, as in `1 [? the unit] * {claim.text}`",
            )
        if any("(" in name for _, name in _watched(claim)):
            found.error(
                value.span,
                "reading",
                f"{what}: '{term.value}' reads minds, and a loss counts what happens",
                "a question may ask for such readings; a loss for the quantities behind them",
            )
        if not _watched(claim):
            found.error(
                value.span,
                "constant",
                f"{what}: '{term.value}' is alike in all worlds",
                "count, first, highest, lowest, final, initial or mean of something",
            )
        terms.append(Term(term.value, claim))
    if not terms and len(found.errors) == before:
        found.error(key.span, "missing", f"{what} counts nothing", "sum: {deaths: 1 [? ...] * ...}")
    if len(found.errors) > before:
        return None
    return Loss(
        id=key.value,
        name=name,
        about=about,
        of=of,
        cites=readers.cites(node),
        terms=tuple(terms),
        span=key.span,
    )


def _watched(claim: SourcedValue) -> tuple[tuple[str, str], ...]:
    """What a term watches: (function, name)."""
    day = dt.date.min
    return Question(
        id="",
        text="",
        first=day,
        last=day,
        asks=claim,
        given=None,
        kind_of="number",
        kind=NUMBER,
        cites=(),
        resolves="",
        headline=False,
        clause="",
        resolution=None,
        span=claim.span,
    ).atoms
