"""What the brief asks itself: why the main actors choose, and what would be but for the central
event. Every figure of the two sections is made again from the worlds."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_blocks import needs_numba

import offramp
from offramp.answers.forecast import Forecast, Watch, in_each, watches
from offramp.answers.wording import coarse, day
from offramp.api import briefs
from offramp.case.case import Case, load
from offramp.engine.choice import NO_TYPE
from offramp.engine.plan import plan
from offramp.engine.world import dated, opening
from offramp.explain import central_event, main_actors
from offramp.explain.butfor import APART, Contrast, but_for
from offramp.explain.central_event import candidates, central, moves
from offramp.explain.main_actors import ACTORS, MONTH, MOST, openings, split_at, turnings
from offramp.explain.motives import SEEN, drawn_of
from offramp.filter.impossible import on_the_morning
from offramp.filter.posterior import Posterior
from offramp.language.edits import Edit, edited
from offramp.render.brief import brief_html, brief_pdf
from offramp.render.brief.content import More
from offramp.render.brief.reasons import change

pytestmark = needs_numba
DAY = dt.date(2031, 4, 20)
SEED, WORLDS = 3, 1024
HEADINGS = ("Why they choose", "But for the central event")
ASKED = """
asked:
  T40:
    question: Why does Kelmark choose as it does, and what if nobody swarmed?
    choice: {actor: kelmark, on: 2031-04-09}
    without: {never: [swarm]}
    reads: [blockade]
