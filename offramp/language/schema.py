"""JSON Schemas for editors: of crisis.yaml here, of a case's other files in case/schemas.py.

Keys and shapes, and a sentence about each key, which an editor shows. Values are text with marks,
so their inside is not described: `offramp check` judges the rest. A schema refuses nothing that
`check` accepts. The keys are the readers' own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from offramp.language import edits
from offramp.language.build import SECTIONS
from offramp.language.keys import (
    COMMON,
    FORM_KEYS,
    FORM_NEEDS,
    FORMS,
    KEYS,
    PRIORS,
    ROLES,
    STATE_KINDS,
    VERSIONS,
)

Shape = dict[str, Any]

VALUE: Shape = {"type": ["string", "number", "boolean"]}
LIST: Shape = {"type": ["string", "number", "boolean", "null", "array"], "items": VALUE}
FLAG: Shape = {"anyOf": [{"enum": ["yes", "no"]}, {"type": "string", "pattern": "^(yes|no) "}]}


def a(shape: Shape, sentence: str) -> Shape:
    """A shape with what an editor says of it."""
    return {**shape, "description": sentence}


def entry(
    keys: Iterable[str], described: dict[str, Shape], required: Iterable[str] = (), **more: Any
) -> Shape:
    """Keys and values with these keys, all of them described, and no other."""
    listed = tuple(keys)
    assert set(listed) == set(described), set(listed) ^ set(described)
    return {
        "type": "object",
        "properties": {key: described[key] for key in listed},
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def entries(shape: Shape, **more: Any) -> Shape:
    """Names of the case's own with a value of this shape each."""
    return {"type": "object", "additionalProperties": shape, **more}


def choose(words: Iterable[str]) -> Shape:
    """One of some words."""
    return {"enum": list(words)}


def either(*ways: Iterable[str], how: str = "anyOf") -> Shape:
    """At least one of some sets of keys is there; with `oneOf`, exactly one."""
    return {how: [{"required": list(keys)} for keys in ways]}


