"""Sentences that page and brief share: what an answer leans on, who differs, what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from offramp.answers.wording import coarse, day, span
from offramp.case.agenda import AS_IT_IS
from offramp.explain.essentials import shift
from offramp.explain.signposts import sentence
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.answers.forecast import Answer
    from offramp.explain.compare import Carrier
    from offramp.explain.essentials import Dissent, Essentials, Judged, Lean
    from offramp.explain.failings import Failing
    from offramp.explain.regret import RegretRow
    from offramp.explain.robustness import Compared
    from offramp.sources import Passage

CARRIERS = 2  # of a dissent
TIED = 5  # policies that are named beside the best
LATER = "wrote later"
LUCK = 0.05


@dataclass(frozen=True)
class Point:
    """A sentence under a heading: its lead, what follows, whose it is (`ours`: our assumption), and
    the passages that it rests on."""

    lead: str
    text: str
    ours: bool = False
    cites: tuple[tuple[str, str], ...] = ()


def share_of(a: Answer) -> str:
    """An answer's percent, with no point below its error."""
    assert a.probability is not None
    return coarse(a.probability, a.mc_error)


def points(difference: float, error: float) -> str:
    """`up 5 points`, with no point below the error."""
    way = "up" if difference > 0 else "down"
    size, step = abs(100 * difference), max(1, round(100 * error))
    told = max(step, step * round(size / step))
    return f"{way} {told} point{'' if told == 1 else 's'}"


def leaning(x: Lean, number: int, passages: Mapping[str, Passage]) -> Point:
    """What an answer, of this number, leans on."""
    s = x.shift
    low, high = (coarse(p, s.error) for p in (s.before, s.after))
    side = x.contrast.split(" rather than ")[0]
    side = side if side.startswith("above ") else f"“{side}”"
    ours = "assumed" in x.grades
    basis = f" Our assumption: {x.reason}." if ours else f" {_graded(x.grades)}."
    return Point(
        lead=f"{x.title}.",
        text=f"Answer {number} is {high} where it is {side}, {low} elsewhere.{basis}",
        ours=ours,
        cites=named(x.passages, passages),
    )


def _graded(grades: tuple[str, ...]) -> str:
    """How the numbers of a prior are known."""
    stated, sized = (grades.count(g) for g in ("stated", "sized"))
    if sized:
        return "Supported by passages; the size is our estimate"
    return "Stated by a passage" if stated else "Ours"


def named(names: Sequence[str], passages: Mapping[str, Passage]) -> tuple[tuple[str, str], ...]:
    """`inss B23`, with what the passage says in our words."""
    known = [passages[n] for n in names if n in passages]
    return tuple((f"{p.document} {p.id}", p.paraphrase) for p in known[:3])


def dissent(e: Essentials, number: int, passages: Mapping[str, Passage]) -> list[Point]:
    """Under whose premises the first answer, of this number, differs, under whose it does not, and
    who gives none. What an author judged stands beside what the premises give."""
    out = [_differing(d, e, number, passages) for d in e.dissents]
    if e.agreeing:
        names = ", ".join(e.agreeing)
        own = " ".join(_own(who, e) for who in e.agreeing if who in e.judged)
        lead = f"Answer {number} is within error of the case’s under the premises of"
        cites = [x.judgement.passage for who in e.agreeing for x in e.judged.get(who, ())]
        out.append(Point(lead, f"{names}. {own}".strip(), cites=named(cites, passages)))
    later = [who for who, why in e.silent.items() if why == LATER]
    out += [
        Point(f"No answer of {who}:", f"{why}.")
        for who, why in e.silent.items()
        if who not in later
    ]
    if later:
        out.append(Point("Wrote later, and are not asked:", f"{', '.join(later)}."))
    return out


def widest(e: Essentials, numbers: Mapping[str, int]) -> list[Point]:
    """The answer that differs most between the premises of two authors, where that is beyond what
    chance would give anywhere once in twenty (Bonferroni, over all pairs of authors and all
    answers), and nobody was said to differ from the case already."""
    pairs = []
    looks = sum(math.comb(len(line.rivals), 2) for line in e.lines)
    bound = NormalDist().inv_cdf(1.0 - LUCK / (2 * max(1, looks)))
    for line in () if e.dissents else e.lines:
        known = sorted(line.rivals.items(), key=lambda r: r[1].probability or 0.0)
        if len(known) < 2:
            continue
        apart = shift(known[0][1], known[-1][1])
        if apart.difference > bound * apart.error:
            pairs.append((apart.difference, numbers[line.answer.id], known[0], known[-1]))
    if not pairs:
        return []
    _, number, (low, least), (high, most) = max(pairs)
    text = f"{share_of(least)} under {low}’s, {share_of(most)} under {high}’s."
    return [Point(f"The authors’ premises lie furthest apart on answer {number}:", text)]


