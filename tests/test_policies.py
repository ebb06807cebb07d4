"""Policies: what may be written, the same worlds under every edit, regret, what turns a rank."""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from offramp.answers.forecast import outcomes
from offramp.case.agenda import Agenda, Loss, agenda_from
from offramp.case.case import Case, load, under
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.engine.blocks.days import Writer
from offramp.engine.blocks.worlds import Loaded
from offramp.engine.blocks.worlds import load as laid_out
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.explain.flips import flips
from offramp.explain.policy_worlds import Lived, error_of_mean, rows_of, watching
from offramp.explain.regret import cells_of, standings
from offramp.explain.robustness import compared
from offramp.explain.turns import priceless, turned
from offramp.filter.known import schedule
from offramp.filter.posterior import Posterior, filtered, futures, futures_under, handover
from offramp.filter.simulator import prepare
from offramp.language.build import build
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited, read_edits
from offramp.text.diagnostics import CaseError, Diagnostics
from offramp.text.tree import Mapping
from offramp.text.yaml import parse

AS_OF = dt.date(2031, 4, 20)
DAY = (AS_OF - dt.date(2031, 4, 1)).days


@functools.cache
def tutorial() -> Case:
    return load("tutorial")


def edits(text: str, case: Case | None = None) -> tuple[Edit, ...]:
    """The edits of a `do:`, which must be without fault."""
    case, found = case or tutorial(), Diagnostics()
    crisis, readers = build(case.expanded, found, frozenset(case.passages), case.own_phrases)
    root = parse(text, "do", found)
    assert isinstance(root, Mapping)
    assert crisis is not None
    out = read_edits(root, crisis, readers)
    assert not found.errors, [str(d) for d in found.errors]
    return out


def posterior(crisis: Crisis, worlds: int = 64) -> Posterior:
    laid = plan(crisis)
    planned = schedule(laid, tutorial().history, AS_OF, False, (AS_OF,))
    return filtered(prepare(laid, planned, 5), 4, worlds, (DAY,), 2)


@functools.cache
def as_it_is() -> Posterior:
    return posterior(tutorial().crisis)


def job(crisis: Crisis | None = None) -> RunSpec:
    """What all terms of the tutorial's losses watch, after the as-of day."""
    watched, out = watching(tutorial(), tutorial().agenda, AS_OF + dt.timedelta(1), 5)
    assert watched
    return replace(out, crisis=crisis or tutorial().crisis)


def onward(text: str, case: Case | None = None) -> Loaded:
    case = case or tutorial()
    return laid_out(plan(edited(case.crisis, edits(text))), keep=False)


def same(a: Ensemble, b: Ensemble) -> bool:
    return (
        a.atoms.tobytes() == b.atoms.tobytes()
        and a.counts.tobytes() == b.counts.tobytes()
        and a.unknowns.tobytes() == b.unknowns.tobytes()
    )


def event(name: str) -> int:
    return [e.name for e in tutorial().crisis.events].index(name)


# ---- the same worlds, gone on under an edit ----------------------------------------------------


def test_an_edit_that_changes_nothing_changes_no_byte() -> None:
    same_rate = "1 [? alike] + 0 * anger"  # what reads a quantity is not seen to be nothing
    idle = onward(f"rate:\n  fog: {same_rate}\ncost:\n  kelmark.board: 0 * anger ? alike")
    plain, edited_ = futures_under(as_it_is(), job(), (None, idle), DAY)
    assert same(plain, edited_)
    assert same(plain, futures(as_it_is(), job(), DAY))


@pytest.mark.parametrize(
    "edit",
    [
        "never: [kelmark.board, swarm]",
        "urge: {kelmark.blockade: 3 ? much}",
        "rate: {fog: 9 ? thick}",
        "cost: {kelmark.warn: 2 ? dear}",
    ],
)
def test_going_on_under_an_edit_is_an_edit_from_that_day(edit: str) -> None:
    """Lived from the first day by a crisis whose edit begins the day after the reports."""
    later = edited(tutorial().crisis, edits(f"from: {AS_OF + dt.timedelta(1)}\n{edit}"))
    from_the_start = futures(posterior(later), job(later), DAY)
    taken_over = futures(as_it_is(), job(), DAY, onward=onward(edit))
    assert same(from_the_start, taken_over)
    assert not same(futures(as_it_is(), job(), DAY), taken_over)


