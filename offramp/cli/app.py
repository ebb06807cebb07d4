"""The group of all commands: what its errors become, and completion.

Results go to stdout, progress and diagnostics to stderr. Exit status: 0 done, 1 the model or a
check failed, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import click

from offramp.cli.output import Failed, report, silence
from offramp.errors import Mistake, OfframpError
from offramp.version import __version__

HINTS = {  # of an argument of the library, as it is typed
    "as_of": "--as-of",
    "since": "--since",
    "archive": "--archive",
    "until": "--until",
    "on": "--on",
    "start": "--from",
    "keep": "--keep",
    "without": "--without",
    "force": "--force",
    "outcome": "--outcome",
    "second": "AUTHOR",
    "names": "AUTHOR",
    "kinds": "--kind",
    "text": "NEWFILE",
    "endpoint": "--endpoint",
    "model": "--model",
    "key": "--key-from",
    "seconds": "--timeout",
    "seats": "--seat",
    "first": "--from",
    "days": "--days",
    "ask": "DECISION",
    "deed": "DECISION",
    "assessment": "--author",
    "actor": "ACTOR",
    "output": "--output",
    "shard": "--shard",
    "at": "--from",
    "paraphrase": "--paraphrase",
    "phrase": "--phrase",
    "id": "--id",
    "words": "WORDS",
    "source": "FILE",
    "title": "--title",
    "author": "--author",
    "publisher": "--publisher",
    "date": "--date",
    "precision": "--precision",
    "dated_by": "--dated-by",
    "licence": "--licence",
    "end": "--end",
    "ends": "START END",
    "orphan": "--orphan",
    "place": "PLACE",
    "value": "VALUE",
    "because": "BECAUSE",
    "reason": "--ours",
    "passages": "--states",
    "passage": "PASSAGE",
    "form": "FORM",
    "of": "--of",
}


class Front(click.Group):
    """Turns whatever the library refuses into words and an exit status; lists its commands under
    headings, each with one line."""

    def __init__(self, *what: Any, **more: Any) -> None:
        super().__init__(*what, **more)
        self.headings: dict[str, list[tuple[str, str]]] = {}

    def under(self, heading: str, commands: Iterable[tuple[click.Command, str]]) -> None:
        """Adds commands, with the line that is shown of each."""
        for command, line in commands:
            self.add_command(command)
            self.headings.setdefault(heading, []).append((command.name or "", line))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, rows in self.headings.items():
            with formatter.section(heading):
                formatter.write_dl(rows, col_max=14)

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that lacks a character shows its code
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except OfframpError as error:
            return refused(error, ctx)
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


def refused(error: OfframpError, ctx: click.Context) -> None:
    """A mistake in a file with its place, one on the command line as usage, the rest in words."""
    from offramp.filter.posterior import Impossible
    from offramp.text.diagnostics import CaseError

    if isinstance(error, CaseError):
        report(error.diagnostics)
        ctx.exit(1)
    if isinstance(error, Mistake):
        hint = HINTS.get(error.argument)
        raise click.BadParameter(str(error), param_hint=hint) from None
    if isinstance(error, Impossible):
        from offramp.filter.impossible import failures

        lines = [str(f) for f in failures(error)[:5]]
        raise Failed("\n".join(lines) or str(error)) from None
    raise Failed(str(error)) from None


@click.group("offramp", cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="offramp")
def main() -> None:
    """Offramp: written assessments of a crisis made explicit, cited, executable and scorable.

    CASE is a shipped case (us-iran-2020, taiwan-1958, tutorial, quarantine) or a folder with a
    crisis.yaml.
    """


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what switches on completion in a shell.

    \b
    As in:
    eval "$(offramp completion bash)"
    offramp completion fish | source
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "offramp", "_OFFRAMP_COMPLETE").source())
