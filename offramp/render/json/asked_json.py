"""`asked --json`: the documents' own open questions, answered sentence by sentence."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.open_questions import Answered
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.asked/1"


class SentenceJson(TypedDict):
    """A sentence and the passages that it rests on."""

    text: str
    passages: list[str]


class ReplyJson(TypedDict):
    """A question that a document asks, and the answer."""

    id: Annotated[str, "the passage that asks"]
    question: str
    note: str
    how: str
    answer: list[SentenceJson]


class AskedJson(Envelope):
    """The questions that documents ask and leave open."""

    asked: list[ReplyJson]


def plain(a: Answered) -> AskedJson:
    f = a.forecast
    return {
        **envelope(SCHEMA, a.case.id, a.case.model_sha256, f.seed, f.worlds, a.as_of),
        "asked": [
            {
                "id": x.passage,
                "question": x.question,
                "note": x.note,
                "how": x.how,
                "answer": [{"text": s.text, "passages": list(s.passages)} for s in x.sentences],
            }
            for x in a.replies
        ],
    }
