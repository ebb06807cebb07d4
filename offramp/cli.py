"""The front door: each command reads its arguments, calls the library, prints.

Results go to stdout, progress and diagnostics to stderr. Exit status: 0 done, 1 the model or a
check failed, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import datetime as dt
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from offramp import __version__, files, plain_json
from offramp.extras import install


class Failed(click.ClickException):
    """The model or a check failed: exit status 1, a message that says what would have worked."""

    exit_code = 1


class Unread(Failed):
    """A document that is there and cannot be read."""


class Front(click.Group):
    """Turns a CaseError into diagnostics and exit status 1, wherever it comes from."""

    def invoke(self, ctx: click.Context) -> Any:
        from offramp.language.diagnostics import CaseError

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that lacks a character shows its code
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except CaseError as error:
            report(list(error.diagnostics))
            ctx.exit(1)
        except BrokenPipeError:
            silence()
            ctx.exit(0)
        except SystemExit as error:  # what rich makes of a broken pipe
            if isinstance(error.__context__, BrokenPipeError):
                ctx.exit(0)
            raise
        except OSError as error:
            silence()
            raise Failed(f"{error.filename or 'the output'}: {error.strerror}") from None
        except KeyboardInterrupt:
            click.echo("interrupted; nothing was written", err=True)
            ctx.exit(130)


def silence() -> None:
    """Nobody reads stdout any more: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="offramp")
def main() -> None:
    """Offramp: written assessments of a crisis made explicit, cited, executable and scorable.

    CASE is the name of a shipped case (us-iran-2020, tutorial) or a folder with a crisis.yaml.
    """


DOCUMENTS = click.option(
    "--sources", "directory", envvar="OFFRAMP_SOURCES", type=click.Path(path_type=Path),
    help="The folder with the documents (or set OFFRAMP_SOURCES).",
)  # fmt: skip


# ---- reading and checking ----------------------------------------------------------------


@main.command()
@click.argument("case")
@DOCUMENTS
@click.option("--json", "as_json", is_flag=True, help="Diagnostics as JSON.")
def check(case: str, directory: Path | None, as_json: bool) -> None:
    """Reads CASE and reports everything that is wrong with it, all at once.

    With its documents at hand (in its folder documents/, or --sources) passages are verified too.
    """
    from offramp.language.at_hand import examine_texts
    from offramp.language.case import examine, find, source
    from offramp.language.diagnostics import CaseError, Diagnostic, Span, counted
    from offramp.language.strays import strays

    try:
        found = strays(find(case))
        read, more = examine(case)
        found += more
    except CaseError as error:  # there is no such case
        read, found = None, list(error.diagnostics)
    if read is not None:
        rest = beside(read)
        try:
            rest += examine_texts(read, texts_of(read, read.documents, directory))
        except Unread as error:
            place = Span(source(read.folder / "sources.yaml"), 1, 1)
            rest.append(Diagnostic(place, "text", error.message))
        found += rest
        read = None if any(d.severity == "error" for d in found) else read
    if as_json:
        echo_json(
            {
                "schema": "offramp.check/1",
                "ok": read is not None,
                "model_sha256": read.model_sha256 if read else None,
                "diagnostics": [d.as_json() for d in found],
            }
        )
    else:
        report(found)
    if read is None:
        sys.exit(1)
    if not as_json:
        c = read.crisis
        parts = {
            "actor": c.actors, "quantity": c.states, "event": c.events, "unknown": c.unknowns,
            "belief": c.beliefs, "question": read.questions,
        }  # fmt: skip
        click.echo(f"{read.id}: " + ", ".join(counted(len(x), n) for n, x in parts.items()))
        for line in record_of(read):
            click.echo(line)
        click.echo(f"model {read.model_sha256}")
        click.echo(
            "(titles, paraphrases and resolutions are not part of it: edits there change no answer)"
        )


