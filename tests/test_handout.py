"""The handout: a sheet a role from the case alone, with nothing that was learnt after its start."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile_case import IMAGE, hostile_texts
from markupsafe import escape
from pypdf import PdfReader

import offramp
from offramp.cli import main
from offramp.language.expressions import reads
from offramp.render.handout.roles import Handout, handout
from offramp.render.handout.said import Line, plain, size_words, tells_later
from offramp.render.handout.sheets_page import handout_html
from offramp.render.handout.sheets_paper import handout_pdf
from offramp.render.handout.turns_map import turns_map, words
from offramp.render.pages.diagram import titles_of

CASES = ("tutorial", "quarantine", "us-iran-2020", "taiwan-1958")


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest) -> tuple[offramp.Case, Handout]:
    case = offramp.load(request.param)
    return case, handout(case)


def strings(value: object) -> Iterator[str]:
    """All words within plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def test_every_actor_has_one_sheet(made: tuple[offramp.Case, Handout]) -> None:
    case, h = made
    assert sorted(s.actor for s in (*h.sheets, *h.voices)) == sorted(
        a.name for a in case.crisis.actors
    )
    movers = {e.by for e in case.crisis.events if e.chosen}
    assert movers <= {s.actor for s in h.sheets}
    for s in h.sheets:
        own = [e for e in case.crisis.events if e.by == s.actor and (e.chosen or e.as_choice)]
        assert len(s.moves) == len(own)
        a = next(a for a in case.crisis.actors if a.name == s.actor)
        assert len(s.wants) == len(a.wants) + len(a.fears) + len(a.awaits)


def test_what_a_line_rests_on_exists_and_stands_at_the_end_of_its_sheet(
    made: tuple[offramp.Case, Handout],
) -> None:
    case, h = made
    for s in (*h.sheets, *h.voices):
        listed = {p.id for p in s.passages}
        assert listed <= set(case.passages)
        for part in (s.wants, s.lines, s.moves, s.asked, s.knows):
            for line in part:
                assert set(line.passages) <= listed
    assert any(line.passages for s in h.sheets for line in s.wants)


DATE = re.compile(
    r"\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: (\d{4}))?"
)


def test_nothing_is_dated_after_the_first_day_but_the_calendar_and_questions(
    made: tuple[offramp.Case, Handout],
) -> None:
    _, h = made
    told = dataclasses.asdict(h)
    for dated in ("calendar", "questions"):
        del told[dated]
    known = {m.day for m in h.calendar}
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    months += ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    for text in strings(told):
        for d, m, y in DATE.findall(text):
            found = dt.date(int(y or h.first.year), months.index(m) + 1, int(d))
            assert found <= h.first or found in known, text
    assert all(h.first <= m.day <= h.last for m in h.calendar)


def test_no_report_and_no_document_of_later_days_speaks() -> None:
    case = offramp.load("us-iran-2020")
    h = handout(case)
    page = handout_html(h)
    assert set(h.withheld) == {d.id for d in case.documents.values() if d.knew > h.first}
    assert not any(p.paraphrase in page for p in case.passages.values() if len(p.paraphrase) > 20)
    later = [r.report for r in case.history.reports if r.first > h.first and len(r.report) > 25]
    titles = {e.title for e in case.crisis.events}
    assert len(later) > 50
    assert not any(report in page for report in later if report not in titles)
    assert not h.forks
    # The tutorial's were all written before: they speak.
    own = handout(offramp.load("tutorial"))
    assert not own.withheld
    assert own.forks
    assert all(p.paraphrase for s in own.sheets for p in s.passages)


def test_it_is_the_same_without_any_resolution_and_never_looks_at_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = offramp.load("us-iran-2020")
    page = handout_html(handout(case))
    assert any(q.resolution for q in case.questions)
    unresolved = tuple(dataclasses.replace(q, resolution=None) for q in case.questions)
    alone = dataclasses.replace(case, questions=unresolved)

    def looked(case: offramp.Case) -> None:
        raise AssertionError("the record was read")

    monkeypatch.setattr(offramp.Case, "history", property(looked))
    assert handout_html(handout(alone)) == page


