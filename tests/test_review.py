"""What is said of a game is what the game's own world, and the model, say again."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from test_play import Recorded, as_the_model, begun, first_open, landing, play

import offramp
from offramp.answers.forecast import in_each, watches
from offramp.cli import main
from offramp.engine.choice import Moment
from offramp.engine.noise import Dice
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.engine.world import thrown
from offramp.errors import Mistake
from offramp.play import sight
from offramp.play.folded import folded
from offramp.play.game_log import Broken, read_chain
from offramp.play.review import DRAWN, Review, review
from offramp.play.seats import players
from offramp.play.spoken_to import spoken_to
from offramp.render.brief.points import share_of
from offramp.render.sheet.folded_words import folded_leaflet
from offramp.render.sheet.review_words import chance, lead, review_leaflet


def looked(game: Recorded) -> Review:
    return review(game.case, tuple(game.records))


@pytest.fixture(scope="module")
def played() -> tuple[Recorded, Review]:
    game = play(begun(offramp.load("tutorial"), ("vessara", "kelmark", "staff")), landing("no"))
    return game, looked(game)


def test_every_decision_is_there_with_the_model_s_odds(played: tuple[Recorded, Review]) -> None:
    game, r = played
    told = [x for x in game.records if x["kind"] in ("choice", "consent")]
    assert [(d.day, d.seat, d.event, d.p_model) for d in r.decided] == [
        (x["day"], x["seat"], x["event"], x["p_model"]) for x in told
    ]
    assert [d.p_model for d in r.least] == sorted(d.p_model for d in r.decided)[:3]
    for d in r.decided:
        if not d.consent and not d.words:
            assert d.likeliest[1] >= d.p_model - 1e-12
    assert any(d.consent and not d.yes for d in r.decided)


def test_the_parts_of_a_deed_add_up_to_its_odds_against_nothing(
    played: tuple[Recorded, Review],
) -> None:
    _, r = played
    quiet = {(d.day, d.seat, d.about): d for d in r.decided}
    assert quiet
    met = 0
    for d in r.decided:
        if d.consent or not d.event or d.likeliest[0] != "nothing":
            continue
        # Of one morning: the odds of the deed against doing nothing, which was likeliest.
        assert math.exp(sum(p.mean for p in d.parts)) == pytest.approx(
            d.p_model / d.likeliest[1], rel=1e-9
        )
        met += 1
    assert met > 3


def test_how_far_a_seat_is_from_the_model_s_play_is_measured_in_its_own_spread() -> None:
    """Where the model itself decides, log p lies about its mean, and as widely as is said. Of 800
    such seats its distance had variance 1.00, and 4.0% lay beyond 2."""
    case = offramp.load("tutorial")
    found = [
        d
        for number in range(60)
        for d in looked(
            play(begun(case, ("vessara", "kelmark"), number=number), as_the_model)
        ).distances
    ]
    beyond = np.array([d.log_p - d.mean for d in found])
    excess = beyond**2 - np.array([d.sd**2 for d in found])
    for values in (beyond, excess):
        assert abs(values.mean()) < 4 * values.std(ddof=1) / math.sqrt(len(values))
    far = [
        d.apart
        for number in range(10)
        for d in looked(play(begun(case, ("kelmark",), number=number), first_open)).distances
    ]
    assert np.mean([x for x in far if x is not None]) < -2
    assert found[0].apart == (found[0].log_p - found[0].mean) / found[0].sd


def test_what_a_seat_was_not_told_is_the_rest_of_the_log(played: tuple[Recorded, Review]) -> None:
    game, r = played
    log = {(h.day, game.world.plan.events[h.event].event.name) for h in game.world.log}
    for actor in ("vessara", "kelmark", "staff"):
        seen = {(s.day, s.event) for s in game.view(actor).happened if s.how != sight.REFUSED}
        unseen = {(u.day, u.event) for u in r.unknown[actor] if not u.seen}
        assert seen | unseen == log
        assert not seen & unseen
        for u in r.unknown[actor]:
            assert u.by == (game.case.crisis.events[game._event(u.event).index].by or "")
            assert u.by != actor
    assert any(u.seen and u.event == "cable_cut" for u in r.unknown["kelmark"])


def test_what_it_was_worth_is_the_change_of_the_wants(played: tuple[Recorded, Review]) -> None:
    game, r = played
    laid = plan(game.case.crisis)
    mind = game.minds["kelmark"]
    start = thrown(laid, Dice(game.begins.seed, game.begins.number)).s
    end, last = game.world.s, float(game.world.day)

    def change(unknowns: list[float]) -> float:
        return sum(
            float(t.value(end, unknowns, Moment(last, [])))
            - float(t.value(start, unknowns, Moment(0.0, [])))
            for t in mind.terms[: len(mind.actor.wants)]
        )

    own = next(w for w in r.worth if (w.actor, w.author) == ("kelmark", "case"))
    assert own.change == pytest.approx(change(game.world.unknowns))
    author = next(iter(game.case.assessments))
    theirs = plan(game.case.under(author).crisis)
    each = [change(thrown(theirs, Dice(7, k)).unknowns) for k in range(DRAWN)]
    told = next(w for w in r.worth if (w.actor, w.author) == ("kelmark", author))
    assert told.change == pytest.approx(np.mean(each))
    assert told.sd == pytest.approx(np.std(each, ddof=1))


@pytest.mark.parametrize("name", ["tutorial", "quarantine"])
def test_questions_come_to_what_they_come_to_in_the_free_world(name: str) -> None:
    """Where seats draw as the model: the same world through the engine's own monitors."""
    case = offramp.load(name)
    laid = plan(case.crisis)
    asked, monitors = watches(case, case.crisis.first)
    worlds = run_chunk(laid, RunSpec(case.crisis, monitors, 7), range(6))
    for number in range(6):
        r = looked(play(begun(case, players(case), number=number)))
        came = {c.question: c for c in r.came}
        assert set(came) == {w.question.id for w in asked if not w.question.supposes}
        for w in asked:
            if not w.question.supposes:
                met, values = in_each(laid, w, worlds)
                own = came[w.question.id]
                assert (own.met, own.value) == (bool(met[number]), values[number])


