"""The handout as a tagged PDF (PDF/UA-1), set by typst as the brief is. The same case gives the
same bytes."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

from offramp.answers.wording import day
from offramp.render.brief.paper import set_in_type
from offramp.render.handout.roles import RULES, TALK, Handout
from offramp.render.handout.turns_map import turns_map, words
from offramp.text import plain_json


def handout_pdf(h: Handout) -> bytes:
    """The handout as a PDF for print and for readers of screens."""
    plain = dataclasses.asdict(h)
    for key in ("first", "last"):
        del plain[key]
    for key, own in (("sheets", h.sheets), ("voices", h.voices)):
        plain[key] = [{**p, "places": s.places} for p, s in zip(plain[key], own, strict=True)]
    plain["calendar"] = [{**m, "day": None} for m in plain["calendar"]]
    plain["questions"] = [{"text": q.text, "answer": q.answer} for q in h.questions]
    data = {
        "handout": plain,
        "first": day(h.first),
        "last": day(h.last),
        "days": [day(m.day) for m in h.calendar],
        "windows": [q.window for q in h.questions],
        "rules": RULES,
        "talk": TALK,
        "withheld": h.silent,
        "left_out": h.left_out,
        "who": h.who,
        "map": {"svg": turns_map(h), "alt": words(h)},
    }
    template = files("offramp.render.handout").joinpath("handout.typ").read_bytes()
    return set_in_type(template, plain_json.text(data))
