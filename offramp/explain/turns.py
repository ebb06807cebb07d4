"""Whether a choice between policies turns on the world or on the loss.

A loss that gives force no benefit makes it best never to strike, whatever the world is like: such a
result is about the loss (formalism, section 13). It turns on the world where one loss ranks two
policies differently under two assessments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from offramp.case.agenda import AS_IT_IS, Loss
from offramp.explain.policy_worlds import Lived, error_of_mean
from offramp.explain.regret import TIE, Cell

NO_TITLES: Mapping[str, str] = MappingProxyType({})  # ids stand for themselves
SURE = 3.0  # errors beyond which one assessment tells two policies apart, where many are asked


@dataclass(frozen=True)
class Turn:
    """What the choice between two policies turns on.

    better  per loss: assessments in which `first` is better beyond three errors, and `second`
    on      'loss' where one loss has only the first better and another only the second, 'world'
            where one loss has both, 'both', or 'neither'
    """

    first: str
    second: str
    better: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    on: str
    words: str


def signs(
    lived: tuple[Lived, ...], number: int, first: int, second: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The assessments in which the one policy is better under a loss beyond SURE errors, and the
    other. With TIE errors one assessment in seven would show a difference by chance too often."""
    ours, theirs = [], []
    for a in lived:
        values = a.loss(number)
        d = values[first] - values[second]
        mean, error = float(d.mean()), error_of_mean(d, *a.groupings)
        if mean < -SURE * error:
            ours.append(a.assessment)
        elif mean > SURE * error:
            theirs.append(a.assessment)
    return tuple(ours), tuple(theirs)


def turned(
    names: tuple[str, str],
    better: list[tuple[Loss, tuple[str, ...], tuple[str, ...]]],
    of: int,
    same: bool = False,
    titles: Mapping[str, str] = NO_TITLES,
) -> Turn:
    """Whether a choice turns on the loss or on the world. `of`: how many assessments there are;
    `same`: whether the two differ in no world; `titles`: of policies and assessments."""
    first, second = (spoken(name, titles) for name in names)
    only_first = [(x, a) for x, a, b in better if a and not b]
    only_second = [(x, b) for x, a, b in better if b and not a]
    split = [(x, a, b) for x, a, b in better if a and b]
    on_loss, on_world = bool(only_first and only_second), bool(split)
    said = []
    if on_loss:
        said.append(
            f"between {first} and {second} it depends on the loss: "
            f"under {_listed(only_first, of)} {first} is better, "
            f"under {_listed(only_second, of)} {second}, and under no author worse there"
        )
    for x, a, b in split:
        said.append(
            f"under “{x.name}” it depends on the world: {_named(a, titles)} "
            f"{'has' if len(a) == 1 else 'have'} {first} better, {_named(b, titles)} {second}"
        )
    if not said:
        ours, theirs = (only_first, first), (only_second, second)
        for found, name in (ours, theirs):
            if found:
                other = second if name == first else first
                said.append(
                    f"{name} is better than {other} under {_listed(found, of)}, worse under none"
                )
        if not said:
            said.append(
                f"{first} and {second} are alike in every world, in all that the losses count"
                if same
                else f"no loss and no author distinguishes {first} from {second}"
            )
    on = {(True, True): "both", (True, False): "loss", (False, True): "world"}.get(
        (on_loss, on_world), "neither"
    )
    shown = tuple((x.id, a, b) for x, a, b in better)
    return Turn(*names, shown, on, "; ".join(said))


def spoken(policy: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """A policy in a sentence."""
    return "doing nothing" if policy == AS_IT_IS else _named([policy], titles)


def _named(ids: Iterable[str], titles: Mapping[str, str]) -> str:
    said = (f"“{titles[i]}”" if i in titles else i for i in ids)
    return ", ".join("the case" if x == "case" else x for x in said)


def _listed(found: list[tuple[Loss, tuple[str, ...]]], of: int) -> str:
    return ", ".join(f"“{x.name}” ({len(names)} of {of} authors)" for x, names in found)


@dataclass(frozen=True)
class Priceless:
    """Losses that see no price of a policy: they fall beyond two errors over the assessments
    together and rise in none, and none of their terms rises beyond two errors. `prices`: (loss,
    term, by how much) that do rise under other losses: then what the first losses say of the
    policy is about these losses and not about the world."""

    policy: str
    losses: tuple[str, ...]
    prices: tuple[tuple[str, str, float], ...]
    words: str


def together(parts: list[tuple[float, float]]) -> tuple[float, float]:
    """The mean over assessments, all alike, of differences with their errors. The errors are added
    up and not their squares: worlds of two assessments have dice in common."""
    n = len(parts)
    return sum(d for d, _ in parts) / n, sum(e for _, e in parts) / n


def priceless(
    cells: tuple[Cell, ...], titles: Mapping[str, str] = NO_TITLES
) -> tuple[Priceless, ...]:
    """What each loss cannot see, from the cells of all losses. `titles`: of policies and losses."""
    losses = list(dict.fromkeys(c.loss for c in cells))
    out = []
    for policy in dict.fromkeys(c.policy for c in cells if c.policy != AS_IT_IS):
        own = {x: [c for c in cells if (c.policy, c.loss) == (policy, x)] for x in losses}
        rises: dict[str, list[tuple[str, float]]] = {}
        for x, found in own.items():
            for k, part in enumerate(found[0].parts):
                d, e = together([(c.parts[k].difference, c.parts[k].mc_error) for c in found])
                if d > TIE * e:
                    rises.setdefault(x, []).append((part.name, d))
        prices = tuple((x, name, d) for x in losses for name, d in rises.get(x, []))
        free = []
        for x, found in own.items():
            d, e = together([(c.difference, c.mc_error) for c in found])
            worse = any(c.difference > TIE * c.mc_error for c in found)
            if x not in rises and not worse and d < -TIE * e:
                free.append(x)
        if not free:
            continue
        better = {
            x
            for x, found in own.items()
            if (t := together([(c.difference, c.mc_error) for c in found]))[0] < -TIE * t[1]
        }
        seen = ", ".join(f"{name} {d:+.2g} ({_named([y], titles)})" for y, name, d in prices)
        those = _named(free, titles)
        words = f"{spoken(policy, titles)} is better under {those}, no term of which rises by it"
        if seen and all(y in better for y, _, _ in prices):
            words += f"; others count a price ({seen}) and still find it better"
        elif seen:
            words += (
                f", while others see a price: {seen}. So what {those} "
                f"{'says' if len(free) == 1 else 'say'} is about the loss"
            )
        else:
            words += ", nor does any term of the other losses: if it has a price, no loss counts it"
        out.append(Priceless(policy, tuple(free), prices, words))
    return tuple(out)