def whole(file: str, sentence: str, shape: Shape) -> Shape:
    """The schema of a file (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Offramp: {file}",
        "description": sentence,
        **shape,
    }


LABELS: dict[str, Shape] = {
    "name": a(VALUE, "Its name in words, for people."),
    "about": a(VALUE, "One line on what it is."),
    "cites": a(LIST, "The passages that it rests on, by their ids."),
}
assert set(LABELS) == set(COMMON)


def edits_schema() -> Shape:
    """What may stand under `do:`, `if:`, `high:`, `low:` and `without:`."""
    day = "A day in the crisis, as 2020-02-20"
    return entry(
        edits.KEYS,
        {
            "from": a(VALUE, f"{day}: never, cost, urge and rate begin then."),
            "never": a(LIST, "Events that do not happen."),
            "force": a(
                entries(LIST), "Events, or votes as NAME.carried, with the only days they happen."
            ),
            "outcome": a(entries(VALUE), "Events with the outcome that they have each time."),
            "set": a(entries(VALUE), "Unknowns with their value, quantities with their start."),
            "hold": a(entries(VALUE), "Quantities with the value at which they stay."),
            "cost": a(entries(VALUE), "Moves with what they cost more, in units of utility."),
            "urge": a(entries(VALUE), "Moves with how much more each is worth to who chooses it."),
            "rate": a(entries(VALUE), "Chance events with how many times as often they come."),
        },
    )


# ---- crisis.yaml -------------------------------------------------------------------------------

_EFFECTS = "effects, each a quantity with + - = >= or <= and an amount, with its basis."
_BLOC: dict[str, Shape] = {
    "seats": a(VALUE, "How many seats it has, as 54 seats, with the basis."),
    "yes": a(VALUE, "The log-odds that a member votes yes."),
    "needs": a(VALUE, "A gate, 0 to 1, by which the odds that a member votes yes are multiplied."),
    "spread": a(VALUE, "How far its members move together: a sd on the log-odds, 0 by default."),
    "attends": a(VALUE, "The share of its members present, 1 by default."),
    "whole": a(FLAG, "yes: the bloc votes as one."),
    "name": LABELS["name"],
}
_VETO = a(entries(VALUE), "Actors with the log-odds that each of them vetoes.")
_HELD = a(VALUE, "When the vote is held: a date, a clock that rings, or a condition.")
_QUORUM = a(VALUE, "Seats that must be present, as 165 seats.")
_QUOTA = a(VALUE, "half: more than half of those present; or a number of seats.")

_CALLS = a(
    entries(VALUE),
    "Whom it calls (an actor, or actor.agenda), with the probability of an opening next morning.",
)
_OUTCOMES = a(
    entries(
        entry(
            KEYS["outcome"],
            {
                "chance": a(VALUE, "Its probability, 0 to 1; a vote's outcomes have none."),
                "does": a(LIST, f"Its {_EFFECTS}"),
                "calls": _CALLS,
                "name": LABELS["name"],
            },
        )
    ),
    "Named ways in which it may turn out; of a vote `carried` and `lost`.",
)
_VOTE = entry(
    KEYS["vote"],
    {
        "held": _HELD,
        "quorum": _QUORUM,
        "quota": _QUOTA,
        "blocs": a(
            entries(entry(KEYS["bloc"], _BLOC, ("seats", "yes"))), "Those who vote, by bloc."
        ),
        "veto": _VETO,
    },
    ("held", "blocs"),
)
_UNCLAIMED = entry(
    KEYS["unclaimed"],
    {
        "observer": a(VALUE, "The actor who asks who did it."),
        "suspects": a(
            entries(VALUE, minProperties=2),
            "Actors with the rate that the observer expects of each.",
        ),
        "clarity": a(VALUE, "The probability that the signs point at the true culprit, 0 to 1."),
    },
    KEYS["unclaimed"],
)
_EVENT: dict[str, Shape] = {
    **LABELS,
    "by": a(VALUE, "The actor who chooses it."),
    "agenda": a(VALUE, "Its mover's agenda on which it is chosen; none: only along with a deed."),
    "rate": a(VALUE, "How often chance brings it: a rate per day."),
    "on": a(LIST, "The dates on which it happens, or the clock that rings."),
    "as": a(choose(("choice",)), "choice: dated, and seen and learnt from as a choice."),
    "vote": a(_VOTE, "The vote that decides it."),
    "when": a(VALUE, "The condition under which it can happen."),
    "does": a(LIST, f"Its {_EFFECTS}"),
    "outcomes": _OUTCOMES,
    "calls": _CALLS,
    "cost": a(VALUE, "What it costs who chooses it, in units of utility."),
    "urge": a(VALUE, "What is added to its worth beside what it does."),
    "needs": a(VALUE, "A gate, 0 to 1: a factor of the odds to choose it, or of its rate."),
    "once": a(FLAG, "yes: it happens once at most."),
    "pause": a(VALUE, "Days before it can happen again, as 10d."),
    "takes": a(VALUE, "Days from the decision to the deed, as 2d."),
    "consent": a(LIST, "Who must accept, each by its own quantal response."),
    "with": a(LIST, "Words of the same actor that may go along, each decided by yes or no."),
    "private": a(FLAG, "yes: the others do not see it."),
    "shown": a(entries(VALUE), "Actors who see it though it is private, with the condition."),
    "unclaimed": a(_UNCLAIMED, "Nobody says who did it: who asks, and whom they suspect."),
    "forecloses": a(LIST, "Awaited events whose expected worth it gives up."),
    "dice": a(VALUE, "The name whose dice it uses; its own by default."),
}


def _event(
    required: tuple[str, ...] = (), beside: dict[str, Shape] | None = None, **more: Any
) -> Shape:
    """An event, or a form that becomes one and says more."""
    own = beside or {}
    return entry((*KEYS["event"], *own), {**_EVENT, **own}, required, **more)


_STATE = entry(
    KEYS["state"],
    {
        **LABELS,
        "stock": a(VALUE, "A number within bounds, as 0 .. 6 ? points; it starts at `now:`."),
        "share": a(VALUE, "A number from 0 to 1: its start."),
        "ladder": a(LIST, "Its levels by name, the lowest first; it starts at `now:`."),
        "flag": a(VALUE, "True or false: yes or no at the start."),
        "count": a(VALUE, "A count from 0 up: its start."),
        "clock": a(VALUE, "Days until it rings, as 90d, or off."),
        "now": a(VALUE, "Where a stock or a ladder starts, with the basis."),
        "fades": a(VALUE, "Its half-life in days, as 8d."),
        "rest": a(VALUE, "The value to which it fades; the lowest by default."),
    },
    **either(*((k, "now") if k in ("stock", "ladder") else (k,) for k in STATE_KINDS), how="oneOf"),
)
PRIOR: dict[str, Shape] = {
    "between": a(VALUE, "Uniform between two numbers, as .6 .. 2 ~B10."),
    "share": a(VALUE, "A share by its 10% and 90% points, as .3 .. .95 ~B59 (logit-normal)."),
    "scale": a(VALUE, "A positive number by its 10% and 90% points (log-normal)."),
    "normal": a(VALUE, "A number by its 10% and 90% points (normal)."),
    "says": a(VALUE, "Words of estimative probability with the passage, as likely @J20."),
    "among": a(entries(VALUE), "Named values with their probabilities, which sum to 1."),
}
assert set(PRIOR) == set(PRIORS)
ONE_PRIOR = either(*((p,) for p in PRIORS), how="oneOf")
_UNKNOWN = entry(
    KEYS["unknown"],
    {**LABELS, **PRIOR, "dice": a(VALUE, "The name whose dice it uses; its own by default.")},
    **ONE_PRIOR,
)
_FEAR = entry(
    KEYS["fear"],
    {
        "weight": a(VALUE, "What the event would be worth, in units of utility (below 0: bad)."),
        "lasts": a(VALUE, "For how many days a change of its rate lasts, as 11d."),
    },
    KEYS["fear"],
)
_PACE: Shape = {**entries(VALUE), "type": [*VALUE["type"], "object"]}  # one, or by agenda
_ACTOR = entry(
    KEYS["actor"],
    {
        **LABELS,
        "role": a(choose(ROLES), "What it is; who never moves is no decider."),
        "pace": a(
            _PACE,
            "Openings to decide: a rate per day, or one for each agenda.",
        ),
        "precision": a(VALUE, "Lambda of the quantal response, 0 or more."),
        "foresight": a(VALUE, "How many reactions deep it thinks: 0, 1 or 2."),
        "weighs": a(LIST, "Actors whose reactions it thinks about."),
        "sees": a(LIST, "Quantities that who plays it is shown, in place of those by rule."),
        "mood": a(VALUE, "Sd of a lasting random effect on its log-odds to act."),
        "will": a(VALUE, "The share of its own aims in what it does, 0 to 1."),
        "wants": a(entries(VALUE), "Named terms of its utility, each with its basis."),
        "fears": a(entries(_FEAR), "Chance events that it dreads."),
        "awaits": a(
            entries(entries(VALUE)),
            "Dated events worth waiting for, with the odds it gives outcomes.",
        ),
        "dice": a(VALUE, "The name whose dice it uses; its own by default."),
    },
)
_TYPE: Shape = {
    "type": "object",
    "properties": {"prior": a(VALUE, "The probability that the holder gives it, 0 to 1.")},
    "required": ["prior"],
    "additionalProperties": VALUE,
}
_BELIEF = entry(
    KEYS["belief"],
    {
        **LABELS,
        "types": a(
            entries(_TYPE, minProperties=2), "What the other may be: each a prior and unknowns set."
        ),
        "learns": a(VALUE, "Eta of the update, 0 (learns nothing) to 1 (Bayes)."),
        "silence": a(
            entry(
                KEYS["silence"],
                {
                    "after": a(VALUE, "The condition that calls for an answer."),
                    "for": a(VALUE, "For how many days it waits for one, as 10d."),
                    "answers": a(LIST, "Moves that would have answered; any public by default."),
                },
                ("after", "for"),
            ),
            "How silence after a provocation is read.",
        ),
    },
    ("types",),
)

_STEP = _event(
    ("every",),
    {
        "due": a(VALUE, "The date of the first step, decided before."),
        "every": a(VALUE, "Days until a further step can be chosen, as 60d."),
    },
)
_REMEDY = _event(
    FORM_NEEDS["remedy"],
    {
        "runs": a(VALUE, "Days until its time has run out, as 35d."),
        "then": a(LIST, f"When it has run out: {_EFFECTS}"),
        "stopped when": a(VALUE, "The condition under which running out does nothing."),
    },
)
_BODY_VOTE = entry(
    FORM_KEYS["body vote"],
    {
        **LABELS,
        "held": _HELD,
        "quota": _QUOTA,
        "quorum": _QUORUM,
        "yes": a(entries(VALUE), "Blocs with the log-odds that a member votes yes."),
        "spread": _BLOC["spread"],
        "veto": _VETO,
        "carried": a(LIST, f"If it is carried: {_EFFECTS}"),
        "lost": a(LIST, f"If it is lost: {_EFFECTS}"),
        "once": _EVENT["once"],
        "pause": _EVENT["pause"],
        "when": _EVENT["when"],
    },
    ("held", "yes"),
)
_WAY_OUT = entry(
    FORM_KEYS["way out"],
    {
        **{key: shape for key, shape in _EVENT.items() if key != "vote"},
        "to": a(VALUE, "The stage that it leads to; the one before by default."),
    },
)
_STAGE = entry(
    FORM_KEYS["stage"],
    {
        **LABELS,
        "out of hand": a(VALUE, "How often it begins by chance: a rate, which may read `blows`."),
        "entered by": a(LIST, "Events with which it begins."),
        "then": a(LIST, f"When it got out of hand: {_EFFECTS}"),
        "calls": _CALLS,
        "each day": a(LIST, f"On every day of it: {_EFFECTS}"),
        "pace": a(entries(VALUE), "Actors, or ACTOR.AGENDA, with what is added to their pace."),
        "closes": a(LIST, "Events that are not possible in it."),
        "opens": a(LIST, "Events that are possible in it alone."),
        "times": a(entries(VALUE), "Chance events with how many times as often they come."),
        "left by": a(entries(_WAY_OUT), "What ends it: events, by name."),
        "lasts": a(FLAG, "yes: nothing ends it, and that is meant."),
    },
)
_BLOWS: Shape = {
    **entry(
        FORM_KEYS["blows"],
        {
            "fades": a(VALUE, "The half-life of a blow in days, as 4d."),
            "now": a(VALUE, "What is felt at the start; 0 by default."),
        },
        FORM_NEEDS["blows"],
    ),
    "additionalProperties": VALUE,
}
_OBEYS: Shape = {  # a level, or the two
    **entry(
        FORM_KEYS["obeys"],
        {
            "tolerated": a(VALUE, "The lowest level that does not forbid it."),
            "demanded": a(VALUE, "The lowest level that asks for it; without one, none does."),
        },
        ("tolerated",),
    ),
    "type": [*VALUE["type"], "object"],
}
_FORMS: dict[str, Shape] = {
    "body": a(
        entries(
            entry(
                FORM_KEYS["body"],
                {
                    **LABELS,
                    "quorum": _QUORUM,
                    "blocs": a(
                        entries(entry(KEYS["bloc"], _BLOC, ("seats",))), "Its blocs, by name."
                    ),
                    "votes": a(entries(_BODY_VOTE), "Its motions, by name."),
                },
                FORM_NEEDS["body"],
            )
        ),
        "Chambers whose blocs vote on several motions.",
    ),
    "pact": a(
        entries(
            entry(
                FORM_KEYS["pact"],
                {
                    **LABELS,
                    "party": a(VALUE, "The actor who takes the steps."),
                    "stages": a(LIST, "Its stages by name, in order."),
                    "now": a(VALUE, "The stage at the start, with the basis."),
                    "step": a(_STEP, "A step up by one stage: dated, then chosen."),
                    "undo": a(_event(), "A step back down, which the party chooses."),
                    "remedies": a(entries(_REMEDY), "What others can do, with a time that runs."),
                },
                FORM_NEEDS["pact"],
            )
        ),
        "Treaties left in steps, with the others' remedies.",
    ),
    "hazard": a(entries(_event(("rate",))), "Chance events."),
    "proxy": a(
        entries(
            entry(
                FORM_KEYS["proxy"],
                {
                    **LABELS,
                    "of": a(VALUE, "The patron, an actor."),
                    "control": a(VALUE, "0 own aims to 1 does as told; any expression."),
                    "order": a(VALUE, "The ladder that the patron moves."),
                    "discipline": a(VALUE, "What obeying is worth, in units of utility."),
                    "obeys": a(entries(_OBEYS), "Moves with the lowest level that allows each."),
                },
                FORM_NEEDS["proxy"],
            )
        ),
        "Actors of this name under partial control of a patron.",
    ),
    "threat": a(
        entries(
            _event(
                FORM_NEEDS["threat"],
                {
                    "pledge": a(VALUE, "By how much the pledge rises, a share."),
                    "lapses": a(VALUE, "Days until it lapses, as 20d."),
                    "kept by": a(LIST, "Moves that carry it out."),
                    "audience cost": a(VALUE, "Utility per unit of pledge that stands."),
                    "backing down": a(LIST, f"If it lapses unkept: {_EFFECTS}"),
                },
            )
        ),
        "Public warnings that tie the hands of who gives them.",
    ),
    "phase": a(
        entries(
            entry(
                FORM_KEYS["phase"],
                {
                    **LABELS,
                    "stages": a(LIST, "Its stages by name, in order; it begins with the first."),
                    "now": a(VALUE, "The stage at the start; the first by default."),
                    "blows": a(_BLOWS, "A stock that fades, and the events that feed it."),
                },
                FORM_NEEDS["phase"],
                additionalProperties=_STAGE,
            )
        ),
        "Phases of the crisis: stages, each under its name but the first.",
    ),
    "successor": a(
        entries(
            entry(
                FORM_KEYS["successor"],
                {
                    **LABELS,
                    "on": a(VALUE, "The dated event with which it comes, or an outcome of one."),
                    "wants": a(entries(VALUE), "Wants that it has in place of those before."),
                    "new wants": a(entries(VALUE), "Wants that only it has."),
                    "pace": a(_PACE, "Its pace, or those of its agendas that are others."),
                },
                FORM_NEEDS["successor"],
            )
        ),
        "Who comes after an actor of this name, in the same office.",
    ),
    "channel": a(
        entries(
            entry(
                FORM_KEYS["channel"],
                {
                    **LABELS,
                    "between": a(LIST, "The two actors who talk."),
                    "mediator": a(LIST, "The actor who carries messages."),
                    "open": a(VALUE, "Whether it is open at the start: yes or no, with the basis."),
                    "carries": a(LIST, "Private moves that the other end then sees."),
                    "calms": a(LIST, "Chance events whose rate it lowers."),
                    "by": a(VALUE, "The factor of that rate while it is open."),
                    "clears": a(LIST, "Unclaimed events whose doubt it halves."),
                },
                FORM_NEEDS["channel"],
            )
        ),
        "Lines of talk.",
    ),
}


def crisis_schema() -> Shape:
    """The schema of crisis.yaml."""
    event = _event(**either(("by",), ("rate",), ("on",), ("vote",)))
    return whole(
        "crisis.yaml",
        "The crisis: what changes, who acts, what can happen, what is not known.",
        entry(
            (*SECTIONS, *FORMS),
            {
                "crisis": a(VALUE, "The title."),
                "language": a(
                    {"enum": [*VERSIONS, *map(str, VERSIONS)]},
                    "The version of the language; 1 where none is said.",
                ),
                "from": a(VALUE, "The first simulated day, as 2020-01-03."),
                "to": a(
                    VALUE, "The last day that may be asked about, as 2020-12-31; ten years at most."
                ),
                "show": a(LIST, "Quantities whose daily bands are kept, first the fan's ladder."),
                "show until": a(
                    VALUE, "The last day of what is shown whole; as `to:` where it is not said."
                ),
                "limits": a(LIST, "Sentences of warning that the brief prints."),
                "state": a(entries(_STATE), "What changes: quantities, by name."),
                "actor": a(entries(_ACTOR), "Who wants: actors, by name."),
                "event": a(entries(event), "What can happen: by choice, chance, date or vote."),
                "unknown": a(entries(_UNKNOWN), "What nobody knows: drawn once per world."),
                "belief": a(entries(_BELIEF), "What actors do not know of each other: A about B."),
                **_FORMS,
            },
            ("from", "to"),
        ),
    )