def test_wants_stand_in_the_order_of_their_size() -> None:
    text = (Path(offramp.__file__).parent / "cases/quarantine/crisis.yaml").read_text("utf-8")
    more = text.replace("calm seas: .6 ~Q17 * calm", "calm seas: 60 ~Q17 * calm")
    assert more != text
    case = offramp.load("quarantine")

    def hadria(c: offramp.Case) -> list[Line]:
        sheet = next(s for s in handout(c).sheets if s.actor == "hadria")
        return [w for w in sheet.wants if not w.words.startswith("You ")]

    before = [w.words for w in hadria(case)]
    after = hadria(offramp.load({**case.texts.texts, "crisis.yaml": more}))
    assert before[-1] == after[0].words == "Calm seas"
    assert after[0].more[0] == "above all"
    assert "above all" not in [w for line in after[1:] for w in line.more]


def test_sizes_are_words_and_unbounded_ones_have_none() -> None:
    assert [size_words(x, 10) for x in (10, 6, 3, 1, 0)] == [
        "above all",
        "above all",
        "much",
        "somewhat",
        "a little",
    ]
    assert size_words(float("inf"), 10) == size_words(1, float("inf")) == size_words(0, 0) == ""


def test_words_of_markdown_are_plain() -> None:
    assert plain(r"raises *A \*B\**, **lost**: sets *C* to 1<br>x &lt; y\_z") == (
        "raises “A *B*”, lost: sets “C” to 1; x < y_z"
    )


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("before 3 January 2020", False),
        ("on 4 January", True),
        ("9 December 2019", False),
        ("since 2020-01-05", True),
        ("by May 2020", True),
        ("in May 2019", False),
        ("the day > 5 Jan 2020", True),
        ("on February 3, 2020", True),
        ("a step in 30 days, may be", False),
    ],
)
def test_days_after_the_first_are_seen_however_they_are_written(text: str, later: bool) -> None:
    assert tells_later(text, dt.date(2020, 1, 3)) == later
    assert not tells_later("on 4 January", dt.date(2020, 1, 3), {dt.date(2020, 1, 4)})


def test_the_map_has_every_date_each_who_moves_and_an_equivalent_in_words(
    made: tuple[offramp.Case, Handout],
) -> None:
    _, h = made
    picture = turns_map(h)
    assert 'role="img"' in picture
    for m in h.calendar:
        assert f">{m.number}</text>" in picture
        assert m.title in words(h)
    for name, free, bound in h.lanes:
        assert f"{name}: {free} moves" in words(h)
        assert f"moves: {free} open, {bound} if" in picture
    colours = set(re.findall(r"#[0-9A-F]{6}", picture))
    for colour in colours:  # legible without colour: greys and ink
        parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert max(parts) - min(parts) < 40


def test_a_clock_of_the_calendar_rings_on_its_day_in_a_world_too() -> None:
    for name, event in (("tutorial", "season_opens"), ("quarantine", "season_ends")):
        case = offramp.load(name)
        (mark,) = (m for m in handout(case).calendar if "its clock" in m.title)
        rang = [e.day for e in offramp.replay(case, 1, 0).log if e.event == event]
        assert [case.crisis.first + dt.timedelta(d) for d in rang] == [mark.day]


def test_a_page_a_role_and_nothing_fetched(made: tuple[offramp.Case, Handout]) -> None:
    _, h = made
    page = handout_html(h)
    assert page.count("<section") == 2 + len(h.sheets) + bool(h.voices)
    assert "break-before: page" in page
    assert not re.search(r"<script|<link|https?://(?!www\.w3\.org)|url\(", page)