def record_of(read: Any) -> list[str]:
    """What a case has beside its crisis, in a line each; nothing for a case without."""
    from offramp.history.read import history_of
    from offramp.language.asked import asked_of
    from offramp.language.assessments import assessments_of, disagreements_of
    from offramp.language.claims import claims_of
    from offramp.language.diagnostics import counted
    from offramp.language.policies import policies_of
    from offramp.language.rooms import rooms_of

    history, out = history_of(read), []
    if history.reports:
        once = history.told_by(dt.date.max)
        kinds = [r.kind for r in once]
        disputed = sum(r.disputed and r.kind == "event" for r in once)
        again = len(history.reports) - len(once)
        followed = {c.event for c in history.coverage if c.chance > 0}
        out.append(
            f"reports: {counted(len(history.reports), 'row')}"
            + (f" ({again} tell again of what another does)" if again else "")
            + f", {counted(kinds.count('event'), 'event')} ({disputed} of disputed days), "
            f"{counted(kinds.count('quantity'), 'soft fact')}, {kinds.count('past')} past, "
            f"{kinds.count('outside')} outside; {len(followed)} of "
            f"{counted(len(read.crisis.events), 'event')} followed"
        )
    rivals = assessments_of(read)
    if rivals:
        judged = [j for a in rivals.values() if a.document for j in a.judgements]
        asked = sum(j.question is not None for j in judged)
        premises = sum(bool(j.premise) for j in judged)
        out.append(
            f"assessments: {', '.join(rivals)}; {counted(len(judged), 'judgement of documents')}, "
            f"{asked} asked, {counted(premises, 'premise')}, {len(judged) - asked - premises} "
            f"inexpressible; {counted(len(disagreements_of(read)), 'disagreement')}"
        )
    counts = {
        "causal claim": len(claims_of(read)), "policy": len(policies_of(read)),
        "question of the documents": len(asked_of(read)), "room": len(rooms_of(read)),
    }  # fmt: skip
    if any(counts.values()):
        out.append("beside them: " + ", ".join(counted(n, what) for what, n in counts.items() if n))
    return out


def beside(read: Any) -> list[Any]:
    """What is found in the files beside the crisis: reports, assessments, disagreements, claims,
    policies, questions asked, rooms, baselines, and reasons for what is left out."""
    from offramp.explain.coverage import read_listing
    from offramp.forecast.baselines import crowd_of, rates_of
    from offramp.history.read import read_history
    from offramp.language.asked import asked_of
    from offramp.language.assessments import disagreements_of, examine_assessments
    from offramp.language.claims import examine_claims
    from offramp.language.diagnostics import CaseError, Diagnostics
    from offramp.language.policies import policies_of
    from offramp.language.rooms import examine_rooms

    found = Diagnostics()
    read_history(read, found)
    read_listing(read, found)
    rest = [*found.ordered(), *examine_assessments(read)[1], *examine_claims(read)[1]]
    rest += examine_rooms(read)[1]
    for reads in (disagreements_of, policies_of, asked_of, rates_of, crowd_of):
        try:
            reads(read)
        except CaseError as error:
            rest += error.diagnostics
    return list(dict.fromkeys(rest))


@main.command()
@click.argument("case")
def expand(case: str) -> None:
    """Prints CASE with every form rewritten into the five nouns: a valid crisis file itself."""
    from offramp.language.case import load
    from offramp.language.printer import document

    click.echo(document(load(case).expanded), nl=False)