def test_what_may_never_happen_does_not_and_the_past_stays() -> None:
    plain, without = futures_under(as_it_is(), job(), (None, onward("never: [swarm]")), DAY)
    before = without.counts[:, event("swarm")]
    assert 0 < before.sum() < plain.counts[:, event("swarm")].sum()
    assert (before <= plain.counts[:, event("swarm")]).all()
    again = futures(as_it_is(), job(), DAY, onward=onward("never: [swarm, fog]"))
    assert (again.counts[:, event("swarm")] == before).all()


def test_a_forced_move_needs_no_memory_of_its_pause() -> None:
    days = "[2031-05-02 ? a day, 2031-05-03 ? and the next]"
    forced = futures(as_it_is(), job(), DAY, onward=onward(f"force: {{kelmark.board: {days}}}"))
    past = futures(as_it_is(), job(), DAY, onward=onward("never: [kelmark.board]"))
    column = event("kelmark.board")
    assert (forced.counts[:, column] == past.counts[:, column] + 2).all()


def test_a_quantity_is_held_from_the_first_morning() -> None:
    case = tutorial()
    agenda = read(GOOD.replace("final(sailors_dead)", "(highest(order) > stay)"))
    _, own = watching(case, agenda, AS_OF + dt.timedelta(1), 5)
    held = onward("hold: {order: stay ? x}")
    plain, stays = futures_under(as_it_is(), own, (None, held), DAY)
    assert (plain.atoms > 0).any()
    assert (stays.atoms == 0).all()
    lived = as_it_is().filter
    place = Writer(held.plan).s[[x.name for x in case.crisis.states].index("order")]
    evening = np.full((lived.tape.slots, 3), 2.0)
    morning = handover(lived.plan, held.plan).memory(evening, held.memory(evening.shape[1]))
    assert (morning[place] == 0).all()
    assert (np.delete(morning, place, 0)[: place + 1] == 2).all()


def test_one_tape_serves_all_assessments() -> None:
    """What assessments differ in is drawn before a policy takes over."""
    case = tutorial()
    own = under(case, case.assessments["tass"])
    p = posterior(own.crisis)
    text = "{never: [kelmark.blockade], hold: {order: stay ? x}}"
    changed = laid_out(plan(edited(own.crisis, edits(text))), keep=False)
    mine = futures(p, job(own.crisis), DAY, onward=changed)
    assert same(mine, futures(p, job(own.crisis), DAY, onward=onward(text)))


def test_worlds_cannot_go_on_under_another_crisis() -> None:
    crisis = tutorial().crisis
    other = replace(crisis, events=crisis.events[:-1])
    with pytest.raises(ValueError, match="other events"):
        futures(as_it_is(), job(), DAY, onward=laid_out(plan(other), keep=False))
    shorter = replace(crisis, last=crisis.last - dt.timedelta(1))
    with pytest.raises(ValueError, match="other days"):
        futures(as_it_is(), job(), DAY, onward=laid_out(plan(shorter), keep=False))
    once = replace(
        crisis,
        events=tuple(replace(e, once=True) if e.name == "swarm" else e for e in crisis.events),
    )
    with pytest.raises(ValueError, match="ready for swarm"):
        futures(as_it_is(), job(), DAY, onward=laid_out(plan(once), keep=False))


# ---- errors of means --------------------------------------------------------------------------


def test_worlds_of_their_own_have_the_usual_error() -> None:
    x = np.random.default_rng(1).normal(size=500)
    assert error_of_mean(x, np.arange(500)) == pytest.approx(x.std(ddof=1) / math.sqrt(500))


def test_copies_of_a_draw_are_worth_one() -> None:
    x = np.random.default_rng(2).normal(size=100)
    copies, draws = np.repeat(x, 7), np.repeat(np.arange(100), 7)
    assert error_of_mean(copies, draws) == pytest.approx(error_of_mean(x, np.arange(100)))
    apart = np.arange(700)
    assert error_of_mean(copies, apart, draws) == error_of_mean(copies, draws)  # the larger counts


