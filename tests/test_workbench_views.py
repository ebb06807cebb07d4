"""What the page is told of a case: text as it was written, whatever it looks like; no path of this
machine; and the case as it was when the server began, whatever becomes of its files."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hostile_case import IMAGE, MARKUP, write_hostile
from test_blocks import needs_numba
from workbench import Answer, Served, cache_in, serving

import offramp
from offramp.api import forecasts

pytestmark = needs_numba
VIEWS = (
    "",
    "/passages",
    "/reports",
    "/grounds/war",
    "/links",
    "/story/4",
    "/worlds?n=40",
    "/study/why?question=war",
    "/study/butfor?event=swarm&on=2031-04-06",
    "/study/choice?actor=kelmark&on=2031-04-09",
    "/study/compare?a=tass&b=ilvane",
    "/worlds?n=300&on=2031-04-20",
    "/study/condition?on=2031-04-20",
    "/study/days?on=2031-04-03,2031-04-20",
    "/study/claims",
    "/study/facts",
    "/study/coverage",
    "/study/policies",
    "/games",
)
READ = VIEWS[:7]
DOCUMENTS = "/study/coverage"  # looks at the documents at hand, whatever they are by then


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hostile(tmp_path_factory.mktemp("there") / IMAGE)


@pytest.fixture(scope="module")
def answers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answer]]:
    """All that the page can be told of the case, by address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecasts, "_patience", lambda engine: 0.5)
        with cache_in(tmp_path_factory.mktemp("cache")), serving(str(folder)) as served:
            yield {view: served.ask(of(view)) for view in ("/api/cases", *VIEWS)}


def of(view: str) -> str:
    return view if view.startswith("/api") else f"/api/c/{quote(IMAGE)}{view}"


def value(answer: Answer) -> Any:
    """What is told: JSON, the last line of a run, the header of worlds."""
    if answer.header("content-type") == "application/octet-stream":
        return json.loads(gzip.decompress(answer.body).partition(b"\n")[0])
    return answer.lines[-1] if answer.body.count(b"\n") > 0 else answer.json


def texts(found: Any) -> list[str]:
    """All texts in a value."""
    if isinstance(found, dict):
        return [*found, *(x for v in found.values() for x in texts(v))]
    if isinstance(found, list):
        return [x for v in found for x in texts(v)]
    return [found] if isinstance(found, str) else []


# ---- markup --------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["/api/cases", *VIEWS])
def test_markup_comes_as_it_was_written(answers: dict[str, Answer], view: str) -> None:
    """Not as HTML, and not changed either: to show it as text is the page's part."""
    found = answers[view]
    assert found.status == 200
    assert found.guarded
    kind = found.header("content-type")
    assert kind in ("application/json", "application/x-ndjson", "application/octet-stream")
    assert "refused" not in list(value(found))[:1]
    told = texts(value(found))
    assert any(IMAGE in x for x in told)
    assert not [x for x in told if "&lt;" in x or "\\u003c" in x]


def test_every_text_of_the_case_has_its_markup(answers: dict[str, Answer]) -> None:
    """Else the case would try nothing."""
    case = value(answers[""])
    assert case["id"] == IMAGE
    assert case["title"].startswith(MARKUP)
    for rows, key in (
        ("events", "title"),
        ("questions", "text"),
        ("questions", "resolves"),
        ("policies", "name"),
        ("assessments", "title"),
        ("assessments", "about"),
        ("documents", "author"),
        ("documents", "publisher"),
        ("documents", "title"),
    ):
        found = [row[key] for row in case[rows]]
        assert found
        assert sum(MARKUP in x for x in found) >= 0.5 * len(found), (rows, found)
    passages = value(answers["/passages"])["passages"]
    assert all(p["paraphrase"].startswith(MARKUP) for p in passages)
    for r in value(answers["/reports"])["reports"]:
        assert MARKUP in r["source"]
        assert MARKUP in r["note"]
    elements = value(answers["/grounds/war"])["elements"]
    assert any(MARKUP in n["reason"] for e in elements for n in e["numbers"])
    assert any(MARKUP in entry["title"] for entry in value(answers["/story/4"])["log"])
    worlds = value(answers["/worlds?n=40"])
    assert all(MARKUP in a["text"] for a in worlds["forecast"]["answers"])
    assert any(MARKUP in u["title"] for u in worlds["unknowns"])
    assert any(IMAGE in o["name"] for c in worlds["forecast"]["choices"] for o in c["options"])


def test_markup_in_an_address_is_not_run(folder: Path) -> None:
    with serving(str(folder)) as served:
        for target in (f"/api/c/{quote(MARKUP)}", f"/{quote(MARKUP)}", f"/api/{quote(MARKUP)}"):
            found = served.ask(target)
            assert (found.status, found.guarded) == (404, True)
            assert not found.header("content-type").startswith("text/html")


# ---- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["/api/cases", *VIEWS])
def test_no_view_has_a_path_of_this_machine(
    answers: dict[str, Answer], view: str, folder: Path
) -> None:
    places = (folder.parent, Path.home(), Path(offramp.__file__).parent, Path.cwd())
    told = json.dumps(texts(value(answers[view])))
    assert not [str(p) for p in places if str(p) != "/" and str(p) in told]


