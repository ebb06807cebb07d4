"""Commands that read a case: check, expand, its passages; and that begin one."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import offramp
from offramp.case.scaffold import TEMPLATES
from offramp.case.texts import comes_with_offramp, find
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import CASE, DOCUMENTS, JSON
from offramp.cli.output import (
    DAYS,
    Failed,
    colour,
    echo_json,
    in_words,
    report,
    watching,
    write_whole,
)
from offramp.text import files
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.case.migration import Migration


@click.command()
@CASE
@DOCUMENTS
@click.option(
    "--odds",
    "on",
    metavar="DAY",
    default=None,
    help="Show what each actor may do that morning, the odds of each move and what makes them.",
)
@printed_as("check", "odds")
def check(case: str, directory: Path | None, on: str | None, printed: Printed) -> None:
    """Read CASE and report everything that is wrong with it, all at once.

    With its documents at hand (in its folder documents/, or --sources), passages are verified too.

    \b
    Whether its sizes are plausible, on the first day (`first`) or a later one:
    offramp check us-iran-2020 --odds 2020-01-08
    """
    looked = offramp.check(case, sources=directory)
    if on is not None and looked.case is not None:
        report(looked.found)
        sizes(looked.case, None if on == "first" else on, printed)
        return
    read, found = looked.case, looked.found
    shown = printed(looked)
    if not shown:
        report(found)
    if read is None:
        sys.exit(1)
    if not shown:
        c = read.crisis
        parts = {
            "actor": c.actors,
            "quantity": c.states,
            "event": c.events,
            "unknown": c.unknowns,
            "belief": c.beliefs,
            "question": read.questions,
        }
        click.echo(f"{read.id}: " + ", ".join(counted(len(x), n) for n, x in parts.items()))
        for line in record_of(read):
            click.echo(line)
        click.echo(f"model {read.model_sha256}")
        click.echo(
            "(titles, paraphrases and resolutions are not part of it: edits there change no answer)"
        )
        if looked.older:
            click.echo(f"note: {looked.older}")


def sizes(read: Case, on: str | None, printed: Printed) -> None:
    """The moves of a morning with their odds."""
    try:
        with watching(DAYS) as progress:
            odds = offramp.odds(read, on, progress=progress)
    except offramp.Mistake as error:
        raise click.BadParameter(str(error), param_hint="--odds") from None
    if not printed(odds):
        from offramp.render.terminal.odds_table import print_odds

        print_odds(odds)


def record_of(read: Case) -> list[str]:
    """What a case has beside its crisis, in a line each; nothing for a case without."""
    history, out = read.history, []
    if history.reports:
        once = history.told_by(dt.date.max)
        kinds = [r.kind for r in once]
        disputed = sum(r.disputed and r.kind == "event" for r in once)
        again = len(history.reports) - len(once)
        followed = {c.event for c in history.coverage if c.chance > 0}
        out.append(
            f"reports: {counted(len(history.reports), 'row')}"
            + (f" ({again} repeat another)" if again else "")
            + f", {counted(kinds.count('event'), 'event')} ({disputed} of disputed days), "
            f"{counted(kinds.count('quantity'), 'soft fact')}, {kinds.count('past')} past, "
            f"{kinds.count('outside')} outside; {len(followed)} of "
            f"{counted(len(read.crisis.events), 'event')} followed"
        )
    rivals = read.assessments
    if rivals:
        judged = [j for a in rivals.values() if a.document for j in a.judgements]
        asked = sum(j.question is not None for j in judged)
        premises = sum(bool(j.premise) for j in judged)
        out.append(
            f"assessments: {', '.join(rivals)}; {counted(len(judged), 'judgement of documents')}, "
            f"{asked} asked, {counted(premises, 'premise')}, {len(judged) - asked - premises} "
            f"inexpressible; {counted(len(read.disagreements), 'disagreement')}"
        )
    counts = {
        "causal claim": len(read.claims),
        "policy": len(read.policies),
        "question of the documents": len(read.asked),
        "room": len(read.rooms),
        "stylised fact": len(read.facts),
    }
    if any(counts.values()):
        out.append("beside them: " + ", ".join(counted(n, what) for what, n in counts.items() if n))
    return out


@click.command()
@CASE
@click.option("--write", is_flag=True, help="Write the files that change, whole or not at all.")
@printed_as("migrate")
def migrate(case: str, write: bool, printed: Printed) -> None:
    """Show what brings CASE to the last version of the language, and what changes its meaning.

    A case of an older version runs as it did, so nothing has to be done. Without --write nothing
    is.
    """
    folder = find(case)
    if write:
        untouchable(folder)
    found = offramp.migrate(case)
    if write and found.files:
        rewrite(folder, found)
        found = replace(found, written=True)
    if printed(found):
        return
    if not found.files:
        click.echo(
            f"{found.case} is written in version {found.old} of the language, the last: there is "
            "nothing to do"
        )
        return
    click.echo(f"{found.case}: from version {found.old} of the language to version {found.new}")
    for file in found.files:
        click.echo(file.diff, nl=False)
    for e in found.edits:
        click.echo(f"{e.span.path}:{e.span.line}:{e.span.column}: {e.of}: {e.says}")
    if not found.edits:
        click.echo("no edit in its files means anything else then")
    click.echo(f"the hash of the model becomes {found.model_after} (it was {found.model_sha256})")
    if found.written:
        click.echo("wrote " + ", ".join(str(folder / f.file) for f in found.files))
    else:
        click.echo("nothing was written; with --write it is")


def untouchable(folder: Path) -> None:
    """Refuses to write into a case that comes with Offramp, also through a link."""
    if comes_with_offramp(folder) or comes_with_offramp(folder / "crisis.yaml"):
        raise Failed(
            f"this case comes with Offramp and lies in '{os.path.realpath(folder)}': it is not "
            "rewritten. Copy that folder, and bring the copy over: `offramp migrate COPY --write`"
        )


def rewrite(folder: Path, found: Migration) -> None:
    """Writes what changes, after a look at whether all of it can be written, and is still what was
    read."""
    for file in found.files:
        path = folder / file.file
        with in_words(path):
            files.check_writable(path)
            there = files.read_regular(path)
        if there != file.old.encode("utf-8"):
            raise Failed(f"'{path}' has changed meanwhile: nothing was written; try again")
    for file in found.files:
        write_whole(folder / file.file, file.new.encode("utf-8"))


@click.command()
@CASE
def expand(case: str) -> None:
    """Print CASE with every form rewritten into the five nouns: itself a valid crisis file."""
    from offramp.text.printer import document

    click.echo(document(offramp.load(case).expanded), nl=False)


@click.command()
@click.argument("file", default="crisis.yaml", shell_complete=complete.schemas)
@click.option("--list", "listed", is_flag=True, help="Name all that have one, a line each.")
def schema(file: str, listed: bool) -> None:
    """Print a JSON Schema of a case's FILE (crisis.yaml without one), or of an output of --json.

    FILE is its name within the case, as questions.yaml or assessments/NAME.yaml, or an output's, as
    forecast.
    """
    if not listed:
        echo_json(offramp.schema(file))
        return
    from offramp.case.schemas import SCHEMAS
    from offramp.render.json.outputs import OUTPUTS

    for name, made in SCHEMAS.items():
        click.echo(f"{name:<22} {made()['description']}")
    for name, output in OUTPUTS.items():
        click.echo(f"{name:<22} what `offramp {output.spoken} --json` prints")


@click.command()
@click.argument("code", required=False, shell_complete=complete.codes)
def explain(code: str | None) -> None:
    """Explain an error's CODE, as in error[no-basis], and what would have worked.

    Without CODE, list all of them.
    """
    from offramp.text.codes import CODES, in_words, listed
    from offramp.text.diagnostics import suggestion

    if code is None:
        click.echo(listed())
        return
    if code not in CODES:
        help = suggestion(code, CODES) or "`offramp explain` lists them all"
        raise Failed(f"there is no code '{code[:80]}': {help}")
    click.echo(in_words(code))


DAY = click.DateTime(["%Y-%m-%d"])
NEW = """Write a case, which checks and runs, in a new folder NAME, or in one that has only texts.

