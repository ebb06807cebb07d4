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
    from offramp.api.advice import assumptions, policies, sensitivity, watch
    from offramp.api.arrays import to_datatree
    from offramp.api.authors import assess, compare, evidence, gains, postmortem, reach, score
    from offramp.api.briefs import brief, briefed, handout
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
    from offramp.api.checked import failings
    from offramp.api.documents_in import (
        add_passage,
        add_source,
        find_passage,
        move_passage,
        read_source,
        repair_source,
        suggest_passages,
        undo,
    )
    from offramp.api.drafting import compare_text, drafts, propose
    from offramp.api.forecasts import (
        condition,
        day_by_day,
        diff,
        differences,
        forecast,
        known_forecast,
        replay,
        reweigh,
        scenarios,
        session,
        today,
        why,
    )
    from offramp.api.from_passages import (
        add_element,
        cite_element,
        forms,
        leave_out,
        numbers,
        set_number,
    )
    from offramp.api.hindsight import asked, choice, counterfactual, odds
    from offramp.api.looks import look
    from offramp.api.many import run
    from offramp.api.one_page import essentials, page
    from offramp.api.papers import document
    from offramp.api.pictures import picture
    from offramp.api.played import (
        branch_game,
        environment,
        facilitator_page,
        fold_games,
        kept_games,
        model_seat,
        new_game,
        players,
        review_game,
        seat_page,
        start_game,
        take_up_game,
    )
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
        "move_passage",
        "read_source",
        "repair_source",
        "suggest_passages",
        "undo",
    ),
    "offramp.api.drafting": ("compare_text", "drafts", "propose"),
    "offramp.api.from_passages": (
        "add_element",
        "cite_element",
        "forms",
        "leave_out",
        "numbers",
        "set_number",
    ),
    "offramp.api.forecasts": (
        "condition",
        "day_by_day",
        "diff",
        "differences",
        "forecast",
        "known_forecast",
        "replay",
        "reweigh",
        "scenarios",
        "session",
        "today",
        "why",
    ),
    "offramp.api.authors": (
        "assess",
        "compare",
        "evidence",
        "gains",
        "postmortem",
        "reach",
        "score",
    ),
    "offramp.api.played": (
        "branch_game",
        "environment",
        "facilitator_page",
        "fold_games",
        "kept_games",
        "model_seat",
        "new_game",
        "players",
        "review_game",
        "seat_page",
        "start_game",
        "take_up_game",
    ),
    "offramp.api.hindsight": ("asked", "choice", "counterfactual", "odds"),
    "offramp.api.advice": ("assumptions", "policies", "sensitivity", "watch"),
    "offramp.api.briefs": ("brief", "briefed", "handout"),
    "offramp.api.checked": ("failings",),
    "offramp.api.one_page": ("essentials", "page"),
    "offramp.api.arrays": ("to_datatree",),
    "offramp.api.papers": ("document",),
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
    "add_element",
    "add_passage",
    "add_source",
    "asked",
    "assess",
    "assumptions",
    "branch_game",
    "brief",
    "briefed",
    "cases",
    "check",
    "choice",
    "cite_element",
    "claims",
    "compare",
    "compare_text",
    "condition",
    "counterfactual",
    "coverage",
    "day_by_day",
    "diff",
    "differences",
    "document",
    "drafts",
    "edit",
    "environment",
    "essentials",
    "evidence",
    "facilitator_page",
    "facts",
    "failings",
    "find_passage",
    "fold_games",
    "forecast",
    "forms",
    "gains",
    "grounds",
    "handout",
    "import_reports",
    "kept_games",
    "known_forecast",
    "leave_out",
    "links",
    "load",
    "look",
    "migrate",
    "model_seat",
    "move_passage",
    "new_game",
    "numbers",
    "odds",
    "page",
    "picture",
    "players",
    "policies",
    "postmortem",
    "propose",
    "reach",
    "read_source",
    "repair_source",
    "replay",
    "resting",
    "review_game",
    "reweigh",
    "run",
    "scenarios",
    "schema",
    "score",
    "seat_page",
    "sensitivity",
    "session",
    "set_number",
    "source_text",
    "start_game",
    "suggest_passages",
    "take_up_game",
    "to_datatree",
    "to_dict",
    "to_frame",
    "to_parquet",
    "today",
    "undo",
    "watch",
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
