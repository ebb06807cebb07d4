"""Offramp: written assessments of a crisis made explicit, cited, executable and scorable.

    import offramp

    case = offramp.load("us-iran-2020")
    forecast = offramp.forecast(case, worlds=2000)
    offramp.brief(case, forecast, "brief.html")

Every name below is public; the modules behind them are not, and may change from one version to the
next. They are imported when they are first used, so that `import offramp` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from offramp.version import __version__ as __version__

if TYPE_CHECKING:
    from offramp.api.advice import policies, sensitivity
    from offramp.api.arrays import to_datatree
    from offramp.api.authors import assess, compare, gains, postmortem, reach, score
    from offramp.api.briefs import brief
    from offramp.api.cases import (
        cases,
        check,
        claims,
        coverage,
        edit,
        facts,
        grounds,
        import_reports,
        links,
        load,
        migrate,
        resting,
        source_text,
        whatifs,
    )
    from offramp.api.documents_in import (
        add_passage,
        add_source,
        find_passage,
        read_source,
        repair_source,
        suggest_passages,
        undo,
    )
    from offramp.api.drafting import compare_text, drafts
    from offramp.api.forecasts import (
        condition,
        day_by_day,
        diff,
        differences,
        forecast,
        known_forecast,
        replay,
        reweigh,
        session,
        why,
    )
    from offramp.api.hindsight import asked, choice, counterfactual, odds
    from offramp.api.looks import look
    from offramp.api.many import run
    from offramp.api.pictures import picture
    from offramp.api.values import schema, to_dict, to_frame, to_parquet
    from offramp.case.case import Case
    from offramp.errors import Mistake, Needs, OfframpError, Unanswerable
    from offramp.text.diagnostics import CaseError

_WHERE = {
    "offramp.api.cases": (
        "cases",
        "check",
        "claims",
        "coverage",
        "edit",
        "facts",
        "grounds",
        "import_reports",
        "links",
        "load",
        "migrate",
        "resting",
        "source_text",
        "whatifs",
    ),
    "offramp.api.documents_in": (
        "add_passage",
        "add_source",
        "find_passage",
        "read_source",
        "repair_source",
        "suggest_passages",
        "undo",
    ),
    "offramp.api.drafting": ("compare_text", "drafts"),
    "offramp.api.forecasts": (
        "condition",
        "day_by_day",
        "diff",
        "differences",
        "forecast",
        "known_forecast",
        "replay",
        "reweigh",
        "session",
        "why",
    ),
    "offramp.api.authors": ("assess", "compare", "gains", "postmortem", "reach", "score"),
    "offramp.api.hindsight": ("asked", "choice", "counterfactual", "odds"),
    "offramp.api.advice": ("policies", "sensitivity"),
    "offramp.api.briefs": ("brief",),
    "offramp.api.arrays": ("to_datatree",),
    "offramp.api.pictures": ("picture",),
    "offramp.api.values": ("schema", "to_dict", "to_frame", "to_parquet"),
    "offramp.api.looks": ("look",),
    "offramp.api.many": ("run",),
    "offramp.case.case": ("Case",),
    "offramp.errors": ("Mistake", "Needs", "OfframpError", "Unanswerable"),
    "offramp.text.diagnostics": ("CaseError",),
}
_NAMES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Case",
    "CaseError",
    "Mistake",
    "Needs",
    "OfframpError",
    "Unanswerable",
    "add_passage",
    "add_source",
    "asked",
    "assess",
    "brief",
    "cases",
    "check",
    "choice",
    "claims",
    "compare",
    "compare_text",
    "condition",
    "counterfactual",
    "coverage",
    "day_by_day",
    "diff",
    "differences",
    "drafts",
    "edit",
    "facts",
    "find_passage",
    "forecast",
    "gains",
    "grounds",
    "import_reports",
    "known_forecast",
    "links",
    "load",
    "look",
    "migrate",
    "odds",
    "picture",
    "policies",
    "postmortem",
    "reach",
    "read_source",
    "repair_source",
    "replay",
    "resting",
    "reweigh",
    "run",
    "schema",
    "score",
    "sensitivity",
    "session",
    "source_text",
    "suggest_passages",
    "to_datatree",
    "to_dict",
    "to_frame",
    "to_parquet",
    "undo",
    "whatifs",
    "why",
]


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module 'offramp' has no attribute '{name}'")
    value = getattr(import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
