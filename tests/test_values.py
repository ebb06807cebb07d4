"""Values of the package compare by what they hold, arrays included.

The `==` of a plain dataclass raises as soon as two fields hold distinct arrays, and on Python 3.13
wherever a field holds one. Every dataclass of the package is filled with arrays where it may hold
some, and compared.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from numpy.typing import NDArray

import offramp
from offramp.engine.by_value import ByValue, same


def dataclasses_of_the_package() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in pkgutil.walk_packages(offramp.__path__, "offramp."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and is_dataclass(value):
                found[f"{value.__module__}.{value.__qualname__}"] = value
    return {name: value for name, value in sorted(found.items()) if name.startswith("offramp.")}


ARRAYS = {np.ndarray, get_origin(NDArray[np.float64])}  # newer NumPy has a name for the second
ALL = dataclasses_of_the_package()
NAMES = {n: v for c in ALL.values() for n, v in vars(inspect.getmodule(c)).items()}


@cache
def hints(cls: type) -> dict[str, Any]:
    """Field types; what a module imports for the type checker alone is found elsewhere."""
    names = {**NAMES, **{c.__name__: c for c in ALL.values()}}
    return get_type_hints(cls, names, vars(inspect.getmodule(cls)))


def parts(hint: Any) -> set[Any]:
    """A type and all types that its brackets name; what a function takes and gives it does not
    hold."""
    if isinstance(hint, list) or get_origin(hint) is Callable:
        return set()
    return {hint, get_origin(hint)}.union(*(parts(a) for a in get_args(hint)))


def with_arrays() -> set[type]:
    """Dataclasses that hold an array, or hold one that does."""
    named = {c: set().union(*(parts(h) for h in hints(c).values())) for c in ALL.values()}
    found = {c for c, names in named.items() if ARRAYS & names}
    while more := {c for c, names in named.items() if names & found} - found:
        found |= more
    return found


def filled(hint: Any, made: list[np.ndarray], inside: tuple[type, ...] = ()) -> Any:
    """A value of a type, with arrays where it may have them; each array goes to `made`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if ARRAYS & {hint, origin}:
        made.append(np.array([1.0, np.nan, 3.0]))
        return made[-1]
    if origin in (Union, types.UnionType):
        return filled(next(a for a in arguments if a is not types.NoneType), made, inside)
    if origin is tuple:
        wanted = [arguments[0]] * 2 if arguments[1:] == (...,) else arguments
        return tuple(filled(a, made, inside) for a in wanted)
    if origin is list:
        return [filled(arguments[0], made, inside)]
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {"a name": filled(arguments[1], made, inside)}
    if hint in HOLDING and hint not in inside:
        return instance(hint, made, inside)
    return str(hint)


def instance(cls: type, made: list[np.ndarray], inside: tuple[type, ...] = ()) -> Any:
    out, known = object.__new__(cls), hints(cls)
    for field in fields(cls):
        value = filled(known[field.name], made, (*inside, cls))
        object.__setattr__(out, field.name, value)
    return out


HOLDING = with_arrays()
WITH_ARRAYS = [name for name, cls in ALL.items() if cls in HOLDING]


def frozen(cls: type) -> bool:
    return bool(cls.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def test_the_walk_finds_the_values_that_hold_arrays() -> None:
    """Otherwise the next test would have nothing to look at."""
    assert len(ALL) > 200
    ends = {name.removeprefix("offramp.") for name in WITH_ARRAYS}
    assert {
        "engine.ensemble.Band",
        "engine.ensemble.Ensemble",
        "engine.blocks.tape.Tape",
        "filter.simulator.Particles",
        "filter.posterior.Handover",
        "explain.policy_worlds.Lived",
        "runs.chunks.Rows",
        "render.pages.pages.Lived",
        "explain.meld.Fit",
    } <= ends
    assert "answers.forecast.Forecast" in ends  # through the ensemble that it holds


@pytest.mark.parametrize("name", [n for n in WITH_ARRAYS if frozen(ALL[n])])
def test_a_frozen_value_with_arrays_is_equal_to_its_like_and_to_no_other(name: str) -> None:
    cls = ALL[name]
    first, second = instance(cls, []), instance(cls, [])
    assert (first == first) is True
    assert (first == second) is True
    assert (first != second) is False
    made: list[np.ndarray] = []
    other = instance(cls, made)
    assert made
    for number, array in enumerate(made):
        array[0] += 1
        assert (first == other) is False, f"array {number}"
        array[0] -= 1
    assert (first == other) is True


@pytest.mark.parametrize("name", [n for n in WITH_ARRAYS if not frozen(ALL[n])])
def test_working_memory_is_equal_to_itself_alone(name: str) -> None:
    first, second = instance(ALL[name], []), instance(ALL[name], [])
    assert (first == first) is True
    assert (first == second) is False


@dataclass(frozen=True, eq=False)
class Row(ByValue):
    name: str
    values: Any


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (np.array([1, 2]), np.array([1, 2]), True),
        (np.array([1, 2]), np.array([1, 3]), False),
        (np.array([1, 2]), np.array([1.0, 2.0]), False),  # another type is another value
        (np.array([1, 1]), np.array([1]), False),
        (np.array([[1, 2]]), np.array([1, 2]), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array([1]), 1, False),
        (np.array([1]), None, False),
        (np.array([True]), np.array([True]), True),
        ((np.zeros(2), 1), (np.zeros(2), 1), True),
        ((np.zeros(2),), (np.zeros(2), 1), False),
        ([np.zeros(2)], (np.zeros(2),), False),
        ({"a": np.zeros(2)}, {"a": np.zeros(2)}, True),
        ({"a": np.zeros(2)}, {"b": np.zeros(2)}, False),
        ({"a": np.zeros(2)}, {"a": np.ones(2)}, False),
    ],
)
def test_arrays_are_the_same_if_type_shape_and_elements_are(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal
    assert (Row("x", a) == Row("x", b)) is equal
    assert Row("x", a) != Row("y", a)


def test_a_value_with_arrays_has_no_hash_and_says_so() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Row'"):
        hash(Row("x", np.zeros(2)))
