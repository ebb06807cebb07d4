"""The commands about reports, rival assessments and scores."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from offramp.cli import (
    MOST_PROCESSES,
    SEED,
    Failed,
    bar_of,
    echo_json,
    in_words,
    main,
    printed_all_the_same,
    prompt_interrupt,
    report,
    writable,
)

MOST = 1_000_000


Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def worlds_option(default: int, what: str = "How many worlds live the reports.") -> Decorator:
    return click.option(
        "--worlds", type=click.IntRange(64, MOST), default=default, show_default=True, help=what
    )


EACH = "How many worlds live the reports, under each assessment."
THREADS = click.option("--threads", type=click.IntRange(1, MOST_PROCESSES), default=None,
                       help="Threads (default: all cores).")  # fmt: skip
ASSESSMENT = click.option("--assessment", metavar="NAME", default="case", show_default=True,
                          help="Under the premises of this assessment.")  # fmt: skip


WITH_RECORD = click.option(
    "--with-record", "with_record", is_flag=True,
    help="Show beside the answers what was decided later than that day.",
)  # fmt: skip


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
        raise Failed(f"{case.id} has no reports in a history.csv: there is nothing to live through")
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
@WITH_RECORD
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def condition(
    case: str, as_of: str | None, assessment: str, worlds: int, seed: int, threads: int | None,
    silence: str, ledger: Path | None, with_record: bool, as_json: bool,
) -> None:  # fmt: skip
    """Lives CASE through what was reported by a day; evidence, and the open questions."""
    from offramp.forecast.conditioned import as_json as plain
    from offramp.forecast.conditioned import condition as conditioned
    from offramp.forecast.conditioned import divided
    from offramp.forecast.resolve import already
    from offramp.history.posterior import Impossible

    read, history = read_all(case)
    day = date_within(as_of, read, "--as-of")
    chosen, _ = assessed(read, assessment)
    if ledger is not None:
        sealable(ledger)
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
    if c.forecast is not None:
        c = replace(c, forecast=replace(c.forecast, with_record=with_record))
    decided = already(chosen, history, day)

    def show() -> None:
        if as_json:
            told = {id: {"answer": o.answer, "on": o.on.isoformat() if o.on else None,
                         "rows": list(o.rows), "source": o.source}
                    for id, o in decided.items()}  # fmt: skip
            echo_json({**plain(c), "already_decided": told}, rounded=True)
        else:
            from offramp.forecast.condition_table import print_conditioned

            print_conditioned(c, decided)

    if ledger is not None and not c.refused:
        with printed_all_the_same(show):
            sealed(ledger, chosen, c)
    show()
    if c.refused or c.unmixed:
        click.echo(c.refused or c.unmixed, err=True)
        sys.exit(1)


def forecast_as_of(case: str, as_of: str, worlds: int, seed: int, threads: int | None) -> Any:
    """The answers of worlds that lived the reports of a day, for a brief."""
    from offramp.forecast.conditioned import condition as conditioned
    from offramp.forecast.conditioned import divided
    from offramp.history.posterior import Impossible

    read, history = read_all(case)
    day = date_within(as_of, read, "--as-of")
    compiled_only()
    total = divided(worlds)[0] * ((day - read.crisis.first).days + 1)
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            c = conditioned(read, history, day, worlds, seed, threads, advance)
    except Impossible as found:
        raise impossible(found) from None
    if c.forecast is None:
        raise Failed(c.refused)
    return c.forecast


def sealable(path: Path) -> None:
    """Looks before a long run whether the ledger holds and can be written."""
    from offramp.forecast.ledger import Broken, check

    if path.is_dir() or not path.absolute().parent.is_dir():
        raise click.BadParameter("a file in a folder that exists", param_hint="--ledger")
    try:
        with in_words(path):
            check(path)
    except Broken as error:
        raise Failed(str(error)) from None


def sealed(path: Path, case: Any, c: Any) -> None:
    from offramp.forecast.issued import from_forecast
    from offramp.forecast.ledger import Broken, append

    issued = from_forecast(c.forecast, case, c.as_of, c.assessment)
    if not issued:
        click.echo("no question is open: nothing was appended", err=True)
        return
    try:
        with in_words(path):
            head = append(path, issued, dt.datetime.now(dt.UTC))
    except Broken as error:
        raise Failed(str(error)) from None
    click.echo(f"appended to {path}; keep its head: {head}", err=True)


@main.command()
@click.argument("case")
@click.argument("first")
@click.argument("second")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="The day whose reports both know (default: the later document's).")  # fmt: skip
@click.option("--until", metavar="DATE", default=None,
              help="Evidence from reports up to this day (default: 28 days later).")  # fmt: skip
@worlds_option(3072, EACH)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def compare(
    case: str, first: str, second: str, as_of: str | None, until: str | None, worlds: int,
    seed: int, threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Where two assessments of CASE part, which parameters carry it, and on which passages."""
    from offramp.explain.compare import as_json as plain
    from offramp.explain.compare import bayes_factor
    from offramp.explain.compare import compare as compared
    from offramp.forecast.conditioned import divided, sweep
    from offramp.history.posterior import Impossible
    from offramp.language.assessments import disagreements_of

    read, history = read_all(case)
    if first == second:
        raise click.BadParameter("two assessments, please", param_hint="SECOND")
    pairs = [assessed(read, name) for name in (first, second)]
    if any(assessment is None for _, assessment in pairs):
        raise click.BadParameter("name two assessments; 'case' is what both are laid over")
    disagree = disagreements_of(read)  # mistakes there are told before worlds are lived
    cases = (pairs[0][0], pairs[1][0])
    rivals = (pairs[0][1], pairs[1][1])
    written = min(read.crisis.last, max(read.crisis.first, *(a.knew for a in rivals)))
    day = date_within(as_of, read, "--as-of") if as_of else written
    later = min(read.crisis.last, day + dt.timedelta(28))
    end = date_within(until, read, "--until") if until else later
    if end < day:
        raise click.BadParameter(f"{end} is before {day}", param_hint="--until")
    compiled_only()
    days = (day, end) if end > day else (day,)
    total = 2 * divided(worlds)[0] * ((end - read.crisis.first).days + 1)
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            found = [
                sweep(c, history, days, worlds, seed, threads, advance, assessment=a.id)
                for c, a in zip(cases, rivals, strict=True)
            ]
    except Impossible as error:
        raise impossible(error) from None
    for swept in found:
        if swept[0].refused:
            raise Failed(f"under {swept[0].assessment}: {swept[0].refused}")
    factor = None
    if end > max(day, written):
        ends = (found[0][-1], found[1][-1])
        factor = bayes_factor(*ends, read.crisis.first, max(day, written))
    result = compared(read, cases, rivals, (found[0][0], found[1][0]), disagree, factor)
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        from offramp.explain.rivals_table import print_comparison

        print_comparison(result)
    if factor is not None and factor.unmixed:
        click.echo(f"nobody is ranked: {factor.unmixed}", err=True)
        sys.exit(1)


