"""Answers from a run on disk, without living any world again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from offramp.answers.forecast import Forecast, Unasked, forecast, unsupposed
from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble
from offramp.engine.run import Progress, RunSpec
from offramp.runs import results
from offramp.runs.keep import daily
from offramp.runs.manifest import Refused, describe, difference


def forecast_from(case: Case, folder: str | Path) -> Forecast:
    """The case's questions answered from a finished run (or a finished shard): the same as
    `forecast` with its worlds and seed. Loads all rows.

    Raises Refused where the run is not finished, or is one of another model.
    """
    folder = Path(folder)
    manifest = results.finished_manifest(folder)

    def stored(
        job: RunSpec,
        worlds: int,
        threads: int | None = None,
        progress: Progress | None = None,
        seconds: float | None = None,
    ) -> Ensemble:
        again = replace(job, monitors=(*job.monitors, *daily(case.crisis, manifest.kept)))
        other = difference(manifest, describe(case, again, worlds, manifest.shard, manifest.kept))
        if other:
            raise Refused(
                f"the run in '{folder}' is not one of '{case.id}' as it stands: there {other}"
            )
        return results.ensemble(folder)

    found = forecast(unsupposed(case), manifest.worlds, manifest.seed, run=stored)
    why = "a run on disk is of the worlds as they are: `offramp forecast` simulates those of an if"
    late = (q for q in case.questions if q.supposes)
    return replace(found, unasked=tuple(Unasked(q.id, q.text, q.where, why) for q in late))