def test_the_pdf_is_tagged_names_all_roles_and_is_the_same_every_time() -> None:
    h = handout(offramp.load("tutorial"))
    paper = handout_pdf(h)
    assert paper == handout_pdf(h)
    read = PdfReader(io.BytesIO(paper))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = [" ".join((page.extract_text() or "").split()) for page in read.pages]
    assert [t.count("You are ") for t in text if "You are " in t] == [1] * len(h.sheets)
    for s in h.sheets:
        assert any(f"You are {s.title} {h.situation}" in t for t in text)


def test_markup_in_a_case_is_shown_as_it_is_written() -> None:
    case = offramp.load(hostile_texts())
    h = handout(case)
    page = handout_html(h)
    assert IMAGE in " ".join(strings(dataclasses.asdict(h)))
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;img" in page
    assert handout_pdf(h).startswith(b"%PDF")


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["handout", *args])
    return done.exit_code, done.output


def test_the_command_writes_either_and_refuses_before_the_work(tmp_path: Path) -> None:
    for ending in ("html", "pdf"):
        file = tmp_path / f"class.{ending}"
        assert run("tutorial", "-o", str(file)) == (0, f"wrote {file}\n")
        assert file.stat().st_size > 10_000
    whole = (tmp_path / "class.html").read_text("utf-8")
    file = tmp_path / "lesson.html"
    assert run("tutorial", "--days", "45", "-o", str(file)) == (0, f"wrote {file}\n")
    lesson = file.read_text("utf-8")
    assert lesson == offramp.handout("tutorial", days=45) != whole
    assert "The course goes from 1 Apr 2031 to 15 May 2031" in lesson
    code, out = run("tutorial", "--days", "91", "-o", str(tmp_path / "class.html"))
    assert (code, "1 to 90 days, not 91" in out) == (2, True)
    assert (tmp_path / "class.html").read_text("utf-8") == whole
    code, out = run("tutorial", "-o", str(tmp_path / "class.doc"))
    assert (code, "ends neither in .html nor in .pdf" in out) == (2, True)
    code, out = run("tutorial", "-o", str(tmp_path / "nowhere" / "class.pdf"))
    assert (code, "there is no folder" in out) == (2, True)
    with pytest.raises(offramp.Mistake):
        offramp.handout("tutorial", tmp_path / "class.doc")


# ---- what the crisis is ------------------------------------------------------------------------


def test_every_sheet_begins_with_what_the_crisis_is(made: tuple[offramp.Case, Handout]) -> None:
    case, h = made
    page = handout_html(h)
    # The moderator's, each role's, and the page of those that never move, if any.
    roles = page[: page.index("<h1>Voices")] if h.voices else page
    assert roles.count(str(escape(h.situation))) == 1 + len(h.sheets)
    if case.about:
        assert h.situation == case.about
    else:
        assert case.crisis.title in h.situation
        movers = {e.by for e in case.crisis.events if e.chosen}
        titles = [a.title for a in case.crisis.actors if a.name in movers]
        assert titles
        assert all(title in h.situation for title in titles)


def test_a_sentence_about_the_crisis_that_names_a_later_day_is_left_out() -> None:
    texts = dict(offramp.load("tutorial").texts.texts)
    rooms = texts["rooms.yaml"]
    about = next(line for line in rooms.splitlines() if line.startswith("about:"))
    told = "about: Two sides quarrel. They will fight on 3 May 2031. Nobody knows why."
    h = handout(offramp.load({**texts, "rooms.yaml": rooms.replace(about, told)}))
    assert h.situation == "Two sides quarrel. Nobody knows why."
    # Where nothing is left, what anybody can see of the crisis.
    only = "about: They will fight on 3 May 2031."
    h = handout(offramp.load({**texts, "rooms.yaml": rooms.replace(about, only)}))
    assert h.situation.startswith(f"{h.title}: it begins on 1 Apr 2031. Vessara, Kelmark and")
    assert "“Escalation” can go from calm to naval war, and stands at crowding." in h.situation


