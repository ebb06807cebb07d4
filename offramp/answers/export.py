"""Issued forecasts for others: as JSON Lines, and in the layout of a Hubverse hub.

Hubverse (hubverse.io, schemas v6.0.0) is the layout in which hubs of epidemic forecasts exchange
them; its tools for scoring and plotting then read ours. A question is a `target`, the as-of date is
the `origin_date` and the round, an assessment is a model. Yes-or-no questions and choices are `pmf`
(over `yes` and `no`, or the options), numbers and dates `quantile`; a date is counted in days since
its window opened. Beyond an open bound values are cut to it, as the scores do.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offramp.answers.forecast import told
from offramp.answers.issued import Issued, quantiles
from offramp.answers.ledger import canonical
from offramp.answers.resolve import Outcome
from offramp.answers.scores import Score
from offramp.case.case import Case
from offramp.language.questions import FORMULA, Question
from offramp.text import plain_json
from offramp.text.files import there

SCHEMAS = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"
# The 23 levels that the forecast hubs ask for.
LEVELS = (0.01, 0.025, *(k / 20 for k in range(1, 20)), 0.975, 0.99)
TARGET = ("target_end_date", "target")  # what makes a thing observable: a question, and when


@dataclass(frozen=True)
class Hub:
    """What a hub must say about itself. The address stands in for one and is nobody's."""

    name: str = "Offramp"
    maintainer: str = "The Offramp authors"
    contact: str = "The Offramp authors"
    email: str = "nobody@example.org"
    owner: str = "offramp"
    repository: str = "offramp"
    team: str = "offramp"


def as_lines(issued: Iterable[Issued]) -> bytes:
    """One forecast a line, in canonical JSON, in the order given."""
    return b"".join(canonical(i.to_dict()) + b"\n" for i in issued)


TABLE = (
    *("question", "text", "kind", "given", "first", "last", "as_of", "assessment", "option"),
    *("probability", "mc_error", "low_80", "median", "high_80", "worlds", "refused"),
    *("outcome", "resolved_on", "late", "brier", "log", "rps", "crps", "crps_scaled"),
    *("case", "model_sha256", "seed"),
)


def as_table(
    case: Case, issued: Iterable[Issued], outcomes: Mapping[str, Outcome], scores: Iterable[Score]
) -> bytes:
    """All forecasts with what came of them and their scores as one CSV: a row a forecast, of a
    choice a row an option, which all have the scores of the whole. A score is empty where there is
    none, and so is what has not resolved. Dates are dates; `late` is of a forecast that was issued
    after its window had opened."""
    asked = {q.id: q for q in case.questions}
    of = dict[tuple[str, dt.date, str], list[Score]]()
    for s in scores:
        of.setdefault((s.question, s.as_of, s.assessment), []).append(s)
    out = io.StringIO()
    writer = csv.DictWriter(out, TABLE, restval="", lineterminator="\n")
    writer.writeheader()
    for i in issued:
        own = of.get((i.question, i.as_of, i.assessment), [])
        outcome, q = outcomes.get(i.question), asked.get(i.question)
        row: dict[str, object] = {
            "question": i.question,
            "text": q.text if q else "",
            "kind": i.kind,
            "given": i.given,
            "first": q.first if q else "",
            "last": q.last if q else "",
            "as_of": i.as_of,
            "assessment": i.assessment,
            "probability": "" if i.probability is None else i.probability,
            "mc_error": "" if i.mc_error is None else i.mc_error,
            "worlds": i.worlds,
            "refused": i.refused,
            "outcome": outcome.answer if outcome else "",
            "resolved_on": outcome.on if outcome and outcome.on else "",
            "late": str(own[0].late).lower() if own else "",
            "case": case.id,
            "model_sha256": i.model_sha256,
            "seed": i.seed,
            **{s.rule: s.value for s in own},
        }
        if i.values:
            points = quantiles(i.values, i.weights, (0.1, 0.5, 0.9))
            told = [dt.date.fromordinal(int(x)) if i.kind == "date" else float(x) for x in points]
            row |= dict(zip(("low_80", "median", "high_80"), told, strict=True))
        shares = [
            {"option": option, "probability": p}
            for option, p in zip(i.options, i.probabilities, strict=True)
        ]
        for own_share in shares or [{}]:
            writer.writerow({k: _safe(v) for k, v in {**row, **own_share}.items()})
    return out.getvalue().encode("utf-8")


