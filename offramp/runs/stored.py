"""Answers from a run on disk, without living any world again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from offramp.answers.forecast import Forecast, forecast
from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble
from offramp.engine.run import Job, Progress
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
        job: Job,
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

    return forecast(case, manifest.worlds, manifest.seed, run=stored)