def test_what_the_crisis_is_must_be_words() -> None:
    texts = dict(offramp.load("tutorial").texts.texts)
    rooms = texts["rooms.yaml"]
    about = next(line for line in rooms.splitlines() if line.startswith("about:"))
    case = offramp.load({**texts, "rooms.yaml": rooms.replace(about, "about: [a, b]")})
    found = [d for d in case.beside if d.severity == "error"]
    assert [(d.code, d.message) for d in found] == [("shape", "`about:` wants words")]
    with pytest.raises(offramp.CaseError):
        handout(case)
    without = offramp.load({**texts, "rooms.yaml": rooms.replace(about, "")})
    assert (without.about, len(without.rooms)) == ("", 2)
    alone = offramp.load({**texts, "rooms.yaml": f"{about}\n"})
    assert (alone.about, alone.rooms) == (offramp.load("tutorial").about, ())
    assert not [d for d in alone.beside if "rooms.yaml" in str(d.span.file)]
    # It is no part of the model.
    assert without.model_sha256 == offramp.load("tutorial").model_sha256


# ---- the board, lines and votes ----------------------------------------------------------------


def test_the_board_has_every_quantity_that_a_sheet_reads(
    made: tuple[offramp.Case, Handout],
) -> None:
    case, h = made
    crisis, told = case.crisis, {line.words for line in (*h.board, *h.kept)}
    titles = titles_of(crisis)
    for a in crisis.actors:
        values = [w.value for w in a.wants] + [g.pace for g in a.agendas]
        values += [e.when for e in crisis.events if e.by == a.name and e.when and e.chosen]
        for name in {n for v in values for n in reads(v)}:
            line = titles[f"state {name}"]
            assert line in told
            own = [x for x in h.kept if x.words == line]
            assert all(a.title in x.more[-1] for x in own)
    assert {titles[f"state {name}"] for name in crisis.show} <= told
    assert len(told) == len(h.board) + len(h.kept)


def test_what_begins_from_a_draw_says_so_and_is_for_the_moderator_alone() -> None:
    h = handout(offramp.load("tutorial"))
    hold = "Vessara's hold on the skippers"
    assert hold not in [line.words for line in h.board]
    (line,) = (x for x in h.kept if x.words == hold)
    assert line.more == (
        "0 to 1",
        "at the start drawn before the game, low to medium: mostly 0.15 to 0.4",
        "for you alone",
    )
    assert not any("“Vessara's hold on the skippers at the start”" in x for x in strings(line.more))


def test_a_line_says_what_hangs_on_it_and_how_a_threshold_is_drawn() -> None:
    sheets = {s.actor: s for s in handout(offramp.load("tutorial")).sheets}
    (line,) = sheets["vessara"].lines
    assert line.words == "While “Vessara's grievance” ≥ 1"
    assert line.more == ("you decide more often, on whichever of your moves",)
    (line,) = sheets["kelmark"].lines
    counts, often, draw = line.more
    assert counts == "“Harm over the line” counts"
    assert often == "you decide more often, on whichever of your moves"
    assert draw.startswith("in a game on paper, draw “The least harm after which Kelmark uses")
    assert "trifle 5%, injury 40%, death 45%, several deaths 10%" in draw
    assert "at a computer the world has drawn it" in draw
    assert draw.endswith("the review says it once the game is over")
    # Where an actor has matters apart, a line names the moves of the matter.
    for name in ("quarantine", "us-iran-2020", "taiwan-1958"):
        case = offramp.load(name)
        moves = {e.title[:1].upper() + e.title[1:] for e in case.crisis.events}
        said = [x for s in handout(case).sheets for line in s.lines for x in line.more]
        on = [x for x in said if x.startswith("you decide ") and " on “" in x]
        assert on
        for told in on:
            named = re.findall(r"“(.*?)”(?=,| or|$)", told)
            assert named
            assert set(named) <= moves


