"""Agendas, words that go along with a deed, and dated moves that are seen as choices."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import permutations

import pytest

from offramp import check
from offramp.case.case import read_crisis
from offramp.case.reports import HEADER
from offramp.engine import reported
from offramp.engine.choice import NO_TYPE
from offramp.engine.learning import likelihoods
from offramp.engine.noise import Dice
from offramp.engine.plan import Plan, plan
from offramp.engine.reported import live_reported
from offramp.engine.schedule import Followed, Reading, Schedule, Sighting
from offramp.engine.world import along, create, live, morning
from offramp.language.edits import Edit, edited
from offramp.text.diagnostics import CaseError

TEXT = """
crisis: two neighbours
language: 2
from: 2020-01-01
to: 2020-01-03
state:
  tension:
    stock: 0 .. 9 ? room
    now: 4 ? start
  trust:
    stock: 0 .. 9 ? room
    now: 2 ? start
unknown:
  nerve:
    between: .2 .. 2 ? unknown
actor:
  north:
    pace:
      force: .7 ? often
      word: .5 ? often
    precision: 1.2 ? middling
    foresight: 1 ? one step
    weighs: [south]
    mood: .5 ? moods
    wants:
      strength: nerve * .2 [? likes it] * tension
      trust: .4 [? likes it] * trust
  south:
    pace: .4 ? some
    precision: 1 ? middling
    foresight: 1 ? one step
    weighs: [north]
    wants:
      calm: -.3 [? dislikes it] * tension
      trust: .3 [? likes it] * trust
event:
  north.raid:
    by: north
    agenda: force
    with: [north.explain, north.note]
    cost: .2 ? men
    does:
      - tension + 1 ? a blow
    outcomes:
      deaths:
        chance: .4 ? often
        does:
          - tension + 1 ? worse
  north.shell:
    by: north
    agenda: force
    with: [north.explain]
    does:
      - tension + .5 ? a blow
  north.drill:
    by: north
    agenda: force
    does:
      - tension + .2 ? a show
  north.explain:
    by: north
    agenda: word
    private: yes
    shown:
      south: tension >= 3 ? near
    when: tension <= 8 ? before war
    cost: .3 ? face
    does:
      - trust + .5 ? heard
  north.note:
    by: north
    agenda: none
    cost: .1 ? paper
    does:
      - trust + .2 ? read
  north.talk:
    by: north
    agenda: word
    does:
      - trust + .3 ? words
  south.answer:
    by: south
    pause: 2d ? slow
    does:
      - tension + .5 ? a blow
belief:
  south about north:
    types:
      mild:
        prior: .4 ? a guess
        nerve: .3 ? mild
      fierce:
        prior: .6 ? a guess
        nerve: 1.8 ? fierce