def test_a_game_that_goes_on_is_looked_back_on_as_far_as_it_has_come() -> None:
    game = play(begun(offramp.load("tutorial"), ("kelmark",), number=3), first_open, most=2)
    r = looked(game)
    assert not r.over
    assert len(r.decided) == 2
    assert r.days == game.world.day
    lived = {c.question for c in r.came if not c.early}
    assert all(q.last < game.day for q in game.case.questions if q.id in lived)
    assert {c.question for c in r.came} | set(r.open) == {
        q.id for q in game.case.questions if not q.supposes
    }
    early = [c for c in r.came if c.early]
    assert "first_boarding" in {c.question for c in early}
    whole = {x.question: x for x in looked(play(game)).came}
    for c in early:  # what is decided already stays so
        assert whole[c.question].value == c.value
    fresh = looked(begun(offramp.load("quarantine"), ("corvia",), days=1))
    assert not fresh.decided
    review_leaflet(offramp.load("quarantine"), fresh)


def test_what_comes_every_day_was_hidden_from_nobody() -> None:
    case = offramp.load("taiwan-1958")
    assert case.crisis.daily
    r = looked(play(begun(case, ("prc",), days=12)))
    assert case.crisis.daily & {name for _, name, _ in r.log}
    assert not case.crisis.daily & {u.event for u in r.unknown["prc"]}
    said = " ".join(p.text for s in review_leaflet(case, r).sections for p in s.points)
    assert "A day on" not in said


def test_what_others_answered_is_not_the_seat_s_own_play() -> None:
    game = begun(offramp.load("tutorial"), ("kelmark",), number=3, days=60)
    own = 0
    while not game.over:
        by = "" if len(game.records) % 2 else "the model: the clock had run out"
        own += not by
        game.answer(game.owes[0].id, "nothing", by=by)
    (distance,) = looked(game).distances
    assert 0 < own == distance.decisions < len(looked(game).decided)