def test_the_error_is_that_of_many_means() -> None:
    """Clusters of unequal size, drawn again and again: the mean's own spread."""
    rng, means, errors = np.random.default_rng(3), [], []
    for _ in range(400):
        sizes = rng.integers(1, 9, size=60)
        labels = np.repeat(np.arange(60), sizes)
        x = np.repeat(rng.normal(size=60), sizes) + rng.normal(size=len(labels))
        means.append(x.mean())
        errors.append(error_of_mean(x, labels))
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.12)


def test_one_cluster_says_nothing() -> None:
    assert error_of_mean(np.array([1.0, 2.0]), np.array([0, 0])) == math.inf


# ---- regret -----------------------------------------------------------------------------------


def read(text: str, case: Case | None = None) -> Agenda:
    """Policies and losses from text; raises CaseError."""
    case, found = case or tutorial(), Diagnostics()
    crisis, readers = build(case.expanded, found, frozenset(case.passages), case.own_phrases)
    root = parse(text, "policies.yaml", found)
    assert crisis is not None
    agenda = agenda_from(root, crisis, readers) if isinstance(root, Mapping) else Agenda((), ())
    if found.errors:
        raise CaseError(found.ordered())
    return agenda


def a_loss(*terms: str) -> Loss:
    whole = tutorial().agenda.losses[0]
    return replace(whole, id="L", terms=tuple(replace(whole.terms[0], name=t) for t in terms))


def table(rows: dict[str, list[float]], names: tuple[str, ...]) -> tuple[Lived, ...]:
    """Worlds in which each policy has the loss of its place in the table, with no noise at all."""
    losses = np.array(list(rows.values()))
    return tuple(
        Lived(
            name,
            (np.repeat(losses[:, None, k, None], 8, axis=2),),
            np.zeros((8, 0)),
            (np.arange(8),),
            8.0,
        )
        for k, name in enumerate(names)
    )


def test_regret_by_hand() -> None:
    """Savage's arithmetic, worked out on paper.

    losses      a    b    c        regrets   a    b    c    largest
    as it is   10   10   10                  9    2    4       9
    bold        1   16   12                  0    8    6       8
    mild        6    9    9                  5    1    3       5
    odd         8    8    6                  7    0    0       7
    """
    rows = {"as it is": [10, 10, 10], "bold": [1, 16, 12], "mild": [6, 9, 9], "odd": [8, 8, 6]}
    loss, names = a_loss("t"), tuple(rows)
    lived = table({k: [float(x) for x in v] for k, v in rows.items()}, ("a", "b", "c"))
    cells = tuple(c for a in lived for c in cells_of(names, loss, 0, a))
    regret = {(c.policy, c.assessment): c.regret for c in cells}
    assert [regret["bold", a] for a in "abc"] == [0, 8, 6]
    assert [regret["mild", a] for a in "abc"] == [5, 1, 3]
    assert [regret["odd", a] for a in "abc"] == [7, 0, 0]
    stood = {s.policy: s for s in standings(cells)}
    assert {p: s.max_regret for p, s in stood.items()} == {
        "as it is": 9,
        "bold": 8,
        "mild": 5,
        "odd": 7,
    }
    assert [p for p, s in stood.items() if s.minimax] == ["mild"]  # which is best nowhere
    assert stood["mild"].at == "a"
    assert stood["mild"].rival == "bold"
    assert stood["odd"].near_best_share == pytest.approx(2 / 3)
    assert stood["bold"].near_best_share == pytest.approx(1 / 3)
    assert stood["mild"].near_best_share == 0
    assert not any(s.tied for p, s in stood.items() if p != "mild")
    assert [c.difference for c in cells if c.policy == "bold"] == [-9, 6, 2]


def test_within_two_errors_is_a_tie() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(size=(1, 400))
    noise = rng.normal(size=400)
    noise -= noise.mean()

    def stood(shift: float) -> dict[str, bool]:
        values = np.concatenate([base, base - 0.5, base - 0.5 + shift + noise])
        lived = Lived("a", (values[:, None, :],), np.zeros((400, 0)), (np.arange(400),), 400.0)
        cells = cells_of(("as it is", "p", "q"), a_loss("t"), 0, lived)
        return {s.policy: s.tied for s in standings(cells)}

    error = float(noise.std(ddof=1)) / 20
    assert stood(1.9 * error) == {"as it is": False, "p": True, "q": True}
    assert stood(2.1 * error) == {"as it is": False, "p": True, "q": False}