@main.command()
def schema() -> None:
    """Prints a JSON Schema of crisis.yaml, for editors."""
    from offramp.language.schema import crisis_schema

    echo_json(crisis_schema())


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Writes a small case in a new folder NAME that checks and runs."""
    from offramp.language.scaffold import write_case

    folder = Path(name)
    if not name or not name.isprintable():
        raise click.BadParameter("a folder's name, in characters that can be seen")
    try:
        write_case(folder)
    except FileExistsError:
        raise Failed(f"'{name}' exists already; choose another name") from None
    except OSError as error:
        raise Failed(f"'{name}' cannot be written: {error.strerror}") from None
    click.echo(f"wrote {name}: try `offramp check {name}`, then `offramp forecast {name}`")


# ---- sources -----------------------------------------------------------------------------


@main.group()
def sources() -> None:
    """Documents and passages: are they exactly where the case says?"""


@sources.command()
@click.argument("case")
@DOCUMENTS
@click.option("--json", "as_json", is_flag=True, help="What was found as JSON.")
def verify(case: str, directory: Path | None, as_json: bool) -> None:
    """Checks every passage of CASE, byte for byte; lists what moved and what is orphaned."""
    from offramp.language.case import cited_by
    from offramp.sources.passages import State
    from offramp.sources.passages import verify as judge

    read = cited_by(case)
    at_hand = texts_of(read, read.documents, directory)
    found = judge(read.passages.values(), read.documents, at_hand)
    bad = [f for f in found if not f.valid]
    if as_json:
        echo_json(
            {
                "schema": "offramp.verify/1",
                "case": read.id,
                "exact": len(found) - len(bad),
                "findings": [
                    {
                        "passage": f.passage, "document": f.document, "state": str(f.state.value),
                        "start": f.start,
                    }
                    for f in bad
                ],
            }
        )  # fmt: skip
    else:
        away = {f.document for f in bad if f.passage is None and f.state is State.MISSING}
        for f in bad:
            if f.document not in away:
                click.echo(str(f))
        for document in sorted(away):
            unchecked = sum(f.document == document and f.passage is not None for f in bad)
            whose = f"its {unchecked} passages are" if unchecked != 1 else "its passage is"
            click.echo(f"document {document} is not at hand: {whose} unchecked")
        passages = [f for f in found if f.passage]
        if len(away) == len(read.documents) > 0:
            click.echo("nothing was checked: say where the documents are with --sources DIR")
            sys.exit(1)
        exact = sum(f.state is State.EXACT for f in passages)
        click.echo(f"{exact} of {len(passages)} passages stand exactly where the case says")
    if bad:
        sys.exit(1)


@sources.command()
@click.argument("case")
@click.argument("passage")
@DOCUMENTS
def show(case: str, passage: str, directory: Path | None) -> None:
    """Prints PASSAGE of CASE: what we say it says, and, with the documents, its context."""
    from offramp.language.case import cited_by, examine
    from offramp.language.diagnostics import suggestion
    from offramp.sources.faults import beside as recorded
    from offramp.sources.passages import in_context

    read = cited_by(case)
    p = read.passages.get(passage)
    if p is None:
        help = suggestion(passage, read.passages) or "passages are listed in passages.yaml"
        raise Failed(f"{read.id} has no passage '{passage}': {help}")
    d = read.documents[p.document]
    whole = examine(case)[0]
    click.echo(f"{p.id}  {d.author}, {d.title}, {d.dating.words}, characters {p.start} to {p.end}")
    click.echo(f"    {p.paraphrase}")
    if whole is not None:
        if told := recorded(whole, p.id):
            click.echo(f"    {told}")
        from offramp.language.crisis import cited, elements

        uses = [name for name, e in elements(whole.crisis) if p.id in cited(e)]
        uses += [f"question {q.id}" for q in whole.questions if p.id in q.cites]
        click.echo("    used by: " + (", ".join(uses) or "nothing yet"))
    else:
        click.echo("    (what uses it is not known: see `offramp check`)")
    text = texts_of(read, {d.id: d}, directory).get(d.id)
    if text is None:
        click.echo("    (its text is not at hand: give --sources DIR)")
        return
    try:
        before, exact, after = in_context(p, text)
    except ValueError:  # another text is never shown in its place
        raise Failed(
            f"'{p.id}' does not stand there in the text at hand: "
            f"see `offramp sources verify {case}`"
        ) from None
    marked = click.style(exact, bold=True, underline=True) if colour() else f"[[{exact}]]"
    click.echo(f"\n...{before}{marked}{after}...")


def documents_of(case: Any, directory: Path | None) -> Path:
    """Where the texts are: the folder given if it has any of them, else the case's own."""
    if directory is not None and not directory.is_dir():
        raise Failed(f"there is no folder '{directory}' (--sources, OFFRAMP_SOURCES)")
    own: Path = case.folder / "documents"
    if directory is None or not own.is_dir():
        return directory or own
    given = any((directory / d.file).is_file() for d in case.documents.values())
    return directory if given else own


def texts_of(case: Any, documents: dict[str, Any], directory: Path | None) -> dict[str, str]:
    """The texts at hand, by document; one that cannot be read is a failure, not an absence."""
    from offramp.sources.documents import texts

    try:
        return texts(documents, documents_of(case, directory))
    except ValueError as error:
        raise Unread(str(error)) from None
    except OSError as error:
        raise Unread(f"'{error.filename}' cannot be read: {error.strerror}") from None