"""


def laid(text: str = TEXT) -> Plan:
    return plan(read_crisis(text)[0])


def index(p: Plan, name: str) -> int:
    return next(e.index for e in p.events if e.event.name == name)


def within(counted: int, expected: float, worlds: int) -> bool:
    """Within four errors of a share."""
    return abs(counted / worlds - expected) <= 4 * math.sqrt(expected * (1 - expected) / worlds)


def test_what_is_done_and_said_on_a_day_has_the_probability_of_the_equations() -> None:
    """Equations (5a) and (6): a softmax an agenda, and a yes or no a word, in view of the deed."""
    p = laid(
        TEXT.replace("nerve * .2 [? likes it]", ".2 [? likes it]").replace(
            "    mood: .5 ? moods\n", ""
        )
    )
    m = morning(create(p, 1, 0))
    north = p.minds[0]
    force, word = north.agendas
    raid, explain, note, talk = (
        p.events[index(p, f"north.{n}")] for n in ("raid", "explain", "note", "talk")
    )
    odds = m.log_odds(north, m.now, 1, NO_TYPE)

    def softmax(places: tuple[int, ...]) -> list[float]:
        raised = [math.exp(odds[i] or 0.0) for i in places]
        return [x / (1 + sum(raised)) for x in raised]

    opens = [1 - math.exp(-0.7), 1 - math.exp(-0.5)]
    does = opens[0] * softmax(force.places)[0]
    talks = opens[1] * softmax(word.places)[word.moves.index(talk.index)]
    yes = [along(m, raid, w) for w in (explain, note)]
    assert min(does, talks, *yes) > 0.05
    expected = {
        ("north.raid", "north.talk"): does * talks * (1 - yes[0]) * (1 - yes[1]),
        ("north.raid", "north.note"): does * yes[1] * (1 - yes[0]),
    }
    worlds = 8000
    seen = dict.fromkeys([*expected, "raid", "raid and explained"], 0)
    for number in range(worlds):
        w = create(p, 3, number)
        next(live(w))
        names = {p.events[h.event].event.name for h in w.log}
        seen["raid"] += "north.raid" in names
        seen["raid and explained"] += {"north.raid", "north.explain"} <= names
        seen["north.raid", "north.talk"] += names & {
            "north.raid",
            "north.talk",
            "north.note",
            "north.explain",
        } == {"north.raid", "north.talk"}
    assert within(seen["raid"], does, worlds)
    both = ("north.raid", "north.talk")
    assert within(seen[both], expected[both], worlds)
    # The word may also have been drawn by itself, on its own agenda.
    alone = opens[1] * softmax(word.places)[word.moves.index(explain.index)]
    assert within(seen["raid and explained"], does * (yes[0] + (1 - yes[0]) * alone), worlds)


def test_the_order_of_agendas_in_the_file_does_not_matter() -> None:
    turned = TEXT.replace(
        "      force: .7 ? often\n      word: .5 ? often\n",
        "      word: .5 ? often\n      force: .7 ? often\n",
    )
    assert turned != TEXT
    for number in range(40):
        a, b = create(laid(), 2, number), create(laid(turned), 2, number)
        for _ in zip(live(a), live(b), strict=True):
            assert a.s == b.s
            assert a.learners[0].weights == pytest.approx(b.learners[0].weights, abs=1e-12)


def test_a_word_that_changes_nothing_leaves_its_deed_as_it_was() -> None:
    """No inclusive value: a word worth nothing adds nothing to the deed, to the last bit."""
    idle = TEXT.replace("    with: [north.explain, north.note]\n", "    with: [north.note]\n")
    idle = idle.replace(
        "    cost: .1 ? paper\n    does:\n      - trust + .2 ? read\n",
        "    does:\n      - trust + 0 ? read\n",
    )
    without = idle.replace("    with: [north.note]\n", "").replace(
        "  north.note:\n    by: north\n    agenda: none\n    does:\n      - trust + 0 ? read\n", ""
    )
    p, q = laid(idle), laid(without)
    m, n = morning(create(p, 1, 0)), morning(create(q, 1, 0))
    assert m.policy(0, m.now, 1, NO_TYPE) == n.policy(0, n.now, 1, NO_TYPE)
    assert along(m, p.events[index(p, "north.raid")], p.events[index(p, "north.note")]) == 0.5


def test_an_observer_learns_from_a_deed_and_from_the_word_that_came_or_did_not() -> None:
    p = laid()
    m = morning(create(p, 1, 0))
    (opinion,), force = p.opinions, p.minds[0].agendas[0]
    raid, explain, note = (p.events[index(p, f"north.{n}")] for n in ("raid", "explain", "note"))
    place = p.minds[0].moves.index(raid.index)
    for t in range(2):
        key = (0, t)
        deed = m.policy(0, m.now, 0, key)[place]
        said, noted = (m.goes_along(p.minds[0], raid, w, 0, key) for w in (explain, note))
        came = likelihoods(m, opinion, force, raid, (explain,))[t]
        assert came == pytest.approx(deed * said * (1 - noted))
    blind = laid(TEXT.replace("tension >= 3", "tension >= 5"))
    m = morning(create(blind, 1, 0))
    for t in range(2):
        deed = m.policy(0, m.now, 0, (0, t))[place]
        noted = m.goes_along(
            blind.minds[0], blind.events[raid.index], blind.events[note.index], 0, (0, t)
        )
        came = likelihoods(
            m, blind.opinions[0], blind.minds[0].agendas[0], blind.events[raid.index], ()
        )[t]
        assert came == pytest.approx(deed * (1 - noted))


# ---- dated choices --------------------------------------------------------------------------

DATED = TEXT.replace(
    "  north.drill:\n    by: north\n    agenda: force\n",
    "  north.drill:\n    by: north\n    agenda: force\n"
    "    on: 2020-01-02 ? as it was\n    as: choice\n",
)


def test_a_dated_choice_teaches_as_if_it_had_been_chosen_freely_that_day() -> None:
    free, fixed = laid(), laid(DATED)
    m, n = morning(create(free, 4, 0)), morning(create(fixed, 4, 0))
    drill = index(free, "north.drill")
    chosen = likelihoods(m, free.opinions[0], free.minds[0].agendas[0], free.events[drill], ())
    dated = likelihoods(n, fixed.opinions[0], fixed.minds[0].agendas[0], fixed.events[drill], ())
    assert chosen == pytest.approx(dated, abs=1e-12)
    assert max(chosen) / min(chosen) > 1.05


def test_a_dated_choice_happens_on_its_day_and_takes_the_opening_of_its_agenda() -> None:
    p = laid(DATED)
    force = set(p.minds[0].agendas[0].moves)
    for number in range(200):
        w = create(p, 5, number)
        for _ in live(w):
            pass
        done = [h.day for h in w.log if p.events[h.event].event.name == "north.drill"]
        assert done == [1]
        assert not [h for h in w.log if h.day == 1 and h.event in force]


def test_a_dated_choice_that_all_types_make_alike_teaches_nothing() -> None:
    alike = DATED.replace("nerve: 1.8 ? fierce", "nerve: .3 ? the same")
    w = create(laid(alike), 5, 1)
    for _ in live(w):
        pass
    assert w.learners[0].weights == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize("language", [1, 2])
def test_a_forced_move_is_seen_as_a_choice_since_the_second_version(language: int) -> None:
    """Its observers do not know of the do; a case of the first version runs as it did."""
    crisis = replace(read_crisis(TEXT)[0], language=language)
    day = crisis.first.replace(day=1)
    done = edited(crisis, (Edit("force", "north.drill", dates=(day,)),))
    w = create(plan(done), 5, 1)
    next(live(w))
    events = {plan(done).events[h.event].event.name for h in w.log}
    assert "north.drill" in events
    if language == 1:
        quiet = {"north.raid", "north.shell", "north.explain", "north.talk"} & events
        assert bool(quiet) or w.learners[0].weights == [0.4, 0.6]
    else:
        assert w.learners[0].weights != pytest.approx([0.4, 0.6], abs=1e-6)


def test_two_forced_moves_of_one_agenda_happen_on_one_day() -> None:
    """An agenda has one choice a day: the first is seen as one, the second as a date."""
    crisis = read_crisis(TEXT)[0]
    day = crisis.first.replace(day=2)
    edits = tuple(Edit("force", f"north.{e}", dates=(day,)) for e in ("shell", "drill"))
    p = plan(edited(crisis, edits))
    assert [p.events[e].event.name for e in p.minds[0].agendas[0].dated] == ["north.shell"]
    for number in range(20):
        w = create(p, 5, number)
        for _ in live(w):
            pass
        done = {p.events[h.event].event.name for h in w.log if h.day == 1}
        assert {"north.shell", "north.drill"} <= done


# ---- the filter -----------------------------------------------------------------------------

FOLLOWED = {"raid": 1.0, "shell": 0.7, "drill": 1.0, "explain": 0.6, "talk": 0.8, "answer": 0.9}
RECORDS = {
    "deed and word": [("raid", 0), ("explain", 0)],
    "word alone": [("explain", 1)],
    "deed alone": [("shell", 1)],
    "deed, word and another word": [("raid", 1), ("explain", 1), ("talk", 1)],
    "the word, and another deed's day": [("explain", 0), ("shell", 2), ("explain", 2)],
    "nothing": [],
}


def record(p: Plan, entries: list[tuple[str, int]]) -> Schedule:
    def named(event: str) -> int:
        return index(p, f"south.{event}" if event == "answer" else f"north.{event}")

    outcome = {"raid": -1}
    return Schedule(
        last=2,
        sightings=tuple(
            Sighting(f"R{k}", named(e), outcome.get(e, 0), (Reading(day, day, 1.0),))
            for k, (e, day) in enumerate(entries)
        ),
        facts=(),
        followed=tuple(Followed(named(e), 0, x) for e, x in FOLLOWED.items()),
    )


@cache
def shares(worlds: int) -> dict[str, tuple[float, float]]:
    """The probability of each record, from free worlds: what happened would be told just so."""
    p, sums = laid(), {name: [0.0, 0.0] for name in RECORDS}
    chances = {f"north.{e}": x for e, x in FOLLOWED.items()}
    chances["south.answer"] = chances.pop("north.answer")
    for number in range(worlds):
        w = create(p, 11, number)
        for _ in live(w):
            pass
        done = {(p.events[h.event].event.name, h.day) for h in w.log}
        for name, entries in RECORDS.items():
            told = {("south." if e == "answer" else "north.") + e: None for e, _ in entries}
            wanted = {(next(n for n in told if n.endswith("." + e)), d) for e, d in entries}
            x = float(wanted <= done)
            for event, day in done:
                q = chances.get(event, 0.0)
                x *= q if (event, day) in wanted else 1.0 - q
            sums[name][0] += x
            sums[name][1] += x * x
    out = {}
    for name, (a, b) in sums.items():
        mean = a / worlds
        out[name] = mean, math.sqrt(max(b / worlds - mean * mean, 0.0) / worlds)
    return out


def evidence(p: Plan, entries: list[tuple[str, int]], worlds: int) -> tuple[float, float]:
    values = []
    for number in range(worlds):
        *_, last = live_reported(p, record(p, entries), Dice(12, number))
        values.append(math.exp(last.log_weight) if last.log_weight > -1e5 else 0.0)
    mean = sum(values) / worlds
    return mean, math.sqrt(sum((x - mean) ** 2 for x in values) / worlds / (worlds - 1))


def errors_apart(p: Plan) -> dict[str, float]:
    free, out = shares(8_000), {}
    for name, entries in RECORDS.items():
        mean, error = evidence(p, entries, 600)
        out[name] = abs(mean - free[name][0]) / math.hypot(error, free[name][1])
    return out


def test_the_evidence_of_records_with_words_is_the_share_of_free_worlds() -> None:
    assert max(errors_apart(laid()).values()) < 4


def test_a_filter_that_forgets_that_a_word_went_along_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Free worlds by the right rule, weights by the broken one."""
    p = laid()
    free = shares(8_000)
    monkeypatch.setattr(reported, "along", lambda m, deed, word: 0.0)
    worst = 0.0
    for name, entries in RECORDS.items():
        mean, error = evidence(p, entries, 600)
        worst = max(worst, abs(mean - free[name][0]) / math.hypot(error, free[name][1]))
    assert worst > 4


