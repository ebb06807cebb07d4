"""Forms and their rewriting: what is printed, what it means over days, what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.case.case import read_crisis
from offramp.engine.plan import Plan, plan
from offramp.engine.world import create, live, morning
from offramp.language.crisis import data, elements
from offramp.language.forms import expand
from offramp.text.diagnostics import CaseError, Diagnostics
from offramp.text.tree import Mapping, plain
from offramp.text.yaml import parse

QUICK = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)

BASE = """
crisis: a quarrel
from: 2030-01-01
to: 2030-03-01
show: [rung]
state:
  rung:
    ladder: [calm, hot]
    now: calm ? x
  heat:
    stock: 0 .. 9 ? x
    now: 1 ? x
actor:
  us:
    pace: .5 ? x
    precision: 2 ? x
    foresight: 1 ? x
    wants:
      cool: -.3 * heat ? x
event:
  us.hit:
    by: us
    does: [heat + 1 ? x]
    outcomes:
      death: {chance: .3 ? x, does: [rung >= hot ? x]}
  slip:
    rate: .1 ? x
    does: [heat + 1 ? x]
"""


def expanded(text: str) -> dict[str, dict[str, Any]]:
    """The sections of a crisis with its forms rewritten."""
    return plain(read_crisis(text)[1])  # type: ignore[return-value]


def laid(text: str) -> Plan:
    return plan(read_crisis(text)[0])


def codes(text: str) -> list[str]:
    with pytest.raises(CaseError) as error:
        read_crisis(text)
    return [d.code for d in error.value.diagnostics]


def warnings(text: str) -> list[str]:
    """What the forms of a crisis are doubted for."""
    found = Diagnostics()
    root = parse(text, "crisis.yaml", found)
    assert isinstance(root, Mapping)
    expand(root, found)
    assert all(d.severity == "warning" for d in found.found)
    return [d.code for d in found.found]


def logs(text: str) -> list[list[tuple[int, str, int]]]:
    """What happened in some worlds, and when."""
    p = laid(text)
    out = []
    for number in range(20):
        world = create(p, 3, number)
        for _ in live(world):
            pass
        out.append([(h.day, p.events[h.event].event.name, h.outcome) for h in world.log])
    return out


# ---- since --------------------------------------------------------------------------------------


def test_since_is_a_clock_that_the_event_sets() -> None:
    """One clock an event; the marks around a call keep the numbers that they had."""
    text = BASE.replace("pace: .5 ? x", "pace: .5 * exp(-since(us.hit) / 9d) ? tires")
    text = text.replace("rate: .1 ? x", "rate: .1 ~S1 * (since(us.hit) > 2d) ? x")
    out = expanded(text)
    ago = "max(0d, 1000d [? by the form since] - max(0d, us.hit.ago))"
    assert out["actor"]["us"]["pace"] == f".5 [? tires] * exp(-{ago} / 9d) ? tires"
    assert out["event"]["slip"]["rate"] == f".1 ~S1 * ({ago} > 2d) ? x"
    assert out["state"]["us.hit.ago"] == {
        "name": "us hit: 1000d less the days since",
        "clock": "off",
    }
    does = ["heat + 1 ? x", "us.hit.ago = 1000d ? by the form since"]
    assert out["event"]["us.hit"]["does"] == does
    reasons = {
        d.value: d.basis.reason
        for name, element in elements(read_crisis(text)[0])
        for d in data(name, element)
        if name == "actor us" and d.basis
    }
    assert reasons[0.5] == reasons[9.0] == "tires"
    assert reasons[1000.0] == "by the form since"


def test_since_an_outcome_is_set_by_the_outcome_alone() -> None:
    text = BASE.replace("rate: .1 ? x", "rate: .1 * (since(us.hit.death) < 9d) ? x")
    hit = expanded(text)["event"]["us.hit"]
    assert hit["does"] == ["heat + 1 ? x"]
    death = {
        "chance": ".3 ? x",
        "does": ["rung >= hot ? x", "us.hit.death.ago = 1000d ? by the form since"],
    }
    assert hit["outcomes"] == {"death": death}


def test_a_crisis_without_since_is_as_it_was_written() -> None:
    assert list(expanded(BASE)["state"]) == ["rung", "heat"]


@QUICK
@given(crises(), st.integers(0, 99))
def test_since_is_the_logs_last_day(text: str, number: int) -> None:
    watched = "  a_first: {rate: 0 ? never, when: since(accident) > since(bell)}\n"
    p = laid(text.replace("event:\n", "event:\n" + watched))
    names = {e.event.name: e.index for e in p.events}
    world = create(p, 1, number)
    for day, _ in enumerate(live(world)):
        for event in ("accident", "bell"):
            last = [h.day for h in world.log if h.event == names[event]]
            passed = 1000 - max(0.0, world.s[p.layout.states[f"{event}.ago"]])
            assert passed == (day - last[-1] if last else 1000)


def test_since_a_dated_event_is_the_difference_of_dates() -> None:
    text = BASE.replace("by: us", "by: us\n    when: since(slip) == 5d ? five days on")
    text = text.replace("pace: .5 ? x", "pace: 90 ? always an opening")
    text = text.replace("precision: 2 ? x", "precision: 0 ? by lot")
    p = laid(text.replace("rate: .1 ? x", "on: 2030-01-10 ? x"))
    worlds = [create(p, 1, number) for number in range(20)]
    for world in worlds:
        assert len(list(live(world))) == p.crisis.days
    hits = {h.day for w in worlds for h in w.log if p.events[h.event].event.by}
    assert hits == {9 + 5}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("since(us.hitt) / 1d ? x", ["unknown-event"]),
        ("since(us.hit.deat) / 1d ? x", ["unknown-event"]),
        ("since(1) ? x", ["since"]),
        ("since() ? x", ["arguments"]),
        ("since(us.hit) ? x", ["unit"]),  # days are no rate
        (".3 * since(us.hit) / 1d", ["no-basis"]),  # the form's own mark covers no other number
    ],
)
def test_what_since_refuses(value: str, expected: list[str]) -> None:
    assert [c for c in codes(BASE.replace("rate: .1 ? x", f"rate: {value}")) if c] == expected


def test_since_is_no_start_and_no_prior() -> None:
    assert codes(BASE.replace("now: 1 ? x", "now: since(slip) / 1d ? x")) == ["since"]


# ---- needs --------------------------------------------------------------------------------------


def gated(gate: str, mover: str = "us.hit") -> str:
    """The crisis with a gate on a move."""
    return BASE.replace("by: us\n", f"by: us\n    needs: {gate}\n")


def chance(text: str) -> float:
    """The probability that the actor hits at its first opening."""
    p = laid(text)
    return morning(create(p, 1, 0)).choice(p.minds[0].agendas[0], 0.0)[0]


def test_a_gate_is_printed_where_it_bears() -> None:
    text = gated(".4 ~S1", "us.hit").replace(
        "rate: .1 ? x", "rate: .1 ? x\n    needs: .5 * heat ? y"
    )
    out = expanded(text)["event"]
    least = ".000001 [? by the form needs]"
    odds = f"log(clip((.4 ~S1), {least}, 1)) / max(.01 [? by the form needs], (2 [? x]))"
    assert out["us.hit"]["urge"] == odds
    assert out["slip"]["rate"] == "(.1 [? x]) * clip((.5 * heat [? y]), 0, 1)"
    again = expanded(gated(".4 ~S1").replace("by: us\n", "by: us\n    urge: .2 ? z\n"))
    assert again["event"]["us.hit"]["urge"] == f"(.2 [? z]) + {odds}"


@pytest.mark.parametrize("gate", [0.0, 1e-6, 0.25, 0.9, 1.0])
def test_a_gate_multiplies_the_odds_of_a_move_against_doing_nothing(gate: float) -> None:
    free, shut = chance(BASE), chance(gated(f"{gate} ? x"))
    assert shut / (1 - shut) == pytest.approx(max(gate, 1e-6) * free / (1 - free), rel=1e-9)


def test_a_gate_that_is_open_changes_nothing() -> None:
    assert logs(gated("1 ? open")) == logs(BASE)
    assert logs(BASE.replace("rate: .1 ? x", "rate: .1 ? x\n    needs: 1 ? open")) == logs(BASE)


def test_two_gates_multiply_and_one_of_a_rate_is_its_factor() -> None:
    """A thing that needs two others has the product of what they leave."""
    assert chance(gated(".5 * .5 ? x")) == pytest.approx(chance(gated(".25 ? x")), rel=1e-12)
    once = BASE.replace("rate: .1 ? x", "rate: .1 ? x\n    needs: .3 * .5 ? x")
    assert logs(once) == logs(BASE.replace("rate: .1 ? x", "rate: .1 * .15 ? x"))
    assert logs(once) != logs(BASE)


VOTE = """  house:
    vote:
      held: heat >= 0
      blocs:
        left: {seats: 9 seats ? x, yes: .5 ? x, NEEDS}
        right: {seats: 6 seats ? x, yes: -.2 ? x}
    outcomes:
      carried: {does: [heat - 1 ? x]}