def test_regret_is_nought_for_the_best_and_never_less() -> None:
    lived = replace(table({"as it is": [3.0], "p": [1.0]}, ("a",))[0])
    cells = cells_of(("as it is", "p"), a_loss("t"), 0, lived)
    assert [c.regret for c in cells] == [2, 0]
    assert [c.near_best for c in cells] == [False, True]


# ---- what it depends on ----------------------------------------------------------------------


def test_the_loss_or_the_world() -> None:
    """Losses, authors and policies are called by their titles."""
    x, y = (replace(a_loss("t"), id=i, name=f"Loss {i}") for i in "xy")
    pair = ("A", "B")
    titles = {"A": "Go", "B": "Stay", "a": "One author"}
    loss = turned(pair, [(x, ("a", "b"), ()), (y, (), ("b",))], 2, False, titles)
    assert loss.on == "loss"
    assert (loss.first, loss.second) == pair
    assert "the loss: under “Loss x” (2 of 2 authors) “Go” is better, under “Loss y” (1 of 2 " in (
        loss.words
    )
    world = turned(pair, [(x, ("a",), ("case", "b")), (y, (), ())], 3, False, titles)
    assert world.on == "world"
    assert world.words == (
        "under “Loss x” it depends on the world: “One author” has “Go” better, the case, b “Stay”"
    )
    assert turned(pair, [(x, ("a",), ()), (y, (), ("b",)), (x, ("a",), ("b",))], 2).on == "both"
    plain = turned(pair, [(x, (), ("a",)), (y, (), ())], 2)
    assert (plain.on, plain.words) == (
        "neither",
        "B is better than A under “Loss x” (1 of 2 authors), worse under none",
    )
    assert "distinguishes A from B" in turned(pair, [(x, (), ()), (y, (), ())], 2).words
    nothing = turned(("A", "as it is"), [(x, (), ("a",))], 2)
    assert nothing.words == (
        "doing nothing is better than A under “Loss x” (1 of 2 authors), worse under none"
    )
    assert "alike in every world" in turned(pair, [(x, (), ())], 2, same=True).words


@pytest.mark.parametrize(
    ("price", "words"),
    [(1, "still find it better"), (3, "what “Narrow” says is about the loss")],
)
def test_a_loss_that_sees_no_price(price: int, words: str) -> None:
    """p saves two lives at the price of prestige; only the second loss counts prestige. What the
    first says is about the loss only where the second does not find p better all the same."""
    rng = np.random.default_rng(5)
    dead = rng.normal(10, 1, size=300)
    proud = rng.normal(5, 1, size=300)
    lives = np.array([[dead], [dead - 2]])
    both = np.array([[dead, proud], [dead - 2, proud + price]])
    rest = (np.zeros((300, 0)), (np.arange(300),), 300.0)
    lived = Lived("a", (lives, both), *rest)
    narrow, wide = replace(a_loss("dead"), id="narrow"), replace(a_loss("dead", "prestige"), id="w")
    names = ("as it is", "p")
    cells = (*cells_of(names, narrow, 0, lived), *cells_of(names, wide, 1, lived))
    (found,) = priceless(cells, {"narrow": "Narrow"})
    assert found.losses == ("narrow",)
    assert [(x, term) for x, term, _ in found.prices] == [("w", "prestige")]
    assert found.prices[0][2] == pytest.approx(price)
    assert words in found.words