@pytest.mark.parametrize(
    ("file", "view", "more"),
    [
        ("history.csv", "/reports", "N9,event,nothing.at_all,,2031-04-06,,,,,,,,\n"),
        ("history.csv", "/study/condition?on=2031-04-20", "N9,event,nothing,,2031-04-06,,,,,,,,\n"),
        ("history.csv", "/lived?n=300&on=2031-04-20", "N9,event,nothing,,2031-04-06,,,,,,,,\n"),
        ("facts.yaml", "/study/facts", "  other: 3\n"),
        ("claims/tass.yaml", "/study/claims", "  T99: {says: none}\n"),
    ],
)
def test_a_file_with_errors_is_refused_by_its_name(
    tmp_path: Path, file: str, view: str, more: str
) -> None:
    """With the line, and no place on this machine; whatever does not need it is told."""
    folder = write_hostile(tmp_path / "case")
    with (folder / file).open("a", encoding="utf-8") as end:
        end.write(more)
    with serving(str(folder)) as served:
        found = served.ask(f"/api/c/case{view}")
        words = value(found)["refused"]
        assert words.startswith(f"{file}:")
        assert str(tmp_path) not in words
        assert served.ask("/api/c/case").status == 200
        assert served.ask("/api/c/case/passages").status == 200


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("/study/days", "name a day at least"),
        ("/study/days?on=2031-04-03,soon", "'soon' is not a date"),
        ("/study/days?on=" + ",".join(["2031-04-03"] * 17), "17 days: the page has 16 at most"),
        ("/study/days?on=2031-04-03&as=nobody", "nobody"),
        ("/worlds?on=1999-01-01", "2031-04-01"),
        ("/lived?on=%00", "is not a date"),
        ("/lived?on=2031-04-03&n=30000", "the page has 1 to 20,000"),
        ("/brief?on=soon", "'soon' is not a date"),
        ("/page?on=soon", "'soon' is not a date"),
        ("/saved?on=soon", "'soon' is not a date"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_words(view: str, words: str) -> None:
    with serving("tutorial") as served:
        assert words in value(served.ask(f"/api/c/tutorial{view}"))["refused"]


# ---- what an address asks for ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("butfor", "tutorial has no event ''"),
        ("butfor?event=swam&on=2031-04-06", "tutorial has no event 'swam': "),
        ("butfor?event=swarm.injury&on=2031-04-06", "take away swarm"),
        ("butfor?event=swarm&on=2031-04-05", "it has one on 2031-04-06"),
        ("butfor?event=swarm&on=6+April", "'6 April' is not a date; write year-month-day"),
        ("butfor?event=swarm&on=2031-04-06&as_of=2031-04-01", "2031-04-06 is after 2031-04-01"),
        ("choice", "'' has no move: "),
        ("choice?actor=kelmak&on=2031-04-09", "'kelmak' has no move: "),
        ("choice?actor=kelmark", "'' is not a date; write year-month-day"),
        ("choice?actor=kelmark&on=1931-04-09", "1931-04-09 is outside the crisis"),
    ],
)
def test_a_study_of_what_there_is_not_is_refused_in_words(
    tutorial: Served, view: str, words: str
) -> None:
    found = tutorial.ask(f"/api/c/tutorial/study/{view}")
    assert found.status == 200
    assert words in value(found)["refused"]


PARQUET = "/api/c/tutorial/answers?format=parquet"


def table(found: Answer) -> dict[str, dict[str, Any]]:
    """The rows of a Parquet file by question and option."""
    parquet = pytest.importorskip("pyarrow.parquet", exc_type=ImportError)
    assert (found.status, found.guarded) == (200, True)
    assert found.header("content-disposition") == 'attachment; filename="tutorial.parquet"'
    rows = parquet.read_table(io.BytesIO(found.body), use_threads=False).to_pylist()
    return {row["id"] + row["option"]: row for row in rows}


def test_the_answers_as_parquet_are_the_forecast_s(tutorial: Served) -> None:
    """Each row with its condition; nobody's premises and no range where none is asked for."""
    (own,) = offramp.session("tutorial", seed=1, supposed=True)
    forecast = own.grown(3000).forecast
    found = table(tutorial.ask(PARQUET))
    for a in forecast.answers:
        row = found[a.id]
        assert (row["answer"], row["low_90"], row["high_90"]) == (a.probability, *a.interval)
        assert row["condition"] == (f"in the worlds in which {a.given}" if a.given else "")
    assert found["blockade_after_death"]["condition"].endswith(
        "“Swarm at the anchorage: death” happens"
    )
    for c in forecast.choices:
        shares = [found[c.id + o]["answer"] for o in c.options]
        assert tuple(shares) == c.probabilities
    assert found["swarms"]["low_80"] <= found["swarms"]["answer"] <= found["swarms"]["high_80"]
    assert found["first_boarding"]["answer"] is None
    assert found["first_boarding"]["date"].year == 2031
    assert {(r["premises"], r["ranges"], r["by_your_change"]) for r in found.values()} == {
        ("", "", None)
    }
    assert {(r["case"], r["model_sha256"], r["worlds"], r["seed"]) for r in found.values()} == {
        ("tutorial", own.case.model_sha256, 3000, 1)
    }


