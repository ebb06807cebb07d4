"""From a passage to the model, as the page asks it: what can be stated of, what is written, and
what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import offramp
from offramp import Case, CaseError, Mistake
from offramp.text import journal
from offramp.web import views
from offramp.web.runs import Progress

WORLDS = 1024  # of each of the two, for a first look
NOUNS = ("state", "unknown", "actor", "event", "belief")


def numbers(case: Case) -> dict[str, Any]:
    """The numbers of the model, its elements, and the forms of new ones with what they may name."""
    crisis = case.crisis
    titles = offramp.links(case).titles
    return {
        "schema": "offramp.web.numbers/1",
        "numbers": [
            {
                "place": n.place,
                "element": n.element,
                "title": n.title,
                "part": n.part,
                "number": n.number,
                "text": n.text,
                "grade": n.grade,
                "passages": list(n.passages),
                "reason": n.reason,
            }
            for n in offramp.numbers(case)
        ],
        "elements": [
            {"address": address, "title": title}
            for address, title in titles.items()
            if address.partition(" ")[0] in NOUNS
        ],
        "forms": [
            {
                "id": f.id,
                "title": f.title,
                "about": f.about,
                "fields": [
                    {
                        "key": x.key,
                        "label": x.label,
                        "kind": x.kind,
                        "default": x.default,
                        "marked": x.marked,
                        "numeric": x.numeric,
                    }
                    for x in f.fields
                ],
            }
            for f in offramp.forms()
        ],
        "unknowns": [u.name for u in crisis.unknowns],
        "named": {
            "actor": _named(crisis.actors),
            "event": _named(crisis.events),
            "quantity": [
                {"name": s.name, "title": s.title or s.name, "levels": list(s.levels)}
                for s in crisis.states
            ],
        },
    }


def _named(parts: Any) -> list[dict[str, Any]]:
    return [{"name": p.name, "title": p.title or p.name, "levels": []} for p in parts]


def stated(case: Case, asked: Mapping[str, Any]) -> Any:
    """What the page asks to be written: `what` is number, element, entry or nothing. Raises Mistake
    for what it cannot be, OfframpError as the library does."""
    passage = _text(asked, "passage")
    mark: dict[str, Any] = {"grade": _text(asked, "grade"), "because": _text(asked, "because")}
    mark["passages"] = [] if mark["grade"] == "assumed" else [passage]
    match asked.get("what"):
        case "number":
            place, value = _text(asked, "place"), _text(asked, "value")
            return offramp.set_number(case, place, value, **mark)
        case "element":
            return offramp.cite_element(case, _text(asked, "element"), passage)
        case "entry":
            fields = asked.get("fields")
            if not isinstance(fields, dict) or not all(isinstance(x, str) for x in fields.values()):
                raise Mistake("`fields` are texts by their keys", "fields")
            of = _text(asked, "of") or None
            return offramp.add_element(case, _text(asked, "form"), fields, of=of, **mark)
        case "nothing":
            return offramp.leave_out(case, passage, _text(asked, "because"))
        case _:
            raise Mistake("`what` is number, element, entry or nothing", "what")


def _text(asked: Mapping[str, Any], key: str) -> str:
    found = asked.get(key, "")
    if not isinstance(found, str):
        raise Mistake(f"`{key}` is a text", key)
    return found


def write(case: Case, asked: Mapping[str, Any]) -> Any:
    """Writes it as one step of the journal, if the file is still the one that was shown (`base`, a
    hash; nothing for a file that is new). Raises as `stated` does, CaseError for what would be
    wrong then, Changed."""
    assert case.folder is not None
    made = stated(offramp.load(case.folder), asked)
    if _base(made) != asked.get("base"):
        raise journal.Changed(f"{made.file} was changed meanwhile: look at it again first")
    if made.found:
        raise CaseError(made.found)
    journal.write(case.folder, {made.file: made.before}, {made.file: made.after}, made.reason)
    return replace(made, written=True)


def _base(made: Any) -> str:
    return "" if made.before is None else journal.digest(made.before)


def written(made: Any) -> dict[str, Any]:
    """An edit as the page shows it: the lines that go and come, and what would be wrong."""
    return {
        "schema": "offramp.web.writing/1",
        "file": made.file,
        "base": _base(made),
        "lines": [{"sign": sign, "number": n, "text": text} for sign, n, text in made.lines],
        "found": [f"{d.message}{f' ({d.help})' if d.help else ''}" for d in made.found],
        "written": made.written,
    }


def effect(case: Case, made: Any, seed: int, progress: Progress) -> dict[str, Any]:
    """What an edit would change, in pairs of worlds of the same dice. Raises CaseError for an edit
    after which the case could not be used."""
    checked = offramp.check(case, over={made.file: made.after})
    if checked.case is None:
        raise CaseError(checked.found)
    done = 0

    def counted(n: int) -> None:
        nonlocal done
        done += n
        progress(done, 2 * WORLDS)

    sessions = offramp.session(case, checked.case, seed=seed)
    old, new = (s.grown(WORLDS, progress=counted) for s in sessions)
    told = views.differences(offramp.differences(old, new), WORLDS, [made.reason])
    asked = {q.id for q in case.questions}
    more = [q.id for q in checked.case.questions if q.id not in asked]
    return told | {"new": more, "basis": [_counted(case), _counted(checked.case)]}


def _counted(case: Case) -> dict[str, int]:
    """How many numbers of the model are stated, sized and assumed."""
    grades = [n.grade for n in offramp.numbers(case)]
    return {grade: grades.count(grade) for grade in ("stated", "sized", "assumed")}