# ---- mistakes ---------------------------------------------------------------------------------


DRILL = "    agenda: force\n    does:\n      - tension + .2"
ONE, BOTH = "    with: [north.explain]\n", "    with: [north.explain, north.note]\n"
PAUSE = "    pause: 2d ? slow\n"
WORD = "      word: .5 ? often\n"
TALK = "  north.talk:\n    by: north\n    agenda: word\n"
WALK = "  north.walk: {by: north, agenda: walk, with: [north.talk], does: [trust + .1 ? x]}\n"
SET = "by: north, agenda: word, on: 2020-01-02 ? set, as: choice"
FIRST = f"  north.first: {{{SET}, does: [trust + .1 ? x]}}\n"
EAST = "  east.go: {by: east, on: 2020-01-02 ? set, as: choice, does: [trust + .1 ? x]}\n"
MISTAKES = [
    (DRILL, DRILL.removeprefix("    agenda: force\n"), "agenda"),
    (DRILL, DRILL.replace("force", "forse"), "agenda"),
    (WORD, f"{WORD}      idle: .1 ? no move\n", "agenda"),
    (PAUSE, "    agenda: force\n", "agenda"),
    (ONE, "    with: [south.answer]\n", "with"),
    (ONE, "    with: [north.shell]\n", "with"),
    (ONE, "    with: [north.explain, north.explain]\n", "with"),
    ("    cost: .3 ? face\n", "    takes: 2d ? slow\n", "with"),
    (ONE, f"{ONE}    takes: 2d ? slow\n", "with"),
    (BOTH, ONE, "agenda"),
    (TALK, WALK + TALK, "with"),
    (PAUSE, "    as: choice\n", "as-choice"),
    (TALK, FIRST + FIRST.replace("first", "second") + TALK, "as-choice"),
    (TALK, FIRST.replace("choice", "choice, takes: 2d ? slow") + TALK, "as-choice"),
    (PAUSE, "    as: deed\n", "as-choice"),
    ("language: 2", "language: 3", "version"),
]


