"""Sessions: worlds that stay at hand, pairs of them, and worlds weighed anew."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from click.testing import CliRunner
from test_blocks import needs_numba

import offramp
from offramp.answers.sampling import evenly, of_share, share
from offramp.answers.session import Session, forecast_until, next_size
from offramp.answers.weights import Z90, effective_share, ratio, weights_under
from offramp.case.case import Case
from offramp.cli import main
from offramp.engine.plan import Prior
from offramp.language.crisis import Unknown
from offramp.language.expressions import Number, SourcedValue
from offramp.text.diagnostics import Span

pytestmark = needs_numba
WORKED = Path(__file__).parent / "weighed.json"


@functools.cache
def tutorial() -> Case:
    return offramp.load("tutorial")


@functools.cache
def start() -> Session:
    (own,) = offramp.session(tutorial(), seed=7)
    return own


@functools.cache
def grown(worlds: int) -> Session:
    return start().grown(worlds)


# ---- more worlds -----------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(300,), (7, 300), (100, 101, 300)])
def test_worlds_are_the_same_however_they_came(sizes: tuple[int, ...]) -> None:
    own = start()
    for n in sizes:
        own = own.grown(n, threads=1 + n % 2)
    whole = offramp.forecast(tutorial(), worlds=300, seed=7)
    assert own.forecast.answers == tuple(a for a in whole.answers if not a.supposes)
    assert own.forecast.quantities == tuple(q for q in whole.quantities if not q.supposes)
    assert own.ensemble == whole.ensemble


def test_worlds_that_are_there_are_not_simulated_again() -> None:
    own = grown(300)
    assert own.grown(200) is own


def test_without_worlds_there_is_no_answer() -> None:
    with pytest.raises(offramp.Unanswerable, match=r"grown\(500\)"):
        _ = start().forecast


def test_traces_are_what_the_bands_count() -> None:
    own = grown(300)
    assert own.ensemble is not None
    assert own.traces is not None
    for k, name in enumerate(tutorial().crisis.show):
        counts = own.ensemble.bands[name].counts
        found = [np.bincount(day, minlength=counts.shape[1]) for day in own.traces[:, :, k].T]
        assert np.array_equal(found, counts)


# ---- until an error --------------------------------------------------------------------------


def test_it_stops_at_the_error_that_was_wanted_and_not_far_below() -> None:
    f = forecast_until(tutorial(), 0.02, 100_000, 7)
    assert 0.017 < f.largest_error <= 0.02
    assert f.answers == offramp.forecast(tutorial(), worlds=f.worlds, seed=7).answers


def test_it_stops_at_the_most_that_there_may_be() -> None:
    assert forecast_until(tutorial(), 0.001, 500, 7).worlds == 500


def test_an_error_falls_with_the_root_of_the_worlds() -> None:
    assert next_size(1000, 0.015, 0.01) == math.ceil(1.05 * 2250)
    assert next_size(128, 0.5, 0.01) == 512


@pytest.mark.parametrize("more", [{"worlds": 5}, {"seconds": 2.0}, {"reference": True}])
def test_an_error_stands_alone(more: dict[str, object]) -> None:
    with pytest.raises(offramp.Mistake, match="in place of"):
        offramp.forecast(tutorial(), error=0.01, **more)


@pytest.mark.parametrize("error", [0.0, -1.0, 0.9, math.nan])
def test_an_error_that_is_none(error: float) -> None:
    with pytest.raises(offramp.Mistake, match=r"as \.01 does"):
        offramp.forecast(tutorial(), error=error)


def test_the_command_says_how_many_worlds_it_took() -> None:
    found = CliRunner().invoke(main, ["forecast", "tutorial", "--error", ".03", "--json"])
    f = json.loads(found.output)
    assert max(a["mc_error"] for a in f["answers"] if a["worlds"] == f["worlds"]) <= 0.03
    assert f["worlds"] < 600
    refused = CliRunner().invoke(main, ["forecast", "tutorial", "--error", ".03", "--worlds", "9"])
    assert "in place of --worlds" in refused.output


@functools.cache
def supposing() -> Case:
    """The tutorial, and its first question once more in worlds in which nobody boards."""
    folder = Path(offramp.__file__).parent / "cases" / "tutorial"
    files = [p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv", ".txt")]
    texts = {str(p.relative_to(folder)): p.read_text("utf-8") for p in files}
    before, after = texts["questions.yaml"].split("questions:\n", 1)
    asked = """questions:
  blockade_unboarded:
    text: If Kelmark boards no ship, will it blockade Vessara's northern ports by 29 June 2031?
    window: 2031-04-01 .. 2031-06-29
    if: {never: [kelmark.board]}
    asks: count(kelmark.blockade) >= 1
    cites: [T5]
    resolves: as the blockade

