"""All outputs, by name: how each is made, its schema, and the rows that a table has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from offramp.render.json.shapes import schema_of
from offramp.text import plain_json


@dataclass(frozen=True)
class Output:
    """One output of `--json`.

    name    as in `offramp.NAME/1`
    shape   its TypedDict, in the module NAME_json beside this one
    command what prints it
    result  the type of the value that a study gives, '' where there is no such value
    table   where its main rows are: a key of the output, then keys of each row that holds further
            rows; '' where it has none
    about   fields of the output without which a row would not say what it is of: the author, the
            edit, the day
    option  of the command, without which it prints another output
    exact   printed to the last bit. Elsewhere sums over worlds are rounded, since their last bits
            are the processor's
    """

    name: str
    shape: str
    command: str
    result: str
    table: str
    about: tuple[str, ...] = ()
    exact: bool = False
    option: str = ""

    @property
    def spoken(self) -> str:
        """The command with its option."""
        return f"{self.command} {self.option}".strip()

    @property
    def module(self) -> Any:
        return import_module(f"offramp.render.json.{self.name.replace('-', '_')}_json")

    @property
    def title(self) -> str:
        return str(self.module.SCHEMA)

    @property
    def tables(self) -> list[str]:
        """The names of its tables, the main one first; further rows of a row stand after a dot."""
        if not self.table:
            return []
        found = [self.table]
        for key, row in _tables(self.schema(), self.schema()["properties"]):
            found += [key, *(f"{key}.{k}" for k, _ in _tables(self.schema(), row))]
        return list(dict.fromkeys(found))

    def schema(self) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12)."""
        module = self.module
        return schema_of(getattr(module, self.shape), self.title, getattr(module, "MORE", {}))


OUTPUTS = {
    o.name: o
    for o in (
        Output("check", "CheckJson", "check", "Check", "diagnostics", exact=True),
        Output(
            "odds",
            "OddsJson",
            "check",
            "Odds",
            "actors.moves",
            ("assessment", "date"),
            option="--odds DAY",
        ),
        Output("migrate", "MigrateJson", "migrate", "Migration", "edits", exact=True),
        Output("verify", "VerifyJson", "sources verify", "", "", exact=True),
        Output("suggest", "SuggestJson", "passages suggest", "", "", exact=True),
        Output("coverage", "CoverageJson", "coverage", "Coverage", "rows", exact=True),
        Output(
            "drafts",
            "DraftsJson",
            "sources draft",
            "Drafts",
            "candidates",
            ("document",),
            exact=True,
        ),
        Output(
            "compare-text",
            "CompareTextJson",
            "sources compare",
            "TextCompared",
            "look",
            exact=True,
        ),
        Output(
            "propose",
            "ProposeJson",
            "sources propose",
            "Proposed",
            "candidates",
            ("document",),
            exact=True,
        ),
        Output("claims", "ClaimsJson", "claims", "Examination", "claims"),
        Output("facts", "FactsJson", "facts", "Plausibility", "facts"),
        Output("forecast", "ForecastJson", "forecast", "Forecast", "answers", exact=True),
        Output(
            "diff", "DiffJson", "diff", "Diff", "answers", ("old_name", "new_name", "new_sha256")
        ),
        Output("why", "WhyJson", "why", "Why", "drivers", ("question", "given")),
        Output(
            "condition", "ConditionJson", "condition", "Conditioned", "answers", ("assessment",)
        ),
        Output("today", "TodayJson", "today", "Today", "changes", ("assessment", "since")),
        Output(
            "scenarios",
            "ScenariosJson",
            "scenarios",
            "Scenarios",
            "found",
            ("assessment", "first", "last"),
        ),
        Output(
            "compare", "CompareJson", "compare", "Comparison", "differences", ("first", "second")
        ),
        Output("evidence", "EvidenceJson", "evidence", "Diagnosticity", "rows"),
        Output("assess", "AssessJson", "assess", "ByAuthor of Assessed", "assessments.judgements"),
        Output("reach", "ReachesJson", "reach", "ByAuthor of Reach", "judgements"),
        Output("score", "ScoresJson", "score", "Scored", "scores"),
        Output(
            "postmortem",
            "PostmortemJson",
            "postmortem",
            "Postmortem",
            "authors",
            ("question", "given", "outcome"),
        ),
        Output("butfor", "ButForJson", "butfor", "ButFor", "past", ("assessment", "edit", "day")),
        Output(
            "choice", "ChoiceOfJson", "choice", "Choice", "moves", ("assessment", "actor", "date")
        ),
        Output(
            "gains",
            "GainsJson",
            "gains",
            "ByAuthor of Gains",
            "assessments.gains",
            ("first", "last"),
        ),
        Output("asked", "AskedJson", "asked", "Answered", "asked", exact=True),
        Output("policies", "PoliciesJson", "policies", "Compared", "table", ("window",)),
        Output("assumptions", "AssumptionsJson", "assumptions", "Assumptions", "assumptions"),
        Output("sensitivity", "SensitivityJson", "sensitivity", "Sensitivity", "questions.sobol"),
        Output("watch", "WatchJson", "watch", "Signposts", "questions.signs", ("assessment",)),
        Output("review", "ReviewJson", "review", "Review", "decisions", ("world",)),
        Output("games", "GamesJson", "review", "Folded", "games", option="GAME GAME ..."),
        Output("rooms", "RoomsJson", "rooms", "", ""),
        Output("verify-ledger", "LedgerJson", "ledger verify", "", "", exact=True),
    )
}


def told(output: Output, made: Mapping[str, Any]) -> dict[str, Any]:
    """An output as it is printed: null for an error that is not known, sums rounded."""
    plain = plain_json.told(made)
    printed: Any = plain if output.exact else plain_json.rounded(plain)
    return dict(printed)


def output_of(result: object) -> Output | None:
    """The output of a study's result, by the name of its type."""
    name = type(result).__name__
    if name == "ByAuthor":
        name += f" of {getattr(result, 'of', '')}"
    return next((o for o in OUTPUTS.values() if o.result and o.result == name), None)


def _tables(schema: dict[str, Any], properties: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The keys whose values are lists of objects, and the properties of these."""
    found = []
    for key, value in properties.items():
        lists = [v for v in [value, *value.get("anyOf", [])] if v.get("type") == "array"]
        for reference in [v["items"]["$ref"] for v in lists if "$ref" in v["items"]]:
            found.append((key, schema["$defs"][reference.rpartition("/")[2]]["properties"]))
    return found
