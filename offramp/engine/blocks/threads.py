"""Tasks on all cores, in order; compiled code lets go of Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Result = TypeVar("Result")


def side_by_side(
    task: Callable[[int], Result], tasks: int, threads: int | None, stop: NDArray[np.int64]
) -> list[Result]:
    """`task` of 0, 1, 2 ..., in that order whatever the number of threads (None: all cores).

    If one fails, or somebody interrupts, `stop[0]` is set, which ends what the machine lives; the
    others are cancelled.
    """
    with ThreadPoolExecutor(max(1, threads or os.cpu_count() or 1)) as pool:
        try:
            jobs = [pool.submit(task, number) for number in range(tasks)]
            return [job.result() for job in jobs]
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=False, cancel_futures=True)
            raise