Texts in the folder (.txt, .md, in UTF-8) become documents of the case, with hash and bounds.

\b
The blocks of --template:
""" + "\n".join(f"{name:<11} {words}" for name, words in TEMPLATES.items())


@click.command(help=NEW)
@click.argument("name")
@click.option(
    "--template",
    type=click.Choice(list(TEMPLATES)),
    metavar="BLOCK",
    default=None,
    help="Begin with this block in place of the smallest case.",
)
@click.option("--full", is_flag=True, help="Write every file that a case may have, each small.")
@click.option("--title", help="Of the empty block: the crisis in a few words.")
@click.option("--from", "first", type=DAY, help="Of the empty block: its first day, 2030-01-01.")
@click.option("--to", "last", type=DAY, help="Of the empty block: its last day.")
def new(
    name: str,
    template: str | None,
    full: bool,
    title: str | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
) -> None:
    from offramp.case.scaffold import BLANK, SMALLEST, Head, write_case

    folder = Path(name)
    if not name or not name.isprintable():
        raise click.BadParameter("give a folder's name, in printable characters")
    if template and full:
        raise click.UsageError("--template or --full: choose one; --full is of the smallest case")
    head = None
    if title or first or last:
        if template != BLANK:
            raise click.UsageError(f"--title, --from and --to are of --template {BLANK}")
        if not (title and first and last):
            raise click.UsageError("an empty case is given --title, --from and --to, or none")
        if last < first:
            raise click.BadParameter("the last day is before the first", param_hint="--to")
        head = Head(title, first.date(), last.date())
    try:
        found = write_case(folder, template or SMALLEST, full, head)
    except FileExistsError:
        raise Failed(
            f"'{name}' exists already; choose another name, or a folder that holds only texts "
            "(.txt, .md)"
        ) from None
    except OSError as error:
        raise Failed(f"'{name}' cannot be written: {error.strerror}") from None
    click.echo(f"wrote {name}: try `offramp check {name}`, then `offramp forecast {name}`")
    if found:
        model = (
            "The model is empty: `offramp open` fills it from their passages"
            if template == BLANK
            else "The model still cites its own invented note: replace it piece by piece"
        )
        click.echo(
            f"registered in {name}/sources.yaml: {', '.join(r.id for r in found)}; say there whose "
            f"each is, of which day, and under which licence. {model}"
        )


# ---- sources -----------------------------------------------------------------------------


@click.group()
def sources() -> None:
    """Documents: taken in, shown, checked: do passages stand exactly where the case says?"""


@sources.command(short_help="check that passages stand where the case says")
@CASE
@DOCUMENTS
@JSON
def verify(case: str, directory: Path | None, as_json: bool) -> None:
    """Check every passage of CASE, byte for byte; list those that moved or are gone."""
    from offramp.api.cases import documents_at_hand
    from offramp.case.case import cited_by
    from offramp.sources.passages import State
    from offramp.sources.passages import verify as judge

    read = cited_by(case)
    at_hand = documents_at_hand(read, directory)
    found = judge(read.passages.values(), read.documents, at_hand)
    bad = [f for f in found if not f.valid]
    if as_json:
        from offramp.render.json import verify_json

        echo_json(verify_json.plain(read.id, found))
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


@sources.command(short_help="print a passage, with its context")
@CASE
@click.argument("passage", shell_complete=complete.passages)
@DOCUMENTS
def show(case: str, passage: str, directory: Path | None) -> None:
    """Print PASSAGE of CASE: our paraphrase and, with the documents at hand, its context."""
    from offramp.api.cases import documents_at_hand
    from offramp.case.case import cited_by, examine
    from offramp.sources.faults import beside as recorded
    from offramp.sources.passages import in_context
    from offramp.text.diagnostics import suggestion

    read = cited_by(case)
    p = read.passages.get(passage)
    if p is None:
        help = suggestion(passage, read.passages) or "passages are listed in passages.yaml"
        raise Failed(f"{read.id} has no passage '{passage}': {help}")
    d = read.documents[p.document]
    whole = examine(case)[0]
    page = d.page_of(p.start)
    place = f"page {page}, " if page else ""
    click.echo(
        f"{p.id}  {d.author}, {d.title}, {d.dating.words}, {place}characters {p.start} to {p.end}"
    )
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
    text = documents_at_hand(replace(read, documents={d.id: d}), directory).get(d.id)
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
