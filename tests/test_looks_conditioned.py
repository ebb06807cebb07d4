"""A look of worlds conditioned on reports: it is what `condition` says, and weighed anew it is what
the case with other ranges says, conditioned by itself."""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import TAKES_LONG
from test_blocks import needs_numba
from test_looks import Look, read
from test_session import CHANGES, WORKED, _under, supposing, tutorial
from workbench import cache_in

import offramp
from offramp.answers import looked
from offramp.answers.conditioned import Conditioned
from offramp.answers.sampling import of_share, share
from offramp.answers.weights import ratio
from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.render.json import forecast_json

pytestmark = needs_numba
AS_OF, WORLDS = "2031-04-20", 2048


@pytest.fixture(autouse=True)
def _own_looks(tmp_path: Path) -> Iterator[None]:
    with cache_in(tmp_path / "cache"):
        yield


@functools.cache
def seen() -> Look:
    return read(offramp.look(supposing(), as_of=AS_OF, worlds=WORLDS))


@functools.cache
def told() -> Conditioned:
    return offramp.condition(supposing(), as_of=AS_OF, worlds=WORLDS)


def ensemble() -> Ensemble:
    found = told().forecast
    assert found is not None
    return found.ensemble


def test_it_answers_as_the_conditioned_case_does() -> None:
    """With what is asked under an `if:`, which is asked of other worlds."""
    assert told().forecast is not None
    plain = json.loads(json.dumps(forecast_json.plain(told().forecast)))
    assert seen().header["forecast"] == plain
    assert {"blockade_unboarded", "blockade"} <= set(seen().header["questions"])
    for a in told().forecast.answers:  # type: ignore[union-attr]
        met = seen().met(a.id)
        assert int(met.sum()) == a.worlds
        if a.probability is not None:
            assert seen().values(a.id)[met].mean() == pytest.approx(a.probability, abs=1e-12)


def test_it_says_of_which_day_and_what_its_worlds_are_worth() -> None:
    header = seen().header
    assert (header["as_of"], header["unmixed"]) == (AS_OF, told().unmixed)
    assert header["effective"] == ensemble().effective
    assert np.array_equal(seen().arrays["islands"][0], ensemble().islands)
    worths = {u["name"]: u["worth"] for u in header["unknowns"]}
    assert worths == {u.name: u.worth if u.after else 0.0 for u in told().learned}
    assert "as_of" not in read(offramp.look(tutorial(), worlds=60)).header


def test_its_courses_go_through_the_reports_and_on() -> None:
    for c in seen().header["courses"]:
        band, found = ensemble().bands[c["name"]], seen().trace(c["name"])
        counts = band.counts[:: c["step"]]
        assert np.array_equal([np.bincount(day, minlength=c["bins"]) for day in found], counts)


def test_free_worlds_and_those_of_a_day_are_kept_apart() -> None:
    free = offramp.look(tutorial(), worlds=WORLDS)
    found = offramp.look(tutorial(), as_of=AS_OF, worlds=WORLDS)
    assert offramp.look(tutorial(), as_of="2031-04-21", worlds=WORLDS, kept_only=True) == b""
    assert offramp.look(tutorial(), as_of=AS_OF, worlds=WORLDS, kept_only=True) == found
    assert offramp.look(tutorial(), worlds=WORLDS, kept_only=True) == free != found


def test_a_day_that_is_none_is_refused() -> None:
    for day in ("yesterday", "1999-01-01"):
        with pytest.raises(offramp.Mistake, match="2031") as refused:
            offramp.look(tutorial(), as_of=day)
        assert refused.value.argument == "as_of"


