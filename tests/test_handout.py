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
from pypdf import PdfReader

import offramp
from offramp.cli import main
from offramp.render.handout.roles import Handout, Line, handout, plain, size_words, tells_later
from offramp.render.handout.sheets_page import handout_html
from offramp.render.handout.sheets_paper import handout_pdf
from offramp.render.handout.turns_map import turns_map, words

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
        assert any(f"You are {s.title} What you want" in t for t in text)


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
    code, out = run("tutorial", "-o", str(tmp_path / "class.doc"))
    assert (code, "ends neither in .html nor in .pdf" in out) == (2, True)
    code, out = run("tutorial", "-o", str(tmp_path / "nowhere" / "class.pdf"))
    assert (code, "there is no folder" in out) == (2, True)
    with pytest.raises(offramp.Mistake):
        offramp.handout("tutorial", tmp_path / "class.doc")