# ---- forecasting -------------------------------------------------------------------------


def at_least_one(ctx: click.Context, option: click.Parameter, value: int | None) -> int | None:
    if value is not None and value < 1:
        raise click.BadParameter("at least 1")
    if value is not None and value > MOST_WORLDS:
        raise click.BadParameter(
            f"at most {MOST_WORLDS:,} in memory; `offramp run` lives more, and keeps them on disk"
        )
    return value


def finite(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("a number of seconds, as in 60")
    return value


MOST_WORLDS = 1_000_000
MOST_PROCESSES = 256
RETOLD = 4096  # worlds that live the reports for the documents' own questions in a brief
WORLDS = click.option(
    "--worlds", type=int, callback=at_least_one, default=None,
    help="How many worlds (default: as many as finish in --seconds).",
)  # fmt: skip
SECONDS = click.option(
    "--seconds", type=click.FloatRange(min=1), callback=finite, default=None,
    help="Without --worlds: for how long worlds are begun (default: 10; 110 without Numba).",
)  # fmt: skip
SEED = click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True)
FROM = click.option(
    "--from", "start", metavar="DATE", default=None,
    help="Count only what happens from this day on (year-month-day).",
)  # fmt: skip
THREADS = click.option(
    "--threads", type=click.IntRange(1, MOST_PROCESSES), default=None,
    help="Threads, or processes of the reference interpreter (default: all cores).",
)  # fmt: skip
REFERENCE = click.option(
    "--reference", is_flag=True,
    help="Through the interpreter that defines the model: the same bytes, many times slower.",
)  # fmt: skip


@main.command("compile")
@click.argument("case")
@click.option("--show", is_flag=True, help="Print the model as code instead.")
def compile_(case: str, show: bool) -> None:
    """Prints CASE as Python code with --show; else prepares it for fast runs, as any run does."""
    from offramp.engine.blocks import machinery
    from offramp.engine.blocks.days import program
    from offramp.engine.blocks.emit import emit
    from offramp.engine.blocks.worlds import load as laid_out
    from offramp.engine.plan import plan
    from offramp.language.case import load

    read = load(case)
    if show:
        click.echo(emit(program(plan(read.crisis)), __version__), nl=False)
        return
    if not machinery.available():
        raise Failed("fast runs need Numba: pip install 'numba>=0.61,<0.70'")
    began = time.monotonic()
    known = machinery.is_kept()
    machinery.machine()
    loaded = laid_out(plan(read.crisis))
    click.echo(
        f"{read.id}: {len(loaded.tape.sections):,} sections, {len(loaded.tape.code):,} "
        f"instructions; the machine {'was compiled before' if known else 'is compiled'}; "
        f"{time.monotonic() - began:.1f} s"
    )
    click.echo(f"kept in {machinery.cache_folder()}")


@main.command()
@click.argument("case")
@WORLDS
@SECONDS
@SEED
@FROM
@THREADS
@REFERENCE
@click.option("--run", "folder", type=click.Path(path_type=Path), default=None, metavar="DIR",
              help="Answer from a finished `offramp run` and live no world.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The answers as JSON.")