@main.command()
@click.argument("case")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@worlds_option(4096, EACH)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def assess(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None, as_json: bool
) -> None:
    """Do an author's premises imply the author's judgements, and what do these rest on?

    Without NAME all assessments of CASE, each as of its document's date.
    """
    from offramp.explain.assess import as_json as plain
    from offramp.explain.assess import coherence
    from offramp.forecast.conditioned import condition as conditioned
    from offramp.forecast.conditioned import divided
    from offramp.forecast.resolve import already
    from offramp.history.posterior import Impossible
    from offramp.language.assessments import assessments_of

    read, history = read_all(case)
    names = names or tuple(assessments_of(read))
    pairs = [assessed(read, name) for name in names]
    compiled_only()
    if not pairs:
        raise Failed(f"{read.id} has no assessments")
    first, last = read.crisis.first, read.crisis.last
    dates = [min(last, max(first, a.knew)) if a else last for _, a in pairs]
    total = sum(divided(worlds)[0] * ((d - read.crisis.first).days + 1) for d in dates)
    out = []
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            for (own, a), day in zip(pairs, dates, strict=True):
                if a is None:
                    raise click.BadParameter("'case' judges nothing", param_hint="NAME")
                c = conditioned(own, history, day, worlds, seed, threads, advance, assessment=a.id)
                if c.refused:
                    raise Failed(f"under {a.id}: {c.refused}")
                out.append((a, c, coherence(own, a, c, already(own, history, day))))
    except Impossible as error:
        raise impossible(error) from None
    if as_json:
        echo_json({"assessments": [plain(*row) for row in out]}, rounded=True)
    else:
        from offramp.explain.rivals_table import print_coherence

        for a, c, rows in out:
            print_coherence(a, c, rows)