def test_a_vote_has_the_seats_of_each_party_and_how_it_leans() -> None:
    chance = {line.words: line.more for line in handout(offramp.load("tutorial")).chance}
    assert chance["Kelmark's assembly: ships"] == (
        "a vote on 22 Apr 2031",
        "Crown has 48 seats and leans to yes",
        "Harbour has 42 seats and leans to no",
        "Free list has 30 seats and leans to yes",
        "quorum 61 seats",
        "carried by more than half of those present",
    )
    assert chance["The League's vote on observers"] == (
        "a vote on 12 May 2031",
        "Willing has 3 seats and leans to yes",
        "Wavering has 2 seats and may go either way",
        "quorum 3 seats",
        "carried by 3 seats",
        "veto of Kelmark",
    )


# ---- a lesson that plays fewer days --------------------------------------------------------------


def test_a_class_is_asked_only_what_its_days_decide(made: tuple[offramp.Case, Handout]) -> None:
    case, whole = made
    most = case.crisis.shown_days
    for days in (1, most // 2, most - 1):
        h = handout(case, days)
        assert h.last == case.crisis.first + dt.timedelta(days - 1)
        assert all(q.last <= h.last for q in h.questions)
        asked = {q.text for q in h.questions}
        can = [q for q in case.questions if q.last <= h.last and q.kind_of in ("binary", "choice")]
        assert asked <= {q.text for q in can}
        assert len(h.questions) == min(16, len(can))
        assert h.more_questions == len(case.questions) - len(h.questions)
        assert all(m.day <= h.last for m in h.calendar)
        assert len(h.questions) + h.blank >= 4
        page = handout_html(h)
        assert str(escape(h.left_out)) in page
        assert page.count("a question of your own, decided by") == h.blank
    assert handout(case, most) == whole
    assert (whole.blank, whole.shorter) == (0, False)
    for wrong in (0, most + 1):
        with pytest.raises(offramp.Mistake, match=f"1 to {most} days, not {wrong}"):
            handout(case, wrong)


def test_the_tutorials_lesson_leaves_out_what_ends_in_june() -> None:
    h = handout(offramp.load("tutorial"), 45)
    (asked,) = h.questions
    assert asked.text == "Will Kelmark's assembly grant money for more ships on 22 April 2031?"
    assert h.left_out == (
        "11 questions of the case are left out: a game that ends on 15 May 2031 need not decide "
        "them."
    )
    assert (h.turn, h.turns, h.blank) == ("a week", 7, 3)


def test_what_is_no_probability_is_asked_in_its_own_unit() -> None:
    answers = {q.text: q.answer for q in handout(offramp.load("tutorial")).questions}
    assert answers["The day on which Kelmark first boards and holds a League boat"] == (
        "which day, or never"
    )
    swarms = next(q for q in answers if q.startswith("Days on which League boats swarm"))
    assert answers[swarms] == "a number"
    assert answers["What is the gravest that happens at sea by 29 June 2031?"] == (
        "how probable is each, in %: war; a blockade; a sailor dies; less"
    )
    assert answers["Will Vessara land on one of the Pell Islands by 29 June 2031?"] == (
        "how probable is yes, in %"
    )
    other = {q.text: q.answer for q in handout(offramp.load("quarantine")).questions}
    assert other["Guns on the islets on 15 December 2034"] == "how many guns"


# ---- on paper ------------------------------------------------------------------------------------


def test_a_role_of_the_tutorial_fits_on_one_page_and_no_sheet_spills_a_few_lines() -> None:
    for name in CASES:
        h = handout(offramp.load(name))
        read = PdfReader(io.BytesIO(handout_pdf(h)))
        pages = [[x for x in (p.extract_text() or "").splitlines() if x] for p in read.pages]
        if name == "tutorial":
            # Two of the moderator, one of each role, one of the League, one of questions.
            assert len(pages) == 2 + len(h.sheets) + 1 + 1
        begins = [n for n, p in enumerate(pages) if p[0].endswith(("You are", "of their own"))]
        for n, lines in enumerate(pages):
            if n and n not in begins and n != len(pages) - 1:
                assert len(lines) >= 9, (name, n + 1, lines)
