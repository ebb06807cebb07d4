"""The documents' own questions: each is asked, and each has an answer in words and numbers."""

from __future__ import annotations

import re

from offramp.answers.forecast import forecast
from offramp.case.case import load
from offramp.explain.open_questions import replies


def test_all_seventeen_questions_of_the_documents_are_answered() -> None:
    case = load("us-iran-2020")
    questions = case.asked
    rows = [p for p in case.passages if re.fullmatch(r"Q\d+", p)]
    assert sorted(q.passage for q in questions) == sorted(rows)
    assert len(rows) == 17
    found = replies(case, questions, forecast(case, 16, 1), None, 1)
    for reply, q in zip(found, questions, strict=True):
        told = [s for s in reply.sentences if re.search(r"\d", s.text)]
        assert told or q.needs_reports, q.passage
        for s in reply.sentences:
            assert "no longer open" not in s.text
            for p in s.passages:
                assert p in case.passages, (q.passage, p)


def test_what_needs_reports_is_said_to_need_them() -> None:
    case = load("us-iran-2020")
    questions = case.asked
    found = replies(case, questions, forecast(case, 16, 1), None, 1)
    for reply, q in zip(found, questions, strict=True):
        assert (
            any("conditioned on the reports" in s.text for s in reply.sentences) == q.needs_reports
        )
