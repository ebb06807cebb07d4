"""What a stored run is: two runs with the same manifest have the same bytes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from offramp.case.case import Case
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, band_of, bins_of
from offramp.errors import OfframpError
from offramp.language.crisis import Crisis, State
from offramp.language.kinds import READINGS, unit_words
from offramp.text import plain_json
from offramp.text.files import read_regular, write_whole
from offramp.version import __version__

SCHEMA = "offramp.run/1"


class Refused(OfframpError, ValueError):
    """What was asked cannot be done with this folder; the message says what would work."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A shown quantity. Its bin i stands for low + (high - low) * i / (bins - 1)."""

    name: str
    title: str
    low: float
    high: float
    bins: int
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """What the columns of the arrays are, for a reader: a title for each, a unit where columns
    differ in it, and for each atom the questions that it serves. No part of what was run."""

    atoms: tuple[str, ...] = ()
    atom_units: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()  # their names, with a space between
    unknowns: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    quantity_units: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    kept_units: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What was run. `shard` (i, n) is the i-th of n nearly equal parts of worlds 0 to `worlds`-1,
    counted from 1. The names are the labels of the arrays' columns, in their order; `kept` are the
    quantities of which every day is kept."""

    schema: str
    case: str
    title: str
    model_sha256: str
    version: str
    seed: int
    worlds: int
    shard: tuple[int, int]
    first: str
    days: int
    atoms: tuple[str, ...]
    unknowns: tuple[str, ...]
    events: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    kept: tuple[str, ...] = ()
    words: Words = field(default_factory=Words)

    @property
    def numbers(self) -> range:
        """The worlds of this shard."""
        i, n = self.shard
        return range(self.worlds * (i - 1) // n, self.worlds * i // n)

    @property
    def first_day(self) -> dt.date:
        return dt.date.fromisoformat(self.first)

    @property
    def bins(self) -> int:
        """The width of the array of bands; quantities with fewer bins are filled up with zeros."""
        return max((q.bins for q in self.quantities), default=1)

    @property
    def row(self) -> int:
        """Bytes a world while it runs: rows of float64, what is kept day by day among them, and
        one count of a byte an event."""
        daily = len(self.kept) * self.days
        return 8 * (len(self.atoms) + len(self.unknowns) + daily) + len(self.events)


def describe(
    case: Case,
    job: RunSpec,
    worlds: int,
    shard: tuple[int, int] = (1, 1),
    kept: tuple[str, ...] = (),
) -> Manifest:
    """The manifest of a run that is to be made. The job's last monitors are `keep.daily` of the
    quantities kept."""
    crisis, laid = case.crisis, plan(case.crisis)
    asked = job.monitors[: len(job.monitors) - len(kept) * job.days]
    shown = [laid.layout.states[name] for name in crisis.show]
    bands = [(band_of(laid, i, None), bins_of(laid, i)) for i in shown]  # type: ignore[arg-type]
    return Manifest(
        schema=SCHEMA,
        case=case.id,
        title=crisis.title,
        model_sha256=case.model_sha256,
        version=__version__,
        seed=job.seed,
        worlds=worlds,
        shard=shard,
        first=crisis.first.isoformat(),
        days=job.days,
        atoms=labels(crisis, asked),
        unknowns=tuple(p.name for p in laid.priors),
        events=tuple(e.name for e in crisis.events),
        quantities=tuple(
            Quantity(
                name=b.quantity,
                title=b.title,
                low=b.low,
                high=b.high,
                bins=n,
                levels=tuple(b.levels),
            )
            for b, n in bands
        ),
        kept=kept,
        words=words(case, asked, kept),
    )


def words(case: Case, asked: tuple[Monitor, ...], kept: tuple[str, ...]) -> Words:
    """The titles and units of a run's columns."""
    crisis = case.crisis
    states = {s.name: s for s in crisis.states}
    titles, units, serves = [], [], []
    for m in asked:
        if m.quantity is not None and m.quantity >= len(crisis.states):
            name = title = reading(crisis, m.quantity)
            unit = READINGS[name.partition("(")[0]][2]
        elif m.quantity is not None:
            state = crisis.states[m.quantity]
            title, unit, name = state.title, unit_of(state), state.name
            if m.function == "mean" and state.kind == "flag":
                unit = "1"
        else:
            assert m.event is not None
            event = crisis.events[m.event]
            title = event.title + (f" ({m.outcome})" if m.outcome else "")
            name = event.name + (f".{m.outcome}" if m.outcome else "")
            unit = "1" if m.function == "count" else "days since the first day"
        first, last = (crisis.first + dt.timedelta(days=d) for d in (m.first, m.last))
        titles.append(f"{m.function}: {title}, {first} to {last}")
        units.append(unit)
        plain = (q for q in case.questions if not q.supposes)
        own = (q for q in plain if (m.function, name) in q.atoms)
        serves.append(
            " ".join(q.id for q in own if (max(q.first, crisis.first), q.last) == (first, last))
        )
    return Words(
        tuple(titles),
        tuple(units),
        tuple(serves),
        tuple(u.title for u in crisis.unknowns),
        tuple(e.title for e in crisis.events),
        tuple(unit_of(states[name]) for name in crisis.show),
        tuple(states[name].title for name in kept),
        tuple(unit_of(states[name]) for name in kept),
    )


