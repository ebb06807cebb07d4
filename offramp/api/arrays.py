"""A posterior as labelled arrays that ArviZ reads."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.errors import Needs, Unanswerable
from offramp.extras import install

if TYPE_CHECKING:
    import xarray

    from offramp.answers.conditioned import Conditioned
    from offramp.filter.simulator import Filter, Particles

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

COPIES = (
    "Draws are copies where a world counts for several or was drawn again on the way, so r_hat is "
    "optimistic and an effective size that takes draws of a chain for a Markov chain's means "
    "little; attribute `effective` of a variable is what its mean is worth, by what differs "
    "between islands."
)


def to_datatree(conditioned: Conditioned) -> xarray.DataTree:
    """What `condition` gave as an xarray tree in the layout of ArviZ (Kumar et al. 2019).

    posterior     an array (chain, draw) an unknown, by its name with its dots. A chain is an island
                  of worlds, which lived the reports by itself; a draw is one of its worlds, taken
                  as often as its weight says (systematic resampling), so that all draws of a chain
                  count alike. An unknown of named values holds the place of the value, as CF's
                  `flag_values` and `flag_meanings`
    prior         the same worlds before any report, in the same shape
    sample_stats  `world` (chain, draw): the island's world that was taken; `share` (chain,): how
                  much an island counts in what `condition` says, by its evidence, which the plain
                  mean over chains leaves out; `log_evidence` (chain,), in nats

    Attributes: case, assessment, model_sha256, seed, as_of, log_evidence with its mc_error, and a
    note on copies. An island in which no world was left has no chain.

    Raises Needs without xarray, Unanswerable where the posterior is refused.
    """
    if find_spec("xarray") is None:
        raise Needs(f"this needs xarray: {install('runs')}")
    import xarray

    from offramp.filter.islands import shares

    if conditioned.refused:
        raise Unanswerable(conditioned.refused)
    p, day = conditioned.posterior, conditioned.posterior.last
    alive = {i.number: i.clouds[day] for i in p.islands if day in i.clouds}
    taken = np.array([resampled(p.filter, k, c) for k, c in alive.items()])
    after = np.array([c.unknowns[w] for c, w in zip(alive.values(), taken, strict=True)])
    before = np.array([untouched(p.filter, k, len(c.weights)) for k, c in alive.items()])
    evidences = np.array([c.log_evidence for c in alive.values()])
    axes = {"chain": list(alive), "draw": np.arange(taken.shape[1])}
    about = described(conditioned)

    def group(values: Floats) -> xarray.Dataset:
        """The unknowns (chain, draw, unknowns) as variables."""
        own = {
            name: (
                ("chain", "draw"),
                values[:, :, k].astype(np.int64) if "flag_values" in attrs else values[:, :, k],
                attrs,
            )
            for k, (name, attrs) in enumerate(about.items())
        }
        return xarray.Dataset(own, axes)

    stats = {
        "world": (("chain", "draw"), taken, {"long_name": "number of the world in its island"}),
        "share": ("chain", shares(evidences), {"long_name": "share of the evidence", "units": "1"}),
        "log_evidence": ("chain", evidences, {"long_name": "log evidence", "units": "nats"}),
    }
    last = p.days[-1]
    tree: xarray.DataTree = xarray.DataTree.from_dict(
        {
            "posterior": group(after),
            "prior": group(before),
            "sample_stats": xarray.Dataset(stats, axes),
        }
    )
    tree.attrs = {
        "case": conditioned.case,
        "assessment": conditioned.assessment,
        "model_sha256": conditioned.model_sha256,
        "seed": p.filter.seed,
        "as_of": conditioned.as_of.isoformat(),
        "log_evidence": last.log_evidence,
        "mc_error": last.mc_error,
        "note": COPIES,
    }
    return tree


def resampled(f: Filter, island: int, cloud: Particles) -> Places:
    """Which of an island's worlds to take so that all count alike: each as often as its weight
    says, one more or less."""
    from offramp.engine.noise import named_keys, uniforms
    from offramp.filter.particles import drawn

    key = named_keys(f.seed, f"island {island} as draws of day {cloud.day}", 1)
    return drawn(cloud.weights, float(uniforms(key, "which")[0]), len(cloud.weights))


def untouched(f: Filter, island: int, size: int) -> Floats:
    """The unknowns (worlds, unknowns) with which an island's worlds began."""
    from offramp.engine.blocks.worlds import Recorder, advance, load, wide
    from offramp.engine.noise import world_keys

    t, width = load(f.plan).tape, wide(size)
    kept = Recorder.nothing(f.plan, size)
    keys = world_keys(f.seed, range(island * size, (island + 1) * size))
    advance(t, kept, np.zeros(t.slots * width), width, keys, -1, 0)
    return kept.unknowns


def described(c: Conditioned) -> dict[str, dict[str, object]]:
    """Each unknown's name, and the attributes of its array."""
    out: dict[str, dict[str, object]] = {}
    for u in c.learned:
        attrs: dict[str, object] = {"long_name": u.title, "effective": u.worth}
        if u.options:
            attrs |= {
                "flag_values": list(range(len(u.options))),
                "flag_meanings": " ".join(u.options),
            }
        if not u.after:
            attrs["comment"] = "not mixed: too few independent worlds to say anything of it"
        out[u.name] = attrs
    return out
