"""A posterior as a tree of labelled arrays, as ArviZ reads it."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

import offramp
from offramp.answers.conditioned import Conditioned
from offramp.engine.blocks import machinery
from offramp.filter.islands import shares

pytest.importorskip("xarray")
pytestmark = pytest.mark.skipif(not machinery.available(), reason="needs Numba")


@pytest.fixture(scope="module")
def found() -> Conditioned:
    return offramp.condition("tutorial", as_of="2031-04-20", worlds=2048, seed=7)


def test_islands_are_chains_and_their_worlds_draws(found: Conditioned) -> None:
    tree = offramp.to_datatree(found)
    assert set(tree.children) == {"posterior", "prior", "sample_stats"}
    names = [u.name for u in found.learned]
    assert "kelmark.line" in names
    for group in ("posterior", "prior"):
        assert list(tree[group].data_vars) == names
        assert dict(tree[group].sizes) == {"chain": 8, "draw": 256}
    assert list(tree["posterior"].chain.values) == [i.number for i in found.posterior.islands]
    last = found.posterior.days[-1]
    note = tree.attrs.pop("note")
    assert "copies" in note
    assert "r_hat is optimistic" in note
    assert tree.attrs == {
        "case": "tutorial",
        "assessment": "case",
        "model_sha256": found.model_sha256,
        "seed": 7,
        "as_of": "2031-04-20",
        "log_evidence": last.log_evidence,
        "mc_error": last.mc_error,
    }


def test_a_world_is_drawn_as_often_as_its_weight_says(found: Conditioned) -> None:
    tree, day = offramp.to_datatree(found), len(found.posterior.days) - 1
    for k, island in enumerate(found.posterior.islands):
        cloud = island.clouds[day]
        taken = tree["sample_stats"].world.values[k]
        times = np.bincount(taken, minlength=len(cloud.weights))
        assert np.abs(times - len(taken) * cloud.weights).max() < 1
        for j, u in enumerate(found.learned):
            assert np.array_equal(tree["posterior"][u.name].values[k], cloud.unknowns[taken, j])
    parts = shares(found.posterior.log_evidences(day))
    assert np.array_equal(tree["sample_stats"].share.values, parts)


def test_chains_weighed_by_their_share_say_what_condition_says(found: Conditioned) -> None:
    """`condition` reads weights and the tree draws by them: within a draw an island and value."""
    tree = offramp.to_datatree(found)
    line = next(u for u in found.learned if u.options)
    values, share = tree["posterior"][line.name], tree["sample_stats"].share
    assert values.attrs["flag_meanings"].split() == list(line.options)
    for place, after in zip(values.attrs["flag_values"], line.after, strict=True):
        mean = float(((values == place).mean("draw") * share).sum())
        assert mean == pytest.approx(after, abs=0.02)


def test_the_prior_is_that_of_free_worlds(found: Conditioned) -> None:
    free = offramp.forecast("tutorial", worlds=300, seed=7).ensemble.unknowns
    prior = offramp.to_datatree(found)["prior"]
    flat = np.stack([prior[name].values.reshape(-1)[:300] for name in prior.data_vars], axis=1)
    assert np.array_equal(flat, free)


def test_what_has_not_mixed_says_so_and_what_is_refused_is_refused(found: Conditioned) -> None:
    first = replace(found.learned[0], after=(), worth=12.0)
    poor = replace(found, learned=(first, *found.learned[1:]))
    attrs = offramp.to_datatree(poor)["posterior"][first.name].attrs
    assert attrs["effective"] == 12.0
    assert "not mixed" in attrs["comment"]
    with pytest.raises(offramp.Unanswerable, match="too few"):
        offramp.to_datatree(replace(found, refused="too few"))


def test_without_xarray_it_says_how_to_install_it(
    found: Conditioned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(offramp.Needs, match=r"pip install '.\[runs\]'"):
        offramp.to_datatree(found)