def _safe(value: object) -> object:
    """Words that a spreadsheet would take for a formula begin with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def refusals(issued: Iterable[Issued]) -> str:
    """How many forecasts of whom are refused, and why the first is; "" if none is. A hub has no
    place for them, and a file of lines keeps each with its reason."""
    of: dict[str, list[Issued]] = {}
    for i in issued:
        of.setdefault(i.assessment, []).append(i)
    refused = {name: [i for i in own if i.refused] for name, own in of.items()}
    counts = [f"{len(r)} of {len(of[name])} of {name}" for name, r in refused.items() if r]
    if not counts:
        return ""
    first = next(i for own in refused.values() for i in own)
    return f"refused: {', '.join(counts)} ({first.question} as of {first.as_of}: {first.refused})"


def write_hub(
    folder: Path,
    issued: Sequence[Issued],
    questions: Iterable[Question],
    outcomes: Mapping[str, Outcome],
    hub: Hub | None = None,
) -> tuple[str, ...]:
    """Writes a hub into a new folder, whole or not at all, and returns its files.

    Refused forecasts are left out; outcomes that are open, ambiguous or annulled have no row in
    the oracle's file. Raises ValueError where there is nothing to write or two forecasts claim one
    place, FileExistsError for a folder that is there, OSError otherwise.
    """
    files = hub_files(issued, questions, outcomes, hub or Hub())
    if there(folder):
        raise FileExistsError(f"{folder} is there already; a hub is written into a new folder")
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        os.rename(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return tuple(files)


def hub_files(
    issued: Sequence[Issued],
    questions: Iterable[Question],
    outcomes: Mapping[str, Outcome],
    hub: Hub,
) -> dict[str, bytes]:
    """The files of a hub by their path, the same bytes for the same forecasts in any order."""
    asked = {q.id: q for q in questions}
    taken: dict[tuple[str, dt.date, str], Issued] = {}
    for i in issued:
        if i.refused or i.question not in asked:
            continue
        place = (model(i.assessment), i.as_of, i.question)
        if place in taken and taken[place] != i:
            raise ValueError(f"two forecasts of '{i.question}' as of {i.as_of} by {place[0]}")
        taken[place] = i
    if not taken:
        raise ValueError("no forecast to export: each was refused, or of no question of this case")
    days = sorted({day for _, day, _ in taken})
    used = [asked[q] for q in sorted({q for _, _, q in taken})]
    files = {
        "hub-config/admin.json": _json(_admin(hub)),
        "hub-config/tasks.json": _json(_tasks(used, days)),
        "hub-config/target-data.json": _json(_target_data()),
        "hub-config/model-metadata-schema.json": _json(_metadata_schema()),
        "target-data/oracle-output.csv": _csv(
            (*TARGET, "output_type", "output_type_id", "oracle_value"),
            [row for q in used for row in _oracle(q, outcomes.get(q.id))],
        ),
    }
    for name in sorted({m for m, _, _ in taken}):
        own = f"{hub.team}-{name}"
        assessments = sorted({i.assessment for (m, _, _), i in taken.items() if m == name})
        if len(assessments) > 1:
            raise ValueError(f"'{assessments[0]}' and '{assessments[1]}' would be one model")
        files[f"model-metadata/{own}.yml"] = _metadata(hub, name, assessments[0])
        for day in days:
            here = [
                i
                for (m, d, _), i in sorted(taken.items(), key=lambda t: t[0])
                if (m, d) == (name, day)
            ]
            if here:
                files[f"model-output/{own}/{day}-{own}.csv"] = _csv(
                    ("origin_date", *TARGET, "output_type", "output_type_id", "value"),
                    [row for i in here for row in _rows(i, asked[i.question])],
                )
    return dict(sorted(files.items()))


def model(assessment: str) -> str:
    """An assessment's name as Hubverse wants a model's: letters, digits and `_`."""
    return re.sub(r"\W+", "_", assessment, flags=re.ASCII).strip("_") or "model"


def _rows(i: Issued, q: Question) -> list[tuple[str, ...]]:
    head = (i.as_of.isoformat(), q.last.isoformat(), q.id)
    if i.kind == "binary":
        p = i.probability or 0.0
        return [(*head, "pmf", "yes", repr(p)), (*head, "pmf", "no", repr(1 - p))]
    if i.kind == "choice":
        pairs = zip(i.options, i.probabilities, strict=True)
        return [(*head, "pmf", name, repr(p)) for name, p in pairs]
    at = quantiles(_scaled(q, i.values), i.weights, LEVELS)
    return [
        (*head, "quantile", f"{level:g}", repr(float(x)))
        for level, x in zip(LEVELS, at, strict=True)
    ]


def _scaled(q: Question, values: Sequence[float]) -> list[float]:
    """Cut to the question's scale; a date as days since its window opened."""
    x = np.asarray(values, float)
    if q.bounds:
        beyond = q.kind_of == "date"  # the day beyond an open bound stands for all the others
        low = q.bounds[0] - (beyond and q.open in ("below", "both"))
        high = q.bounds[1] + (beyond and q.open in ("above", "both"))
        x = np.clip(x, low, high)
    return [float(v) for v in (x - q.first.toordinal() if q.kind_of == "date" else x)]


