"""The commands about what answers depend on, and what the model could say."""

from __future__ import annotations

import importlib.util
from typing import Any

import click

from offramp.cli import SEED, Failed, bar_of, echo_json, main, prompt_interrupt, report
from offramp.cli_evidence import THREADS
from offramp.extras import install

MOST_ROWS = 1 << 16


def read_case(name: str) -> Any:
    from offramp.language.case import load

    case = load(name)
    report([d for d in case.warnings if d.severity == "error"])
    return case


def compiled_only() -> None:
    from offramp.engine.blocks import machinery

    if not machinery.available():
        raise Failed("worlds of given unknowns need Numba: pip install 'numba>=0.61,<0.70'")
    machinery.machine()


def with_salib() -> None:
    """Shares of variance come from SALib, which brings pandas and matplotlib: an extra."""
    if any(importlib.util.find_spec(name) is None for name in ("SALib", "scipy")):
        raise Failed(f"shares of variance need SALib: {install('sensitivity')}")


@main.command()
@click.argument("case")
@click.argument("questions", nargs=-1, metavar="[QUESTION]...")
@click.option("--worlds", type=click.IntRange(64, MOST_ROWS), default=4096, show_default=True,
              help="Rows of Saltelli's scheme, rounded down to a power of 2.")  # fmt: skip
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def sensitivity(
    case: str, questions: tuple[str, ...], worlds: int, seed: int, threads: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """What each answer of CASE depends on: which unknowns, how much chance, and in what box.

    Without QUESTION the headlines. Several questions share all worlds; the US-Iran case takes some
    three minutes on two cores.
    """
    from offramp.engine.blocks.settings import settable
    from offramp.engine.plan import plan
    from offramp.explain.sensitivity import answerable, headlines, total_worlds
    from offramp.explain.sensitivity import as_json as plain
    from offramp.explain.sensitivity import sensitivity as looked_into
    from offramp.language.diagnostics import suggestion

    read = read_case(case)
    known = {q.id for q in answerable(read)}
    for name in questions:
        if name not in known:
            if any(q.id == name for q in read.questions):
                raise Failed(
                    f"'{name}' is a choice: ask for it option by option, as questions of their "
                    "own with yes and no"
                )
            help = suggestion(name, known, "questions") or "its questions are in questions.yaml"
            raise Failed(f"{read.id} has no question '{name}': {help}")
    chosen = tuple(dict.fromkeys(questions)) or headlines(read)
    if not chosen:
        raise Failed(f"{read.id} asks nothing that could depend on anything")
    compiled_only()
    with_salib()
    s = settable(plan(read.crisis))
    total = total_worlds(s, read.crisis, worlds)
    with prompt_interrupt(), bar_of(total) as advance:
        found = looked_into(read, chosen, worlds, seed, threads, advance, s)
    if as_json:
        echo_json(plain(found), rounded=True)
    else:
        from offramp.explain.sensitivity_table import print_sensitivity

        print_sensitivity(found)


@main.command()
@click.argument("case")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--worlds", type=click.IntRange(64, MOST_ROWS), default=1024, show_default=True,
              help="Worlds at each setting that is reported.")  # fmt: skip
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def reach(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None, as_json: bool
) -> None:
    """Can the model of CASE hold what its authors judge, at some setting of the unknowns?

    Without NAME all assessments; those of the US-Iran case take some two minutes on two cores.
    Worlds begin as in the case under the author's premises and live no reports.
    """
    from offramp.cli_evidence import assessed
    from offramp.explain.reach import as_json as plain
    from offramp.explain.reach import reach as sought
    from offramp.language.assessments import assessments_of

    read = read_case(case)
    known = assessments_of(read)
    for name in names:
        if name == "case":
            raise click.BadParameter("'case' judges nothing", param_hint="NAME")
    pairs = [assessed(read, name) for name in dict.fromkeys(names or known)]
    if not pairs:
        raise Failed(f"{read.id} has no assessments: there is nothing to be reached")
    compiled_only()
    rows, hashes = list[Any](), dict[str, str]()
    with prompt_interrupt(), bar_of(None) as advance:
        for own, assessment in pairs:
            rows += sought(own, assessment, worlds, seed, threads, advance)
            hashes[assessment.id] = own.model_sha256
    if as_json:
        echo_json(plain(read, tuple(rows), worlds, seed, known, hashes), rounded=True)
    else:
        from offramp.explain.sensitivity_table import print_reach

        print_reach(read, tuple(rows), worlds, seed, known)
