"""The words that a crisis file may use as keys, each said once: for the readers, and for the schema
that editors use."""

from __future__ import annotations

COMMON = ("name", "about", "cites")
STATE_KINDS = ("stock", "share", "ladder", "flag", "count", "clock")
PRIORS = ("between", "share", "scale", "normal", "says", "among")
FORMS = ("body", "pact", "hazard", "proxy", "threat", "channel", "phase", "successor")
VERSIONS = (1, 2)  # of the language, the last the present one
NO_AGENDA = "none"  # of a move that is never chosen by itself
ROLES = ("decider", "audience", "organ", "process", "mediator")
KEYS: dict[str, tuple[str, ...]] = {  # what an entry may say, and what stands within it
    "state": (*COMMON, *STATE_KINDS, "now", "fades", "rest"),
    "unknown": (*COMMON, *PRIORS, "dice"),
    "actor": (
        *COMMON,
        "role",
        "pace",
        "precision",
        "foresight",
        "weighs",
        "sees",
        "mood",
        "will",
        "wants",
        "fears",
        "awaits",
        "dice",
    ),
    "fear": ("weight", "lasts"),
    "event": (
        *COMMON,
        "by",
        "agenda",
        "rate",
        "on",
        "as",
        "vote",
        "when",
        "does",
        "outcomes",
        "calls",
        "cost",
        "urge",
        "needs",
        "once",
        "pause",
        "takes",
        "consent",
        "with",
        "private",
        "shown",
        "unclaimed",
        "forecloses",
        "dice",
    ),
    "outcome": ("chance", "does", "calls", "name"),
    "vote": ("held", "quorum", "quota", "blocs", "veto"),
    "bloc": ("seats", "yes", "needs", "spread", "attends", "whole", "name"),
    "unclaimed": ("observer", "suspects", "clarity"),
    "belief": (*COMMON, "types", "learns", "silence"),
    "silence": ("after", "for", "answers"),
}
# What a form may say, or what it may say beside what an event says.
FORM_KEYS: dict[str, tuple[str, ...]] = {
    "body": (*COMMON, "quorum", "blocs", "votes"),
    "body vote": (
        *COMMON,
        "held",
        "quota",
        "quorum",
        "yes",
        "spread",
        "veto",
        "carried",
        "lost",
        "once",
        "pause",
        "when",
    ),
    "pact": (*COMMON, "party", "stages", "now", "step", "undo", "remedies"),
    "step": ("due", "every"),
    "remedy": ("runs", "then", "stopped when"),
    "proxy": (*COMMON, "of", "control", "order", "discipline", "obeys"),
    "obeys": ("tolerated", "demanded"),
    "threat": ("pledge", "lapses", "kept by", "audience cost", "backing down"),
    "phase": (*COMMON, "stages", "now", "blows"),  # beside its stages by name
    "blows": ("fades", "now"),  # beside events by name
    "stage": (
        *COMMON,
        "out of hand",
        "entered by",
        "then",
        "calls",
        "each day",
        "pace",
        "closes",
        "opens",
        "times",
        "left by",
        "lasts",
    ),
    "way out": (*(k for k in KEYS["event"] if k != "vote"), "to"),
    "successor": (*COMMON, "on", "wants", "new wants", "pace"),
    "channel": (*COMMON, "between", "mediator", "open", "carries", "calms", "by", "clears"),
}
FORM_NEEDS: dict[str, tuple[str, ...]] = {
    "body": ("blocs", "votes"),
    "pact": ("party", "stages", "now", "step"),
    "remedy": ("by", "runs"),
    "proxy": ("of", "control", "order", "discipline"),
    "threat": ("by", "pledge", "lapses", "audience cost"),
    "channel": ("between", "open"),
    "phase": ("stages",),
    "successor": ("on",),
    "blows": ("fades",),
}
