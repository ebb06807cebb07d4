"""Worlds through the machine: the same bytes as the reference interpreter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machine
from offramp.engine.blocks.days import Program, branch_codes, program
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Job, band_of, bins_of

BLOCK = 512  # worlds that live side by side
FUNCTIONS = {"count": 0, "first": 1, "highest": 2, "lowest": 3, "final": 4, "initial": 5}


@dataclass(frozen=True)
class Ready:
    """A job laid out for the machine."""

    job: Job
    plan: Plan
    program: Program
    tape: Tape


def ready(job: Job) -> Ready:
    laid = plan(job.crisis)
    written = program(laid)
    return Ready(job, laid, written, tape(written))


def block(r: Ready, numbers: tuple[int, ...]) -> Ensemble:
    """Some worlds, without stories."""
    laid, job, p, t = r.plan, r.job, r.program, r.tape
    crisis = laid.crisis
    shown = [laid.layout.states[name] for name in crisis.show]
    bins = [bins_of(laid, i) for i in shown]
    atoms = np.zeros((len(numbers), len(job.monitors)))
    unknowns = np.zeros((len(numbers), len(laid.priors)))
    counts = np.zeros((len(numbers), len(laid.events)), np.int64)
    bands = np.zeros((len(shown), crisis.days, max(bins, default=1)), np.int64)
    collided = np.zeros(len(laid.quantities), np.int64)
    limits = [band_of(laid, i, bands[:0]) for i in shown]
    layout = (*p.quantities, p.after, *p.unknowns, p.happened, *p.daily)
    machine.live(
        t.code, t.consts.copy(), t.sites, t.sections, t.days, t.begins, len(p.slots), t.registers,
        min(BLOCK, len(numbers)), job.seed,
        np.array(numbers, np.int64), crisis.days, layout,
        np.array([x.low for x in limits]), np.array([x.high for x in limits]),
        np.array(p.collided, np.int64).reshape(-1, 2), watched(laid, job), atoms, unknowns, counts,
        np.array(shown, np.int64), np.array(bins, np.int64), bands, collided,
    )  # fmt: skip
    return Ensemble(
        crisis.first, crisis.days, job.seed, numbers,
        {
            crisis.states[i].name: band_of(laid, i, bands[k, :, : bins[k]].copy())
            for k, i in enumerate(shown)
        },
        (), atoms, unknowns, counts,
        tuple((crisis.states[i].name, int(n)) for i, n in enumerate(collided) if n),
    )  # fmt: skip


def watched(laid: Plan, job: Job) -> NDArray[np.int64]:
    """The monitors as rows of numbers: function, event, branch, quantity, first and last day."""
    rows = []
    for m in job.monitors:
        event = -1 if m.event is None else m.event
        branch = -1 if m.outcome is None else branch_codes(laid.events[event])[m.outcome]
        quantity = -1 if m.quantity is None else m.quantity
        rows.append([FUNCTIONS[m.function], event, branch, quantity, m.first, m.last])
    return np.array(rows, np.int64).reshape(-1, 6)
