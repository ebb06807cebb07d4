"""What a stored run is: two runs with the same manifest have the same bytes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from offramp.case.case import Case
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import Job, band_of, bins_of
from offramp.errors import OfframpError
from offramp.language.crisis import Crisis
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


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What was run. `shard` (i, n) is the i-th of n nearly equal parts of worlds 0 to `worlds`-1,
    counted from 1. The names are the labels of the arrays' columns, in their order."""

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
        """Bytes a world while it runs: two rows of float64 and one count of a byte an event."""
        return 8 * (len(self.atoms) + len(self.unknowns)) + len(self.events)


def describe(case: Case, job: Job, worlds: int, shard: tuple[int, int] = (1, 1)) -> Manifest:
    """The manifest of a run that is to be made."""
    crisis, laid = case.crisis, plan(case.crisis)
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
        days=crisis.days,
        atoms=labels(crisis, job.monitors),
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
    )


def labels(crisis: Crisis, monitors: tuple[Monitor, ...]) -> tuple[str, ...]:
    """Atoms by name, as questions write them, with the days that are watched."""
    out = []
    for m in monitors:
        if m.quantity is not None:
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
        body = {f.name: body[f.name] for f in fields(Manifest)}
        body["quantities"] = tuple(
            Quantity(**{**q, "levels": tuple(q["levels"])}) for q in body["quantities"]
        )
        for key in ("shard", "atoms", "unknowns", "events"):
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
}


def difference(a: Manifest, b: Manifest) -> str | None:
    """In words, the first thing in which two runs differ, or None: 'the seed is 1 and not 2'.

    Titles are no part of a model, and may differ.
    """
    for f in fields(Manifest):
        one, two = getattr(a, f.name), getattr(b, f.name)
        if f.name in ("title", "quantities") or one == two:
            continue
        if isinstance(one, tuple) and f.name != "shard":
            one, two = (sorted(set(x) - set(y)) or len(x) for x, y in ((one, two), (two, one)))
        if f.name == "shard":
            one, two = (f"{i}/{n}" for i, n in (one, two))
        return f"{_WORDS.get(f.name, f.name)} is {one} and not {two}"
    return None