"""
    texts["questions.yaml"] = before + asked + after
    return offramp.load(texts)


def test_what_a_question_supposes_has_worlds_of_its_own() -> None:
    (own,) = offramp.session(supposing(), seed=7, supposed=True)
    own = own.grown(100).grown(256)
    whole = offramp.forecast(supposing(), worlds=256, seed=7)
    assert own.forecast.answers == whole.answers
    assert own.forecast.supposed == whole.supposed
    under = next(a for a in whole.answers if a.supposes)
    plain = next(a for a in whole.answers if a.id == "blockade")
    assert under.probability != plain.probability


def test_a_column_gives_the_answer_of_its_question() -> None:
    (own,) = offramp.session(supposing(), seed=7, supposed=True)
    own = own.grown(256)
    columns = {c.question.id: c for c in own.columns}
    for a in own.forecast.answers:
        c = columns[a.id]
        assert c.window == a.window
        assert int(c.met.sum()) == a.worlds
        assert c.values[c.met].mean() == a.probability
    for q in own.forecast.quantities:
        c, first = columns[q.id], own.case.crisis.first.toordinal() if q.unit == "date" else 0
        assert sorted(c.values[c.met] + first) == list(q.values)
    for x in own.forecast.choices:
        c = columns[x.id]
        shares = [float((c.values[c.met] == k).mean()) for k in range(len(x.options))]
        assert shares == pytest.approx(x.probabilities)


def test_weights_reach_the_worlds_of_what_is_supposed() -> None:
    """Their unknowns are drawn by the same dice as those of the worlds as they are."""
    (own,) = offramp.session(supposing(), seed=7, supposed=True)
    own = own.grown(256)
    name, prior = next((p.name, p) for p in own.plan.priors if p.kind == "between")
    half = replace(prior, b=(prior.a + prior.b) / 2.0)
    found = {a.id: a for a in own.weighed({name: half}).answers}
    inside = own.ensemble.unknowns[:, own.plan.layout.unknowns[name]] <= half.b
    column = next(c for c in own.columns if c.question.supposes)
    assert found["blockade_unboarded"].probability == pytest.approx(column.values[inside].mean())


# ---- pairs -----------------------------------------------------------------------------------


@functools.cache
def pair() -> tuple[Session, Session]:
    quiet = offramp.edit(tutorial(), {"never": ["kelmark.board"]})
    a, b = offramp.session(tutorial(), quiet, seed=7)
    return a.grown(2000), b.grown(2000)


def test_a_difference_is_that_of_the_two_forecasts() -> None:
    a, b = pair()
    found = {d.id: d for d in offramp.differences(a, b) if not d.option}
    answers = zip(a.forecast.answers, b.forecast.answers, strict=True)
    some = [(x, y) for x, y in answers if not x.given and x.probability is not None]
    assert len(some) > 3
    for x, y in some:
        assert y.probability is not None
        assert found[x.id].value == pytest.approx(y.probability - x.probability)
        assert found[x.id].window == x.window
        assert found[x.id].unit == "probability"
    assert any(d.distinct for d in found.values())


def test_a_choice_differs_in_each_of_its_options() -> None:
    a, b = pair()
    found = {(d.id, d.option): d for d in offramp.differences(a, b) if d.option}
    choices = list(zip(a.forecast.choices, b.forecast.choices, strict=True))
    assert choices
    for x, y in choices:
        for option, before, after in zip(x.options, x.probabilities, y.probabilities, strict=True):
            if not x.given:
                assert found[x.id, option].value == pytest.approx(after - before)


def test_a_difference_has_the_unit_of_its_question() -> None:
    a, b = pair()
    found = {d.id: d.unit for d in offramp.differences(a, b)}
    for q in a.forecast.quantities:
        assert found[q.id] == ("days" if q.unit == "date" else q.unit)


def test_pairs_have_a_smaller_error_than_two_runs() -> None:
    a, b = pair()
    found = {d.id: d for d in offramp.differences(a, b)}
    smaller = [
        found[x.id].error < math.hypot(x.mc_error, y.mc_error)
        for x, y in zip(a.forecast.answers, b.forecast.answers, strict=True)
        if x.mc_error and y.mc_error and not x.given
    ]
    assert sum(smaller) > 0.7 * len(smaller)


def test_the_error_of_a_difference_is_its_spread_over_seeds() -> None:
    quiet = offramp.edit(tutorial(), {"never": ["kelmark.board"]})
    rows = []
    for seed in range(30):
        a, b = offramp.session(tutorial(), quiet, seed=seed)
        rows.append(offramp.differences(a.grown(256), b.grown(256)))
    for told in zip(*rows, strict=True):
        if any(d.given for d in told):
            continue
        spread = np.std([d.value for d in told], ddof=1)
        error = np.mean([d.error for d in told])
        assert spread < 1.5 * error + 1e-9


def test_a_condition_counts_where_it_is_met_in_both() -> None:
    a, b = pair()
    for d in offramp.differences(a, b):
        assert d.worlds <= 2000
        assert d.given or d.worlds == 2000


def test_pairs_want_the_same_dice_and_the_same_questions() -> None:
    (other,) = offramp.session(tutorial(), seed=8)
    with pytest.raises(offramp.Mistake, match="same dice"):
        offramp.differences(start(), other)
    with pytest.raises(offramp.Mistake, match=r"offramp\.edit"):
        offramp.session(tutorial(), "quarantine")


# ---- weighed anew ----------------------------------------------------------------------------


def _density(p: Prior, x: float) -> float:
    """Of the transformed draw, by the standard library."""
    change = {"normal": lambda v: v, "scale": math.log, "share": lambda v: math.log(v / (1 - v))}
    t, low, high = (change[p.kind](v) for v in (x, p.a, p.b))
    return NormalDist((low + high) / 2, (high - low) / (2 * Z90)).pdf(t)


def test_worked_numbers() -> None:
    """The table that a page is tried against: each row by our code and by other means."""
    rows = json.loads(WORKED.read_text(encoding="utf-8"))["ratios"]
    assert {r["kind"] for r in rows} == {"between", "normal", "scale", "share", "among"}
    for r in rows:
        old, new = _prior(r["kind"], r["old"]), _prior(r["kind"], r["new"])
        found = float(ratio(old, new, np.array([r["x"]]))[0])
        assert found == pytest.approx(r["ratio"], rel=1e-11)
        if r["kind"] in ("normal", "scale", "share"):
            other = _density(new, r["x"]) / _density(old, r["x"])
            assert found == pytest.approx(other, rel=1e-11)


def _prior(kind: str, numbers: list[float]) -> Prior:
    ends = (0.0, 0.0) if kind == "among" else (numbers[0], numbers[1])
    chances = tuple(numbers) if kind == "among" else ()
    return Prior(name="x", dice="x", kind=kind, a=ends[0], b=ends[1], chances=chances)


def test_a_worked_answer() -> None:
    """Weights, effective share, probability and error of eight worlds."""
    told = json.loads(WORKED.read_text(encoding="utf-8"))["answer"]
    some = grown(len(told["x"]))
    assert some.ensemble is not None
    w = np.array(told["ratios"])
    ensemble = replace(some.ensemble, weights=w / w.sum())
    keep, yes = np.ones(len(w), bool), np.array(told["yes"], float)
    n, error, _ = of_share(yes, keep, ensemble)
    assert share(yes, keep, ensemble) == pytest.approx(told["probability"], rel=1e-11)
    assert n == pytest.approx(told["worth"], rel=1e-11)
    assert n / len(w) == pytest.approx(told["share"], rel=1e-11)
    assert error == pytest.approx(told["mc_error"], rel=1e-11)


CHANGES: list[dict[str, tuple[float, ...]]] = [
    {"kelmark.precision": (0.9, 1.4)},
    {"lethality": (0.02, 0.06)},
    {"tempo": (0.8, 1.6)},
    {"vessara.zeal": (-0.4, 0.5)},
    {"kelmark.line": (0.2, 0.3, 0.3, 0.2)},
    {"lethality": (0.02, 0.07), "tempo": (0.7, 1.5)},
]


def _changed(name: str, numbers: tuple[float, ...]) -> Prior:
    places = {p.name: p for p in start().plan.priors}
    return replace(_prior(places[name].kind, list(numbers)), name=name, dice=places[name].dice)


def _under(changes: dict[str, tuple[float, ...]], case: Case | None = None) -> Case:
    """The case (the tutorial) with these ranges, and chances of named values, for its own."""

    def number(x: float) -> SourcedValue:
        span = Span("ours", 1, 1)
        return SourcedValue(Number(x, "", None, span), (), f"{x:g}", span)

    def change(u: Unknown) -> Unknown:
        own = changes.get(u.name)
        if own is None:
            return u
        if u.options:
            pairs = zip(u.options, own, strict=True)
            return replace(u, options=tuple(replace(o, chance=number(p)) for o, p in pairs))
        return replace(u, low=number(own[0]), high=number(own[1]))

    own = case or tutorial()
    unknowns = tuple(map(change, own.crisis.unknowns))
    return replace(own, crisis=replace(own.crisis, unknowns=unknowns))


@pytest.mark.slow
def test_worlds_weighed_anew_answer_as_new_worlds_do() -> None:
    """Every kind of prior in turn, and two at once, against worlds drawn by the new ones."""
    own = grown(20_000)
    for changes in CHANGES:
        found = own.weighed({name: _changed(name, x) for name, x in changes.items()})
        fresh = offramp.forecast(_under(changes), worlds=20_000, seed=11)
        for a in found.answers:
            b = next(x for x in fresh.answers if x.id == a.id)
            if a.given or a.mc_error is None or b.mc_error is None:
                continue
            assert a.probability is not None
            assert b.probability is not None
            assert abs(a.probability - b.probability) < 4.5 * math.hypot(a.mc_error, b.mc_error)


def test_weights_are_none_where_nothing_changes() -> None:
    own = grown(300)
    assert own.ensemble is not None
    same = {p.name: p for p in own.plan.priors[:2]}
    assert effective_share(weights_under(own.plan, own.ensemble, same)) == pytest.approx(1.0)
    now, before = own.weighed(same).answers, own.forecast.answers
    assert [a.probability for a in now] == pytest.approx([a.probability for a in before])


def test_what_was_weighed_says_by_which_priors_and_is_no_forecast() -> None:
    """Else a brief, a ledger or an export would take it for what the case says."""
    found = grown(300).weighed({"tempo": _changed("tempo", (0.8, 1.6))})
    ((old, new),) = found.priors
    assert (old.name, old.a, new.a) == ("tempo", 0.6, 0.8)
    assert "under other priors of tempo" in repr(found)
    assert 0.25 < found.share < 1.0
    with pytest.raises(offramp.OfframpError):
        offramp.to_dict(found)


def test_what_cannot_be_weighed_is_refused() -> None:
    own = grown(300)
    assert own.ensemble is not None
    for x in own.plan.priors:
        if x.kind == "between":
            wider = {x.name: replace(x, a=x.a - 1.0, b=x.b + 1.0)}
            with pytest.raises(offramp.Unanswerable, match="wider range"):
                own.weighed(wider)
            narrow = {x.name: replace(x, b=x.a + 0.01 * (x.b - x.a))}
            with pytest.raises(offramp.Unanswerable, match="below 25%"):
                own.weighed(narrow)
            return
    raise AssertionError("no unknown between two ends")


def test_values_are_drawn_evenly_along_their_weights() -> None:
    own = grown(4)
    assert own.ensemble is not None
    ensemble = replace(own.ensemble, weights=np.array([0.5, 0.25, 0.25, 0.0]))
    values, keep = np.array([3.0, 1.0, 2.0, 9.0]), np.ones(4, bool)
    assert evenly(values, keep, ensemble).tolist() == [1.0, 2.0, 3.0, 3.0]