def _differing(d: Dissent, e: Essentials, number: int, passages: Mapping[str, Passage]) -> Point:
    first = e.lines[0]
    theirs, ours = (share_of(a) for a in (first.rivals[d.author], first.answer))
    carried = d.carriers[:CARRIERS]
    way = "above" if d.shift.difference > 0 else "below"
    text = f"answer {number} is {theirs}, {way} the case’s {ours}"
    own = e.judged.get(d.author, ())
    cites = dict.fromkeys(
        [*(x.judgement.passage for x in own), *(p for c in carried for p in c.first)]
    )
    if carried:
        text += f", mostly by {' and '.join(map(_carried, carried))}"
    said = f" {_own(d.author, e)}" if own else ""
    lead = f"The model under {d.author}’s premises (“{d.title}”):"
    return Point(lead, f"{text}.{said}", cites=named(list(cites), passages))


def _own(author: str, e: Essentials) -> str:
    """`felt’s own judgement was 35 to 75% [J1].`; of a phrase, with the number it is read as."""
    said = "; ".join(map(_judgement, e.judged[author]))
    return f"{author}’s own judgement was {said}."


def _judgement(x: Judged) -> str:
    j = x.judgement
    assert j.low is not None
    assert j.high is not None
    size = f"{100 * j.low:.3g} to {100 * j.high:.3g}%"
    said = f"“{j.phrase}”, read as {size}" if j.phrase else size
    days = f" for {span(*x.window)}" if x.window else ""
    return f"{said}{days} [{j.passage}]"


def _carried(c: Carrier) -> str:
    return f"“{c.title}” ({points(c.points, c.error)})"


def signs(e: Essentials, numbers: Mapping[str, int], most: int) -> list[Point]:
    """What to watch for: of each answer its signs, `most` at most. Where none tells, that in
    words."""
    if e.signs is None:
        return []
    lists = [x for x in e.signs.lists if x.question.id in numbers]
    out = [
        Point(f"Answer {numbers[x.question.id]}, if still open then.", sentence(s))
        for x in sorted(lists, key=lambda x: numbers[x.question.id])
        for s in x.signs[:most]
    ]
    mute = [x for x in lists if not x.signs]
    if mute:
        names = ", ".join(map(str, sorted(numbers[x.question.id] for x in mute)))
        tried = max(x.tried for x in mute)
        which = "answer" if len(mute) == 1 else "answers"
        until = day(e.signs.last)
        looked = counted(tried, "public sign")
        said = f"of up to {looked} until {until} none tells more than luck would."
        none = f"the model has nothing until {until} that the public would see before."
        out.append(Point(f"No early sign found for {which} {names}:", said if tried else none))
    return out


def advice(c: Compared, passages: Mapping[str, Passage]) -> list[Point]:
    """By each loss, the policy least to regret over the authors, those tied with it, and what it
    is to do nothing."""
    names = {p.id: p for p in c.rows}
    out = list[Point]()
    for loss in c.agenda.losses:
        rows = {s.policy: s for s in c.of(loss.id)}
        best = c.minimax(loss.id)
        tied = [f"“{names[s.policy].name}”" for s in rows.values() if s.tied and not s.minimax]
        more = f" and {len(tied) - TIED} more" if len(tied) > TIED else ""
        alike = f" Not to be told from it: {', '.join(tied[:TIED])}{more}." if tied else ""
        idle = "" if best.policy == AS_IT_IS else f" As it is: {_regret(rows[AS_IT_IS])}."
        chosen = names[best.policy]
        out.append(
            Point(
                f"By “{loss.name}”:",
                f"least to regret is “{chosen.name}”: {_regret(best)}.{idle}{alike}",
                cites=named(chosen.cites, passages),
            )
        )
    return out


def _regret(row: RegretRow) -> str:
    """`at worst 0.31 ± 0.05 beyond the best, under inss`"""
    if row.max_regret == 0.0:
        return "the best under every author"
    size = f"{row.max_regret:.2g} ± {row.max_regret_error:.1g}"
    return f"at worst {size} beyond the best, under {row.at}"


def unseen(
    e: Essentials, passages: Mapping[str, Passage], most: int, detail: bool = False
) -> list[Point]:
    """What the model is known to get wrong, `most` of a kind (with numbers, if in `detail`), then
    what its builders own up to."""
    out = list[Point]()
    if e.failings is not None and e.failings.facts:
        wrong = e.failings.wrong
        some = f"{len(wrong)} of " if wrong else "none of "
        facts = counted(e.failings.facts, "known fact")
        out.append(Point(f"It misses {some}{facts} about such crises{':' if wrong else '.'}", ""))
        out += [_fault(x, passages, detail) for x in wrong[:most]]
    if e.failings is not None and e.failings.claims:
        failed = e.failings.failed
        some = f"{len(failed)} of" if failed else "none of"
        words = counted(e.failings.claims, "claim") + " of what causes what"
        end = ", as:" if len(failed) > most else ":" if failed else "."
        out.append(Point(f"It fails {some} its authors’ {words}{end}", ""))
        out += [_fault(x, passages, detail) for x in failed[:most]]
    if e.unmixed:
        names = ", ".join(f"“{name}”" for name in e.unmixed)
        out.append(
            Point("Too few worlds agree with the reports", f"to say what follows for {names}.")
        )
    out += [Point("", limit) for limit in e.forecast.limits]
    return out


def _fault(x: Failing, passages: Mapping[str, Passage], detail: bool) -> Point:
    how = f"{x.how} ({x.detail})" if detail else x.how
    return Point(f"{x.says}:", f"{how}.", cites=named(x.passages, passages))
