"""Nothing is taken from worlds that were kept: what is tested is simulated (`test_store.py` asks
for the others), and by the tape alone (`test_native.py` asks for native code). Checks that could
not be made are told where the results are counted; in CI they fail.

Some checks read the five assessments themselves, which are not part of this repository:
OFFRAMP_SOURCES names their folder. Where it names none, the last lines say how many checks were
left out for that. Where `CI=true`, a skip is a failure unless its reason stands in `MAY`, or the
documents are not at hand and OFFRAMP_SOURCES does not claim that they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ["OFFRAMP_POSTERIORS"] = "0"
os.environ["OFFRAMP_NATIVE"] = "0"

NOT_AT_HAND = "the documents are not at hand"
TAKES_LONG = "takes minutes, up to a quarter of an hour"
MAY = (  # be skipped in CI too, for no CI can have both
    "root reads all",
    "root writes all",
    "pipes and signals of POSIX",
    "could not import 'numba_cuda'",  # an extra; its wheels are 2 GB
    "could not import 'sphinx'",  # an extra, for who makes the site
    "axe-core is not installed",  # .ci/web has it, and makes these checks
    TAKES_LONG,
)


def must_be_made(reason: str) -> bool:
    """Whether a check that is skipped for this reason is a failure here."""
    if os.environ.get("CI") != "true" or any(words in reason for words in MAY):
        return False
    return NOT_AT_HAND not in reason or bool(os.environ.get("OFFRAMP_SOURCES"))


def demanded(report: Any) -> None:
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    if report.skipped and not hasattr(report, "wasxfail") and must_be_made(reason):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: in CI this check must be made. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    demanded(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    demanded(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", ())
    left = [r for r in skipped if NOT_AT_HAND in str(r.longrepr)]
    if left:
        names = ", ".join(sorted(r.nodeid.split("::")[-1] for r in left))
        terminalreporter.write_line(
            f"{len(left)} checks need the documents (OFFRAMP_SOURCES) and were not made: {names}"
        )