SAME_DAY = {  # what may be told of north on one day, in any order of rows
    "deed, word and another word": (["raid", "explain", "talk"], True),
    "a word that never goes alone": (["note", "explain", "raid"], True),
    "two deeds of one agenda": (["raid", "shell"], False),
    "two words, of which the deed carries one": (["shell", "talk", "explain"], True),
    "two words alone": (["explain", "talk"], False),
}


@pytest.mark.parametrize("name", SAME_DAY)
def test_a_record_may_tell_of_a_deed_with_all_its_words(name: str) -> None:
    told, allowed = SAME_DAY[name]
    ladder = "state:\n  rung: {ladder: [calm, war], now: calm ? start}\n"
    texts = {
        "crisis.yaml": TEXT.replace("state:\n", f"show: [rung]\n{ladder}"),
        "questions.yaml": "questions: {}\n",
        "reporting.yaml": "reporting:\n" + "".join(f"  north.{e}: 1 ? always\n" for e in told),
    }
    for order in permutations(told):
        rows = "".join(
            f"R{k},event,north.{e},north,2020-01-02,2020-01-02,verified,,,It came,Paper,,\n"
            for k, e in enumerate(order)
        )
        found = check({**texts, "history.csv": f"{','.join(HEADER)}\n{rows}"}).found
        wrong = [d.code for d in found if d.severity == "error"]
        assert wrong == ([] if allowed else ["same-day"])