"""


def test_a_gate_of_a_bloc_multiplies_the_odds_of_its_members() -> None:
    free = BASE + VOTE.replace(", NEEDS", "")
    shut = logs(BASE + VOTE.replace("NEEDS", "needs: .2 ~S1"))
    assert shut == logs(free.replace("yes: .5 ? x", f"yes: .5 + {math.log(0.2)} ? x"))
    assert shut != logs(free)


def test_a_gate_of_a_bodys_bloc_bears_on_all_its_motions() -> None:
    body = """body:
  council:
    blocs:
      ours: {seats: 9 seats ? x, needs: .2 ~S1}
    votes:
      march: {held: 2030-02-01 ? x, yes: {ours: .5 ? x}}
"""
    vote = expanded(BASE + body)["event"]["council.march"]["vote"]
    ours = vote["blocs"]["ours"]
    assert ours["yes"] == "(.5 [? x]) + log(clip((.2 ~S1), .000001 [? by the form needs], 1))"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rate: .1 ? x", "on: 2030-02-01 ? x\n    needs: .5 ? x", ["needs"]),
        ("rate: .1 ? x", "rate: .1 ? x\n    needs: 2 ? x", ["probability"]),
        ("rate: .1 ? x", "rate: .1 ? x\n    needs: .5", ["no-basis"]),
        ("rate: .1 ? x", "rate: .1 ? x\n    needs: heat * 1d", ["unit"]),
        ("rate: .1 ? x", "rate: .1\n    needs: .5 ? x", ["no-basis"]),
        ("by: us\n", "by: us\n    needs: [.5 ? x]\n", ["shape"]),
        ("by: us\n", "by: us\n    urge: .5\n    needs: .5 ? x\n", ["no-basis"]),
        ("by: us\n", "by: us\n    needs: .5 +\n", ["syntax"]),
    ],
)
def test_what_a_gate_refuses(old: str, new: str, expected: list[str]) -> None:
    assert codes(BASE.replace(old, new)) == expected


def test_a_gate_that_is_a_condition_is_a_doubt() -> None:
    assert warnings(gated("heat > 1 ? x")) == ["needs"]


# ---- calls ----------------------------------------------------------------------------------

CALL = BASE.replace("    rate: .1 ? x\n", "    on: 2030-01-10 ? x\n    calls: {us: .8 ? x}\n")


def test_a_call_is_a_stock_of_one_morning_that_the_pace_reads() -> None:
    crisis = expanded(CALL)
    assert crisis["state"]["us.called"]["fades"].startswith(".01d ?")
    assert crisis["event"]["slip"]["does"] == ["heat + 1 ? x", "us.called + -log(1 - (.8 [? x]))"]
    assert crisis["actor"]["us"]["pace"] == "(.5 [? x]) + us.called"


def test_who_is_called_has_an_opening_the_next_morning_as_surely_as_said_and_not_after() -> None:
    p = plan(read_crisis(CALL.replace("pace: .5 ? x", "pace: .1 ? x"))[0])
    us = next(m for m in p.minds if m.actor.name == "us").agendas[0]
    world, seen = create(p, 1, 0), {}
    for w in live(world):
        m = morning(w)
        seen[w.day + 1] = 1 - math.exp(-us.pace(w.s, w.unknowns, m.moment))
    alone = 1 - math.exp(-0.1)
    assert seen[9] == pytest.approx(alone)
    assert seen[10] == pytest.approx(1 - (1 - alone) * 0.2)
    assert seen[11] == pytest.approx(alone)


def test_an_outcome_calls_an_agenda() -> None:
    text = BASE.replace("pace: .5 ? x", "pace: {force: .5 ? x, word: .1 ? y}")
    text = text.replace("    by: us\n", "    by: us\n    agenda: force\n").replace(
        "death: {chance: .3 ? x, does", "death: {chance: .3 ? x, calls: {us.word: .6 ~X}, does"
    )
    text += "  us.speak: {by: us, agenda: word, does: [heat - 1 ? x]}\n"
    crisis = expanded(text.replace("~X", "? z"))
    assert crisis["actor"]["us"]["pace"] == {
        "force": ".5 ? x",
        "word": "(.1 [? y]) + us.word.called",
    }
    death = crisis["event"]["us.hit"]["outcomes"]["death"]
    assert death["does"][-1] == "us.word.called + -log(1 - (.6 [? z]))"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("{us: 1 ? sure}", "probability"),
        ("{us: .8}", "no-basis"),
        ("{us.word: .8 ? x}", "unknown-actor"),
        ("us", "shape"),
    ],
)
def test_a_call_that_cannot_be_is_refused(call: str, code: str) -> None:
    with pytest.raises(CaseError) as error:
        read_crisis(CALL.replace("{us: .8 ? x}", call))
    assert next(d.code for d in error.value.diagnostics) == code


# ---- phase --------------------------------------------------------------------------------------

WAR = """
phase:
  conflict:
    stages: [crisis, war]
    blows:
      fades: 4d ? a week without blows and control is back
      us.hit: 1 ~S1
      us.hit.death: 2 ~S2
    war:
      out of hand: RATE ~X6 * (1 + blows)
      then: [heat + 2 ~S3]
      each day: [weary + .1 ~S4]
      pace: {us: .4 ~S5}
      times: {slip: 3 ~S6}
      closes: [us.visit]
      opens: [us.raid]
      left by:
        stop: {by: us, cost: .2 ? who asks first, does: [heat - 1 ~S7]}
        tired: {rate: .05 ~S8 * weary, when: heat < 5 ? spent}
