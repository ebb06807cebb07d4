"""Documents of what a study found: every sentence of it stands there, and nothing is markup."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_blocks import needs_numba

import offramp
from offramp.answers.wording import day, interval, percent
from offramp.cli import main
from offramp.explain.diagnosticity import Diagnosticity, needed
from offramp.explain.scenarios import Ending, Scenario, Scenarios, Sign, Told
from offramp.explain.signposts import sentence
from offramp.filter.islands import Estimate
from offramp.language.crisis import cited
from offramp.render.brief.points import Point
from offramp.render.sheet.leaflet import Leaflet, Section, leaflet_html, leaflet_pdf
from offramp.render.terminal.evidence_table import print_evidence

pytestmark = needs_numba


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture(scope="module")
def watched() -> Any:
    return offramp.watch("tutorial", "blockade", "war", worlds=2048)


@pytest.fixture(scope="module")
def assumed() -> Any:
    return offramp.assumptions("tutorial", most=3, worlds=1024)


@pytest.fixture(scope="module")
def weighed() -> Diagnosticity:
    return offramp.evidence("tutorial", "tass", "ilvane", worlds=512)


@pytest.fixture(scope="module")
def cloud() -> Scenarios:
    return offramp.scenarios("tutorial", worlds=200)


DAY = dt.date(2031, 5, 2)


def history(share: float, event: str) -> Scenario:
    """A scenario of the tutorial, of a world in which one event comes to pass twice."""
    title = next(e.title for e in offramp.load("tutorial").crisis.events if e.name == event)
    bounds = (share - 0.02, share + 0.02)
    sign = Sign(event, title, True, DAY, 0.31, share + 0.1, 0.01, bounds)
    return Scenario(
        share=share,
        mc_error=0.01,
        interval=bounds,
        world=77,
        told=(Told(DAY, event, title, "", "kelmark", 2, DAY + dt.timedelta(3)),),
        courses={},
        endings=(Ending("harm", "Harm", (), (1.0, 2.0, 3.0), (0.5, 2.5, 4.0)),),
        turns=(sign, replace(sign, seen=False)),
        signposts=(sign,),
    )


def test_each_sign_is_told_with_what_it_does(watched: Any, tmp_path: Path) -> None:
    text = words(offramp.page("tutorial", watched, tmp_path / "watch.pdf"))
    assert (tmp_path / "watch.pdf").read_bytes().startswith(b"%PDF")
    some = sum(len(w.signs) for w in watched.lists)
    assert some
    assert f"What to watch for: {some} sign" in text
    for w in watched.lists:
        assert f"{w.question.text} {percent(w.answer.value)} ±" in text
        for s in w.signs:
            assert sentence(s) in text
        for c in w.collect:
            assert f"{c.title} ({c.unknown}): known now it is worth" in text
        assert f"Alarm: an answer above {100 * w.level:.2g}%." in text
    for b in watched.barred:
        assert b.title
        assert f"“{b.title}”" in text
    assert "vessara.hold_back" in {b.what for b in watched.barred}
    assert "vessara.hold_back" not in text


def test_the_command_below_is_the_one_that_was_given(watched: Any) -> None:
    text = words(offramp.page("tutorial", watched))
    assert text.endswith("offramp watch tutorial blockade war --days 30 --worlds 2048 --seed 1")


def test_a_level_of_alarm_that_was_given_is_in_the_command() -> None:
    given = offramp.watch("tutorial", "war", alarm=0.005, worlds=256)
    text = words(offramp.page("tutorial", given))
    assert "Alarm: an answer above 0.5%." in text or given.lists[0].note
    assert " --alarm 0.005 " in text.split("offramp watch tutorial war")[1]


def test_where_no_sign_tells_that_is_said_first(watched: Any) -> None:
    none = replace(watched, lists=tuple(replace(w, signs=()) for w in watched.lists))
    html = offramp.page("tutorial", none)
    assert "<h1>Nothing that the public sees tells more than luck would</h1>" in html


def test_each_assumption_is_told_with_what_falls_and_its_source(
    assumed: Any, tmp_path: Path
) -> None:
    html = offramp.page("tutorial", assumed, tmp_path / "assumptions.html")
    assert (tmp_path / "assumptions.html").read_text("utf-8") == html
    text = words(html)
    moving = [a for a in assumed.assumptions if a.largest > 0]
    assert moving
    for a in moving:
        assert a.footing.words in text
        assert a.place in text
        for setting, move in a.moves:
            assert (f"{move.question} {move.words} (±" in text) or not move.told, setting
    assert html.count(">OURS<") == sum(a.ours for a in moving)
    assert f"{len(moving)} assumptions on which answers lean" in text


def test_each_row_of_evidence_is_told_with_its_odds_and_its_errors(
    weighed: Diagnosticity, tmp_path: Path
) -> None:
    text = words(offramp.page("tutorial", weighed, tmp_path / "evidence.pdf"))
    assert (tmp_path / "evidence.pdf").read_bytes().startswith(b"%PDF")
    telling = [r for r in weighed.rows if r.tells]
    assert telling
    for r in telling:
        times = f"{math.exp(r.ratio):,.1f} times as probable under {r.best} as under {r.worst}"
        apart = f"{r.ratio:.2f} ± {r.error:.2f} nats between them"
        assert f"{times}: {apart}, {needed(r, weighed.islands):.1f} needed" in text
        for name, e in r.logs.items():
            assert f"{name} {e.value:.2f} ± {e.error:.2f}" in text
    for t in (t for r in weighed.rows for t in r.reports):
        assert f"({t.id})" in text
        assert f"Source: {t.source}." in text
    assert text.count("tells nobody apart: ") == len(weighed.rows) - len(telling)
    for name, e in weighed.totals.items():
        assert f"{name}: {e.value:.2f} ± {e.error:.2f} ({weighed.authors[name]})." in text
    assert text.endswith(
        "offramp evidence tutorial --author tass --author ilvane --as-of 2031-04-22 --worlds 512 "
        "--seed 1"
    )


def test_evidence_that_ranks_nobody_says_so(weighed: Diagnosticity) -> None:
    nobody = replace(
        weighed,
        rows=tuple(replace(r, tells=False, error=math.inf) for r in weighed.rows),
        totals={n: Estimate(e.value, math.inf) for n, e in weighed.totals.items()},
        unmixed={"tass": "its worlds are too few"},
    )
    html = offramp.page("tutorial", nobody)
    text = words(html)
    unknown = "It is unknown whether anything that was reported tells the authors apart: the worlds"
    assert f"<h1>{unknown} under tass are not worth enough to rank anybody by</h1>" in html
    assert text.count("too few worlds to say") == len(weighed.rows)
    assert "(its error cannot be told)" in text
    assert "under tass: its worlds are too few. Rank nobody by it." in text
    assert "What tells between them" not in text


def test_evidence_says_in_a_terminal_what_its_document_says(
    weighed: Diagnosticity, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(d: Diagnosticity) -> str:
        html = offramp.page("tutorial", d)
        head = unescape(html.split("<h1>")[1].split("</h1>")[0])
        print_evidence(d)
        assert f"{head}." in " ".join(capsys.readouterr().out.split())
        return head

    rows = tuple(replace(r, tells=False, error=0.1) for r in weighed.rows)
    none = replace(weighed, rows=rows)
    assert said(none) == "Nothing that was reported tells any two of the authors apart"
    one = replace(none, rows=(replace(rows[0], error=math.inf), *rows[1:]))
    assert "of 1 more it is unknown, since too few worlds are left to say" in said(one)
    all_of = replace(none, rows=tuple(replace(r, error=math.inf) for r in rows))
    assert said(all_of).startswith("It is unknown whether anything that was reported tells any two")
    lost = said(replace(none, unmixed={"tass": "its worlds are too few"}))
    assert lost.endswith("the worlds under tass are not worth enough to rank anybody by")
    third = {**weighed.authors, "case": "the case"}
    totals = {**weighed.totals, "case": weighed.totals["tass"]}
    three = replace(none, authors=third, totals=totals, unmixed={"case": "too few"})
    assert said(three) == (
        "Nothing that was reported tells any two of tass, ilvane apart; of case it is unknown, "
        "whose worlds are not worth enough"
    )


def test_refused_scenarios_are_a_document_that_says_why(cloud: Scenarios, tmp_path: Path) -> None:
    assert cloud.refused
    text = words(offramp.page("tutorial", cloud, tmp_path / "none.pdf"))
    assert (tmp_path / "none.pdf").read_bytes().startswith(b"%PDF")
    assert "No scenarios: as far as these worlds show, histories are one cloud" in text
    assert f"{cloud.refused}." in text
    for t in cloud.tried:
        assert f"{t.clusters} clusters: not " in text
        assert f"a dip of {t.gap.dip:.3f}, of {t.gap.needed:.3f} needed" in text
        assert f"explain {percent(t.explained)}, a cloud {percent(t.null)}" in text
    assert text.endswith("offramp scenarios tutorial --worlds 200 --seed 1")


def test_each_scenario_is_told_with_its_signs_and_its_passages(cloud: Scenarios) -> None:
    case = offramp.load("tutorial")
    event = next(e for e in case.crisis.events if set(cited(e)) & set(case.passages))
    found = (history(0.7, event.name), history(0.3, event.name))
    told = replace(cloud, refused="", found=found, as_of=DAY, assessment="tass")
    html = offramp.page("tutorial", told)
    text = words(html)
    assert "2 scenarios: 70% and 30% of worlds" in text
    assert f"as reported by {day(DAY)} · under the premises of tass" in text
    for k, x in enumerate(found, 1):
        assert f"Scenario {k}: {percent(x.share)} of worlds ({interval(x.interval)})" in text
        then = f"Then scenario {k} in {percent(x.share + 0.1)} ({interval(x.interval)}); 31%"
        assert text.count(then) == 3
    for sign in (event.title, f"not: {event.title}"):
        assert f"Turn, by {day(DAY)}: {sign}." in text
    assert f"Early sign, by {day(DAY)}: {event.title}." in text
    assert "Harm: 1 / 2 / 3 (10 / 50 / 90% of its worlds); 0.5 / 2.5 / 4 of all." in text
    assert f"{event.title}; 1 more until {day(DAY + dt.timedelta(3))}." in text
    passage = case.passages[next(c for c in cited(event) if c in case.passages)]
    assert f">{passage.document} {passage.id}</a>" in html
    assert "--as-of 2031-05-02 --author tass" in text


def test_words_are_never_markup() -> None:
    evil = '<script>alert(1)</script>" #set text(red) $x$ [&amp;'
    made = Leaflet(evil, evil, evil, (Section(evil, (Point(evil, evil),)),), evil, evil)
    html = leaflet_html(made)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 9
    assert leaflet_pdf(made).startswith(b"%PDF")
    assert leaflet_pdf(made) == leaflet_pdf(made)


@pytest.mark.parametrize(
    "command",
    [
        ("watch", "tutorial", "war"),
        ("assumptions", "tutorial"),
        ("evidence", "tutorial"),
        ("scenarios", "tutorial"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_the_work(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    for name, why in (("x.doc", "neither in .html nor in .pdf"), ("no/x.pdf", "no folder")):
        result = CliRunner().invoke(main, [*command, "-o", str(tmp_path / name)])
        assert result.exit_code == 2
        assert why in " ".join(result.output.split())


def test_a_command_writes_what_the_library_gives(cloud: Scenarios, tmp_path: Path) -> None:
    path = tmp_path / "none.html"
    command = ["scenarios", "tutorial", "--worlds", "200", "-o", str(path), "--json"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == offramp.document("tutorial", cloud)
    assert '"offramp.scenarios/1"' in result.output


def test_a_document_has_no_third_ending() -> None:
    with pytest.raises(offramp.Mistake, match=r"'.doc' is neither in .html nor in .pdf"):
        offramp.document("tutorial", ending=".doc")
    assert offramp.document("tutorial").decode("utf-8") == offramp.handout("tutorial")
