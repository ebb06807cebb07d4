"""Worlds as one small file, which a page weighs anew without asking anybody.

A file is compressed by gzip. Within, it is a line of JSON (the header: what stands where, in UTF-8
with a line feed behind it) and then the bytes of the arrays, one after another, row by row, in the
header's order, little-endian:

    draws    uint16 (unknowns, worlds): a world's draw on the scale on which its prior is simple
             (`scale`: x itself, or its log, or its log odds), from `low` (0) to `high` (65535);
             of named values the value's place
    met      bits (questions, worlds): whether the world meets the question's condition
    true     bits (questions of yes or no, worlds): whether it is yes
    values   float32 (questions of a number or a date, worlds): the number, or days from the first
             day; a date that does not come lies behind the question's window
    options  uint8 (choices, worlds): the option's place, their number for none
    islands  uint16 (1, worlds), of conditioned worlds alone: which run of the filter each is from
    trace    one array for each shown quantity (`trace NAME`), uint8 (days / step rounded up,
             worlds): its bin on the first day and on every `step`th day from there, each as the
             difference to the row before, modulo 256; before the first row stand zeros

Rows of bits are padded to whole bytes each; the first world is the lowest bit of the first byte.
The rows of an array follow the header's order of what they are of. In the header stand

    schema, case, model_sha256, seed, worlds; first (the first day), days (how many)
    unknowns   `name`, `title`, the `kind` of its prior with its ends `a` and `b`, or its `options`
               with their `chances`; `scale` (plain, log or logit), `low` and `high` of the draws;
               the unknowns that are drawn `together` with it; what it `cites`
    questions  their ids, and `kinds`: binary, number, date or choice, one for each
    courses    the shown quantities: `name`, `title`, `step`; bin i of `bins` stands for the value
               low + (high - low) * i / (bins - 1); a ladder's `levels`
    arrays     `name`, `type` and `shape` of each (of bits the bytes of a row)
    forecast   as `offramp forecast --json` has it: the answers of all these worlds, unrounded

Of worlds conditioned on reports there are also `as_of`, the day until which these are known;
`effective`, how many independent worlds they are worth; `unmixed`, why some unknowns are not told;
and of each unknown its `worth`, 0 where it is one of those. Their errors come from the islands
(`answers/sampling.py`).

Worlds of a question with an `if:` are those in which it was done, of the same numbers and dice.
Dice, weights and answers are those of the library; only draws are rounded, to 1/65535 of their
range.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.answers.looked import Looked
from offramp.engine.plan import plan
from offramp.render.json import forecast_json

SCHEMA = "offramp.worlds/1"
FINE, COARSE = 3, 7  # days between two points of the first shown quantity, and of the others
STEPS = 65535
SCALES = {"between": "plain", "normal": "plain", "scale": "log", "share": "logit"}


def packed(worlds: Looked) -> bytes:
    """Worlds as a compressed file."""
    arrays, header = list[NDArray[Any]](), _header(worlds)
    draws, unknowns = _draws(worlds)
    arrays.append(draws)
    columns, n = worlds.columns, worlds.ensemble.worlds
    kinds = [c.question.kind_of for c in columns]
    by_kind = {
        k: [c for c, own in zip(columns, kinds, strict=True) if own == k] for k in set(kinds)
    }
    arrays.append(_bits([c.met for c in columns]))
    arrays.append(_bits([c.values > 0 for c in by_kind.get("binary", [])]))
    numbers = [c for c, k in zip(columns, kinds, strict=True) if k in ("number", "date")]
    arrays.append(_rows([c.values for c in numbers], np.float32, n))
    arrays.append(_rows([c.values for c in by_kind.get("choice", [])], np.uint8, n))
    traces, courses = _traces(worlds)
    names = ["draws", "met", "true", "values", "options"]
    names += [f"trace {c['name']}" for c in courses]
    arrays += traces
    if worlds.ensemble.islands is not None:
        names.append("islands")
        arrays.append(_rows([worlds.ensemble.islands], np.uint16, n))
    header |= {
        "unknowns": unknowns,
        "questions": [c.question.id for c in columns],
        "kinds": kinds,
        "courses": courses,
        "arrays": [
            {"name": name, "type": a.dtype.name, "shape": list(a.shape)}
            for name, a in zip(names, arrays, strict=True)
        ],
        "forecast": forecast_json.plain(worlds.forecast),
    }
    line = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    content = line.encode("utf-8") + b"\n" + b"".join(a.tobytes() for a in arrays)
    return gzip.compress(content, 6, mtime=0)


def _header(worlds: Looked) -> dict[str, Any]:
    case, ensemble = worlds.case, worlds.ensemble
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "case": case.id,
        "model_sha256": case.model_sha256,
        "seed": worlds.seed,
        "worlds": ensemble.worlds,
        "first": case.crisis.first.isoformat(),
        "days": worlds.days,
    }
    if worlds.as_of is not None:
        told |= {
            "as_of": worlds.as_of.isoformat(),
            "effective": ensemble.effective,
            "unmixed": worlds.unmixed,
        }
    return told


def _draws(worlds: Looked) -> tuple[NDArray[np.uint16], list[dict[str, Any]]]:
    """The rounded draws, and what a page needs to know of each unknown."""
    ensemble, laid = worlds.ensemble, plan(worlds.case.crisis)
    worths = {u.name: u.worth for u in worlds.learned if u.after}
    rows, told = list[NDArray[np.uint16]](), []
    by_name = {u.name: u for u in worlds.case.crisis.unknowns}
    for k, prior in enumerate(laid.priors):
        unknown, x = by_name[prior.name], ensemble.unknowns[:, k]
        together = [p.name for p in laid.priors if p.dice == prior.dice and p is not prior]
        own: dict[str, Any] = {
            "name": prior.name,
            "title": unknown.title,
            "about": unknown.about,
            "kind": prior.kind,
            "a": prior.a,
            "b": prior.b,
            "chances": list(prior.chances),
            "options": [o.name for o in unknown.options],
            "together": together,
            "cites": list(unknown.cites),
        }
        if worlds.as_of is not None:
            own["worth"] = worths.get(prior.name, 0.0)
        if prior.kind == "among":
            rows.append(x.astype("<u2"))
        else:
            scale = SCALES[prior.kind]
            t = x if scale == "plain" else np.log(x) if scale == "log" else np.log(x / (1.0 - x))
            low, high = float(t.min()), float(t.max())
            width = (high - low) or 1.0
            rows.append(np.rint((t - low) / width * STEPS).astype("<u2"))
            own |= {"scale": scale, "low": low, "high": high}
        told.append(own)
    return _rows(rows, np.uint16, ensemble.worlds), told


def _traces(worlds: Looked) -> tuple[list[NDArray[np.uint8]], list[dict[str, Any]]]:
    ensemble, traces = worlds.ensemble, worlds.traces
    arrays, courses = [], []
    for k, (name, band) in enumerate(ensemble.bands.items()):
        step = FINE if k == 0 else COARSE
        points = traces[:, ::step, k].T
        arrays.append(np.diff(points, axis=0, prepend=np.uint8(0)))
        courses.append(
            {
                "name": name,
                "title": band.title,
                "step": step,
                "low": band.low,
                "high": band.high,
                "bins": int(band.counts.shape[1]),
                "levels": list(band.levels),
            }
        )
    return arrays, courses


def _bits(rows: list[NDArray[np.bool_]]) -> NDArray[np.uint8]:
    return np.packbits(np.array(rows, bool), axis=1, bitorder="little") if rows else _NONE


def _rows(rows: list[Any], kind: Any, worlds: int) -> NDArray[Any]:
    return np.array(rows, kind).reshape(len(rows), worlds)


_NONE = np.zeros((0, 0), np.uint8)