"""
MOVES = """  us.visit: {by: us, does: [heat - .5 ? x]}
  us.raid: {by: us, when: heat < 8 ? x, does: [heat + .5 ? x]}
"""
PEACE = BASE.replace("  heat:\n", "  weary: {stock: 0 .. 9 ? x, now: 0 ? x}\n  heat:\n") + MOVES


def war(rate: str = ".02", form: str = WAR) -> str:
    return PEACE + form.replace("RATE", rate)


def test_a_phase_is_a_ladder_a_stock_and_events_that_read_them() -> None:
    out = expanded(war())
    state, event = out["state"], out["event"]
    ladder = {
        "ladder": ["crisis", "war"],
        "now": "crisis ? it begins with its first stage, by the form phase",
    }
    assert state["conflict"] == ladder
    assert state["conflict.blows"]["fades"] == "4d ? a week without blows and control is back"
    assert event["us.hit"]["does"] == ["heat + 1 ? x", "conflict.blows + 1 ~S1"]
    death = event["us.hit"]["outcomes"]["death"]["does"]
    assert death == ["rung >= hot ? x", "conflict.blows + 2 ~S2"]
    assert event["conflict.war"] == {
        "name": "conflict: war",
        "rate": ".02 ~X6 * (1 + conflict.blows)",
        "when": "conflict == crisis",
        "does": ["conflict >= war ? the stage begins, by the form phase", "heat + 2 ~S3"],
    }
    assert event["conflict.war.day"]["when"] == "conflict == war"
    assert event["conflict.war.day"]["does"] == ["weary + .1 ~S4"]
    assert out["actor"]["us"]["pace"] == "(.5 [? x]) + (.4 ~S5) * (conflict == war)"
    assert event["slip"]["rate"] == "(.1 [? x]) * (1 + (conflict == war) * ((3 ~S6) - 1))"
    assert event["us.visit"]["when"] == "conflict != war"
    assert event["us.raid"]["when"] == "(heat < 8 [? x]) and (conflict == war)"
    ends = "conflict = crisis ? the stage ends, by the form phase"
    assert event["conflict.stop"]["when"] == "conflict == war"
    assert event["conflict.stop"]["does"] == [ends, "heat - 1 ~S7"]
    assert event["conflict.tired"]["when"] == "conflict == war and (heat < 5 [? spent])"


def test_a_phase_that_never_comes_changes_nothing() -> None:
    """Nor do the dice of what it adds: nothing of it happens."""
    without = PEACE.replace(
        "  us.raid: {by: us, when: heat < 8 ? x,", "  us.raid: {by: us, when: heat < 0,"
    )
    assert logs(war("0")) == logs(without)


def test_what_gets_out_of_hand_can_call() -> None:
    text = war().replace("then: [heat + 2 ~S3]", "calls: {us: .8 ~S3}")
    assert expanded(text)["event"]["conflict.war"]["does"][1] == "us.called + -log(1 - (.8 ~S3))"


def test_in_a_war_what_it_closes_does_not_happen_and_outside_what_it_opens() -> None:
    p = laid(war(".2"))
    names = [e.event.name for e in p.events]
    slot = p.layout.states["conflict"]
    seen = set()
    for number in range(60):
        world = create(p, 2, number)
        morning_at = world.s[slot]
        for day, _ in enumerate(live(world)):
            at_war = morning_at == 1
            today = [names[h.event] for h in world.log if h.day == day]
            seen |= {(name, at_war) for name in today}
            assert at_war == ("conflict.war.day" in today)
            assert world.s[slot] in (0, 1)
            ended = {"conflict.stop", "conflict.tired"} & set(today)
            assert world.s[slot] == (("conflict.war" in today) if not at_war else not ended)
            morning_at = world.s[slot]
    assert ("us.visit", True) not in seen
    assert ("us.raid", False) not in seen
    assert {("us.visit", False), ("us.raid", True), ("conflict.stop", True)} <= seen


def test_with_constant_blows_the_share_at_war_is_that_of_its_rate() -> None:
    """1 - exp(-rate T): entry is by chance alone where nobody strikes."""
    quiet = war(".01", WAR.replace("      us.hit: 1 ~S1\n      us.hit.death: 2 ~S2\n", ""))
    p = laid(quiet)
    event = next(e.index for e in p.events if e.event.name == "conflict.war")
    worlds = [create(p, 4, number) for number in range(400)]
    for world in worlds:
        assert len(list(live(world))) == p.crisis.days
    share = sum(any(h.event == event for h in w.log) for w in worlds) / len(worlds)
    expected = 1 - math.exp(-0.01 * p.crisis.days)
    assert abs(share - expected) < 3 * math.sqrt(expected * (1 - expected) / len(worlds))


def test_stages_follow_each_other_and_an_event_may_bring_one() -> None:
    blockade = """
