"""A JSON Schema of crisis.yaml, for editors: keys and shapes. `offramp check` judges the rest."""

from __future__ import annotations

from typing import Any

from offramp.language.actors import ROLES
from offramp.language.quantities import PRIORS, STATE_KINDS
from offramp.language.readers import COMMON

_VALUE = {"type": ["string", "number", "boolean"]}
_LIST = {"type": "array", "items": _VALUE}
_LABELS: dict[str, Any] = {**dict.fromkeys(COMMON, _VALUE), "cites": {"anyOf": [_VALUE, _LIST]}}


def _entry(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**_LABELS, **properties},
        "required": list(required),
        "additionalProperties": False,
    }


def _entries(entry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": entry}


def _values(*keys: str) -> dict[str, Any]:
    return dict.fromkeys(keys, _VALUE)


def _outcomes() -> dict[str, Any]:
    return _entries(_entry({"chance": _VALUE, "does": _LIST}))


_EVENT: dict[str, Any] = {
    **_values(
        "by", "rate", "when", "cost", "urge", "once", "pause", "takes", "consent", "private", "dice"
    ),
    "on": {"anyOf": [_VALUE, _LIST]},
    "does": _LIST,
    "outcomes": _outcomes(),
    "forecloses": {"anyOf": [_VALUE, _LIST]},
    "shown": _entries(_VALUE),
    "unclaimed": _entry({**_values("observer", "clarity"), "suspects": _entries(_VALUE)}),
    "vote": _entry(
        {
            **_values("held", "quorum", "quota"),
            "blocs": _entries(_entry(_values("seats", "yes", "spread", "attends", "whole"))),
            "veto": _entries(_VALUE),
        },
        ("held", "blocs"),
    ),
}

_ACTOR: dict[str, Any] = {
    **_values("pace", "precision", "foresight", "mood", "will", "dice"),
    "role": {"enum": list(ROLES)},
    "weighs": {"anyOf": [_VALUE, _LIST]},
    "wants": _entries(_VALUE),
    "fears": _entries(_entry(_values("weight", "lasts"), ("weight", "lasts"))),
    "awaits": _entries(_entries(_VALUE)),
}

_STATE: dict[str, Any] = {
    **_values(*(k for k in STATE_KINDS if k != "ladder"), "now", "fades", "rest"),
    "ladder": _LIST,
}

_UNKNOWN: dict[str, Any] = {
    **_values(*(p for p in PRIORS if p != "among"), "dice"),
    "among": _entries(_VALUE),
}

_FORMS: dict[str, dict[str, Any]] = {
    "hazard": _entry(_EVENT, ("rate",)),
    "body": _entry(
        {
            "quorum": _VALUE,
            "blocs": _entries(_entry(_values("seats", "spread", "attends", "whole"))),
            "votes": _entries(
                _entry(
                    {
                        **_values("held", "quota", "quorum", "spread", "once", "pause", "when"),
                        "yes": _entries(_VALUE),
                        "veto": _entries(_VALUE),
                        "carried": _LIST,
                        "lost": _LIST,
                    },
                    ("held", "yes"),
                )
            ),
        },
        ("blocs", "votes"),
    ),
    "pact": _entry(
        {
            **_values("party", "now"),
            "stages": _LIST,
            "step": _entry({**_EVENT, **_values("due", "every")}, ("every",)),
            "undo": _entry(_EVENT),
            "remedies": _entries(
                _entry({**_EVENT, **_values("runs", "stopped when"), "then": _LIST}, ("by", "runs"))
            ),
        },
        ("party", "stages", "now", "step"),
    ),
    "proxy": _entry(
        {**_values("of", "control", "order", "discipline"), "obeys": _entries(_VALUE)},
        ("of", "control", "order", "discipline"),
    ),
    "threat": _entry(
        {
            **_EVENT,
            **_values("pledge", "lapses", "audience cost"),
            "kept by": {"anyOf": [_VALUE, _LIST]},
            "backing down": _LIST,
        },
        ("by", "pledge", "lapses", "audience cost"),
    ),
    "channel": _entry(
        {
            **_values("mediator", "open", "by"),
            **{k: {"anyOf": [_VALUE, _LIST]} for k in ("between", "carries", "calms", "clears")},
        },
        ("between", "open"),
    ),
}


def crisis_schema() -> dict[str, Any]:
    """The schema (draft 2020-12). Values are text with marks, so their inside is not described."""
    belief = _entry(
        {
            "types": _entries({"type": "object", "required": ["prior"]}),
            "learns": _VALUE,
            "silence": _entry(
                {**_values("after", "for"), "answers": {"anyOf": [_VALUE, _LIST]}}, ("after", "for")
            ),
        },
        ("types",),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Offramp crisis",
        "type": "object",
        "properties": {
            **_values("crisis", "from", "to"),
            "limits": {"anyOf": [_VALUE, _LIST]},
            "show": {"anyOf": [_VALUE, _LIST]},
            "state": _entries(_entry(_STATE)),
            "actor": _entries(_entry(_ACTOR)),
            "event": _entries(_entry(_EVENT)),
            "unknown": _entries(_entry(_UNKNOWN)),
            "belief": _entries(belief),
            **{form: _entries(entry) for form, entry in _FORMS.items()},
        },
        "required": ["crisis", "from", "to"],
        "additionalProperties": False,
    }