def test_an_unknown_that_turns_a_rank_round_is_found_and_noise_is_not() -> None:
    case, loss = tutorial(), a_loss("t")
    k = [u.name for u in case.crisis.unknowns].index("tempo")
    rng, n = np.random.default_rng(6), 800
    unknowns = rng.random((n, len(case.crisis.unknowns)))
    unknowns[:, [i for i, u in enumerate(case.crisis.unknowns) if u.options]] = 0
    noise = rng.normal(size=n)
    base = rng.normal(size=n)
    policy = replace(case.agenda.policies[0], id="p")
    rows = (rows_of(case.agenda)[0], policy)

    def search(d: np.ndarray) -> list[str]:
        values = np.array([[base], [base + d]])
        lived = Lived("a", (values,), unknowns, (np.arange(n),), float(n))
        found = flips(case, (loss,), rows, (lived,), {0: [(1, 0)]})
        assert found.splits == sum(not u.options for u in case.crisis.unknowns)
        return [f.words for f in found.flips if f.firm]

    middle = float(np.median(unknowns[:, k]))
    assert search(np.where(unknowns[:, k] < middle, -1.0, 1.0) + noise) == [
        f"below {middle:.3g} of `tempo` p is better, above it doing nothing"
    ]
    assert search(noise) == []


# ---- reading ----------------------------------------------------------------------------------

GOOD = """
losses:
  l:
    name: a loss
    about: somebody's
    sum:
      dead: 1 [? the unit] * final(sailors_dead)
policies:
  T27:
    name: a policy
    addressee: [kelmark]
    do: {never: [kelmark.blockade]}
"""


def test_a_policy_named_by_a_passage_cites_it() -> None:
    (policy,) = read(GOOD).policies
    assert (policy.cites, policy.addressee) == (("T27",), ("kelmark",))
    assert [e.words for e in policy.edits] == ["never kelmark.blockade"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("never: [kelmark.blockade]", "never: [kelmark.blokade]", "unknown-event"),
        ("never: [kelmark.blockade]", "set: {tempo: 1 ? x}", "not-a-policy"),
        ("never: [kelmark.blockade]", "set: {trade: 1 ? x}", "not-a-policy"),
        ("    do: {never: [kelmark.blockade]}\n", "", "policy"),
        ("    do: {", "    inexpressible: no\n    do: {", "policy"),
        ("T27", "peace", "no-basis"),
        ("T27", "as it is", "reserved"),
        ("[kelmark]", "[kelmarck]", "unknown-actor"),
        ("    name: a policy\n", "", "missing"),
        ("1 [? the unit] * ", "", "no-basis"),
        ("1 [? the unit]", "2", "no-basis"),
        ("final(sailors_dead)", "sailors_dead", "undated"),
        (" * final(sailors_dead)", "", "constant"),
        ("final(sailors_dead)", "final(sailors_ded)", "unknown-name"),
        ("    about: somebody's\n", "", "missing"),
        ("    about:", "    of: [nobody]\n    about:", "unknown-actor"),
        ("    addressee:", "    adresse: x\n    addressee:", "unknown-key"),
    ],
)
def test_a_mistake_is_found_where_it_stands(old: str, new: str, code: str) -> None:
    assert old in GOOD
    with pytest.raises(CaseError) as error:
        read(GOOD.replace(old, new, 1))
    assert code in {d.code for d in error.value.diagnostics}
    assert all(d.span.line > 0 for d in error.value.diagnostics)


def test_all_mistakes_come_at_once() -> None:
    text = GOOD.replace("kelmark.blockade", "nothing").replace("sailors_dead", "sailors_ded")
    with pytest.raises(CaseError) as error:
        read(text.replace("somebody's", ""))
    assert len(error.value.diagnostics) >= 3


def test_a_case_without_the_file_has_no_policies(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped()["tutorial"], tmp_path / "tutorial"))
    (folder / "policies.yaml").unlink()
    assert load(folder).policies == ()


def test_the_thirteen_recommendations_are_all_there() -> None:
    case = load("us-iran-2020")
    found = {p.id: p for p in case.policies}
    assert {f"R{k}" for k in range(1, 14)} <= found.keys()
    assert [p.id for p in found.values() if p.inexpressible] == ["R3"]
    for p in found.values():
        assert p.id in p.cites or p.cites
        changed = edited(case.crisis, p.edits)
        assert p.inexpressible or changed != case.crisis
    assert found["R10"].does == found["R13"].does == found["R7"].does
    assert len(case.agenda.losses) >= 4