phase:
  strait:
    stages: [open, quarantine, shut]
    now: quarantine ~S1
    quarantine:
      entered by: [us.hit]
      opens: [us.raid]
      left by: {lifted: {by: us}}
    shut:
      out of hand: .1 ~S2
      opens: [us.raid]
      left by: {talks: {rate: .1 ~S3}, peace: {rate: .1 ~S3, to: open}}
"""
    event = expanded(PEACE.replace("  weary: {stock: 0 .. 9 ? x, now: 0 ? x}\n", "") + blockade)[
        "event"
    ]
    assert event["strait.shut"]["when"] == "strait == quarantine"
    assert (
        event["us.hit"]["does"][-1] == "strait >= quarantine ? the stage begins, by the form phase"
    )
    both = "(strait == quarantine or strait == shut)"
    assert event["us.raid"]["when"] == f"(heat < 8 [? x]) and {both}"
    ends = {
        name: event[f"strait.{name}"]["does"][0].split(" ?")[0]
        for name in ("lifted", "talks", "peace")
    }
    assert ends == {
        "lifted": "strait = open",
        "talks": "strait = quarantine",
        "peace": "strait = open",
    }


def test_a_pace_by_agenda_is_added_to_by_agenda() -> None:
    text = war().replace("pace: .5 ? x", "pace: {force: .5 ? x, word: .3 ? y}")
    text = text.replace("by: us", "by: us, agenda: force").replace(
        "by: us, agenda: force\n", "by: us\n    agenda: word\n"
    )
    text = text.replace("pace: {us: .4 ~S5}", "pace: {us.force: .4 ~S5}")
    pace = expanded(text)["actor"]["us"]["pace"]
    assert pace == {"force": "(.5 [? x]) + (.4 ~S5) * (conflict == war)", "word": ".3 ? y"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("stages: [crisis, war]", "stages: [war]", ["phase"]),
        ("stages: [crisis, war]", "stages: [crisis, war, blows]", ["phase"]),
        ("us.hit: 1 ~S1", "us.hitt: 1 ~S1", ["unknown-event"]),
        ("us.hit: 1 ~S1", "us.hit: [1 ~S1]", ["shape"]),
        ("fades: 4d ? a week without blows and control is back", "now: 1 ~S1", ["missing"]),
        ("closes: [us.visit]", "closes: [us.raid]", ["phase"]),
        ("closes: [us.visit]", "closes: [us.visits]", ["unknown-event"]),
        ("closes: [us.visit]", "close: [us.visit]", ["unknown-key"]),
        ("pace: {us: .4 ~S5}", "pace: {uss: .4 ~S5}", ["unknown-actor"]),
        ("pace: {us: .4 ~S5}", "pace: {us.force: .4 ~S5}", ["unknown-actor"]),
        ("times: {slip: 3 ~S6}", "times: {us.hit: 3 ~S6}", ["rate"]),
        ("by: us, cost: .2", "by: us, consent: [us], cost: .2", ["consent"]),
        ("by: us, cost: .2", "by: us, to: peace, cost: .2", ["unknown-level"]),
        ("      out of hand: RATE ~X6 * (1 + blows)\n", "", ["phase", "phase"]),
        ("out of hand: RATE ~X6", "out of hand: RATE", ["no-basis"]),
        ("[weary + .1 ~S4]", "{weary: .1}", ["shape"]),
    ],
)
def test_what_a_phase_refuses(old: str, new: str, expected: list[str]) -> None:
    assert old in WAR
    assert codes(war(form=WAR.replace(old, new))) == expected


def test_a_pace_without_a_basis_is_not_covered_by_what_a_phase_adds() -> None:
    assert codes(war().replace("pace: .5 ? x", "pace: .5")) == ["no-basis"]


def test_a_stage_that_nothing_brings_or_ends_is_a_doubt() -> None:
    once = "phase:\n  p:\n    stages: [a, b]\n    b: {OWN}\n"
    assert warnings(BASE + once.replace("OWN", "lasts: yes")) == ["phase"]
    assert warnings(BASE + once.replace("OWN", "out of hand: .1 ? x")) == ["phase"]
    assert warnings(BASE + once.replace("OWN", "out of hand: .1 ? x, lasts: yes")) == []
    by_hand = BASE.replace("rate: .1 ? x\n    does: [", "rate: .1 ? x\n    does: [p + 1 ? x, ")
    assert warnings(by_hand + once.replace("OWN", "lasts: yes")) == []
    assert warnings(BASE + "phase:\n  p:\n    stages: [a, b]\n") == ["phase", "phase"]


# ---- successor ----------------------------------------------------------------------------------

HANDOVER = """  handover: {on: 2030-01-20 ? x, outcomes: {peaceful: {chance: .9 ? x}}}
successor:
  us:
    on: handover
    name: The next one
    wants: {cool: -2 ~J4 * heat}
    new wants: {calm: -1 ~J4 * height(rung)}
    pace: .9 ~J5