@click.pass_context
def forecast(
    ctx: click.Context, case: str, worlds: int | None, seconds: float | None, seed: int,
    start: str | None, threads: int | None, reference: bool, folder: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Answers the questions of CASE: probability, Monte Carlo error, and what it rests on."""
    from offramp.forecast.answers import as_json as plain

    if folder is None:
        f = run(case, worlds, seconds, seed, start, threads, reference)
    else:
        given = [
            p
            for p in ctx.params
            if p not in ("case", "folder", "as_json")
            and ctx.get_parameter_source(p) is click.core.ParameterSource.COMMANDLINE
        ]
        if given:
            raise click.BadParameter(
                "a finished run has its worlds and its seed already: give --run alone",
                param_hint="--run",
            )
        f = answered_from(case, folder)
    if as_json:
        echo_json(plain(f))
    else:
        from offramp.forecast.table import print_forecast

        print_forecast(f)


def answered_from(case: str, folder: Path) -> Any:
    from offramp.language.case import load
    from offramp.runs.manifest import Refused

    try:
        from offramp.runs.results import finished_manifest
        from offramp.runs.stored import forecast_from

        i, n = finished_manifest(folder).shard
        if n > 1:
            click.echo(f"(part {i} of {n} of a run only; `offramp merge` joins them)", err=True)
        return forecast_from(load(case), folder)
    except Refused as error:
        raise Failed(str(error)) from None
    except ModuleNotFoundError as error:
        raise Failed(f"this needs {error.name}: {install('runs')}") from None


@main.command()
@click.argument("case")
@click.argument("question")
@WORLDS
@SECONDS
@SEED
@THREADS
@REFERENCE
@click.option("--stories", type=click.IntRange(0, 12), default=3, show_default=True,
              help="Tell so many worlds.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def why(
    case: str, question: str, worlds: int | None, seconds: float | None, seed: int,
    threads: int | None, reference: bool, stories: int, as_json: bool,
) -> None:  # fmt: skip
    """What moves the answer to QUESTION, the passages behind it, and a few worlds as stories."""
    from offramp.explain.why import as_json as plain
    from offramp.explain.why import explain, print_why
    from offramp.language.case import load
    from offramp.language.diagnostics import suggestion

    read = load(case)
    ids = [q.id for q in read.questions if q.binary]
    if question not in ids:
        help = suggestion(question, ids, "questions") or "see `offramp forecast`"
        raise Failed(f"{read.id} has no question '{question}': {help}")
    compiled = fast(reference)
    with progress(worlds) as advance:
        result = explain(
            read, question, worlds or MOST_WORLDS, seed, threads, advance,
            None if worlds else seconds or patience(compiled), engine(compiled).simulate_all,
        )  # fmt: skip
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        print_why(result, stories)


@main.command()
@click.argument("case")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("brief.html"),
              show_default=True, help="A file ending in .html or .pdf.")  # fmt: skip
@WORLDS
@SECONDS
@SEED
@FROM
@THREADS
@REFERENCE
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Of worlds that lived what was reported by this day.")  # fmt: skip
@click.option("--with-record", "with_record", is_flag=True,
              help="With --as-of: show also what was decided later.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Leave out what takes minutes.")
def brief(
    case: str, output: Path, worlds: int | None, seconds: float | None, seed: int,
    start: str | None, threads: int | None, reference: bool, as_of: str | None,
    with_record: bool, quick: bool,
) -> None:  # fmt: skip
    """Writes the brief of CASE as one self-contained HTML or PDF file.

    The questions that the documents themselves ask are answered from 2,048 more worlds, which
    live the reports (and a quarter as many under every assessment): some three minutes more for
    the US-Iran case, unless --quick.
    """
    from offramp.language.asked import asked_of
    from offramp.language.case import load

    writable(output, (".html", ".pdf"))
    if as_of is None and with_record:
        raise click.BadParameter(
            "goes with --as-of: without it the record is shown anyhow", param_hint="--with-record"
        )
    asked_of(load(case))  # mistakes there are told before worlds are lived
    if as_of is None:
        f = run(case, worlds, seconds, seed, start, threads, reference)
    else:
        if start is not None or seconds is not None or reference:
            raise click.BadParameter(
                "goes with --worlds, --seed and --threads alone", param_hint="--as-of"
            )
        from offramp.cli_evidence import forecast_as_of

        f = forecast_as_of(case, as_of, worlds or 4096, seed, threads)
        f = replace(f, with_record=with_record)
    from offramp.forecast.table import print_forecast

    more = more_of(case, f, 0 if quick or reference else RETOLD, threads)
    with printed_all_the_same(lambda: print_forecast(f)):
        write_brief(case, f, output, more)
    click.echo(f"wrote {output}")


@main.command()
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), default=Path("."),
              show_default=True, help="The folder for the brief's two files.")  # fmt: skip
@WORLDS
@SECONDS
@SEED
@THREADS
@REFERENCE
def demo(
    folder: Path, worlds: int | None, seconds: float | None, seed: int, threads: int | None,
    reference: bool,
) -> None:  # fmt: skip
    """The US-Iran crisis of 2020: runs the case and writes the brief as HTML and PDF."""
    outputs = [folder / "us-iran-2020.html", folder / "us-iran-2020.pdf"]
    folder_for(folder)
    for output in outputs:
        writable(output, (".html", ".pdf"))
    f = run("us-iran-2020", worlds, seconds, seed, None, threads, reference)
    from offramp.forecast.table import print_forecast

    more = more_of("us-iran-2020", f, 0, threads)
    with printed_all_the_same(lambda: print_forecast(f, only_headlines=True)):
        for output in outputs:
            write_brief("us-iran-2020", f, output, more)
    print_forecast(f, only_headlines=True)
    click.echo(f"wrote {outputs[0]} and {outputs[1]}")


def run(
    case: str, worlds: int | None, seconds: float | None, seed: int, start: str | None,
    threads: int | None, reference: bool,
) -> Any:  # fmt: skip
    from offramp.forecast.answers import forecast as answer
    from offramp.language.case import load

    read = load(case)
    day = first_day(start, read.crisis.first, read.crisis.last) if start is not None else None
    report([d for d in read.warnings if d.severity == "error"])
    compiled = fast(reference)
    with progress(worlds) as advance:
        return answer(
            read, worlds or MOST_WORLDS, seed, day, threads, advance,
            None if worlds else seconds or patience(compiled), engine(compiled).simulate,
        )  # fmt: skip


def fast(reference: bool) -> bool:
    """Whether worlds are lived by compiled code: where Numba is, unless told otherwise."""
    from offramp.engine.blocks.machinery import available, is_kept

    if reference or not available():
        return False
    if not is_kept() and sys.stderr.isatty():
        click.echo("(compiling once for this computer, a quarter of a minute)", err=True)
    return True


def patience(compiled: bool) -> float:
    """Seconds of worlds where nobody says how many: a percent or so of Monte Carlo error."""
    return 10.0 if compiled else 110.0


def engine(compiled: bool) -> Any:
    """What lives the worlds: a module with `simulate` and `simulate_all`."""
    if compiled:
        from offramp.engine.blocks import worlds

        return worlds
    from offramp.engine import run as interpreter

    return interpreter


def first_day(text: str, first: dt.date, last: dt.date) -> dt.date:
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is not a date; write year-month-day, as in {first}", param_hint="--from"
        ) from None
    if not first <= day <= last:
        raise click.BadParameter(
            f"{day} is outside the crisis ({first} to {last})", param_hint="--from"
        )
    return day


# ---- effects at the edge -----------------------------------------------------------------


def write_brief(case: str, f: Any, output: Path, more: Any = None) -> None:
    from offramp.brief.milestones import milestones
    from offramp.brief.page import brief_html
    from offramp.brief.paper import brief_pdf
    from offramp.language.case import load

    read = load(case)
    make: Callable[..., str | bytes] = brief_html if output.suffix == ".html" else brief_pdf
    content = make(f, read.passages, read.documents, milestones(read.crisis), more)
    write_whole(output, content.encode("utf-8") if isinstance(content, str) else content)


def more_of(case: str, f: Any, worlds: int, threads: int | None) -> Any:
    """What a brief has beside the forecast: the documents' own questions, answered, and what of
    them is left out. With `worlds` 0 nothing is lived among reports for it."""
    from offramp.brief.content import More
    from offramp.cli_past import answered
    from offramp.explain.asked import replies
    from offramp.explain.coverage import coverage
    from offramp.language.asked import asked_of
    from offramp.language.case import load
    from offramp.sources.faults import all_beside

    read = load(case)
    questions = asked_of(read)
    if worlds:
        as_of = f.as_of.isoformat() if f.as_of else None
        found = answered(read, f, questions, as_of, worlds, f.seed, threads)
    else:
        found = replies(read, questions, f, None, f.seed)
    errs = all_beside(read, read.passages)
    carried = coverage(read) if questions else None
    return More(found, carried, errs, bool(questions) and not worlds, *known_of(read, f.as_of))


def known_of(read: Any, as_of: dt.date | None) -> tuple[Any, dict[str, str]]:
    """The days of the reports lived by a day (of each reading, where they are disputed), and
    which questions had been decided by then."""
    from offramp.forecast.resolve import already
    from offramp.history.read import history_of

    if as_of is None:
        return (), {}
    history = history_of(read)
    lived = [r for r in history.known_by(as_of) if r.kind in ("event", "quantity")]
    decided = {id: f"{o.already}: {o.briefly}" for id, o in already(read, history, as_of).items()}
    return tuple((d.first, d.last) for r in lived for d in r.when), decided


def writable(output: Path, endings: tuple[str, ...] = ()) -> None:
    """Looks before a long run whether its output can be written at all."""
    if endings and output.suffix not in endings:
        raise click.BadParameter(
            f"'{output}' ends neither in {' nor in '.join(endings)}", param_hint="--output"
        )
    if not output.parent.is_dir():
        raise click.BadParameter(f"there is no folder '{output.parent}'", param_hint="--output")
    if output.is_dir():
        raise click.BadParameter(f"'{output}' is a folder", param_hint="--output")
    with in_words(output):
        files.check_writable(output)


def folder_for(output: Path) -> None:
    """The folder of a command's output, made if need be, before a long run."""
    with in_words(output):
        files.check_folder(output)


@contextmanager
def in_words(output: Path) -> Iterator[None]:
    """What is in the way of an output, as a failure that names it."""
    try:
        yield
    except OSError as error:
        raise Failed(f"'{output}' cannot be written: {error.strerror}") from None


def write_whole(output: Path, content: bytes) -> None:
    """Whole or not at all, or a failure that says why."""
    with in_words(output):
        files.write_whole(output, content)


@contextmanager
def printed_all_the_same(show: Callable[[], None]) -> Iterator[None]:
    """While an output is written: should that fail, what was computed is not lost but shown."""
    try:
        yield
    except Failed:
        show()
        raise


@contextmanager
def progress(worlds: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, on terminals only; without a number of worlds, a count."""
    with prompt_interrupt(), bar_of(worlds) as advance:
        yield advance


@contextmanager
def prompt_interrupt() -> Iterator[None]:
    """Ctrl-C ends the worker processes at once; they would finish their worlds first."""

    def end(signum: int, frame: object) -> None:
        for child in multiprocessing.active_children():
            child.terminate()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def bar_of(worlds: int | None, what: str = "worlds") -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda n: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = [TextColumn(f"{{task.completed:.0f}} {what}"), BarColumn(), TimeElapsedColumn()]
    if worlds is not None:
        columns += [TextColumn("left"), TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=worlds)
        yield lambda n: bar.advance(task, n)


def report(found: list[Any]) -> None:
    """Diagnostics on stderr, each with its line and a caret."""
    from offramp.language.diagnostics import counted, render

    texts: dict[str, list[str] | None] = {}
    for d in found:
        if d.span.path not in texts:
            try:
                text = files.read_regular(Path(d.span.path), 5_000_000).decode(
                    "utf-8-sig", "replace"
                )
                texts[d.span.path] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            except OSError:
                texts[d.span.path] = None
        words = render(d, texts[d.span.path])
        click.echo(words, err=True)
    errors = sum(d.severity == "error" for d in found)
    if found:
        warnings = len(found) - errors
        counts = ((errors, "error"), (warnings, "warning"))
        click.echo(", ".join(counted(n, word) for n, word in counts), err=True)


def echo_json(value: object, rounded: bool = False) -> None:
    """Prints the value, if all of it is JSON. `rounded`: of sums whose last bits are the
    processor's (docs/python.md says which)."""
    try:
        plain = plain_json.told(value)
        click.echo(plain_json.text(plain_json.rounded(plain) if rounded else plain, indent=2))
    except plain_json.NoNumber as error:
        raise Failed(f"this has no answer as JSON: {error}") from None


def colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Prints the line that switches on completion: eval "$(offramp completion bash)"."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "offramp", "_OFFRAMP_COMPLETE").source())


import offramp.cli_claims  # noqa: E402
import offramp.cli_coverage  # noqa: E402
import offramp.cli_evidence  # noqa: E402
import offramp.cli_past  # noqa: E402
import offramp.cli_policies  # noqa: E402
import offramp.cli_rooms  # noqa: E402
import offramp.cli_runs  # noqa: E402
import offramp.cli_sensitivity  # noqa: E402, F401  (their commands attach themselves to `main`)