def reading(crisis: Crisis, quantity: int) -> str:
    """The name of what is read of worlds besides their quantities, numbered on from these."""
    return crisis.readings[quantity - len(crisis.states)]


def unit_of(state: State) -> str:
    """A quantity's unit, as the attribute `units` has it."""
    if state.kind == "ladder":
        return f"level from 0 ({state.levels[0]}) to {len(state.levels) - 1} ({state.levels[-1]})"
    if state.kind in ("flag", "clock"):
        return "0 or 1" if state.kind == "flag" else "days"
    return unit_words(state.unit) if state.unit else "1"


def labels(crisis: Crisis, monitors: tuple[Monitor, ...]) -> tuple[str, ...]:
    """Atoms by name, as questions write them, with the days that are watched."""
    out = []
    for m in monitors:
        if m.quantity is not None and m.quantity >= len(crisis.states):
            name = reading(crisis, m.quantity)
        elif m.quantity is not None:
            name = crisis.states[m.quantity].name
        else:
            assert m.event is not None
            name = crisis.events[m.event].name + (f".{m.outcome}" if m.outcome else "")
        first, last = (crisis.first + dt.timedelta(days=d) for d in (m.first, m.last))
        out.append(f"{m.function}({name}) {first}..{last}")
    return tuple(out)


def write(folder: Path, manifest: Manifest) -> None:
    text = plain_json.text(asdict(manifest), indent=1)
    write_whole(folder / "manifest.json", text.encode("utf-8"))


def read(folder: Path) -> Manifest:
    """The manifest of a folder. Raises Refused where it is not one of ours."""
    path = folder / "manifest.json"
    try:
        body: dict[str, Any] = plain_json.parsed(read_regular(path))
        if body["schema"] != SCHEMA:
            raise Refused(
                f"'{folder}' holds a run of schema {body['schema']!r}, and this is {SCHEMA!r}: "
                "read it with the version of Offramp that wrote it"
            )
        body = {"kept": (), "words": {}, **body}  # which earlier runs have not
        body = {f.name: body[f.name] for f in fields(Manifest)}
        body["words"] = Words(**{key: tuple(value) for key, value in body["words"].items()})
        body["quantities"] = tuple(
            Quantity(**{**q, "levels": tuple(q["levels"])}) for q in body["quantities"]
        )
        for key in ("shard", "atoms", "unknowns", "events", "kept"):
            body[key] = tuple(body[key])
        return Manifest(**body)
    except Refused:
        raise
    except FileNotFoundError:
        raise Refused(
            f"'{folder}' is not a folder that `offramp run` made: it has no manifest.json"
        ) from None
    except OSError as error:
        raise Refused(f"'{path}' cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(f"'{path}' is not a manifest of a run, or it is damaged") from None


_WORDS = {
    "case": "the case",
    "model_sha256": "the model",
    "version": "Offramp's version",
    "seed": "the seed",
    "worlds": "the number of worlds",
    "shard": "the shard",
    "atoms": "what the questions watch",
    "kept": "what is kept day by day",
}


def difference(a: Manifest, b: Manifest) -> str | None:
    """In words, the first thing in which two runs differ, or None: 'the seed is 1 and not 2'.

    Titles and units are no part of a model, and may differ.
    """
    for f in fields(Manifest):
        one, two = getattr(a, f.name), getattr(b, f.name)
        if f.name in ("title", "quantities", "words") or one == two:
            continue
        if f.name == "kept":
            one, two = (", ".join(x) or "nothing" for x in (one, two))
        elif isinstance(one, tuple) and f.name != "shard":
            one, two = (sorted(set(x) - set(y)) or len(x) for x, y in ((one, two), (two, one)))
        if f.name == "shard":
            one, two = (f"{i}/{n}" for i, n in (one, two))
        return f"{_WORDS.get(f.name, f.name)} is {one} and not {two}"
    return None
