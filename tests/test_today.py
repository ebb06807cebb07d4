"""What has changed since the last time: parts that add up, errors that hold, an archive, edits."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.answers import archive
from offramp.answers.wording import day as dated
from offramp.answers.wording import percent
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.explain.evenings import Job, anew, next_stand, worn
from offramp.explain.log_odds import Odds, beyond, odds_of, summed, views
from offramp.explain.split import ALL_ORDERS, APART, weights
from offramp.filter import store
from offramp.filter.particles import run_island
from offramp.render.json.today_json import plain
from offramp.render.terminal.today_table import print_today
from offramp.render.today_said import wear

WORLDS = 1024
DAYS = ("2031-04-06", "2031-04-07", "2031-04-08")


@pytest.fixture
def tutorial(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped()["tutorial"], tmp_path / "tutorial"))


def rows(case: Path, *more: str) -> None:
    file = case / "history.csv"
    file.write_text(file.read_text("utf-8") + "".join(f"{row}\n" for row in more), "utf-8")


def edited(case: Path, old: str, new: str, name: str = "crisis.yaml") -> None:
    file = case / name
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


def today(case: Path | str, day: str, **more: Any) -> Any:
    return offramp.today(case, as_of=day, worlds=more.pop("worlds", WORLDS), **more)


# ---- parts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(APART + 2))
def test_parts_add_up_to_the_change(n: int) -> None:
    total: dict[frozenset[int], float] = {}
    for part in weights(n).values():
        for some, weight in part.items():
            total[some] = total.get(some, 0.0) + weight
    every = frozenset(range(n))
    assert {k: v for k, v in total.items() if abs(v) > 1e-12} == {every: pytest.approx(1.0)}


@pytest.mark.parametrize("n", range(1, ALL_ORDERS + 1))
def test_a_report_has_the_mean_of_what_it_adds_over_all_orders(n: int) -> None:
    rng = np.random.default_rng(n)
    sets = [frozenset(s) for k in range(n + 1) for s in itertools.combinations(range(n), k)]
    value = {some: float(rng.normal()) for some in sets}
    for i in range(n):
        added = []
        for order in itertools.permutations(range(n)):
            before = frozenset(order[: order.index(i)])
            added.append(value[before | {i}] - value[before])
        own = math.fsum(w * value[some] for some, w in weights(n)[str(i)].items())
        assert own == pytest.approx(float(np.mean(added)))


# ---- errors ----------------------------------------------------------------------------------


def some_islands(rng: np.random.Generator, p: float, spread: float, islands: int = 8) -> Odds:
    """Islands of 128 worlds, whose own shares differ in log-odds."""
    shares = 1 / (1 + np.exp(-(math.log(p / (1 - p)) + spread * rng.normal(size=islands))))
    hit = np.concatenate([rng.random(128) < x for x in shares])
    of = np.repeat(np.arange(islands), 128)
    return odds_of(hit, np.ones(len(hit), bool), of, islands)


def false_news(spread: float, error: Callable[[Odds, Odds], float]) -> float:
    """How often two answers with nothing between them are called different."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(2000):
        a, b = some_islands(rng, 0.2, spread), some_islands(rng, 0.2, spread)
        found += beyond(b.log_odds - a.log_odds, error(a, b), 8)
    return found / 2000


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_no_news_is_made_of_noise(spread: float) -> None:
    def stated(a: Odds, b: Odds) -> float:
        return summed([(1.0, b), (-1.0, a)])[1]

    assert false_news(spread, stated) < 0.015
    assert false_news(spread, lambda a, b: 0.6 * stated(a, b)) > 0.015  # too small an error


def test_errors_are_the_spread_of_what_they_are_of() -> None:
    rng = np.random.default_rng(5)
    pairs = [(some_islands(rng, 0.2, 0.3), some_islands(rng, 0.3, 0.3)) for _ in range(600)]
    found = [summed([(1.0, b), (-1.0, a)]) for a, b in pairs]
    spread = np.std([value for value, _ in found])
    assert np.mean([error for _, error in found]) == pytest.approx(float(spread), rel=0.15)
    shares = np.std([a.share or 0.0 for a, _ in pairs])
    assert np.mean([a.error for a, _ in pairs]) == pytest.approx(float(shares), rel=0.15)