"""


@pytest.fixture(scope="module")
def case() -> Case:
    return offramp.load("tutorial")


Made = tuple[Forecast, More]


@pytest.fixture(scope="module", params=[None, DAY], ids=["free", "as of a day"])
def made(request: pytest.FixtureRequest, case: Case) -> Made:
    if request.param is None:
        f = offramp.forecast(case, worlds=WORLDS, seed=SEED)
    else:
        f = offramp.known_forecast(case, request.param, worlds=WORLDS, seed=SEED)
    return f, briefs.beside(case, f, WORLDS)


@pytest.fixture(scope="module")
def words(case: Case, made: Made) -> str:
    f, more = made
    return plain(brief_html(f, case.passages, case.documents, (), more))


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def asked_of(case: Case, more: More) -> tuple[Watch, ...]:
    assert more.essentials is not None
    known = {w.question.id: w for w in watches(case, case.crisis.first)[0]}
    return tuple(known[line.answer.id] for line in more.essentials.lines)


def posterior(case: Case, f: Forecast, days: int = MONTH) -> Posterior:
    """The worlds of the two sections."""
    if f.as_of is None:
        return briefs._unreported(case, briefs.BEGUN, range(days), SEED, None, None)
    return briefs._reported(case, f.as_of, f.worlds, SEED, None, None)


def signed(x: float, error: float) -> str:
    return f"{x:+.2f} ± {max(error, 0.01):.2f}".replace("-", "−")


# ---- why they choose -----------------------------------------------------------------------------


def test_the_worlds_of_an_answer_differ_by_the_move(case: Case, made: Made, words: str) -> None:
    f, more = made
    assert 1 < len(more.apart) <= ACTORS
    numbers = {a.id: n for n, a in enumerate(f.answers, 1)}
    by = {w.question.id: w for w in asked_of(case, more)}
    for x in more.apart:
        t, w = x.turning, by[x.turning.question]
        met, value = in_each(plan(case.crisis), w, f.ensemble)
        k = [e.name for e in case.crisis.events].index(t.event)
        often = f.ensemble.counts[:, k] > t.times
        up, down = (value[met & side].mean() for side in (often, ~often))
        assert (t.shift.after, t.shift.before) == (pytest.approx(up), pytest.approx(down))
        assert abs(up - down) > 3 * t.shift.error
        number = numbers[t.question]
        if t.asked:
            assert f"Answer {number} asks about it." in words
        else:
            high, low = (coarse(p, t.shift.error) for p in (up, down))
            times = "at all" if t.times == 0 else f"more than {t.times} time"
            said = f"Answer {number} is {high} in worlds in which this happens {times}"
            assert said in words
            assert f", {low} elsewhere." in words.split(said)[1][:30]


def test_the_first_answers_come_first_and_no_actor_twice(case: Case, made: Made) -> None:
    f, more = made
    found = turnings(case, f, asked_of(case, more))
    places = [found.index(x.turning) for x in more.apart]
    assert places == sorted(places)
    actors = [x.turning.actor for x in more.apart]
    assert len(set(actors)) == len(actors)
    # Whoever was passed over could not choose that in most worlds on any of the mornings.
    p = posterior(case, f)
    able, _ = openings(p, [t.event for t in found], 0 if f.as_of is None else p.last)
    until = places[-1] if len(places) == ACTORS else len(found)
    for k, t in enumerate(found[:until]):
        if t.actor not in actors[: sum(n < k for n in places)] and k not in places:
            assert able[k].max() <= MOST


def test_openings_are_those_of_the_worlds(case: Case, made: Made) -> None:
    f, more = made
    p = posterior(case, f)
    x = more.apart[-1]
    since = 0 if f.as_of is None else p.last
    able, open_ = openings(p, [x.turning.event], since)
    laid = p.filter.plan
    event = next(e for e in laid.events if e.event.name == x.turning.event)
    agenda = next(a for m in laid.minds for a in m.agendas if event.index in a.moves)
    for at in {since, p.last}:
        found = []
        for cloud, number in drawn_of(p, p.last, main_actors.LOOKED_AT):
            r, m = on_the_morning(p.filter, cloud, number, at)
            free = dated(r.world, m, agenda) is None and m.available(event, m.now, NO_TYPE)
            found.append((float(free), opening(m, agenda) if free else 0.0))
        assert able[0, at] == pytest.approx(np.mean([a for a, _ in found]))
        assert open_[0, at] == pytest.approx(np.mean([o for _, o in found]))
    on = (x.choice.date - case.crisis.first).days
    assert able[0, on] > MOST
    assert open_[0, on] == max(o for o, a in zip(open_[0], able[0], strict=True) if a > MOST)
    assert not open_[0, :since].any()


def test_each_sentence_has_the_numbers_of_the_choice(case: Case, made: Made, words: str) -> None:
    f, more = made
    p = posterior(case, f)
    for x in more.apart:
        if f.as_of is None:
            c = main_actors.choice(case, p, x.turning.actor, x.choice.date, SEED)
        else:  # the front door's own
            who, on = x.turning.actor, x.choice.date
            c = offramp.choice(case, who, on, worlds=f.worlds, seed=SEED)
            assert on == DAY
        m = next(m for m in c.moves if m.event == x.turning.event)
        said = words.split(f"{c.title}: “{m.title}”")[1]
        told = f"the reports up to {day(DAY)}" if f.as_of else "no report"
        assert f"{day(c.date)} · 64 of {c.of:,} worlds that know {told}" in said
        assert f"It could be chosen in {round(64 * m.available)} of the 64 worlds" in said
        assert f"given an opening it is, with probability {coarse(m.chosen, m.error)} (±" in said
        assert f"are {signed(m.odds, m.odds_error)}, the sum of:" in said
        assert m.odds == pytest.approx(sum(part.mean for part in m.parts))
        n = round(64 * m.available)
        shown = [part for part in m.parts if abs(part.mean) >= SEEN][:6]
        assert shown
        for part in shown:
            size = signed(part.mean, part.sd / math.sqrt(n - 1))
            title = f"{part.title[:1].upper()}{part.title[1:]}"
            assert f"{title} {size}" in said
            for name in part.passages[:2]:
                q = case.passages[name]
                assert f"{q.document} {name}" in said
        left = m.odds - sum(part.mean for part in shown)
        if len(shown) < len(m.parts):
            rest = re.search(r"(\d+) smaller parts?: ([+−]\d\.\d\d)", said)
            assert rest is not None
            assert int(rest[1]) == len(m.parts) - len(shown)
            assert float(rest[2].replace("−", "-")) == pytest.approx(left, abs=0.0051)


def test_bars_point_to_the_side_of_their_sign(case: Case, made: Made) -> None:
    f, more = made
    numbers = {a.id: n for n, a in enumerate(f.answers, 1)}
    found = main_reasons(case, f, more, numbers)
    for told in found.choices:
        assert max(max(w.end - 0.5, 0.5 - w.start) for w in told.parts) == pytest.approx(0.5)
        for w in told.parts:
            assert (w.start < 0.5) == w.size.startswith("−")
            assert (w.end > 0.5) == w.size.startswith("+")


def main_reasons(case: Case, f: Forecast, more: More, numbers: dict[str, int]):  # type: ignore[no-untyped-def]
    from offramp.render.brief.reasons import reasons

    found = reasons(more.apart, numbers, f.as_of, case.passages)
    assert found is not None
    return found


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_worlds_are_split_so_that_some_are_above(often: list[int]) -> None:
    times = split_at(np.array(often))
    above = [n for n in often if n > times]
    assert above
    assert (times == -1) == (max(often) == 0)
    assert len(above) <= len(often) / 2 or times == max(often) - 1


# ---- but for the central event -------------------------------------------------------------------


def test_the_answers_without_it_are_those_of_the_paired_worlds(
    case: Case, made: Made, words: str
) -> None:
    f, more = made
    x = more.central
    assert x is not None
    p = (
        posterior(case, f, 1)
        if f.as_of
        else briefs._unreported(case, WORLDS // 2, range(1), SEED, None, None)
    )
    first = case.crisis.first
    asked = [w.question.id for w in asked_of(case, more)]
    edit = Edit("never", x.held.event.name, dates=x.held.days)
    on = min(x.held.days, default=first)
    b = but_for(case, p, (edit,), on, f.as_of or first, SEED, asked=asked)
    said = words.split("But for the central event")[-1]
    assert f"in {b.worlds:,} pairs of worlds" in said
    rows = {c.id: c for c in b.questions}
    assert set(rows) == set(asked)
    for number, a in enumerate(f.answers, 1):
        if a.id not in rows:
            continue
        c = rows[a.id]
        row = said.split(f"{number} . {a.text} ")[1][:120]
        if abs(c.difference) > APART * c.mc_error:
            sign = "+" if c.difference > 0 else "−"
            size = re.search(r"([+−][\d.]+) ± ([\d.]+) points", row)
            assert size is not None
            assert size[1][0] == sign
            assert float(size[1][1:]) == pytest.approx(100 * abs(c.difference), abs=0.51)
            assert float(size[2]) == pytest.approx(100 * c.mc_error, rel=0.26)
        else:
            assert "none beyond its error" in row
        if f.as_of is not None:  # the very worlds of the brief
            assert c.actual == pytest.approx(a.probability)


def test_free_worlds_without_it_are_those_of_the_edited_crisis(case: Case, made: Made) -> None:
    f, more = made
    x = more.central
    assert x is not None
    if f.as_of is not None:
        assert x.held.why == "reported"
        return
    gone = replace(case, crisis=edited(case.crisis, (Edit("never", x.held.event.name),)))
    alone = {a.id: a for a in offramp.forecast(gone, worlds=2048, seed=9).answers}
    for c in x.found.questions:
        a = alone[c.id]
        error = math.hypot(a.mc_error or 0.0, math.sqrt(0.25 / c.worlds))
        assert abs(c.but_for - (a.probability or 0.0)) < 4 * error
        assert c.distinct == (abs(c.difference) > APART * c.mc_error)
    assert any(c.distinct for c in x.found.questions)


def test_of_several_it_is_the_one_without_which_most_answers_change(case: Case, made: Made) -> None:
    f, more = made
    asked = asked_of(case, more)
    reports = case.history.known_by(f.as_of) if f.as_of else ()
    found = candidates(case, f, asked, reports)
    assert more.central is not None
    assert more.central.tried == len(found) > 1
    p = (
        posterior(case, f, 1)
        if f.as_of
        else briefs._unreported(case, WORLDS // 2, range(1), SEED, None, None)
    )
    first, until = case.crisis.first, f.as_of or case.crisis.first
    names = [w.question.id for w in asked]
    tried = {}
    for h in found:
        assert not h.event.private
        on = min(h.days, default=first)
        b = but_for(case, p, (h.edit,), on, until, SEED, asked=names, worlds=512)
        tried[h.event.name] = moves(b)
    assert tried[more.central.held.event.name] == max(tried.values())


def test_a_choice_that_the_case_dates_is_its_central_event() -> None:
    other = offramp.load("quarantine")
    f = offramp.forecast(other, worlds=256, seed=SEED)
    asked = tuple(w for w in watches(other, other.crisis.first)[0] if w.question.headline)
    (held,) = candidates(other, f, asked, ())
    assert (held.event.name, held.why) == ("hadria.proclaim", "dated")
    assert held.morning(other.crisis.first) == dt.date(2034, 10, 1)
    later = candidates(other, f, asked, (), spared=("hadria.proclaim",))
    assert {h.why for h in later} == {"usual"}
    assert len(later) <= central_event.MANY


@given(st.floats(-1, 1), st.floats(1e-4, 0.2), st.floats(-1, 1), st.floats(1e-4, 0.2))
def test_no_change_within_its_error_is_told_as_one(
    difference: float, error: float, apart: float, alone: float
) -> None:
    c = Contrast(
        id="q",
        text="",
        kind="binary",
        actual=0.5,
        but_for=0.5 + difference,
        difference=difference,
        mc_error=error,
        renewed=0.5,
        independent=0.5 + apart,
        independent_error=alone,
        worlds=100,
        cites=(),
    )
    told = change(c)
    assert told.startswith("none beyond its error (±") == (abs(difference) <= APART * error)
    if c.distinct:
        assert told[0] == ("+" if difference > 0 else "−")
        seen = apart * difference > 0 and abs(apart) > APART * alone
        assert told.endswith("*") != seen


# ---- in the brief --------------------------------------------------------------------------------


def test_both_are_on_page_and_paper_with_their_headings(case: Case, made: Made, words: str) -> None:
    f, more = made
    html = brief_html(f, case.passages, case.documents, (), more)
    ends, links = (set(re.findall(x, html)) for x in (r'id="([^"]+)"', r'href="#([^"]+)"'))
    assert {"reasons", "without"} <= links <= ends
    pdf = pypdf.PdfReader(io.BytesIO(brief_pdf(f, case.passages, case.documents, (), more)))
    paper = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for heading in HEADINGS:
        assert words.count(heading) == 2  # in the contents, and where it stands
        assert paper.count(heading) == 2
    for x in more.apart:
        assert f"{x.choice.title}: “{x.move.title}”" in paper
    assert more.central is not None
    assert f"“{more.central.held.event.title}” is held off on" in paper


def test_without_anything_to_tell_there_is_no_heading(case: Case, made: Made) -> None:
    f, more = made
    bare = replace(more, apart=(), central=None)
    page = plain(brief_html(f, case.passages, case.documents, (), bare))
    quick = briefs.beside(case, f, 0)
    assert (quick.apart, quick.central) == ((), None)
    for heading in HEADINGS:
        assert heading not in page
    paper = brief_pdf(f, case.passages, case.documents, (), bare)
    text = " ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(paper)).pages)
    assert not any(heading in text for heading in HEADINGS)


def test_nobody_who_chooses_and_no_event_is_nothing(case: Case, made: Made) -> None:
    f, more = made
    asked = asked_of(case, more)
    everybody = {a.name for a in case.crisis.actors}
    assert turnings(case, f, asked, everybody) == ()
    all_of_them = [e.name for e in case.crisis.events]
    reports = case.history.known_by(f.as_of) if f.as_of else ()
    assert candidates(case, f, asked, reports, all_of_them) == ()
    assert candidates(case, f, (), reports) == ()
    p = briefs._unreported(case, 64, range(1), SEED, None, None)
    assert central(case, p, (), asked, SEED) is None


def test_what_a_document_asks_is_answered_there(case: Case, made: Made) -> None:
    f, more = made
    own = load("tutorial", {"asked.yaml": ASKED})
    asked = asked_of(case, more)
    found = briefs._apart(own, f, asked, None, None)
    assert "kelmark" in [x.turning.actor for x in more.apart]
    assert found
    assert "kelmark" not in [x.turning.actor for x in found]
    other = briefs._central(own, f, asked, 512, None, None)
    assert other is None or other.held.event.name != "swarm"


def test_the_bar_tells_of_both(case: Case, made: Made) -> None:
    f, more = made
    asked, told = asked_of(case, more), list[tuple[int, int | None]]()
    briefs._apart(case, f, asked, None, lambda done, total: told.append((done, total)))
    assert told[0][0] < told[len(told) // 2][0] < told[-1][0] <= (told[-1][1] or 0)
    told.clear()
    briefs._central(case, f, asked, 512, None, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