def test_a_game_that_has_lived_no_day_is_looked_back_on(tmp_path: Path) -> None:
    path, later = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    number = next(
        n
        for n in range(99)
        if begun(offramp.load("tutorial"), ("vessara",), number=n).world.day == 0
    )
    offramp.start_game("tutorial", ["vessara"], world=number, seed=7, path=path).close()
    fresh = offramp.review_game(path, worlds=64)
    assert fresh.days == 0
    assert fresh.ranks == ()
    offramp.document("tutorial", fresh)
    with pytest.raises(Mistake, match="nobody has decided"):
        offramp.fold_games([path], worlds=64)
    game = offramp.start_game("tutorial", ["vessara"], world=number, seed=7, path=later)
    game.answer(game.owes[0].id, "nothing")
    game.close()
    both = offramp.fold_games([path, later], worlds=64)
    assert both.names == ("b",)
    (tmp_path / "other").mkdir()
    again = tmp_path / "other" / "b.jsonl"
    again.write_bytes(later.read_bytes())
    twice = offramp.fold_games([later, again], worlds=64)  # one name in two folders: two games
    assert twice.names == (str(later), str(again))
    offramp.document("tutorial", both)


def test_a_crisis_that_was_changed_is_said_to_be() -> None:
    case = offramp.load("tutorial")
    game = play(begun(case, ("kelmark",), number=3, days=60), most=1)
    game.inject({"hold": {"rung": "blockade ? a lesson"}})
    play(game)
    r = replace(
        review(case, tuple(game.records)), expected=offramp.forecast("tutorial", worlds=64, seed=7)
    )
    said = " ".join(p.text for s in review_leaflet(case, r).sections for p in s.points)
    assert "Without players and without the changes the model gave" in said
    assert "not set beside games of the model alone" in said
    assert r.expected is not None
    lines = folded_leaflet(case, folded(case, [("one", r)], r.expected)).sections[-1].points
    assert "its crisis was changed, from" in lines[0].text


# ---- as a document -----------------------------------------------------------------------


def test_its_sentences_are_its_numbers(played: tuple[Recorded, Review]) -> None:
    game, r = played
    free = offramp.forecast("tutorial", worlds=256, seed=7)
    said = review_leaflet(game.case, replace(r, expected=free))
    assert (
        said.headline
        == f"Vessara and Kelmark and Vessara's General Staff: {len(r.decided)} decisions in 90 days"
    )
    assert f"world {game.begins.number} of seed {game.begins.seed}" in said.kicker
    sections = {s.title: s.points for s in said.sections}
    for point, d in zip(sections["All decisions"], r.decided, strict=True):
        assert chance(d.p_model) in point.text
        assert point.lead.startswith(f"{d.date.day} ")
    for point, d in zip(sections["The least expected decisions"], r.least, strict=True):
        assert chance(d.p_model) in point.text
    for point, d in zip(sections["How far from the model's own play"], r.distances, strict=True):
        if d.apart is not None:
            number = re.search(r"lie ([+−][\d.]+) standard", point.text)
            assert number is not None
            assert float(number[1].replace("−", "-")) == pytest.approx(d.apart, abs=0.051)
            assert ("as the model might have played" in point.text) == (abs(d.apart) <= 2)
    for actor in ("vessara", "kelmark"):
        title = game.minds[actor].actor.title
        assert len(sections[f"What {title} was not told"]) == len(r.unknown[actor])
    for point, c in zip(sections["What became of the questions"], r.came, strict=True):
        q = next(q for q in game.case.questions if q.id == c.question)
        assert point.lead == lead(q.text, q.where if c.met else "")
        if q.where and c.met:
            assert q.where in point.lead  # no answer without its condition
        answer = next((a for a in free.answers if a.id == q.id), None)
        if answer is not None and c.met:
            assert point.text.startswith("Yes." if c.value else "No.")
            assert f"the model gave yes {share_of(answer)}." in point.text
    assert said.picture is not None
    assert "A dark line is the game" in said.picture.alt


