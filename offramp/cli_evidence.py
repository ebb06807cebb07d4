"""The commands about reports, rival assessments and scores."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from offramp.cli import (
    MOST_PROCESSES,
    SEED,
    Failed,
    bar_of,
    echo_json,
    main,
    prompt_interrupt,
    report,
)

MOST = 1_000_000


Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def worlds_option(default: int) -> Decorator:
    return click.option(
        "--worlds", type=click.IntRange(64, MOST), default=default, show_default=True,
        help="How many worlds live the reports.",
    )  # fmt: skip


THREADS = click.option("--threads", type=click.IntRange(1, MOST_PROCESSES), default=None,
                       help="Threads (default: all cores).")  # fmt: skip
ASSESSMENT = click.option("--assessment", metavar="NAME", default="case", show_default=True,
                          help="Under the premises of this assessment.")  # fmt: skip


def compiled_only() -> None:
    from offramp.engine.blocks import machinery

    if not machinery.available():
        raise Failed("living the reports needs Numba: pip install 'numba>=0.61,<0.70'")
    machinery.machine()


def date_within(text: str | None, case: Any, option: str) -> dt.date:
    """A day of the crisis; by default the last."""
    first, last = case.crisis.first, case.crisis.last
    if text is None:
        return last  # type: ignore[no-any-return]
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is not a date; write year-month-day, as in {first}", param_hint=option
        ) from None
    if not first <= day <= last:
        raise click.BadParameter(
            f"{day} is outside the crisis ({first} to {last})", param_hint=option
        )
    return day


def read_all(name: str) -> tuple[Any, Any]:
    """The case and its reports; a case without reports cannot be conditioned."""
    from offramp.history.read import history_of
    from offramp.language.case import load

    case = load(name)
    report([d for d in case.warnings if d.severity == "error"])
    history = history_of(case)
    if not history.reports:
        raise Failed(f"{case.id} has no history.csv: there is nothing to condition on")
    return case, history


def assessed(case: Any, name: str) -> tuple[Any, Any]:
    """The case under an assessment, and the assessment (None for the case as it is)."""
    from offramp.language.assessments import assessments_of, under
    from offramp.language.diagnostics import suggestion

    if name == "case":
        return case, None
    known = assessments_of(case)
    if name not in known:
        help = suggestion(name, known, "assessments") or f"{case.id} has no assessments"
        raise Failed(f"{case.id} has no assessment '{name}': {help}")
    return under(case, known[name]), known[name]


def impossible(found: Any) -> Failed:
    from offramp.history.impossible import failures

    lines = [str(f) for f in failures(found)[:5]]
    return Failed("\n".join(lines) or str(found))


@main.command()
@click.argument("case")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Use only what was known by this day (default: the crisis's last).")  # fmt: skip
@ASSESSMENT
@worlds_option(4096)
@SEED
@THREADS
@click.option("--silence", type=click.Choice(["daily", "episode"]), default="daily",
              help="How silence counts: day by day (exact), or once an episode.")  # fmt: skip
@click.option("--ledger", type=click.Path(path_type=Path), default=None, metavar="FILE",
              help="Append the answers to this sealed ledger.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def condition(
    case: str, as_of: str | None, assessment: str, worlds: int, seed: int, threads: int | None,
    silence: str, ledger: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Lives CASE through what was reported by a day; evidence, and the open questions."""
    from offramp.forecast.conditioned import as_json as plain
    from offramp.forecast.conditioned import condition as conditioned
    from offramp.forecast.conditioned import divided
    from offramp.history.posterior import Impossible

    read, history = read_all(case)
    day = date_within(as_of, read, "--as-of")
    chosen, _ = assessed(read, assessment)
    compiled_only()
    total = divided(worlds)[0] * ((day - read.crisis.first).days + 1)
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            c = conditioned(
                chosen, history, day, worlds, seed, threads, advance, silence == "episode",
                assessment,
            )  # fmt: skip
    except Impossible as found:
        raise impossible(found) from None
    if ledger is not None and not c.refused:
        sealed(ledger, chosen, c)
    if as_json:
        echo_json(plain(c))
    else:
        from offramp.forecast.condition_table import print_conditioned

        print_conditioned(c)
    if c.refused:
        click.echo(c.refused, err=True)
        sys.exit(1)


def sealed(path: Path, case: Any, c: Any) -> None:
    from offramp.forecast.issued import from_forecast
    from offramp.forecast.ledger import Broken, append

    try:
        issued = from_forecast(c.forecast, case, c.as_of, c.assessment)
        head = append(path, issued, dt.datetime.now(dt.UTC))
    except Broken as error:
        raise Failed(str(error)) from None
    click.echo(f"appended to {path}; keep its head: {head}", err=True)
