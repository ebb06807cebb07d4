"""The one page: what is on it is in the worlds, and every sentence says what the numbers say."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_blocks import needs_numba

import offramp
from offramp.answers.forecast import Answer, Forecast, happened, in_each, watches
from offramp.answers.wording import coarse, interval, odds
from offramp.api import one_page
from offramp.api.briefs import RETOLD
from offramp.case.case import Case
from offramp.engine.ensemble import A_LEVEL, Ensemble
from offramp.engine.plan import plan
from offramp.explain.essentials import (
    AHEAD,
    ANSWERS,
    LEANS,
    Author,
    Dissent,
    Essentials,
    Judged,
    Line,
    Shift,
    _asks_the_same,
    _judged,
    chosen,
)
from offramp.explain.essentials import essentials as of_values
from offramp.explain.failings import failings as failing
from offramp.explain.signposts import sentence
from offramp.render.brief import bands
from offramp.render.brief.milestones import milestones
from offramp.render.brief.points import Point, dissent, points
from offramp.render.sheet.sheet_set import SCALES, TooLong, fitting, sheet_html, sheet_pdf
from offramp.render.sheet.sheet_words import Sheet, _rivals, sheet

pytestmark = needs_numba
DAY = dt.date(2031, 4, 20)
CHROMIUM = os.environ.get("OFFRAMP_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="module")
def case() -> Case:
    return offramp.load("tutorial")


@pytest.fixture(scope="module", params=[None, DAY], ids=["free", "as of a day"])
def found(request: pytest.FixtureRequest, case: Case) -> Essentials:
    return offramp.essentials(case, as_of=request.param, worlds=2048, seed=3)


@pytest.fixture
def words(case: Case, found: Essentials) -> Sheet:
    return sheet(found, case.passages)


def truths(case: Case, question: str, e: Ensemble) -> np.ndarray:
    """Whether a question came true, in the worlds that meet its condition."""
    w = next(w for w in watches(case, case.crisis.first)[0] if w.question.id == question)
    counted, true = happened(plan(case.crisis), w, e)
    return np.array(true)[np.array(counted)]


# ---- what is on it -------------------------------------------------------------------------------


def test_its_answers_are_the_headline_then_what_most_passages_raise(found: Essentials) -> None:
    ids = [line.answer.id for line in found.lines]
    marked = [a.id for a in found.forecast.answers if a.headline and a.id in ids]
    assert ids[: found.marked] == marked
    cited = [len(line.answer.cites) for line in found.lines[found.marked :]]
    assert cited == sorted(cited, reverse=True)
    assert len(ids) == len(set(ids)) <= ANSWERS
    left = [a for a in found.forecast.answers if a.id not in ids and a.probability is not None]
    decided = found.forecast.as_of is not None
    if cited and not decided:
        assert max(len(a.cites) for a in left) <= min(cited)


def test_of_more_headlines_than_five_the_page_says_how_many(case: Case, found: Essentials) -> None:
    marked = tuple(replace(a, headline=True) for a in found.forecast.answers)
    f = replace(found.forecast, answers=marked)
    many = of_values(case, f, None, [], [])
    still = [a for a in marked if a.probability is not None]
    assert many.headlines == len(still) > ANSWERS
    assert [line.answer.id for line in many.lines] == [a.id for a in still[:ANSWERS]]
    rule = sheet(many, case.passages).rule
    said = f"the first {ANSWERS}, in the case’s order, of the {len(still)} that it marks"
    assert said in rule
    few = replace(many, headlines=ANSWERS)
    assert f"{ANSWERS} that the case marks" in sheet(few, case.passages).rule


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.004, 0.013, 0.009, 0.006), "both below 2%"),
        ((0.004, 0.013, 0.3, 0.006), "felt below 2% to smith about 30%"),
        ((0.04, 0.001, 0.3, 0.001), "felt 4% to smith 30%"),
    ],
)
def test_the_ends_of_the_authors_stand_in_their_order(
    found: Essentials, ends: tuple[float, float, float, float], said: str
) -> None:
    a = found.lines[0].answer
    low, low_error, high, high_error = ends
    rivals = {
        "smith": replace(a, probability=high, mc_error=high_error),
        "felt": replace(a, probability=low, mc_error=low_error),
    }
    assert _rivals(replace(found.lines[0], rivals=rivals)) == said
    one = {"smith": rivals["smith"]}
    assert _rivals(replace(found.lines[0], rivals=one)).startswith("smith ")
    assert _rivals(replace(found.lines[0], rivals={})) == ""


def test_what_reports_have_decided_is_on_no_page(found: Essentials) -> None:
    first = found.lines[0].answer.id
    assert first not in [a.id for a in chosen(found.forecast, {first})[0]]


def test_each_percent_is_a_share_of_worlds(case: Case, found: Essentials, words: Sheet) -> None:
    for line, row in zip(found.lines, words.asked, strict=True):
        own = truths(case, line.answer.id, found.forecast.worlds_of(line.answer.id))
        assert line.answer.probability == pytest.approx(own.mean())
        assert line.answer.mc_error is not None
        assert row.percent == coarse(float(own.mean()), line.answer.mc_error)
        assert line.answer.interval is not None
        assert row.detail.startswith(interval(line.answer.interval))
        assert row.low <= row.middle <= row.high
        if line.answer.given:
            assert f"of the {len(own):,} worlds in which {line.answer.given}" in row.detail


def test_the_bottom_line_is_the_first_answer_with_its_days_and_its_condition(
    case: Case, found: Essentials, words: Sheet
) -> None:
    a, said = found.lines[0].answer, words.bottom[0]
    assert a.probability is not None
    assert a.interval is not None
    assert a.clause in said
    for day in a.window:
        assert f"{day.day} {day:%b} {day.year}" in said
    assert f"({odds(a.probability, a.worlds)}; sampling {interval(a.interval)})" in said
    assert said.lower().startswith(a.words)
    assert ("given the reports up to 20 Apr 2031" in said) == (found.forecast.as_of is not None)


@pytest.mark.parametrize(("p", "words"), [(0.0, "none of 2,048"), (1.0, "all of 2,048")])
def test_none_and_all_are_counted(case: Case, found: Essentials, p: float, words: str) -> None:
    first = replace(found.lines[0], answer=replace(found.lines[0].answer, probability=p))
    said = sheet(replace(found, lines=(first, *found.lines[1:])), case.passages).bottom[0]
    assert f" in {words} simulated worlds" in said
    assert "%" not in said.split("(sampling")[0]


def test_a_page_without_an_open_question_says_so(case: Case, found: Essentials) -> None:
    none = replace(found, lines=(), leans=(), dissents=(), agreeing=(), signs=None)
    shown = sheet(none, case.passages)
    assert shown.bottom[0] == "No question of the case is open any more."
    assert sheet_pdf(shown).startswith(b"%PDF")
    assert "Chosen by rule" not in sheet_html(shown)


def test_the_second_sentence_is_where_the_worlds_end(found: Essentials, words: Sheet) -> None:
    e = found.forecast.ensemble
    band = next(iter(e.bands.values()))
    nearest = (np.arange(band.counts.shape[1]) + A_LEVEL // 2) // A_LEVEL
    last = np.bincount(nearest, weights=band.counts[-1], minlength=len(band.levels))
    last /= last.sum()
    common, worth = int(last.argmax()), e.effective or e.worlds
    error = math.sqrt(last[common] * (1 - last[common]) / worth)
    said = words.bottom[1]
    assert coarse(float(last[common]), error) in said
    assert f"“{band.levels[common].replace('_', ' ')}”" in said
    above = float(last[common + 1 :].sum())
    assert f"rung {common + 1} of {len(band.levels)}" in said
    for share, side in ((above, "higher"), (float(last[:common].sum()), "lower")):
        part = f"{coarse(share, math.sqrt(share * (1 - share) / worth))} {side}"
        assert (part in said) == (share > 0)


def test_what_moved_since_the_day_before_is_told_beyond_three_errors(
    case: Case, found: Essentials, words: Sheet
) -> None:
    if found.before is None:
        assert words.before == ""
        assert {row.since for row in words.asked} == {""}
        return
    eve = offramp.condition(case, as_of=found.before, worlds=2048, seed=3).forecast
    assert eve is not None
    old = {a.id: a for a in eve.answers}
    assert found.before == DAY - dt.timedelta(1)
    for line, row in zip(found.lines, words.asked, strict=True):
        before, now = old[line.answer.id], line.answer
        assert None not in (before.probability, now.probability, before.mc_error, now.mc_error)
        moved = now.probability - before.probability  # type: ignore[operator]
        error = math.hypot(before.mc_error, now.mc_error)  # type: ignore[arg-type]
        assert ("no clear change" in row.since) == (abs(moved) <= 3 * error)
        assert ("up" in row.since or "down" in row.since) == (abs(moved) > 3 * error)


def test_an_answer_leans_on_what_splits_its_worlds(case: Case, found: Essentials) -> None:
    names = [u.name for u in case.crisis.unknowns]
    assert 0 < len(found.leans) <= LEANS
    for lean in found.leans:
        e = found.forecast.worlds_of(lean.question)
        x = e.unknowns[:, names.index(lean.unknown)]
        unknown = case.crisis.unknowns[names.index(lean.unknown)]
        if unknown.options:
            option = lean.contrast.removesuffix(" rather than another").replace(" ", "_")
            high = x == [o.name for o in unknown.options].index(option)
        else:
            high = x > np.median(x)
        true = truths(case, lean.question, e)
        if len(true) == len(high):
            assert lean.shift.after == pytest.approx(true[high].mean())
            assert lean.shift.before == pytest.approx(true[~high].mean())
        assert abs(lean.shift.difference) > 3 * lean.shift.error > 0


def test_our_own_assumptions_are_marked_with_their_reason(found: Essentials, words: Sheet) -> None:
    first = found.lines[0].answer.id
    none = all(lean.question != first for lean in found.leans)
    assert (words.leans[0].text == "is moved clearly by no single unknown.") == none
    for lean, point in zip(found.leans, words.leans[none:], strict=True):
        assert point.ours == ("assumed" in lean.grades)
        assert ("Our assumption: " in point.text) == point.ours
        if point.ours:
            assert lean.reason
            assert lean.reason in point.text


def test_every_author_differs_agrees_or_is_silent(found: Essentials, words: Sheet) -> None:
    differing = [d.author for d in found.dissents]
    assert sorted([*differing, *found.agreeing, *found.silent]) == sorted(found.authors)
    first = found.lines[0]
    for author, answer in first.rivals.items():
        own, theirs = first.answer, answer
        assert None not in (own.probability, theirs.probability, own.mc_error, theirs.mc_error)
        gap = abs(theirs.probability - own.probability)  # type: ignore[operator]
        error = math.hypot(theirs.mc_error, own.mc_error)  # type: ignore[arg-type]
        assert (author in differing) == (gap > 3 * error)
    for d in found.dissents:
        lead = f"The model under {d.author}’s premises (“{d.title}”):"
        said = next(p for p in words.dissent if p.lead == lead)
        assert ("above the case" in said.text) == (d.shift.difference > 0)


def test_what_an_author_judged_stands_beside_what_the_premises_give(
    case: Case, found: Essentials
) -> None:
    own = case.assessments["ilvane"]
    judged = next(j for j in own.judgements if j.question == "landing")
    assert judged.phrase
    first = next(x for x in found.forecast.answers if x.id == "landing")
    rivals = {"ilvane": replace(first, probability=0.9), "tass": first}
    line = Line(answer=first, since=None, rivals=rivals)
    authors = [
        Author(assessment=case.assessments[name], case=case.under(name), forecast=None)
        for name in rivals
    ]
    told = _judged(case, [line], authors)
    assert {name: [x.judgement.passage for x in of] for name, of in told.items()} == {
        "ilvane": ["T9"],
        "tass": ["T29"],
    }
    apart = Shift(before=first.probability or 0.0, after=0.9, error=0.01)
    d = Dissent(author="ilvane", title=own.title, shift=apart, carriers=())
    e = replace(found, lines=(line,), dissents=(d,), agreeing=("tass",), judged=told, silent={})
    said = dissent(e, 1, case.passages)
    assert judged.low is not None
    assert judged.high is not None
    size = f"{100 * judged.low:.3g} to {100 * judged.high:.3g}%"
    assert said[0].text.endswith(
        f" ilvane’s own judgement was “{judged.phrase}”, read as {size} [T9]."
    )
    assert "T9" in said[0].cites[0][0]
    assert said[1].lead == "Answer 1 is within error of the case’s under the premises of"
    assert said[1].text.startswith("tass. tass’s own judgement was “possible”, read as ")
    other = Judged(judgement=judged, window=(dt.date(2031, 4, 1), dt.date(2031, 4, 30)))
    days = dissent(replace(e, judged={"ilvane": (other,)}), 1, case.passages)
    assert days[0].text.endswith(f"{size} for 1 Apr – 30 Apr 2031 [T9].")
    assert "own judgement" not in days[1].text


def test_a_judgement_of_the_same_in_other_days_is_told_with_its_days() -> None:
    taiwan = offramp.load("taiwan-1958")
    asked = next(q for q in taiwan.questions if q.id == "assault")
    meant = next(q for q in taiwan.questions if q.id == "assault_september")
    free = offramp.forecast(taiwan, worlds=64)
    a = next(x for x in free.answers if x.id == asked.id)
    felt = Author(assessment=taiwan.assessments["felt"], case=taiwan.under("felt"), forecast=None)
    told = _judged(taiwan, [Line(answer=a, since=None, rivals={"felt": a})], [felt])
    [only] = told["felt"]
    assert only.judgement.passage == "J1"
    assert only.window == (meant.first, meant.last)
    under = next(q for q in taiwan.questions if q.id == "assault_if_washington_stands_aside")
    assert not _asks_the_same(under, asked)


def test_the_dates_are_those_of_the_next_month(case: Case, found: Essentials) -> None:
    day = found.forecast.as_of or case.crisis.first
    last = day + dt.timedelta(AHEAD)
    assert all(day < when <= last for when, _ in found.dates)
    assert {m for m in milestones(case.crisis) if day < m[0] <= last} <= set(found.dates)
    closing = {line.answer.window[1] for line in found.lines if day < line.answer.window[1] <= last}
    assert closing <= {when for when, _ in found.dates}


def test_what_would_change_it_is_what_a_watch_finds(found: Essentials, words: Sheet) -> None:
    assert found.signs is not None
    numbers = {line.answer.id: n for n, line in enumerate(found.lines, 1)}
    lists = {x.question.id: x for x in found.signs.lists}
    for point in words.change:
        if point.lead.startswith("Answer"):
            assert point.lead.endswith(", if still open then.")
            n = int(re.findall(r"\d+", point.lead)[0])
            own = lists[next(id for id, k in numbers.items() if k == n)]
            assert point.text in [sentence(s) for s in own.signs]
            assert all(s.drop.told for s in own.signs[:1])
    mute = [numbers[id] for id, x in lists.items() if not x.signs]
    said = [p for p in words.change if p.lead.startswith("No early sign found for ")]
    assert bool(said) == bool(mute)
    if mute:
        assert said[0].lead.endswith(f" {', '.join(map(str, sorted(mute)))}:")
    with_signs = {numbers[id] for id, x in lists.items() if x.signs}
    leads = [p.lead for p in words.change if p.lead.startswith("Answer")]
    assert leads == [f"Answer {n}, if still open then." for n in sorted(with_signs)]


def test_what_the_model_gets_wrong_is_owned_up_to(
    case: Case, found: Essentials, words: Sheet
) -> None:
    known = found.failings
    assert known is not None
    assert known.facts == len([f for f in case.facts if not f.hindsight])
    assert known.claims == len(case.claims)
    tests = offramp.claims(case, worlds=1024, seed=3).tests
    failed = {t.claim.says for t in tests if t.status == "fails"}
    assert {x.says for x in known.failed} == failed
    said = " ".join(f"{p.lead} {p.text}" for p in words.unseen)
    assert f"It misses {len(known.wrong) or 'none'} of {known.facts} known facts" in said
    assert f"It fails {len(failed) or 'none'} of its authors’ {known.claims} claims" in said
    for limit in found.forecast.limits:
        assert limit in said


def test_quick_leaves_out_what_takes_long_and_says_nothing_of_it(case: Case) -> None:
    quick = offramp.essentials(case, as_of=DAY, worlds=512, quick=True)
    assert quick.before is None
    assert quick.failings is None
    assert not quick.authors
    shown = sheet(quick, case.passages)
    assert not shown.dissent
    assert "None" not in sheet_html(shown)


def test_authors_who_wrote_later_are_not_asked() -> None:
    crisis = offramp.load("us-iran-2020")
    late = max(crisis.assessments, key=lambda name: crisis.assessments[name].knew)
    eve = crisis.assessments[late].knew - dt.timedelta(1)
    author = one_page._author(crisis, late, eve, 64, 1, None, None)
    assert (author.forecast, author.why) == (None, "wrote later")


def test_what_was_reported_since_the_day_before_is_named(case: Case, words: Sheet) -> None:
    news = {r.id: r for r in case.history.reports if r.known_since == DAY}
    told = [p.text for p in words.reports]
    if words.before:
        assert told == ([f"{r.report} ({r.source})." for r in news.values()] or ["Nothing."])
    else:
        assert told == []


def test_bounds_that_are_open_are_told_by_their_other_end(case: Case) -> None:
    found = offramp.facts(case, worlds=256)
    tried = next(t for t in found.counted if t.value is not None)
    for low, high, words in (
        (-math.inf, 0.25, "gives at most 0.25"),
        (0.25, math.inf, "gives at least 0.25"),
        (0.25, 0.5, "gives 0.25 to 0.5"),
    ):
        fact = replace(tried.fact, low=low, high=high)
        wrong = replace(tried, fact=fact, verdict="wrong")
        assert failing(replace(found, facts=(wrong,)), None).wrong[0].how.endswith(words)


def test_the_command_of_a_page_makes_it_again(found: Essentials, words: Sheet, case: Case) -> None:
    assert "--quick" not in words.command
    assert sheet(replace(found, failings=None), case.passages).command.endswith(" --quick")


def test_a_difference_cites_only_what_its_author_wrote_of(found: Essentials, case: Case) -> None:
    for d in found.dissents:
        own = {o.what: o.passages for o in case.assessments[d.author].overrides}
        for c in d.carriers:
            assert c.first == own.get(c.what, ())


# ---- no point below the error --------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(0, 0.3))
def test_no_percent_is_finer_than_its_error(p: float, error: float) -> None:
    said = coarse(p, error)
    if error <= 0.01:
        assert "about" not in said
    elif said.startswith("about"):
        shown = int(re.findall(r"\d+", said)[0])
        step = next(s for s in (10, 5, 2) if shown % s == 0)
        assert step >= min(10, 100 * error)
        assert abs(shown - 100 * p) <= 5.0 + 1e-9


@given(st.floats(-1, 1).filter(bool), st.floats(1e-4, 0.3))
def test_no_change_is_finer_than_its_error(moved: float, error: float) -> None:
    way, size, _ = points(moved, error).split()
    assert way == ("up" if moved > 0 else "down")
    assert int(size) % max(1, round(100 * error)) == 0
    assert int(size) >= 1


# ---- as a page -----------------------------------------------------------------------------------


def test_it_is_one_side_of_paper(words: Sheet, tmp_path: Path) -> None:
    pdf = sheet_pdf(words)
    assert pdf.startswith(b"%PDF")
    import pypdf

    (tmp_path / "page.pdf").write_bytes(pdf)
    read = pypdf.PdfReader(tmp_path / "page.pdf")
    assert len(read.pages) == 1
    text = " ".join(read.pages[0].extract_text().split())
    for row in words.asked:
        assert row.text in text
        assert row.percent in text
    assert "/StructTreeRoot" in read.trailer["/Root"]


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium: OFFRAMP_CHROMIUM names one")
@pytest.mark.parametrize("more", [0, 20, 30])
def test_the_html_prints_on_one_side_too(words: Sheet, tmp_path: Path, more: int) -> None:
    import pypdf

    point = Point("A lead of some words.", "Some words on what would change the answer, and how. ")
    full = replace(words, change=(point,) * (more // 2), dissent=(point,) * (more // 2))
    (tmp_path / "page.html").write_text(sheet_html(full), "utf-8")
    printed = tmp_path / "printed.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    options += [f"--user-data-dir={tmp_path / 'browser'}", f"--print-to-pdf={printed}"]
    subprocess.run(
        [str(CHROMIUM), *options, (tmp_path / "page.html").as_uri()],
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert len(pypdf.PdfReader(printed).pages) == 1


def test_long_words_make_smaller_letters_and_too_many_are_refused(words: Sheet) -> None:
    sizes = []
    for n in (1, 4, 6):
        more = tuple(Point("A lead.", "Some words on what would change it. " * 6) for _ in range(n))
        sizes.append(fitting(replace(words, change=more)))
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) <= set(SCALES)
    endless = tuple(Point("A lead.", "word " * 200) for _ in range(60))
    with pytest.raises(TooLong, match="does not fit on one side of A4: shorten"):
        sheet_pdf(replace(words, change=endless))


def test_hostile_words_are_words(words: Sheet) -> None:
    evil = '<script>alert(1)</script>" #set text(red) \\ $x$ [&amp;'
    row = replace(words.asked[0], text=evil)
    html = sheet_html(replace(words, asked=(row,), title=evil))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert sheet_pdf(replace(words, asked=(row,), title=evil)).startswith(b"%PDF")


def test_the_page_fetches_nothing(words: Sheet) -> None:
    html = sheet_html(words)
    assert not re.search(r"(src|href)=|url\(|@import", html)


def test_the_same_worlds_give_the_same_bytes(words: Sheet) -> None:
    assert sheet_pdf(words) == sheet_pdf(words)
    assert sheet_html(words) == sheet_html(words)


def test_a_file_that_cannot_be_is_refused(case: Case, found: Essentials, tmp_path: Path) -> None:
    with pytest.raises(offramp.Mistake, match="neither in"):
        offramp.page(case, found, tmp_path / "page.doc")
    offramp.page(case, found, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_an_answer_nobody_met_is_not_chosen(found: Essentials) -> None:
    def unmet(a: Answer) -> Answer:
        return replace(a, probability=None)

    f = replace(found.forecast, answers=tuple(map(unmet, found.forecast.answers)))
    assert chosen(f) == ((), 0)


# ---- in the brief --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(case: Case) -> tuple[Forecast, str]:
    f = offramp.forecast(case, worlds=2048, seed=3)
    return f, offramp.brief(case, f, quick=False)


def test_a_choice_is_in_the_brief_with_the_share_of_each_option(
    case: Case, whole: tuple[Forecast, str]
) -> None:
    f, html = whole
    text = plain(html)
    assert f.choices
    for c in f.choices:
        w = next(w for w in watches(case, case.crisis.first)[0] if w.question.id == c.id)
        _, place = in_each(plan(case.crisis), w, f.ensemble)
        for k, (name, p) in enumerate(zip(c.options, c.probabilities, strict=True)):
            assert p == pytest.approx(float((place == k).mean()))
            assert f"{name} {coarse(p, c.mc_errors[k])}" in text
        assert f"Counts: {w.question.resolves}." in text


def test_authors_stand_side_by_side_in_the_brief(case: Case, whole: tuple[Forecast, str]) -> None:
    f, html = whole
    text = plain(html)
    own = {
        name: {a.id: a for a in offramp.forecast(case.under(name), worlds=2048, seed=3).answers}
        for name in case.assessments
    }
    for number, a in enumerate(f.answers, 1):
        if not a.headline or a.probability is None:
            continue
        shown = [a, *(own[name][a.id] for name in case.assessments)]
        percents = [coarse(x.probability or 0.0, x.mc_error) for x in shown]
        assert f"{number} . {a.text} {' '.join(percents)}" in text


def test_the_policy_least_to_regret_is_told_by_each_loss(
    case: Case, whole: tuple[Forecast, str]
) -> None:
    text = plain(whole[1])
    found = offramp.policies(case, free=True, worlds=RETOLD // 4, each=1, seed=3)
    assert found.agenda.losses
    for loss in found.agenda.losses:
        rows = found.of(loss.id)
        best = min(rows, key=lambda r: r.max_regret)
        name = next(p.name for p in found.rows if p.id == best.policy)
        said = text.split(f"By “{loss.name}”: least to regret is “{name}”: ")[1]
        assert said.startswith(
            f"at worst {best.max_regret:.2g} ± {best.max_regret_error:.1g} beyond the best, "
            f"under {best.at}."
            if best.max_regret
            else "the best under every author."
        )


def test_every_link_of_the_brief_has_its_end(whole: tuple[Forecast, str]) -> None:
    html = whole[1]
    ends = set(re.findall(r'id="([^"]+)"', html))
    links = set(re.findall(r'href="#([^"]+)"', html))
    assert len(links) > 20
    assert links <= ends


def plain(html: str) -> str:
    """The words of a page without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_workbench_gives_the_page(case: Case) -> None:
    from workbench import serving

    with serving("tutorial") as served:
        got = served.ask("/api/c/tutorial/page?quick=1&s=3")
        assert got.status == 200
        text = plain(got.body.decode("utf-8"))
        first = next(a for a in case.questions if a.headline)
        assert f"1. {first.text}" in text


def test_a_crisis_whose_only_ladder_is_held_has_a_page_and_a_brief(tmp_path: Path) -> None:
    held = offramp.edit("tutorial", {"hold": {"rung": "boarding ? what if"}})
    f = offramp.forecast(held, worlds=256)
    assert not bands.climbs(f.ensemble)
    found = offramp.essentials(held, worlds=256, quick=True)
    shown = sheet(found, held.passages)
    assert len(shown.bottom) == 1
    assert shown.bottom[0] in plain(offramp.page(held, found))
    text = plain(offramp.brief(held, f, quick=True))
    first = next(a for a in f.answers if a.headline)
    assert first.clause in text
    assert "day by day Line" not in text
    assert "Where on the ladder" not in text
    assert "The fan" not in text
    offramp.brief(held, f, tmp_path / "brief.pdf", quick=True)
    assert (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(offramp.Mistake, match="no quantity that is shown has levels"):
        offramp.picture(f)


def test_the_ladder_is_the_first_quantity_with_levels(found: Essentials) -> None:
    e = found.forecast.ensemble
    key, band = bands.ladder(e)
    flat = replace(band, levels=())
    assert bands.ladder(replace(e, bands={"flat": flat, key: band})) == (key, band)
