"""What rests on what: both ways, the same as what `grounds` and `resting` say."""

from __future__ import annotations

import pytest

import offramp
from offramp.explain.grounds import number_of


@pytest.fixture(scope="module", params=["tutorial", "us-iran-2020"])
def case(request: pytest.FixtureRequest) -> offramp.Case:
    return offramp.load(request.param)


def test_each_end_of_a_link_is_known(case: offramp.Case) -> None:
    found = offramp.links(case)
    assert {x for own in found.under.values() for x in own} <= set(found.titles)
    assert all(found.titles.values())
    assert not [name for name, own in found.under.items() if name in own]
    assert not [name for name, own in found.under.items() if len(set(own)) < len(own)]


def test_on_a_passage_rests_what_cites_it_itself_or_by_a_number(case: offramp.Case) -> None:
    under = offramp.links(case).under
    found = dict[str, set[str]]()
    for name, own in under.items():
        kind = name.partition(" ")[0]
        if kind in ("number", "claim"):
            continue
        numbers = [x for x in own if x.startswith("number ")]
        # It cites itself only what none of its numbers does.
        assert not set(own) & {p for n in numbers for p in under[n]}
        for address in [*own, *(p for n in numbers for p in under[n])]:
            if address.startswith("passage "):
                found.setdefault(address.removeprefix("passage "), set()).add(name)
    assert found == {p: set(names) for p, names in offramp.resting(case).items()}


def test_below_a_question_is_what_its_grounds_are(case: offramp.Case) -> None:
    """Element by element, with what moves each and with its numbers."""
    under = offramp.links(case).under
    for q in case.questions[:8]:
        grounds = offramp.grounds(case, q.id)
        elements = {g.element for g in grounds}
        asked = {x for x in under[f"question {q.id}"] if not x.startswith("passage ")}
        assert asked == {g.element for g in grounds if g.steps == 0}
        for g in grounds:
            own = {x for x in under[g.element] if x.partition(" ")[0] not in ("number", "passage")}
            assert own == set(g.moved_by) - {g.element}
            assert own <= elements or g.steps == max(x.steps for x in grounds)
            assert {number_of(d) for d in g.numbers} <= set(under[g.element])


def test_a_claim_rests_on_its_passage_and_on_what_it_turns_and_looks_at() -> None:
    under = offramp.links("tutorial").under
    assert under["claim T5"] == ("event fog", "event kelmark.blockade", "passage T5")
    assert under["claim T8"] == ("passage T8",)  # no test could be made of it