def test_what_no_world_shows_has_a_wide_error() -> None:
    none = odds_of(np.zeros(80, bool), np.ones(80, bool), np.repeat(np.arange(8), 10), 8)
    unmet = odds_of(np.zeros(80, bool), np.zeros(80, bool), np.repeat(np.arange(8), 10), 8)
    assert not beyond(none.log_odds, summed([(1.0, none), (-1.0, none)])[1], 8)
    assert none.error > 0.0
    assert unmet.share is None


# ---- a day after another ---------------------------------------------------------------------


def test_a_report_moves_what_it_should_and_its_parts_say_so(tutorial: Path) -> None:
    t = today(tutorial, "2031-04-06", worlds=2048)
    assert [r.id for r in t.reports] == ["N1"]
    assert t.then == dt.date(2031, 4, 5)
    moved = {(c.id, c.option): c for c in t.news}
    assert ("blockade", "") in moved
    for c in t.news:
        assert math.fsum(p.log_odds for p in c.parts) == pytest.approx(c.log_odds)
        assert {p.kind for p in c.parts} == {"silence", "report"}
        assert [p.ids for p in c.parts if t.told(p)] == [("N1",)]
    assert all(not c.parts for c in t.changes if not c.news)
    for c in t.changes:
        if c.now is not None and c.option == "":
            answer = next(a for a in t.known.forecast.answers if a.id == c.id)
            assert answer.probability == c.now


def test_two_reports_of_one_day_have_a_part_each(tutorial: Path) -> None:
    rows(
        tutorial,
        "N5,event,vessara.inspect,vessara,2031-04-06,2031-04-06,verified,,,Inspectors board,"
        "The Meridian Courier (invented),,",
    )
    t = today(tutorial, "2031-04-06")
    assert [r.id for r in t.reports] == ["N1", "N5"]
    assert t.news
    for c in t.news:
        assert sorted(p.ids for p in c.parts) == [(), ("N1",), ("N5",)]
        assert math.fsum(p.log_odds for p in c.parts) == pytest.approx(c.log_odds)


def test_days_that_go_on_agree_with_runs_that_never_stopped() -> None:
    """By another seed, on each of the first days, within the errors that are stated."""
    case = offramp.load("tutorial")
    job = Job(case=case, history=case.history, worlds=WORLDS, seed=1)
    trail, gaps = anew(job, dt.date(2031, 4, 3)).trail, []
    for day in (dt.date(2031, 4, d) for d in range(4, 21)):
        stand = next_stand(job, trail, day)
        trail = stand.trail
        a = stand.posterior.days[-1]
        b = replace(job, seed=2).lived(day, ()).days[-1]
        gaps.append((a.log_evidence - b.log_evidence) / math.hypot(a.mc_error, b.mc_error))
        assert stand.trail.stops[-1] >= dt.date(2031, 4, 3)
    assert trail.began == dt.date(2031, 4, 3)
    assert max(map(abs, gaps)) < 4.0


@pytest.mark.slow
def test_answers_that_went_on_have_the_errors_that_they_state() -> None:
    """Over seeds: beside runs that never stopped, and beside each other."""
    case = offramp.load("tutorial")
    day, began = dt.date(2031, 4, 16), dt.date(2031, 4, 10)
    found: dict[Any, list[tuple[Odds, Odds]]] = {}
    gone_on = 0
    for seed in range(1, 21):
        job = Job(case=case, history=case.history, worlds=1024, seed=seed)
        other = replace(job, seed=100 + seed)
        trail = anew(job, began).trail
        for k in range((day - began).days):
            stand = next_stand(job, trail, began + dt.timedelta(k + 1))
            trail = stand.trail
        gone_on += trail.began == began
        p, fresh = stand.posterior, other.lived(day, ())
        ours, theirs = (
            views(p, job.onward(p, day)),
            views(fresh, other.onward(fresh, day)),
        )
        for key, odds in ours.items():
            if odds.share is not None and 0.03 < odds.share < 0.97:
                found.setdefault(key, []).append((odds, theirs[key]))
    gaps, ratios = [], []
    for pairs in found.values():
        errors = np.array([[summed([(1.0, o)])[1] for o in pair] for pair in pairs])
        values = np.array([[o.log_odds for o in pair] for pair in pairs])
        gaps += list((values[:, 0] - values[:, 1]) / np.hypot(errors[:, 0], errors[:, 1]))
        if len(pairs) >= 15:
            ratios.append(float(values[:, 0].std(ddof=1) / np.sqrt((errors[:, 0] ** 2).mean())))
    assert gone_on > 15
    assert len(gaps) > 200
    assert 0.4 < float(np.mean(np.square(gaps))) < 1.5
    assert max(map(abs, gaps)) < 5.0
    assert 0.6 < float(np.median(ratios)) < 1.3