def test_each_row_of_parquet_has_the_premises_and_ranges_it_is_under(tutorial: Served) -> None:
    found = table(tutorial.ask(f"{PARQUET}&as=tass&s=2&w=tempo:.8~1.6,kelmark.line:2~3~3~2"))
    (own,) = offramp.session(offramp.load("tutorial").under("tass"), seed=2, supposed=True)
    session = own.grown(3000)
    old = {p.name: p for p in session.plan.priors}
    weighed = session.weighed(
        {
            "tempo": replace(old["tempo"], a=0.8, b=1.6),
            "kelmark.line": replace(old["kelmark.line"], chances=(0.2, 0.3, 0.3, 0.2)),
        }
    )
    before = {a.id: a.probability for a in session.forecast.answers}
    for a in weighed.answers:
        assert found[a.id]["answer"] == pytest.approx(a.probability, abs=1e-12)
        change = found[a.id]["by_your_change"]
        assert change == pytest.approx(a.probability - before[a.id], abs=1e-12)
    for row in found.values():
        assert row["premises"] == "Nobody steers the boats"
        assert row["ranges"] == "tempo: 0.8 ~ 1.6, kelmark.line: 2 ~ 3 ~ 3 ~ 2"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "`format` is parquet"),
        ("format=xlsx", "`format` is parquet"),
        ("format=parquet&as=nobody", "tutorial has no assessment 'nobody'"),
        ("format=parquet&s=-1", "`s` is a whole number"),
        ("format=parquet&w=tempo", "'tempo' is no range: `w` is as in tempo:0.8~1.6"),
        ("format=parquet&w=tempo:nan~1", "'tempo:nan~1' is no range"),
        ("format=parquet&w=tempo:2~1", "'tempo' has a range: give its low end and its high end"),
        ("format=parquet&w=tempo:1~2~3", "'tempo' has a range"),
        ("format=parquet&w=kelmark.line:1~2", "'kelmark.line' has 4 options"),
        ("format=parquet&w=kelmark.line:0~0~0~0", "'kelmark.line' has 4 options"),
        ("format=parquet&w=nosuch:1~2", "the case has no unknown 'nosuch'"),
        ("format=parquet&w=tempo:3~4", "worth"),
    ],
)
def test_a_table_of_what_there_is_not_is_refused_in_words(
    tutorial: Served, query: str, words: str
) -> None:
    found = tutorial.ask(f"/api/c/tutorial/answers?{query}")
    assert found.status == 422
    assert words in found.json["refused"]


def test_without_pyarrow_the_page_is_told_what_to_install(
    tutorial: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = tutorial.ask(PARQUET)
    assert found.status == 422
    assert found.json["refused"] == (
        "a Parquet file needs pyarrow: pip install '.[parquet]' in the folder of Offramp's "
        "repository"
    )


@pytest.fixture(scope="module")
def tutorial() -> Iterator[Served]:
    with serving("tutorial") as served:
        yield served


# ---- what becomes of the files -------------------------------------------------------------------


def changed(folder: Path) -> None:
    path = folder / "crisis.yaml"
    path.write_text(path.read_text("utf-8").replace("crisis: ", "crisis: Changed, "), "utf-8")


def broken(folder: Path) -> None:
    for path in folder.rglob("*.yaml"):
        path.write_bytes(b"\xff\xfe: [")


def emptied(folder: Path) -> None:
    for path in folder.rglob("*.*"):
        path.unlink()


@pytest.mark.parametrize("done", [changed, broken, emptied, shutil.rmtree])
def test_the_case_stays_what_it_was_when_the_server_began(
    tmp_path: Path, done: Callable[[Path], None]
) -> None:
    """Files are read once, and all of them then: no answer is made of two versions."""
    folder = write_hostile(tmp_path / "case")
    with cache_in(tmp_path / "cache"), serving(str(folder), "tutorial") as served:
        done(folder)
        seen = [(v, served.ask(f"/api/c/case{v}")) for v in READ]
        assert "done" in value(served.ask(f"/api/c/case{DOCUMENTS}"))
    assert {a.status for _, a in seen} == {200}
    fresh = write_hostile(tmp_path / "again" / "case")
    with cache_in(tmp_path / "other"), serving(str(fresh), "tutorial") as served:
        assert [(v, served.ask(f"/api/c/case{v}").body) for v in READ] == [
            (v, a.body) for v, a in seen
        ]


def test_two_servers_tell_the_same(tmp_path: Path) -> None:
    def told(served: Served) -> bytes:
        return served.ask("/api/c/tutorial").body + served.ask("/api/c/tutorial/story/9").body

    with serving("tutorial") as a, serving("tutorial", "quarantine") as b:
        assert told(a) == told(b)
        assert b.ask("/api/c/quarantine").json["id"] == "quarantine"
