"""Any YAML 1.2 text as a tree of text with positions.

Built on ruamel.yaml's `compose`, which keeps the place of every node. What YAML would let pass
silently (two equal keys, aliases, tags) is reported here.
"""

from __future__ import annotations

import re

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import MAX_DEPTH, STRANGE, Mapping, Node, Sequence, Text, strange

_ESCAPE_WIDTH = {"x": 4, "u": 6, "U": 10}  # in double quotes; every other escape has 2 characters
_TOO_FAR = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}")  # no such character in Unicode


def read(text: str, shown: str, found: Diagnostics) -> Node | None:
    """The tree of a YAML text, or None with the reason in `found`."""
    reader = YAML(typ="rt", pure=True)
    try:
        root = reader.compose(text)
    except RecursionError:
        found.error(Span(shown, 1, 1), "too-deep", f"nested deeper than {MAX_DEPTH} levels")
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(shown, mark.line + 1, mark.column + 1) if mark else Span(shown, 1, 1)
        problem = (error.problem or "not YAML").strip()
        found.error(span, "yaml", f"this is not valid YAML: {problem}", _yaml_help(problem))
        return None
    except (ValueError, OverflowError):
        match = _TOO_FAR.search(text)
        before = text[: match.start()] if match else ""
        span = Span(shown, before.count("\n") + 1, len(before) - before.rfind("\n"))
        found.error(span, "yaml", "this is not valid YAML: no character has this number")
        return None
    except YAMLError as error:
        found.error(Span(shown, 1, 1), "yaml", f"this is not valid YAML: {error}".split("\n")[0])
        return None
    if root is None:
        found.error(Span(shown, 1, 1), "empty", "the file is empty", "see `offramp new NAME`")
        return None
    return _node(root, text.split("\n"), shown, found, set(), 0)


def _yaml_help(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "a ': ' inside a value? put the whole value in double quotes"
    if "cannot start any token" in problem:
        return "a value may not begin with '@' or '`'; a mark stands behind its number"
    if "undefined alias" in problem:
        return "'*name' is an alias in YAML; write a product as 'a * b' with something before it"
    return ""


def _node(
    node: object, lines: list[str], shown: str, found: Diagnostics, seen: set[int], depth: int
) -> Node | None:
    mark = node.start_mark  # type: ignore[attr-defined]
    span = Span(shown, mark.line + 1, mark.column + 1)
    if depth > MAX_DEPTH:
        found.error(span, "too-deep", f"nested deeper than {MAX_DEPTH} levels")
        return None
    if id(node) in seen:
        found.error(
            span,
            "alias",
            "a YAML alias repeats this node; a crisis file says everything where it stands",
            "write the value out",
        )
        return None
    seen.add(id(node))
    if not _bare(lines, span, found):
        return None
    if isinstance(node, ScalarNode):
        text = _scalar(node, lines, span)
        wrong = STRANGE.search(text.value)
        if wrong is not None:  # written as an escape, in double quotes
            strange(wrong.group(), text.at(wrong.start()), found)
            return None
        return text
    if isinstance(node, SequenceNode):
        children = (_node(n, lines, shown, found, seen, depth + 1) for n in node.value)
        return Sequence(tuple(c for c in children if c is not None), span)
    assert isinstance(node, MappingNode)
    entries: list[tuple[Text, Node]] = []
    first: dict[str, Span] = {}
    for key_node, value_node in node.value:
        key = _node(key_node, lines, shown, found, seen, depth + 1)
        value = _node(value_node, lines, shown, found, seen, depth + 1)
        if not isinstance(key, Text):
            if key is not None:
                found.error(key.span, "key", "a key must be a plain word")
            continue
        if key.value in first:
            found.error(
                key.span,
                "duplicate-key",
                f"'{key.value}' stands here a second time",
                f"the first is in line {first[key.value].line}; remove or rename one",
            )
            continue
        first[key.value] = key.span
        if isinstance(value, Text) and not value.value and not value_node.style:
            value = Text("", key.span)  # nothing stands there; YAML places it at the next token
        if value is not None:
            entries.append((key, value))
    return Mapping(tuple(entries), span)


def _bare(lines: list[str], span: Span, found: Diagnostics) -> bool:
    """Whether a node stands without a tag or an anchor, which YAML would let pass silently."""
    first = lines[span.line - 1][span.column - 1 : span.column] if span.line <= len(lines) else ""
    if first == "!":
        found.error(
            span,
            "tag",
            "a YAML tag: a crisis file has only text, lists and mappings",
            "remove the word that begins with '!', or put the value in double quotes",
        )
    if first == "&":
        found.error(
            span,
            "alias",
            "a YAML anchor; a crisis file says everything where it stands",
            "remove the word that begins with '&', or put the value in double quotes",
        )
    return first not in ("!", "&")


def _scalar(node: ScalarNode, lines: list[str], span: Span) -> Text:
    """The scalar with the place of each character.

    YAML folds line breaks and unescapes quotes; walking value and source side by side keeps
    places exact.
    """
    # The reader marks the folds of '>' by a bell, to write them again as they were.
    value: str = node.value.replace("\a", "") if node.style == ">" else node.value
    line, column = node.start_mark.line, node.start_mark.column
    if node.style in ("|", ">"):
        line, column = line + 1, 0
    elif node.style in ('"', "'"):
        column += 1
    end = (node.end_mark.line, node.end_mark.column)
    places: list[tuple[int, int]] = []
    for char in value:
        width = 1
        while (line, column) < end and line < len(lines):
            row = lines[line]
            if node.style == '"' and row[column : column + 1] == "\\":
                if column + 1 < len(row):
                    width = _ESCAPE_WIDTH.get(row[column + 1], 2)
                    break
                line, column = line + 1, 0  # an escaped line break is nothing
                column = len(lines[line]) - len(lines[line].lstrip())
            elif column >= len(row):
                if char in " \n":
                    break
                line, column = line + 1, 0
            elif row[column] == char:
                break
            else:
                column += 1
        places.append((line + 1, column + 1))
        if line < len(lines) and column < len(lines[line]):
            column += width
        else:
            line, column = line + 1, 0
            while line < len(lines) and column < len(lines[line]) and lines[line][column] == " ":
                column += 1
    length = len(value) if span.line == node.end_mark.line + 1 else 1
    return Text(
        value,
        Span(
            span.file,
            places[0][0] if places else span.line,
            places[0][1] if places else span.column,
            max(1, length),
        ),
        tuple(places),
    )
