"""What the questions come to, world by world: the columns that a table or a page weighs anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import InEach, Watch
from offramp.engine.by_value import ByValue
from offramp.language.questions import Question


@dataclass(frozen=True, eq=False)
class Column(ByValue):
    """A question in each world.

    window  its first and last day
    met     (worlds,): whether the world meets the question's condition
    values  (worlds,): 1 for yes and 0 for no; a number in the question's unit; a date as days from
            the crisis's first day, later than the window where it does not come; of a choice the
            place of the option, their number where none comes true
    """

    question: Question
    window: tuple[dt.date, dt.date]
    met: NDArray[np.bool_]
    values: NDArray[np.float64]


def column(w: Watch, found: InEach) -> Column:
    return Column(w.question, (w.first, w.last), *found)