RIVALS = click.option(
    "--assessment", "chosen", multiple=True, metavar="NAME",
    help="Only these (repeat it); 'case' is the case itself. Default: all.",
)  # fmt: skip


def score_all(
    case: str, chosen: tuple[str, ...], worlds: int, seed: int, threads: int | None
) -> tuple[Any, Any]:
    """The case, and it scored with its rivals."""
    from offramp.forecast.baselines import crowd_of, rates_of
    from offramp.forecast.conditioned import divided
    from offramp.forecast.scoring import days_to_score, scored
    from offramp.history.posterior import Impossible
    from offramp.language.assessments import assessments_of

    read, history = read_all(case)
    known = assessments_of(read)
    for name in chosen:
        assessed(read, name)
    names = chosen or ("case", *known)
    rates_of(read), crowd_of(read)  # mistakes there are told before worlds are lived
    days = days_to_score(read)
    compiled_only()
    total = len(names) * divided(worlds)[0] * ((days[-1] - read.crisis.first).days + 1)
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            return read, scored(read, history, known, names, days, worlds, seed, threads, advance)
    except Impossible as error:
        raise impossible(error) from None


@main.command()
@click.argument("case")
@RIVALS
@worlds_option(2048, EACH)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def score(
    case: str, chosen: tuple[str, ...], worlds: int, seed: int, threads: int | None, as_json: bool
) -> None:
    """Scores CASE and its rival assessments against the record, and against baselines.

    As of each document's date, then monthly; the US-Iran case takes some two minutes an assessment.
    """
    from offramp.forecast.scoring import as_json as plain

    _, result = score_all(case, chosen, worlds, seed, threads)
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        from offramp.forecast.score_table import print_scored

        print_scored(result)