def _oracle(q: Question, o: Outcome | None) -> list[tuple[str, ...]]:
    """What an oracle would have issued: all on what happened."""
    head = (q.last.isoformat(), q.id)
    if o is None or not o.decided or not o.closed:
        return []
    if q.kind_of in ("binary", "choice"):
        names = q.names or ("yes", "no")
        return [(*head, "pmf", name, str(int(name == o.answer))) for name in names]
    if o.value is None:
        return []
    return [(*head, "quantile", "NA", repr(_scaled(q, [o.value])[0]))]


def _tasks(questions: Sequence[Question], days: Sequence[dt.date]) -> dict[str, object]:
    return {
        "schema_version": f"{SCHEMAS}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "model_tasks": [_task(q, days) for q in questions],
                "submissions_due": {"relative_to": "origin_date", "start": 0, "end": 1},
            }
        ],
        "output_type_id_datatype": "character",
    }


def _task(q: Question, days: Sequence[dt.date]) -> dict[str, object]:
    ids = {
        "origin_date": [d.isoformat() for d in days],
        "target_end_date": [q.last.isoformat()],
        "target": [q.id],
    }
    share = {"type": "double", "minimum": 0, "maximum": 1}
    if q.kind_of in ("binary", "choice"):
        kind = "binary" if q.kind_of == "binary" else "ordinal" if q.ordered else "nominal"
        names = list(q.names or ("yes", "no"))
        output = {
            "pmf": {"output_type_id": {"required": names}, "is_required": True, "value": share}
        }
        units = "share of worlds"
    else:
        kind, number = "continuous", {"type": "double"}
        output = {
            "quantile": {
                "output_type_id": {"required": list(LEVELS)},
                "is_required": True,
                "value": number,
            }
        }
        units = f"days since {q.first}" if q.kind_of == "date" else str(q.kind)
    return {
        "task_ids": {k: {"required": None, "optional": v} for k, v in ids.items()},
        "output_type": output,
        "target_metadata": [
            {
                "target_id": _short(q.id, 30),
                "target_name": _short(told(q.text, q.where), 100),
                "target_units": _short(units, 100),
                "target_keys": {"target": q.id},
                "description": f"{told(q.text, q.where)} Resolves by: "
                f"{q.resolves or 'the question as it reads'}.",
                "target_type": kind,
                "is_step_ahead": False,
            }
        ],
    }


def _short(text: str, most: int) -> str:
    """The text within the schema's limit, and still one of its own where it is cut."""
    if len(text) <= most:
        return text
    mark = hashlib.sha256(text.encode("utf-8")).hexdigest()[:6]
    return f"{text[: most - 7]}~{mark}"


def _target_data() -> dict[str, object]:
    return {
        "schema_version": f"{SCHEMAS}/target-data-schema.json",
        "observable_unit": list(TARGET),
        "date_col": "target_end_date",
        "versioned": False,
        "oracle-output": {"has_output_type_ids": True},
    }


def _admin(hub: Hub) -> dict[str, object]:
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "name": hub.name,
        "maintainer": hub.maintainer,
        "contact": {"name": hub.contact, "email": hub.email},
        "repository": {"host": "github", "owner": hub.owner, "name": hub.repository},
        "file_format": ["csv"],
        "timezone": "Atlantic/Reykjavik",  # UTC all year, which the schema has not by its name
    }


def _metadata_schema() -> dict[str, object]:
    names = ("team_name", "team_abbr", "model_name", "model_abbr")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a model says about itself",
        "type": "object",
        "properties": {
            **{name: {"type": "string"} for name in names},
            "designated_model": {"type": "boolean"},
        },
        "required": [*names, "designated_model"],
    }


def _metadata(hub: Hub, name: str, assessment: str) -> bytes:
    # JSON strings are YAML strings.
    lines = {
        "team_name": hub.name,
        "team_abbr": hub.team,
        "model_name": assessment,
        "model_abbr": name,
    }
    text = "".join(f"{k}: {plain_json.text(v)}\n" for k, v in lines.items())
    return f"{text}designated_model: true\n".encode()


def _json(value: object) -> bytes:
    return (plain_json.text(value, indent=2) + "\n").encode("utf-8")


def _csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
