"""A look of worlds conditioned on reports: it is what `condition` says, and weighed anew it is what
the case with other ranges says, conditioned by itself."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_blocks import needs_numba
from test_looks import Look, read
from test_session import CHANGES, WORKED, _changed, _under, supposing, tutorial
from workbench import cache_in

import offramp
from offramp.answers import looked
from offramp.answers.conditioned import Conditioned
from offramp.answers.looked import Looked
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


def _looked(case: Case, worlds: int, seed: int) -> Looked:
    day = told().as_of
    return looked.conditioned(case, day, worlds, seed)


@pytest.mark.slow
def test_weighed_anew_it_answers_as_the_other_ranges_conditioned() -> None:
    """What the reports say of an unknown does not depend on its range: so the posterior under
    another range has the old one's worlds, each as much likelier as its draw. Every kind of prior,
    and two at once; without the weights the answers lie far off."""
    own, laid = _looked(tutorial(), 16_384, 3), plan(tutorial().crisis)
    places = {p.name: k for k, p in enumerate(laid.priors)}
    far, plain = list[float](), list[float]()
    for changes in CHANGES:
        weights = np.ones(own.ensemble.worlds)
        for name, numbers in changes.items():
            k = places[name]
            x = own.ensemble.unknowns[:, k]
            weights = weights * ratio(laid.priors[k], _changed(name, numbers), x)
        fresh = _looked(_under(changes), 16_384, 11)
        weighed = replace(own.ensemble, weights=weights / weights.sum())
        for c, d in zip(own.columns, fresh.columns, strict=True):
            if c.question.kind_of != "binary" or c.question.given is not None:
                continue
            everywhere = np.ones(len(weights), bool)
            new = d.values.mean()
            _, error, _ = of_share(d.values, everywhere, fresh.ensemble)
            for e, out in ((weighed, far), (own.ensemble, plain)):
                w = e.weights if e.weights is not None else np.full(len(weights), 1 / len(weights))
                _, mine, _ = of_share(c.values, everywhere, e)
                out.append(abs(float((w * c.values).sum()) - new) / math.hypot(mine, error))
    assert max(far) < 4.5
    assert np.mean(np.square(far)) < 2.0  # errors are as large as they say
    assert max(plain) > 8.0


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