"""


def test_a_successor_is_a_flag_that_wants_and_paces_read() -> None:
    out = expanded(BASE + HANDOVER)
    flag = "no ? the one at the start is in office, by the form successor"
    assert out["state"]["us.successor"] == {"name": "The next one", "flag": flag}
    raised = ["us.successor = yes ? in office, by the form successor"]
    assert out["event"]["handover"]["does"] == raised
    us = out["actor"]["us"]
    assert us["pace"] == "(.5 [? x]) * (1 - us.successor) + (.9 ~J5) * us.successor"
    cool = "(-.3 * heat [? x]) * (1 - us.successor) + (-2 ~J4 * heat) * us.successor"
    assert us["wants"] == {"cool": cool, "calm": "(-1 ~J4 * height(rung)) * us.successor"}


def test_a_successor_by_agenda_changes_the_agendas_that_it_names() -> None:
    text = (BASE + HANDOVER).replace("pace: .5 ? x", "pace: {force: .5 ? x, word: .2 ? x}")
    text = text.replace("by: us\n", "by: us\n    agenda: force\n")
    text = text.replace("  handover:", "  us.speak: {by: us, agenda: word}\n  handover:")
    pace = expanded(text.replace("pace: .9 ~J5", "pace: {word: .9 ~J5}"))["actor"]["us"]["pace"]
    word = "(.2 [? x]) * (1 - us.successor) + (.9 ~J5) * us.successor"
    assert pace == {"force": ".5 ? x", "word": word}


def test_what_a_phase_adds_to_a_pace_is_added_to_a_successor_too() -> None:
    war = "{out of hand: .1 ? x, pace: {us: 3 ? x}}"
    text = f"{BASE}{HANDOVER}phase:\n  p:\n    stages: [calm, war]\n    war: {war}\n"
    pace = expanded(text)["actor"]["us"]["pace"]
    own = "(.5 [? x]) * (1 - us.successor) + (.9 ~J5) * us.successor"
    assert pace == f"({own}) + (3 [? x]) * (p == war)"


def test_a_successor_who_never_comes_changes_nothing_and_one_who_does_only_what_follows() -> None:
    dated = "on: 2030-01-20 ? x"
    assert logs(BASE + HANDOVER.replace(dated, f"{dated}, when: heat < 0")) == logs(BASE)
    day = 19
    come = logs(BASE + HANDOVER)
    before = [[h for h in log if h[0] <= day and h[1] != "handover"] for log in come]
    assert before == [[h for h in log if h[0] <= day] for log in logs(BASE)]
    assert [[h for h in log if h[1] != "handover"] for log in come] != logs(BASE)


def test_from_the_day_after_choices_are_those_of_a_crisis_with_the_new_wants() -> None:
    p = laid(BASE + HANDOVER)
    new = BASE.replace("-.3 * heat ? x", "-2 * heat ? x\n      calm: -1 * height(rung) ? x")
    q = laid(new)
    world, other = create(p, 1, 0), create(q, 1, 0)
    for _ in live(world):
        if world.day == 30:
            break
    names = p.layout.states
    other.s = [world.s[names[name]] for name in q.layout.states]
    of = [morning(w).choice(r.minds[0].agendas[0], 0.0)[0] for w, r in ((world, p), (other, q))]
    assert of[0] == pytest.approx(of[1], rel=1e-12)
    assert world.s[names["us.successor"]] == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("on: handover", "on: slip", ["successor"]),
        ("on: handover", "on: handovr", ["unknown-event"]),
        ("on: handover", "on: [handover]", ["shape"]),
        ("    on: handover\n", "", ["missing"]),
        ("  us:\n", "  uss:\n", ["unknown-actor"]),
        ("wants: {cool", "wants: {cooler", ["successor"]),
        ("new wants: {calm", "new wants: {cool", ["successor"]),
        ("pace: .9 ~J5", "pace: {word: .9 ~J5}", ["shape"]),
        ("-2 ~J4 * heat", "-2 * heat", ["no-basis"]),
        ("-2 ~J4 * heat", "heat", ["no-basis"]),
        ("    name: The next one\n", "    nme: The next one\n", ["unknown-key"]),
    ],
)
def test_what_a_successor_refuses(old: str, new: str, expected: list[str]) -> None:
    assert old in HANDOVER
    assert codes(BASE + HANDOVER.replace(old, new)) == expected


def test_a_want_without_a_basis_is_not_covered_by_its_successors() -> None:
    text = (BASE + HANDOVER).replace("-.3 * heat ? x", "-.3 * heat")
    assert codes(text) == ["no-basis"]
