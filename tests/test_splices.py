"""Edits of a YAML text by place: what is meant changes, and no other byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.text.diagnostics import Diagnostics
from offramp.text.splices import NoPlace, appended, removed, replaced
from offramp.text.tree import plain
from offramp.text.yaml import parse

CASES = Path(offramp.__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.yaml"))
ENDS = ("\n", "\r\n")
WORDS = st.one_of(
    st.sampled_from(["", "a: b", "# no", "x #y", "'", '"', "- a", "yes", "[1", "{}", "a:", "~P1"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"]), max_size=12),
)


def tree(text: str) -> object:
    return plain(parse(text.replace("\r\n", "\n"), "a.yaml", Diagnostics()))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values, that of the whole left out."""
    if isinstance(value, str):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        yield from places(inner, (*path, key))


def at(value: object, path: tuple[str | int, ...]) -> object:
    for part in path:
        value = value[part]  # type: ignore[index]
    return value


TEXTS = {p: p.read_text("utf-8") for p in FILES}
TREES = {p: tree(text) for p, text in TEXTS.items()}
PLACES = {p: list(places(value)) for p, value in TREES.items()}


def middle(before: str, after: str) -> tuple[str, str]:
    """What differs, between what both begin and end with."""
    start = alike(before, after)
    end = alike(before[start:][::-1], after[start:][::-1])
    return before[start : len(before) - end], after[start : len(after) - end]


def alike(a: str, b: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((k for k, (x, y) in pairs if x != y), min(len(a), len(b)))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_value_is_replaced_and_nothing_else(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    ends = data.draw(st.sampled_from(ENDS))
    text, value = TEXTS[path].replace("\n", ends), TREES[path]
    place = data.draw(st.sampled_from([p for p in PLACES[path] if isinstance(at(value, p), str)]))
    new = data.draw(WORDS)
    after = replaced(text, place, new)
    assert at(tree(after), place) == new
    assert back(tree(after), place) == back(value, place)
    gone, come = middle(text, after)
    assert "\n" not in come
    assert len(gone) <= 4 * len(str(at(value, place))) + 4


def back(value: object, place: tuple[str | int, ...]) -> str:
    """All but what stands at a place, keys in their order."""
    return "\n".join(
        f"{p} {at(value, p) if isinstance(at(value, p), str) and p != place else ''}"
        for p in places(value)
    )


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_an_entry_is_added_and_nothing_else(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    ends = data.draw(st.sampled_from(ENDS))
    text, value = TEXTS[path].replace("\n", ends), TREES[path]
    maps = [p for p in PLACES[path] if isinstance(at(value, p), dict)]
    place = data.draw(st.sampled_from([(), *maps]))
    new = {"one": data.draw(WORDS), "two": {"start": 1, "list": [1, data.draw(WORDS)]}}
    key = data.draw(st.sampled_from(["new", "a b", "é", "#", "a:b"]))
    try:
        after = appended(text, place, key, new)
    except NoPlace:
        assert "{" in text  # written in braces
        return
    assert at(tree(after), (*place, key, "one")) == new["one"]
    gone, come = middle(text, after)
    assert gone == ""
    assert come.count("\n") >= 5
    assert come.count("\r") == (come.count("\n") if ends == "\r\n" else 0)
    assert removed(after, (*place, key)) == text  # and back, to the byte


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_an_entry_is_removed_and_nothing_else(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    ends = data.draw(st.sampled_from(ENDS))
    text = TEXTS[path].replace("\n", ends)
    place = data.draw(st.sampled_from(PLACES[path]))
    try:
        after = removed(text, place)
    except NoPlace:
        return
    gone, come = middle(text, after)
    assert come == ""
    assert gone
    kept = text.split(ends)
    for line in after.split(ends):  # what is left are whole lines, in their order
        kept = kept[kept.index(line) + 1 :]


def test_most_shipped_entries_can_be_removed() -> None:
    """The test above would also hold if everything were refused."""
    path = CASES / "tutorial" / "passages.yaml"
    done = [removed(TEXTS[path], place) for place in PLACES[path] if len(place) > 1]
    assert len(done) == len(PLACES[path]) - 1


@pytest.mark.parametrize(
    "text", ["", "# a header\n", "# a header", "passages:\n", "passages: {}\n"]
)
def test_the_first_entry_of_a_file(text: str) -> None:
    after = appended(text, ("passages",), "T1", {"document": "a", "start": 3})
    entry = "  T1:\n    document: a\n    start: 3\n"
    header = "# a header\n" if "#" in text else ""
    assert after == f"{header}passages:\n{entry}"


def test_comments_belong_to_what_they_stand_in() -> None:
    text = "a:\n  x: 1\n  # of x, or of a\n\n# of b\nb: 2\n"
    assert appended(text, ("a",), "y", "2") == text.replace("\n\n", "\n  y: 2\n\n")
    assert removed(text, ("a",)) == "\n# of b\nb: 2\n"


def test_between_two_entries() -> None:
    assert appended("a: 1\nb: 2\n", (), "c", 3, after="a") == "a: 1\nc: 3\nb: 2\n"


@pytest.mark.parametrize(
    ("text", "path", "new", "after"),
    [
        ("a: 'x' # why\n", ("a",), "y", "a: y # why\n"),
        ('a: "x\\ty"\n', ("a",), "y", "a: y\n"),
        ("a: [b, c]\n", ("a", 1), "d, e", 'a: [b, "d, e"]\n'),
        ("a: one\n  two # c\nb: 1\n", ("a",), "y", "a: y # c\nb: 1\n"),
        ("a:\nb: 1\n", ("a",), "y", "a: y\nb: 1\n"),
        ("\ufeffa: x\r\nb: 1\n", ("b",), "2", "\ufeffa: x\r\nb: 2\n"),
        ("a: ''\n", ("a",), "2", "a: 2\n"),
    ],
)
def test_ways_to_write_a_value(
    text: str, path: tuple[str | int, ...], new: str, after: str
) -> None:
    assert replaced(text, path, new) == after


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda: replaced("a: |\n  x\n  y\n", ("a",), "z"), "by hand"),
        (lambda: replaced("a: [\n", ("a",), "z"), "cannot be read"),
        (lambda: replaced("a: {b: 1}\n", ("a",), "z"), "no plain value"),
        (lambda: replaced("a: 1\n", ("b", "c"), "z"), "nothing stands at b / c"),
        (lambda: appended("a: {b: 1}\n", ("a",), "c", "1"), "one entry a line"),
        (lambda: appended("a: 1\n", (), "a", "1"), "already"),
        (lambda: appended("a:\n  b: [1,\n2]\n", ("a",), "c", "1"), "not edited: change it by hand"),
        (lambda: removed("a: 1\n", ("a",)), "only entry"),
        (lambda: removed("a: [1, 2]\n", ("a", 0)), "lines of its own"),
    ],
)
def test_what_is_refused_says_why(edit, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoPlace, match=says):
        edit()