def test_a_review_is_printed_and_written(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    game = offramp.start_game("tutorial", ["kelmark"], world=7, path=path)
    play(game, first_open)
    before = path.read_bytes()
    run = CliRunner().invoke
    shown = run(main, ["review", str(path), "--worlds", "64"])
    assert shown.exit_code == 0, shown.output
    assert "The least expected decisions" in shown.output
    for ending in ("html", "pdf"):
        output = tmp_path / f"r.{ending}"
        done = run(main, ["review", str(path), "--worlds", "64", "-o", str(output)])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    html = (tmp_path / "r.html").read_text("utf-8")
    assert "<svg" in html
    assert "<script" not in html
    assert path.read_bytes() == before
    for arguments, words in (
        ([str(tmp_path / "none.jsonl")], "cannot be read"),
        ([str(tmp_path / "r.html")], "no record of a game"),
        ([str(path), "--case", "quarantine"], "another model"),
        ([], "Missing argument"),
        ([str(path), "-o", str(tmp_path / "r.doc")], "neither in .html nor in .pdf"),
        ([str(tmp_path)], "is a directory"),
    ):
        refused = run(main, ["review", *arguments])
        assert refused.exit_code in (1, 2)
        assert words in refused.output


# ---- claims and classes ------------------------------------------------------------------


def test_claims_whose_cause_came_about_are_told_with_what_followed() -> None:
    case = offramp.load("tutorial")
    log = [(3, "kelmark.blockade", ""), (9, "fog", "death"), (12, "naval_war", "")]
    told_ = {s.claim: s for s in spoken_to(case, log)}
    assert set(told_) == {"T5", "T30"}  # T19 is about a quantity, T31 about a belief
    assert (told_["T30"].came, told_["T30"].followed) == (3, 12)
    assert (told_["T5"].cause, told_["T5"].came, told_["T5"].followed) == ("fog.death", 9, None)
    assert spoken_to(case, [(9, "fog", ""), (12, "naval_war", "")]) == ()


def test_twenty_games_are_folded_into_one_view(tmp_path: Path) -> None:
    paths = []
    for k in range(5):
        paths.append(tmp_path / f"{k}.jsonl")
        play(offramp.start_game("tutorial", ["kelmark"], world=k, path=paths[-1]), first_open)
    f = offramp.fold_games(paths, worlds=64)
    free = offramp.forecast("tutorial", worlds=64, seed=1)
    each = [review(offramp.load("tutorial"), read_chain(p).records) for p in paths]
    for o in f.questions:
        came = [c for g in each for c in g.came if c.question == o.what and c.met]
        assert (o.games, o.of) == (sum(bool(c.value) for c in came), len(came))
        assert o.model == next(a.probability for a in free.answers if a.id == o.what)
    names = [e.name for e in offramp.load("tutorial").crisis.events]
    for o in f.deeds:
        assert o.games == sum(any(d.event == o.what for d in g.decided) for g in each)
        assert o.model == (free.ensemble.counts[:, names.index(o.what)] > 0).mean()
    said = folded_leaflet(offramp.load("tutorial"), f)
    assert said.headline == "5 games, side by side"
    assert said.picture is not None
    assert "5 dark lines are games" in said.picture.alt
    lines = {p.lead: p.text for s in said.sections for p in s.points}
    for o in f.questions:
        q = next(q for q in offramp.load("tutorial").questions if q.id == o.what)
        assert lines[lead(q.text, q.where)].startswith(f"Yes in {o.games} of {o.of} game")
    files = [*map(str, paths), "--worlds", "64"]
    assert "5 games, side by side" in CliRunner().invoke(main, ["review", *files]).output
    written = CliRunner().invoke(main, ["review", *files, "-o", str(tmp_path / "c.pdf")])
    assert written.exit_code == 0, written.output
    other = tmp_path / "other.jsonl"
    play(offramp.start_game("quarantine", ["corvia"], world=1, days=5, path=other))
    with pytest.raises(Broken, match="another model"):
        offramp.fold_games([*paths, other])
    with pytest.raises(Mistake, match="which games"):
        offramp.fold_games([])
