"""Writes docs/json.md from the schemas of the outputs, or says whether the page is up to date.

python docs/json_page.py             writes the page
python docs/json_page.py --check     changes nothing; exit status 1 if the page is another
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from figure_marks import ROOT
from figures import write_all

from offramp.render.json.envelope import Envelope
from offramp.render.json.outputs import OUTPUTS, Output

PAGE = ROOT / "docs" / "json.md"

HEAD = """\
# Outputs as JSON and CSV

Every command that answers something has `--json`: all that it found, under a versioned schema. `offramp schema forecast` prints the JSON Schema (draft 2020-12) of `offramp forecast --json`, and so for each name on this page; from Python it is `offramp.schema("forecast")`, and `offramp.to_dict(result)` gives the same values as the command. A field is never taken away, renamed or given another meaning without a new number behind the name.

Each output begins with where it is from:

{envelope}

Figures that are sums over worlds are rounded to ten digits, since their last bits depend on the processor. A standard error that is not known, as of a single world, is null.

`--csv TABLE` prints one table of an output instead, a row an answer, with a header; `--csv list` names the tables. Values within a row's own values are named with a dot (`quantiles.0.5`), a row within another (`choices.options`) has that one's values too, lists are joined by `; `, words that a spreadsheet would take for a formula begin with an apostrophe, and every row ends with what the output is of (the author, the edit, the day), the case, the model's hash, the seed and the day up to which reports count. From Python `offramp.to_frame(result, TABLE)` gives the same rows as a data frame of pandas, polars or pyarrow.

| name | command | main table | further tables |
|---|---|---|---|
{index}

<!-- This page is written by docs/json_page.py from offramp/render/json/. -->
"""  # noqa: E501


def kind(field: dict[str, Any]) -> str:
    """A field's type in words, with a link to the object that it holds."""
    if "$ref" in field:
        return field["$ref"].rpartition("/")[2].removesuffix("Json")
    if "anyOf" in field:
        return " or ".join(kind(x) for x in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{x}`" for x in field["enum"])
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    words = []
    for one in types:
        if one == "array":
            words.append(f"list of {kind(field['items'])}")
        elif one == "object":
            words.append(f"{kind(field['additionalProperties'])} by name")
        else:
            words.append("date" if field.get("format") == "date" and one == "string" else one)
    return " or ".join(words)


def fields(properties: dict[str, Any], but: tuple[str, ...] = ()) -> list[str]:
    """A table of fields."""
    rows = [
        f"| `{name}` | {kind(f)} | {f.get('description', '')} |"
        for name, f in properties.items()
        if name not in but
    ]
    return ["| field | type | |", "|---|---|---|", *rows, ""]


def section(output: Output) -> str:
    """One output and the objects in it."""
    schema = output.schema()
    lines = [f"## {output.name}", "", f"`{schema['title']}`, of `offramp {output.spoken}`. "]
    lines[-1] += schema["description"]
    lines += ["", *fields(schema["properties"], tuple(Envelope.__annotations__))]
    for name, of in schema.get("$defs", {}).items():
        lines += [f"**{name.removesuffix('Json')}.** {of['description']}", ""]
        lines += fields(of["properties"])
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    index = [
        f"| [{o.name}](#{o.name}) | `{o.spoken}` | {o.table or 'none'} | "
        f"{', '.join(t for t in o.tables if t != o.table)} |"
        for o in OUTPUTS.values()
    ]
    whole = OUTPUTS["check"].schema()["properties"]
    envelope = fields({name: whole[name] for name in Envelope.__annotations__})
    head = HEAD.format(envelope="\n".join(envelope).rstrip(), index="\n".join(index))
    return "\n".join([head, *(section(o) for o in OUTPUTS.values())])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; say if it is another")
    given = parser.parse_args(arguments)
    now, there = page(), PAGE.read_bytes().decode("utf-8") if PAGE.exists() else ""
    if given.check:
        print(f"{PAGE.name} is " + ("up to date" if now == there else "not what the schemas give"))
        return int(now != there)
    if now != there:
        write_all({PAGE: now})
    print(f"{len(OUTPUTS)} outputs, {PAGE.name} " + ("written" if now != there else "up to date"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