def test_worlds_that_are_worn_start_anew() -> None:
    case = offramp.load("tutorial")
    job = Job(case=case, history=case.history, worlds=64, seed=1)
    day = dt.date(2031, 4, 12)
    before = anew(job, day - dt.timedelta(1))
    assert before.posterior.refusal()  # 64 worlds are worth too little whatever is done
    again = next_stand(job, before.trail, day)
    assert (again.trail.stops, again.trail.began) == ((), day)
    assert "no posterior" in again.why
    many = anew(replace(job, worlds=WORLDS), day)
    name, worth = min(many.posterior.worths().items(), key=lambda x: x[1])
    assert worn(many.posterior, {name: worth}) == ""
    tired = replace(many.posterior, filter=many.posterior.filter)
    object.__setattr__(tired, "worths", lambda: many.posterior.worths() | {name: 60.0})
    assert name in worn(tired, {name: 500.0})
    assert worn(tired, {name: 70.0}) == ""  # it was so from the first: to start anew mends nothing


# ---- the archive -----------------------------------------------------------------------------


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[int, int]]:
    """Of each island that is simulated: from which day on, and to which."""
    out = list[tuple[int, int]]()

    def counted(f: Any, *arguments: Any) -> Any:
        earlier = arguments[-1]
        out.append((0 if earlier is None else len(earlier.log_evidence), f.schedule.last))
        return run_island(f, *arguments)

    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OFFRAMP_POSTERIORS")
    monkeypatch.setattr(store, "run_island", counted)
    return out


def test_the_next_day_lives_one_day(
    tutorial: Path, tmp_path: Path, lived: list[tuple[int, int]]
) -> None:
    folder, none = tmp_path / "days", set[tuple[int, int]]()
    first = today(tutorial, DAYS[0], archive=folder)
    assert {*lived} == {(0, 4), (5, 5)}
    lived.clear()
    second = today(tutorial, DAYS[1], archive=folder)
    assert {*lived} == {(6, 6)}
    assert (second.then, second.wear.began) == (first.as_of, first.then)
    lived.clear()
    assert today(tutorial, DAYS[1], archive=folder).entry == second.entry
    assert {*lived} == none
    kept = archive.read(folder / f"{DAYS[1]}.json")
    assert kept == second.entry
    # What is kept saves time and nothing else.
    shutil.rmtree(tmp_path / "cache" / "islands")
    assert today(tutorial, DAYS[1], archive=folder).entry == second.entry


