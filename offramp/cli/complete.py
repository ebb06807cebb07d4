"""What a shell offers while a line is typed: cases, and names that the case on the line has.

Reads one file of the case (of its authors the names of files alone), checks nothing and simulates
nothing. Half a line and a case that is wrong are the usual state here: whatever goes wrong offers
nothing, since words on stderr would stand in the middle of what is typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from offramp.case.texts import find, from_here, shipped
from offramp.text.diagnostics import Diagnostics
from offramp.text.files import listed
from offramp.text.tree import Mapping, Text
from offramp.text.yaml import parse, read_text

Complete = Callable[[click.Context, click.Parameter, str], list[str]]
MOST_FOLDERS = 1000  # that are looked into for a crisis.yaml


def offered(names: Callable[[click.Context, str], Iterable[str]]) -> Complete:
    """Those names that begin as what is typed; nothing where they cannot be found."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        try:
            taken = ctx.params.get(parameter.name or "")
            once = taken if isinstance(taken, tuple) else ()  # of what may be named twice
            found = dict.fromkeys(names(ctx, typed))
            return [n for n in found if n.startswith(typed) and n not in once]
        except Exception:  # see above: a shell has no use for it
            return []

    return complete


@offered
def cases(ctx: click.Context, typed: str) -> Iterator[str]:
    """Shipped cases by name, and folders with a crisis.yaml in what is typed or one below."""
    yield from shipped()
    head = typed[: typed.rfind("/") + 1]
    for folder in folders(head, typed[len(head) :]):
        if is_case(folder):
            yield folder
        elif folder.startswith(typed):
            yield from (f for f in folders(f"{folder}/", "") if is_case(f))


def folders(head: str, start: str) -> list[str]:
    """Folders in `head`, a path as it is typed, whose names begin with `start`; hidden ones only
    where a dot is typed."""
    found: list[str] = []
    with os.scandir(os.path.expanduser(head) or ".") as entries:
        for entry in entries:
            if len(found) == MOST_FOLDERS:
                break
            hidden = entry.name.startswith(".") and not start.startswith(".")
            if entry.name.startswith(start) and not hidden and entry.is_dir():
                found.append(head + entry.name)
    return sorted(found)


def is_case(folder: str) -> bool:
    return (Path(folder).expanduser() / "crisis.yaml").is_file()


def folder_of(ctx: click.Context) -> Path:
    """The folder of the case on the line: an argument, or the first word that is left while an
    option lacks its value, for Click gives no arguments then."""
    return find(os.path.expanduser(ctx.params.get("case") or ctx.args[0]))


def keys(ctx: click.Context, file: str, *sections: str) -> list[str]:
    """The names in sections of a YAML file of the case."""
    tree = tree_of(ctx, file)
    parts = [tree.get(section) for section in sections] if tree else []
    return [name.value for part in parts if isinstance(part, Mapping) for name, _ in part]


def tree_of(ctx: click.Context, file: str) -> Mapping | None:
    folder, found = folder_of(ctx), Diagnostics()
    source = from_here(folder, file)
    text = read_text(folder / file, source, found)
    tree = None if text is None else parse(text, source, found)
    return tree if isinstance(tree, Mapping) else None


@offered
def questions(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "questions.yaml", "questions", "choices", "quantities")


@offered
def asked(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "asked.yaml", "asked")


@offered
def rooms(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "rooms.yaml", "rooms")


@offered
def facts(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "facts.yaml", "facts")


@offered
def documents(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "sources.yaml", "documents")


@offered
def passages(ctx: click.Context, typed: str) -> list[str]:
    return keys(ctx, "passages.yaml", "passages")


def names_in(ctx: click.Context, folder: str) -> list[str]:
    """Authors with a file in assessments/ or claims/."""
    return [path.stem for path in listed(folder_of(ctx) / folder, ".yaml")]


@offered
def rivals(ctx: click.Context, typed: str) -> list[str]:
    return names_in(ctx, "assessments")


@offered
def authors(ctx: click.Context, typed: str) -> list[str]:
    return ["case", *names_in(ctx, "assessments")]


@offered
def claimants(ctx: click.Context, typed: str) -> list[str]:
    return names_in(ctx, "claims")


@offered
def claims(ctx: click.Context, typed: str) -> list[str]:
    files = [f"claims/{author}.yaml" for author in names_in(ctx, "claims")]
    return [name for file in files for name in keys(ctx, file, "claims")]


def events_of(ctx: click.Context) -> list[tuple[str, object]]:
    """Events by name, with those that forms make."""
    from offramp.language.forms import expand

    tree = tree_of(ctx, "crisis.yaml")
    node = expand(tree, Diagnostics()).get("event") if tree else None
    return [(name.value, entry) for name, entry in node] if isinstance(node, Mapping) else []


@offered
def events(ctx: click.Context, typed: str) -> list[str]:
    return [name for name, _ in events_of(ctx)]


@offered
def actors(ctx: click.Context, typed: str) -> list[str]:
    """Actors that choose something."""
    by = [entry.get("by") for _, entry in events_of(ctx) if isinstance(entry, Mapping)]
    return sorted({b.value for b in by if isinstance(b, Text)})


@offered
def schemas(ctx: click.Context, typed: str) -> list[str]:
    from offramp.case.schemas import SCHEMAS
    from offramp.render.json.outputs import OUTPUTS

    return [*SCHEMAS, *OUTPUTS]


@offered
def codes(ctx: click.Context, typed: str) -> list[str]:
    from offramp.text.codes import CODES

    return list(CODES)