# ---- the whole --------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def said(*arguments: str) -> dict:
    result = run("policies", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_json_says_all_and_says_it_again() -> None:
    options = ("tutorial", "--author", "case", "--author", "tass", "--worlds", "64")
    out = said(*options)
    assert out == said(*options, "--threads", "1")
    assert out["schema"] == "offramp.policies/1"
    assert out["as_of"] is None  # the tutorial's texts are older than its first day
    assert out["policies"][0]["id"] == "as it is"
    assert [p["id"] for p in out["inexpressible"]] == ["share_the_fish"]
    rows, losses = len(out["policies"]), len(out["losses"])
    assert len(out["table"]) == rows * losses * 2
    least = {
        (loss["id"], a["name"]): min(
            row["mean"]
            for row in out["table"]
            if (row["loss"], row["assessment"]) == (loss["id"], a["name"])
        )
        for loss in out["losses"]
        for a in out["assessments"]
    }
    for row in out["table"]:
        assert row["difference"] == pytest.approx(sum(t["difference"] for t in row["terms"]))
        best = least[row["loss"], row["assessment"]]
        assert row["regret"] == pytest.approx(row["mean"] - best, abs=1e-9)
        if row["policy"] == "as it is":
            assert row["difference"] == row["mc_error"] == 0
    for loss in out["losses"]:
        least = min(
            (s["max_regret"], s["policy"]) for s in out["standings"] if s["loss"] == loss["id"]
        )
        assert out["minimax"][loss["id"]] == least[1]


def test_the_table_is_what_the_worlds_came_to() -> None:
    """One term against the ensemble that it is counted from, and the table in words."""
    case, agenda = tutorial(), tutorial().agenda
    watched, own = watching(case, agenda, AS_OF + dt.timedelta(1), 5)
    ensemble = futures(as_it_is(), own, DAY)
    w = next(w for w in watched if w.question.id == "vessara: blockades")
    values = outcomes(plan(case.crisis), w, w.question.asks, ensemble.atoms)
    after = ensemble.counts[:, event("kelmark.blockade")] - _before(ensemble)
    assert values == [4.0 * float(x) for x in after]


def _before(ensemble: Ensemble) -> np.ndarray:
    past = futures(as_it_is(), job(), DAY, onward=onward("never: [kelmark.blockade]"))
    assert past.worlds == ensemble.worlds
    return past.counts[:, event("kelmark.blockade")]


def test_as_of_a_day() -> None:
    out = said("tutorial", "--author", "case", "--worlds", "512", "--as-of", str(AS_OF))
    assert out["as_of"] == str(AS_OF)
    assert out["window"][0] == str(AS_OF + dt.timedelta(1))
    assert out["assessments"][0]["worlds"] == 1024
    blocked = [r for r in out["table"] if r["policy"] == "no_blockade" and r["loss"] == "vessara"]
    term = next(t for t in blocked[0]["terms"] if t["name"] == "blockades")
    assert term["difference"] < -2 * term["mc_error"]


def test_too_few_worlds_are_a_refusal_and_no_traceback() -> None:
    result = run("policies", "tutorial", "--worlds", "64", "--as-of", str(AS_OF))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "more worlds may" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--free", "--as-of", "2031-04-20"), "no report"),
        (("--as-of", "2031-06-29"), "nothing left to decide"),
        (("--as-of", "2032-06-29"), "outside the crisis"),
        (("--author", "nobody"), "no assessment 'nobody'"),
    ],
)
def test_a_mistake_at_the_front_door(arguments: tuple[str, ...], words: str) -> None:
    result = run("policies", "tutorial", *arguments)
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit)
    assert words in " ".join(result.output.split())


def test_the_table_fits_and_names_every_policy() -> None:
    result = run("policies", "tutorial", "--author", "case", "--worlds", "64")
    assert result.exit_code == 0, result.output
    for p in tutorial().policies:
        assert p.id in result.output


def test_rows_with_the_same_edits_are_run_once_and_shown_alike() -> None:
    text = GOOD + "  T28:\n    name: the same again\n    do: {never: [kelmark.blockade]}\n"
    agenda = read(text)
    lived = Lived("a", (np.zeros((3, 1, 8)),), np.zeros((8, 6)), (np.arange(8),), 8.0)
    c = compared(tutorial(), agenda, (lived,), 1, None, 8)
    assert c.groups == (0, 1, 1)
    assert len([s for s in c.standings if s.minimax]) == 1
