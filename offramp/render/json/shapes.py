"""JSON Schemas of outputs, made of the TypedDicts that the outputs are written as."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from offramp.render.json.envelope import Format
from offramp.text.plain_json import ERRORS

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def schema_of(shape: type, title: str, more: Mapping[type, Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a TypedDict and of those within it, each once under `$defs`.

    more  of a TypedDict that has keys which nobody can name beforehand (an author's): their type
    """
    defs: dict[str, Any] = {}
    whole = _object(shape, defs, more)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **whole,
        **({"$defs": defs} if defs else {}),
    }


def _object(shape: type, defs: dict[str, Any], more: Mapping[type, Any]) -> dict[str, Any]:
    hints = get_type_hints(shape, include_extras=True)
    properties, required = {}, []
    for name, hint in hints.items():
        # `__required_keys__` misses NotRequired among annotations that are text (Python 3.11).
        if get_origin(hint) is NotRequired:
            hint = get_args(hint)[0]
        else:
            required.append(name)
        made = _of(hint, defs, more)
        if name.endswith(ERRORS):
            # That of a single world is not known: `plain_json.told` makes it null.
            held = made.get("additionalProperties", made)
            held["type"] = ["number", "null"]
        properties[name] = made
    return {
        "description": " ".join((shape.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": _of(more[shape], defs, more) if shape in more else False,
    }


def _of(hint: Any, defs: dict[str, Any], more: Mapping[type, Any]) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        made = _of(inner[0], defs, more)
        for note in inner[1:]:
            made |= {"format": note.name} if isinstance(note, Format) else {"description": note}
        return made
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        parts = [_of(x, defs, more) for x in inner]
        if all(set(p) <= {"type", "format"} and isinstance(p.get("type"), str) for p in parts):
            formats = {k: v for p in parts for k, v in p.items() if k == "format"}
            return {"type": [p["type"] for p in parts], **formats}
        return {"anyOf": parts}
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": _of(inner[0], defs, more)}
    if origin in (dict, Mapping):
        values = _of(inner[1], defs, more)
        return {"type": "object", "additionalProperties": values}
    if is_typeddict(hint):
        name = hint.__name__
        if name not in defs:
            defs[name] = {}
            defs[name] = _object(hint, defs, more)
        return {"$ref": f"#/$defs/{name}"}
    return {"type": _PLAIN[hint]}