def compared(
    case: Case, day: dt.date, worlds: int, changes: list[dict[str, tuple[float, ...]]]
) -> tuple[list[float], list[float]]:
    """By how many of their errors the answers of weighed worlds lie from those of a filter under
    the other ranges; and those of the worlds as they are."""
    own, laid = looked.conditioned(case, day, worlds, 3), plan(case.crisis)
    places = {p.name: k for k, p in enumerate(laid.priors)}
    far, plain = list[float](), list[float]()
    everywhere = np.ones(own.ensemble.worlds, bool)
    for change in changes:
        weights = np.ones(own.ensemble.worlds)
        for name, numbers in change.items():
            old = laid.priors[places[name]]
            ends = (0.0, 0.0) if old.kind == "among" else numbers
            chances = numbers if old.kind == "among" else ()
            new = replace(old, a=ends[0], b=ends[1], chances=chances)
            weights = weights * ratio(old, new, own.ensemble.unknowns[:, places[name]])
        fresh = looked.conditioned(_under(change, case), day, worlds, 11)
        weighed = replace(own.ensemble, weights=weights / weights.sum())
        for c, d in zip(own.columns, fresh.columns, strict=True):
            # Of what is the same in nearly all worlds the islands' spread says nothing.
            new_share = d.values.mean()
            free = c.question.kind_of == "binary" and c.question.given is None
            if not free or not 0.02 < new_share < 0.98:
                continue
            _, error, _ = of_share(d.values, everywhere, fresh.ensemble)
            for e, out in ((weighed, far), (own.ensemble, plain)):
                w = e.weights if e.weights is not None else np.full(len(weights), 1 / len(weights))
                _, mine, _ = of_share(c.values, everywhere, e)
                out.append(abs(float((w * c.values).sum()) - new_share) / math.hypot(mine, error))
    rms = math.sqrt(np.mean(np.square(far)))
    print(
        f"{case.id}: {len(far)} answers, {rms:.2f} errors apart (root mean square), {max(far):.1f} "
        f"at most; without weights {max(plain):.1f}"
    )
    return far, plain


@pytest.mark.slow
def test_weighed_anew_it_answers_as_the_other_ranges_conditioned() -> None:
    """What the reports say of an unknown does not depend on its range: so the posterior under
    another range has the old one's worlds, each as much likelier as its draw. Every kind of prior,
    and two at once; without the weights the answers lie far off."""
    far, plain = compared(tutorial(), dt.date(2031, 4, 20), 16_384, CHANGES)
    assert max(far) < 4.5
    assert np.mean(np.square(far)) < 2.0  # errors are as large as they say
    assert max(plain) > 8.0


@pytest.mark.slow
def test_weighed_anew_the_us_iran_case_answers_as_conditioned_anew() -> None:
    """In the dimensions that the real case has: 23 unknowns, 252 reports."""
    if not os.environ.get("OFFRAMP_LONG"):
        pytest.skip(f"{TAKES_LONG}: OFFRAMP_LONG=1 makes this check")
    changes: list[dict[str, tuple[float, ...]]] = [
        {"tempo": (0.05, 0.13)},
        {"us.precision": (1.2, 1.8), "us.tau": (0.05, 0.2, 0.6, 0.15)},
    ]
    far, _ = compared(offramp.load("us-iran-2020"), dt.date(2020, 1, 20), 8192, changes)
    assert max(far) < 4.5
    assert np.mean(np.square(far)) < 2.0


def test_a_worked_answer_of_islands() -> None:
    """The table that a page is tried against."""
    rows = json.loads(WORKED.read_text(encoding="utf-8"))["islands"]
    assert len(rows) >= 4
    some = ensemble()
    for row in rows:
        n = len(row["yes"])
        w = None if row["weights"] is None else np.array(row["weights"], float)
        own = replace(
            some,
            numbers=tuple(range(n)),
            islands=np.array(row["of"]),
            effective=row["effective"],
            weights=None if w is None else w / w.sum(),
        )
        keep, yes = np.array(row["met"], bool), np.array(row["yes"], float)
        assert share(yes, keep, own) == pytest.approx(row["probability"], rel=1e-11)
        worth, error, interval = of_share(yes, keep, own)
        assert worth == pytest.approx(row["worth"], rel=1e-11)
        assert error == pytest.approx(row["mc_error"], rel=1e-11)
        assert interval == pytest.approx(row["interval"], rel=1e-9)
