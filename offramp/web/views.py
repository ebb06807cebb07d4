"""What the page is told of a case, as plain values: each with its schema, none with a path of this
machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import offramp
from offramp import Case, OfframpError, Unanswerable
from offramp.text.journal import digest


def shelf(cases: dict[str, Case], shipped: frozenset[str]) -> dict[str, Any]:
    rows = [
        {
            "id": name,
            "title": case.crisis.title,
            "first": case.crisis.first.isoformat(),
            "last": case.crisis.shown_last.isoformat(),
            "questions": len(case.questions),
            "documents": len(case.documents),
            "passages": len(case.passages),
            "shipped": name in shipped,
        }
        for name, case in cases.items()
    ]
    return {"schema": "offramp.web.shelf/1", "cases": rows}


def summary(case: Case) -> dict[str, Any]:
    """What stands around every screen: who, until when, by which documents, what is asked."""
    crisis = case.crisis
    return {
        "schema": "offramp.web.case/1",
        "id": case.id,
        "title": crisis.title,
        "model_sha256": case.model_sha256,
        "first": crisis.first.isoformat(),
        "last": crisis.shown_last.isoformat(),
        "reports": "history.csv" in case.texts.texts,
        "limits": [str(x) for x in crisis.limits],
        "actors": [{"name": a.name, "title": a.title} for a in crisis.actors],
        "events": [{"name": e.name, "title": e.title, "by": e.by} for e in crisis.events],
        "documents": [
            {
                "id": d.id,
                "title": d.title,
                "author": d.author,
                "publisher": d.publisher,
                "date": d.date.isoformat(),
                "dating": d.dating.words,
                "licence": d.licence,
                "start": d.start,
                "end": d.end,
            }
            for d in case.documents.values()
        ],
        "questions": [
            {
                "id": q.id,
                "text": q.text,
                "kind": q.kind_of,
                "clause": q.clause,
                "headline": q.headline,
                "window": [q.first.isoformat(), q.last.isoformat()],
                "given": q.where,
                "supposes": [e.words for e in q.supposes],
                "cites": list(q.cites),
                "resolves": q.resolves,
            }
            for q in case.questions
        ],
        "policies": [
            {
                "id": p.id,
                "name": p.name,
                "addressee": list(p.addressee),
                "cites": list(p.cites),
                "does": list(p.does),
                "note": p.note,
                "inexpressible": p.inexpressible,
            }
            for p in case.policies
        ],
        "assessments": [
            {"id": a.id, "title": a.title, "about": a.about, "document": a.document}
            for a in case.assessments.values()
        ],
    }


def passages(case: Case) -> dict[str, Any]:
    """All passages in the order of the documents, with what rests on each."""
    rests, places = offramp.resting(case), {d: k for k, d in enumerate(case.documents)}
    ordered = sorted(
        case.passages.values(), key=lambda p: (places.get(p.document, 99), p.start, p.id)
    )
    rows = [
        {
            "id": p.id,
            "document": p.document,
            "start": p.start,
            "end": p.end,
            "paraphrase": p.paraphrase,
            "phrase": p.phrase,
            "rests": list(rests.get(p.id, ())),
        }
        for p in ordered
    ]
    return {"schema": "offramp.web.passages/1", "passages": rows}


def texts(case: Case, text: Callable[[str], str]) -> dict[str, Any]:
    """Of each document whether its text is at hand, and if not, why. `text` gives that of one, or
    raises Unanswerable."""

    def absent(document: str) -> str:
        try:
            text(document)
        except Unanswerable as error:
            return str(error)
        return ""

    rows = [{"document": id, "absent": absent(id)} for id in case.documents]
    return {"schema": "offramp.web.texts/1", "texts": rows}


def text(document: str, content: str) -> dict[str, Any]:
    """The text of a document. It is its author's, so it stays on this machine: no answer is kept
    by the browser (`guard.HEADERS`), and no saved page has it (`saved.saved`)."""
    return {"schema": "offramp.web.text/1", "document": document, "text": content}


def candidates(case: Case, document: str, sources: Path | None) -> dict[str, Any]:
    """The sentences of a document that bear a sign of what is worth a passage, and those that no
    passage touches: places, and reasons in words. Raises Unanswerable without its text."""
    found = offramp.drafts(case, document, sources=sources)
    reading = offramp.suggest_passages(case, document, sources=sources)
    rows = [
        {
            "start": c.sentence.start,
            "end": c.sentence.end,
            "kind": c.kind,
            "band": c.band,
            "reason": c.reason,
        }
        for c in found.candidates
    ]
    return {
        "schema": "offramp.web.candidates/1",
        "document": document,
        "sentences": found.sentences,
        "candidates": rows,
        "untouched": [{"start": s.start, "end": s.end} for s in reading.untouched],
    }


def beside(case: Case, source: Any, sources: Any) -> dict[str, Any] | None:
    """The new text beside the documents of the case whose texts are at hand; None without any. By
    rule: what to look at, and nothing of what is right."""
    own, hashed = source.text[source.start : source.end], digest(source.text)
    try:
        found = offramp.compare_text(case, own, sources=sources)
    except OfframpError:  # empty, or too long to be compared
        return None
    if not found.against:
        return None
    return {
        "same": next((id for id, d in case.documents.items() if d.sha256 == hashed), None),
        "against": list(found.against),
        "sentences": found.sentences,
        "repeated": len(found.standing),
        "passages": [p.passage for p in found.passages],
        "look": [{"why": why, "words": own[s.start : s.end][:200]} for why, s in found.look],
    }


def incoming(source: Any) -> dict[str, Any]:
    """What was read out of a file that may become a document, its text too."""
    return {
        "schema": "offramp.web.incoming/1",
        "kind": source.kind,
        "text": source.text,
        "start": source.start,
        "end": source.end,
        "title": source.title,
        "author": source.author,
        "publisher": source.publisher,
        "licence": source.licence,
        "date": source.date,
        "precision": source.precision,
        "dated_by": source.dated_by,
        "pages": len(source.pages),
        "notes": list(source.notes),
    }


def reports(case: Case) -> dict[str, Any]:
    """What was reported, in the order in which it became known."""
    rows = [
        {
            "id": r.id,
            "what": r.what,
            "kind": r.kind,
            "first": r.first.isoformat(),
            "last": max(d.last for d in r.when).isoformat(),
            "known_since": r.known_since.isoformat(),
            "grade": r.grade,
            "note": r.report,
            "source": r.source,
        }
        for r in sorted(case.history.reports, key=lambda r: (r.known_since, r.first, r.id))
    ]
    return {"schema": "offramp.web.reports/1", "reports": rows}


def days(found: tuple[Any, ...]) -> dict[str, Any]:
    """The answers as of several days, of whatever was still open on each."""
    rows = []
    for known in found:
        told = offramp.to_dict(known)
        answers = {
            a["id"]: {k: a[k] for k in ("probability", "mc_error", "interval_90", "worlds")}
            for a in told.get("answers", ())
        }
        decided = {q: str(outcome.answer) for q, outcome in known.decided.items()}
        rows.append(
            {
                "as_of": told["as_of"],
                "refused": told["refused"],
                "answers": answers,
                "decided": decided,
            }
        )
    told = offramp.to_dict(found[0])
    whose = {k: told[k] for k in ("case", "model_sha256", "seed", "worlds", "assessment")}
    return {"schema": "offramp.web.days/1", **whose, "days": rows}


def grounds(case: Case, question: str) -> dict[str, Any]:
    """What the answer to a question stands on, number by number."""
    rows = [
        {
            "element": g.element,
            "title": g.title,
            "steps": g.steps,
            "cites": list(g.cites),
            "moved_by": list(g.moved_by),
            "numbers": [
                {
                    "text": d.text,
                    "value": d.value,
                    "grade": d.basis.grade if d.basis else "assumed",
                    "cites": list(d.basis.passages) if d.basis else [],
                    "reason": d.basis.reason if d.basis else "",
                    "file": str(d.span.file),
                    "line": d.span.line,
                }
                for d in g.numbers
            ],
        }
        for g in offramp.grounds(case, question)
    ]
    return {"schema": "offramp.web.grounds/1", "question": question, "elements": rows}


def links(case: Case) -> dict[str, Any]:
    """What rests on what: anything of the case by its address, with its title and what it rests on
    directly."""
    found = offramp.links(case)
    rows = [
        {"address": address, "title": title, "under": list(found.under.get(address, ()))}
        for address, title in found.titles.items()
    ]
    return {"schema": "offramp.web.links/1", "things": rows}


def games(case: Case, kept: Callable[[str], tuple[Any, ...]], name: str) -> dict[str, Any]:
    """The games of a case, the last begun first, and who may be played. `kept` gives the games."""
    titles = {a.name: a.title for a in case.crisis.actors}
    rows = [
        {
            "game": k.path.stem,
            "first": k.begins.first.isoformat(),
            "last": k.begins.last.isoformat(),
            "lived": k.lived.isoformat() if k.lived else None,
            "over": k.over,
            "same": k.begins.model_sha256 == case.model_sha256,
            "persons": [titles.get(s.actor, s.actor) for s in k.begins.seats if s.held == "person"],
            "programs": any(s.asked and s.held != "person" for s in k.begins.seats),
        }
        for k in sorted(kept(name), key=lambda k: (len(k.path.name), k.path.name), reverse=True)
    ]
    actors = [{"actor": a, "title": titles[a]} for a in offramp.players(case)]
    return {"schema": "offramp.web.games/1", "games": rows, "players": actors}


def story(case: Case, seed: int, world: int) -> dict[str, Any]:
    """One world, day by day."""
    told = offramp.replay(case, seed, world)
    daily = case.crisis.daily
    return {
        "schema": "offramp.web.story/1",
        "world": told.world,
        "log": [
            {
                "day": entry.day,
                "event": entry.event,
                "title": entry.title,
                "outcome": entry.outcome,
                "actor": entry.actor,
                "until": until,
            }
            for entry, until in told.folded(daily)
        ],
        "series": {name: list(values) for name, values in told.series.items()},
    }


def differences(found: Any, worlds: int, words: list[str]) -> dict[str, Any]:
    """What an edit changes, with the error of pairs; nothing where no pair meets the condition."""
    rows = [
        {
            "id": d.id,
            "option": d.option,
            "value": d.value,
            "error": d.error,
            "unit": d.unit,
            "worlds": d.worlds,
            "distinct": d.distinct,
        }
        for d in found
        if d.worlds
    ]
    return {"schema": "offramp.web.whatif/1", "worlds": worlds, "does": words, "changes": rows}