@main.command()
@click.argument("case")
@click.argument("question")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Forecasts of this day (default: the day before the window opens).")  # fmt: skip
@worlds_option(2048, EACH)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def postmortem(
    case: str, question: str, as_of: str | None, worlds: int, seed: int, threads: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Once QUESTION has resolved: which authors, parameters and passages earned the score."""
    from offramp.explain.postmortem import as_json as plain
    from offramp.explain.postmortem import postmortem as looked_into
    from offramp.forecast.answers import watches
    from offramp.forecast.conditioned import condition as conditioned
    from offramp.forecast.conditioned import divided
    from offramp.forecast.resolve import resolve
    from offramp.history.posterior import Impossible
    from offramp.language.assessments import assessments_of, under
    from offramp.language.diagnostics import suggestion

    read, history = read_all(case)
    watched = {w.question.id: w for w in watches(read, read.crisis.first)[0] if w.question.binary}
    if question not in watched:
        help = suggestion(question, watched, "questions") or "see `offramp forecast`"
        raise Failed(f"{read.id} has no question '{question}' of yes or no: {help}")
    w = watched[question]
    outcome = resolve(w.question, read, history, dt.date.max)
    if outcome.answer not in ("yes", "no"):
        told = outcome.answer or f"open, as {outcome.why}"
        raise Failed(f"'{question}' has not resolved as yes or no: {told}")
    before = max(read.crisis.first, w.first - dt.timedelta(1))
    if outcome.on is not None and outcome.on <= read.crisis.first:
        raise Failed(f"'{question}' resolved on the crisis's first day: nobody could forecast it")
    day = date_within(as_of, read, "--as-of") if as_of else before
    if outcome.on is not None and day >= outcome.on:
        raise click.BadParameter(
            f"'{question}' had resolved on {outcome.on}; choose an earlier day",
            param_hint="--as-of",
        )
    known = {n: a for n, a in assessments_of(read).items() if a.knew <= day}
    cases = {"case": read, **{n: under(read, a) for n, a in known.items()}}
    compiled_only()
    total = len(cases) * divided(worlds)[0] * ((day - read.crisis.first).days + 1)
    found = {}
    try:
        with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
            for name, own in cases.items():
                found[name] = conditioned(
                    own, history, day, worlds, seed, threads, advance, assessment=name
                )
    except Impossible as error:
        raise impossible(error) from None
    refused = next((c for c in found.values() if c.refused), None)
    if refused is not None:
        raise Failed(f"under {refused.assessment}: {refused.refused}")
    result = looked_into(read, w, outcome, found, cases, known)
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        from offramp.explain.rivals_table import print_postmortem

        print_postmortem(result)


@main.command()
@click.argument("case")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="A new folder for a Hubverse hub, or a file ending in .jsonl.")  # fmt: skip
@RIVALS
@worlds_option(2048, EACH)
@SEED
@THREADS
def export(
    case: str, output: Path, chosen: tuple[str, ...], worlds: int, seed: int, threads: int | None
) -> None:
    """Writes the forecasts that `score` scores, as a Hubverse hub or as JSON Lines."""
    from offramp.files import check_folder, there
    from offramp.forecast.export import as_lines, write_hub, write_lines
    from offramp.language.diagnostics import counted

    lines = output.suffix == ".jsonl"
    if lines:
        writable(output)
    else:
        if not output.parent.is_dir():
            raise click.BadParameter(f"there is no folder '{output.parent}'", param_hint="--output")
        if there(output):
            raise click.BadParameter(
                f"'{output}' exists; a hub is written into a new folder", param_hint="--output"
            )
        with in_words(output):
            check_folder(output, fresh=True)
    read, result = score_all(case, chosen, worlds, seed, threads)
    tell_refused(result.issued)
    with (
        printed_all_the_same(lambda: click.echo(as_lines(result.issued).decode("utf-8"), nl=False)),
        in_words(output),
    ):
        if lines:
            write_lines(output, result.issued)
            click.echo(f"wrote {counted(len(result.issued), 'forecast')} to {output}")
            return
        try:
            files = write_hub(output, result.issued, read.questions, result.outcomes)
        except ValueError as error:
            raise Failed(str(error)) from None
    click.echo(f"wrote {counted(len(files), 'file')} to {output}")


def tell_refused(issued: Any) -> None:
    """Says which forecasts an export has no numbers for; Failed if baselines alone have some."""
    from offramp.forecast.export import refusals

    if not (found := refusals(issued)):
        return
    if all(i.refused or i.assessment.startswith("baseline:") for i in issued):
        raise Failed(f"{found}; baselines alone are left, so nothing is written: try more --worlds")
    click.echo(found, err=True)


@main.group()
def ledger() -> None:
    """A sealed ledger of issued forecasts: every entry stands on the one before it."""


@ledger.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--head", default="", metavar="HASH",
              help="A head that you kept: shows that nothing was cut off since.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was found as JSON.")
def verify_ledger(file: Path, head: str, as_json: bool) -> None:
    """Checks every entry of FILE; names the first that does not hold."""
    from offramp.files import there
    from offramp.forecast.ledger import verify

    if not there(file):
        raise Failed(f"there is no ledger '{file}'")
    try:
        found = verify(file, head)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from None
    except OSError as error:
        raise Failed(f"'{file}' cannot be read: {error.strerror}") from None
    if as_json:
        broken = None
        if found.broken:
            broken = {"entry": found.broken[0], "what": found.broken[1]}
        echo_json({"schema": "offramp.ledger/2", "ok": found.ok, "entries": found.entries,
                   "head": found.head, "broken": broken, "biased": list(found.biased)})  # fmt: skip
    elif found.ok:
        hold = "entry holds" if found.entries == 1 else "entries hold"
        click.echo(f"{found.entries} {hold}; head {found.head}")
        if found.warning:
            click.echo(found.warning, err=True)
    elif found.broken:
        click.echo(f"{file}: entry {found.broken[0]} does not hold: {found.broken[1]}", err=True)
    if not found.ok:
        sys.exit(1)