@pytest.mark.parametrize(("old", "new", "code"), MISTAKES)
def test_mistakes_are_told(old: str, new: str, code: str) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    if WALK in text:
        text = text.replace(WORD, f"{WORD}      walk: .2 ? seldom\n")
    with pytest.raises(CaseError) as error:
        read_crisis(text)
    assert code in [d.code for d in error.value.diagnostics]


def test_two_dated_choices_of_one_day_may_exclude_each_other() -> None:
    second = FIRST.replace("first", "second")
    first = FIRST.replace("does", "when: trust >= 2 ? close, does")
    assert read_crisis(TEXT.replace(TALK, first + second + TALK))


def test_who_moves_on_a_date_only_needs_a_pace_too() -> None:
    text = TEXT.replace("actor:\n", "actor:\n  east: {name: East}\n").replace(TALK, EAST + TALK)
    with pytest.raises(CaseError, match="'east' moves and needs `pace:`"):
        read_crisis(text)


def test_what_cannot_be_a_word_or_be_called_is_told_truly() -> None:
    dated = TEXT.replace(TALK, FIRST + TALK).replace(ONE, "    with: [north.first]\n")
    with pytest.raises(CaseError, match="comes on its date"):
        read_crisis(dated)
    called = TEXT.replace("south.answer:\n", "south.answer:\n    calls: {north: .5 ? hears}\n")
    with pytest.raises(CaseError, match="'north' has a pace for each agenda"):
        read_crisis(called)