def test_a_kill_in_the_middle_loses_nothing(
    tutorial: Path,
    tmp_path: Path,
    lived: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "days"
    today(tutorial, DAYS[0], archive=folder)
    expected = today(tutorial, DAYS[1], archive=folder).entry
    (folder / f"{DAYS[1]}.json").unlink()
    shutil.rmtree(tmp_path / "cache" / "islands")
    lived.clear()

    def killed(done: int, total: int | None) -> None:
        if len(lived) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        today(tutorial, DAYS[1], archive=folder, progress=killed, threads=1)
    assert sorted(p.name for p in folder.iterdir()) == [f"{DAYS[0]}.json"]
    begun = len(lived)
    assert today(tutorial, DAYS[1], archive=folder).entry == expected
    assert len(lived) - begun < 8

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(archive, "write_whole", full)
        with pytest.raises(OSError, match="no space"):
            today(tutorial, DAYS[2], archive=folder)
    assert len(list(folder.iterdir())) == 2


def test_an_edit_of_the_model_is_not_taken_for_the_worlds_doing(
    tutorial: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "days"
    today(tutorial, DAYS[0], archive=folder, worlds=2048)
    plain = today(tutorial, DAYS[1], worlds=2048)
    assert not plain.edits
    text = (tutorial / "crisis.yaml").read_text("utf-8")
    old = next(line for line in text.split("\n") if "lethality" in line and ".01 .. .06" in line)
    edited(tutorial, old, old.replace(".01 .. .06", ".60 .. .90"))
    t = today(tutorial, DAYS[1], archive=folder, worlds=2048)
    assert t.edits == ("the model was edited",)
    by_edit = {(c.id, c.option) for c in t.changes if c.edited}
    assert ("sailor_dies", "") in by_edit
    sailor = next(c for c in t.changes if c.id == "sailor_dies")
    assert sailor.edit is not None
    assert sailor.edit.log_odds > 1.0
    # A silent day is no news of it, though the number in the archive lies far away.
    assert not sailor.news
    alone = today(tutorial, DAYS[1], worlds=2048)
    assert [(c.then, c.now) for c in alone.changes] == [(c.then, c.now) for c in t.changes]


def test_an_older_row_that_is_added_is_an_edit_of_the_record(
    tutorial: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "days"
    today(tutorial, DAYS[0], archive=folder)
    rows(
        tutorial,
        "N9,event,swarm.injury,skippers,2031-04-04,2031-04-04,verified,,,Another arm,"
        "The Meridian Courier (invented),,",
    )
    t = today(tutorial, DAYS[1], archive=folder)
    assert t.edits == ("rows of days up to 2031-04-06 were edited or added: N9",)
    assert t.reports == ()


def test_what_the_model_has_no_event_for_what_may_be_told_twice_and_what_is_due(
    tutorial: Path,
) -> None:
    rows(
        tutorial,
        "N6,outside,,,2031-04-06,2031-04-06,verified,,,A whale is seen,The Evening Post,,no such",
        "N7,event,swarm.injury,skippers,2031-04-07,2031-04-07,verified,,,An arm is broken,"
        "The Evening Post (invented),,",
    )
    t = today(tutorial, "2031-04-07", since="2031-04-05")
    assert [r.id for r in t.outside] == ["N6"]
    assert len(t.doubles) == 1
    assert "N7" in t.doubles[0]
    assert "N1" in t.doubles[0]
    late = today(tutorial, "2031-04-10", since="2031-04-09")  # N2, of the 8th or 9th
    assert [s.day.day for s in late.surprises] == [8, 9, 10]
    assert all(s.nats > 0.5 for s in late.surprises[:2])
    june = today(tutorial, "2031-06-24")
    assert {"landing", "war"} <= {d.id for d in june.due}
    assert not {d.id for d in june.due} & set(june.known.decided)
    assert all(dt.date(2031, 6, 24) < d.day <= dt.date(2031, 7, 1) for d in june.due)


# ---- the command -----------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["today", *arguments])


def test_the_command_says_what_changed_and_seals_it(tutorial: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    done = run(
        str(tutorial), "--as-of", DAYS[0], "--worlds", "2048", "--ledger", str(ledger),
        "--archive", str(tmp_path / "days"),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "What changed" in done.stdout
    assert "N1: A swarm" in done.stdout
    assert max(map(len, done.stdout.split("\n"))) <= 100
    assert len(ledger.read_text("utf-8").splitlines()) > 5
    quiet = run(str(tutorial), "--as-of", DAYS[1], "--worlds", "2048", "--json")
    told = json.loads(quiet.stdout)
    assert told["reports"] == []
    assert all(not c["parts"] for c in told["changes"] if not c["news"])


def test_a_day_that_cannot_be_is_refused_before_the_work(tutorial: Path, tmp_path: Path) -> None:
    early = run(str(tutorial), "--as-of", "2031-04-01")
    assert early.exit_code == 2
    said = " ".join(early.stderr.split())
    assert "2031-04-01 is the first day of the crisis, and none is before it" in said
    assert "--as-of" in said
    assert "--since" not in said
    assert "Traceback" not in said
    later = run(str(tutorial), "--as-of", "2031-04-06", "--since", "2031-04-07")
    assert "compared with an earlier day" in later.stderr
    assert "Invalid value for --since" in later.stderr
    folder = tmp_path / "days"
    today(tutorial, DAYS[0], archive=folder)
    other = run(str(tutorial), "--as-of", DAYS[1], "--archive", str(folder), "--seed", "2")
    assert other.exit_code != 0
    assert "seed 1" in other.stderr
    assert "another folder" in other.stderr
    assert "Invalid value for --archive" in other.stderr
    (folder / f"{DAYS[0]}.json").write_text("{}", "utf-8")
    foreign = run(str(tutorial), "--as-of", DAYS[1], "--archive", str(folder))
    assert "is no day of an archive" in foreign.stderr


def test_an_infinite_worth_is_kept_and_read_as_one(tmp_path: Path) -> None:
    found = today("tutorial", "2031-04-09", archive=tmp_path)
    names = dict.fromkeys(found.entry.fresh, math.inf)
    archive.keep(tmp_path, replace(found.entry, fresh=names, worths=names))
    kept = archive.there(tmp_path, found.as_of)
    assert kept == replace(found.entry, fresh=names, worths=names)
    assert set(kept.fresh.values()) == {math.inf}
    w = replace(found.wear, worth=math.inf, fresh=kept.fresh[found.wear.unknown])
    said = wear(replace(found, wear=w))
    assert f"“{found.wear.title}”, estimated worst, is worth all of its worlds; " in said
    unknown = next(
        u for u in offramp.load("tutorial").crisis.unknowns if u.name == found.wear.unknown
    )
    assert found.wear.title == unknown.title != unknown.name


WAR = {
    "id": "war",
    "option": "",
    "probability": 0.1,
    "log_odds": -2,
    "pulls": [0.1],
    "least": None,
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fresh", []),
        ("fresh", {"tempo": "many"}),
        ("worths", 3),
        ("rows", []),
        ("stops", 3),
        ("answers", [{"id": "war"}]),
        ("answers", {"id": "war"}),
        ("answers", [WAR | {"probability": "0.2"}]),
        ("answers", [WAR | {"least": True}]),
        ("answers", [WAR | {"pulls": [None]}]),
        ("began", None),
    ],
)
def test_a_day_of_another_shape_is_refused(tmp_path: Path, key: str, value: object) -> None:
    path = archive.path_of(tmp_path, dt.date(2031, 4, 9))
    entry = archive.Entry(
        case="tutorial",
        day=dt.date(2031, 4, 9),
        assessment="case",
        model_sha256="",
        seed=1,
        worlds=256,
        key="",
        began=dt.date(2031, 4, 9),
        stops=(),
        why="",
        fresh={"tempo": 3.0},
        worths={"tempo": math.inf},
        rows={"N1": "x"},
        answers=(),
    )
    archive.keep(tmp_path, entry)
    assert archive.read(path) == entry
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said | {"answers": [WAR]}), "utf-8")
    assert archive.read(path).answers[0].pulls == (0.1,)
    path.write_text(json.dumps(said | {key: value}), "utf-8")
    with pytest.raises(offramp.Mistake, match="is no day of an archive"):
        archive.read(path)


def test_what_has_closed_is_told_by_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    found = today("tutorial", "2031-04-22")
    own = [q for q in offramp.load("tutorial").questions if q.last == found.as_of]
    assert [(q.id, q.text) for q in found.closed] == [(q.id, q.text) for q in own] != []
    text = unescape(offramp.page("tutorial", found))
    print_today(found)
    out = " ".join(capsys.readouterr().out.split())
    for q in own:
        assert f"{q.id}: {q.text}" in out
        assert q.text in text.split("Closed since")[1]
        assert q.id not in text.split("Closed since")[1]
    assert f"“{found.wear.title}”" in out
    assert plain(found)["closed"] == [q.id for q in own]


# ---- as a document ---------------------------------------------------------------------------


def test_a_day_is_written_as_a_document(tmp_path: Path) -> None:
    found = today("tutorial", "2031-04-09", since="2031-04-06")
    html = offramp.page("tutorial", found, tmp_path / "day.pdf")
    assert (tmp_path / "day.pdf").read_bytes().startswith(b"%PDF")
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
    assert found.news
    for c in found.news:
        then, now = (f"{percent(x)} ±" for x in (c.then, c.now))
        assert re.search(rf"{re.escape(c.text)}[^%]*{re.escape(then)}[^,]*, now {now}", text)
        times = f"{math.exp(c.log_odds):.2g}"
        assert f"odds x {times}" in text or c.id in found.known.decided
    quiet = len(found.changes) - len(found.news)
    assert f"The other {quiet} answers: within their errors, no news." in text
    for s in found.surprises:
        assert f"{dated(s.day)}: {s.nats:.1f}" in text
    assert "<script" not in html


def test_a_day_without_news_says_so_first() -> None:
    found = today("tutorial", "2031-04-20")
    assert not found.news
    html = offramp.page("tutorial", found)
    assert (
        f"<h1>No news: none of {len(found.changes)} answers changed beyond its error</h1>" in html
    )


def test_a_document_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["today", "tutorial", "-o", str(tmp_path / "day.doc")])
    assert result.exit_code == 2
    assert "neither in .html nor in .pdf" in result.output
