"""Commands from a passage to the model: numbers with their marks, entries from a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

import offramp
from offramp.cli.options import CASE
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.case.writing import Writing
    from offramp.language.expressions import Grade

APPLY = click.option("--apply", is_flag=True, help="Write it; without this nothing is.")


F = TypeVar("F", bound=Callable[..., Any])


def marked(command: F) -> F:
    """The forced choice of a mark."""
    for option in (
        click.option("--ours", metavar="REASON", help="The number is ours, for this reason."),
        click.option("--supports", metavar="PASSAGES", help="They support it; the size is ours."),
        click.option("--states", metavar="PASSAGES", help="They state it: T3, or T3,T7."),
    ):
        command = option(command)
    return command


def mark_of(states: str | None, supports: str | None, ours: str | None) -> dict[str, Any]:
    """The mark as the library has it. Exactly one of the three is given."""
    if sum(x is not None for x in (states, supports, ours)) != 1:
        raise click.UsageError(
            "choose one: --states T3 (the passage states it), --supports T3 (it supports it, and "
            "the size is ours) or --ours 'because ...'"
        )
    if ours is not None:
        return {"grade": "assumed", "because": ours}
    grade: Grade = "stated" if states is not None else "sized"
    ids = [id.strip() for id in (states or supports or "").split(",")]
    return {"grade": grade, "passages": [id for id in ids if id]}


@click.group()
def model() -> None:
    """From a passage to the model: what it states becomes a number with its mark."""


@model.command(short_help="list the numbers of the model with their marks")
@CASE
@click.argument("words", nargs=-1)
def numbers(case: str, words: tuple[str, ...]) -> None:
    """List the numbers of CASE whose element or value has all WORDS: each with its place, its mark
    and the value in which it stands."""
    found = offramp.numbers(case, " ".join(words))
    element = ""
    for n in found:
        if n.element != element:
            element = n.element
            click.secho(f"{n.title} ({n.element})", bold=True)
        click.echo(f"  {n.place:<22} {n.number:>8}  {n.part}: {n.text}")
    click.echo(f"{counted(len(found), 'number')}")


@model.command(name="set", short_help="give a number its size and its mark")
@CASE
@click.argument("place")
@click.argument("value")
@marked
@APPLY
def set_(
    case: str,
    place: str,
    value: str,
    states: str | None,
    supports: str | None,
    ours: str | None,
    apply: bool,
) -> None:
    """Give the number at PLACE of CASE another VALUE and another mark.

    PLACE is as `offramp model numbers` lists it: crisis.yaml:133:22. The old mark is gone; other
    numbers keep theirs. What is written is shown, and nothing else changes.
    """
    mark = mark_of(states, supports, ours)
    shown(offramp.set_number(case, place, value, apply=apply, **mark), apply)


@model.command(short_help="let an element cite a passage")
@CASE
@click.argument("element")
@click.argument("passage")
@APPLY
def cite(case: str, element: str, passage: str, apply: bool) -> None:
    """Let ELEMENT of CASE (as in 'event rocket') cite PASSAGE, which bears on it without a
    number."""
    shown(offramp.cite_element(case, element, passage, apply=apply), apply)


@model.command(short_help="say why nothing is made of a passage")
@CASE
@click.argument("passage")
@click.argument("because")
@APPLY
def leave(case: str, passage: str, because: str, apply: bool) -> None:
    """Say why nothing is made of PASSAGE in CASE: BECAUSE stands in coverage.yaml."""
    shown(offramp.leave_out(case, passage, because, apply=apply), apply)


@model.command(short_help="list the forms of new entries, and what each asks")
def forms() -> None:
    """List the forms from which `offramp model add` writes, and what each asks."""
    for form in offramp.forms():
        click.secho(f"{form.id}: {form.about}", bold=True)
        for f in form.fields:
            empty = "" if f.default is None else f" (else {f.default or 'nothing'})"
            told = " (of which the passage speaks)" if f.marked else ""
            click.echo(f"  {f.key:<12} {f.label}{empty}{told}")


@model.command(short_help="write a new entry from a form")
@CASE
@click.argument("form")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--of", metavar="FIELD", help="The number that the passage speaks of.")
@marked
@APPLY
def add(
    case: str,
    form: str,
    fields: tuple[str, ...],
    of: str | None,
    states: str | None,
    supports: str | None,
    ours: str | None,
    apply: bool,
) -> None:
    """Write a new entry of CASE by a FORM (`offramp model forms`).

    The number that the passage speaks of (--of FIELD, where it is not the usual one) gets the mark.
    The others are first guesses and say so.
    """
    said = dict(split(one) for one in fields)
    mark = mark_of(states, supports, ours)
    shown(offramp.add_element(case, form, said, of=of, apply=apply, **mark), apply)


def split(field: str) -> tuple[str, str]:
    key, equals, value = field.partition("=")
    if not equals:
        raise click.UsageError(f"'{field}' is not FIELD=VALUE, as in title='A strike'")
    return key.strip(), value


def shown(made: Writing, apply: bool) -> None:
    """What is written, and nothing else."""
    colours = {"-": "red", "+": "green", " ": None}
    click.echo(made.file)
    for sign, number, line in made.lines:
        click.secho(f"{number:>5} {sign} {line}", fg=colours[sign])
    for d in made.found:
        click.echo(f"this would be wrong then: {d.message}" + (f" ({d.help})" if d.help else ""))
    if made.written:
        click.echo(f"written: {made.reason}")
    elif not made.found:
        click.echo("nothing was written; with --apply it is")
    if made.found and not apply:
        click.get_current_context().exit(1)


__all__ = ["model"]
