"""Whether printed errors are the spread over seeds: the US-Iran case conditioned as of a day.

python bench/seeds.py                      # seeds 1 to 5, as of 20 February 2020
python bench/seeds.py 2020-03-30 3 16 512  # another day, seeds 1 to 3, islands and their worlds
"""

from __future__ import annotations

import datetime as dt
import sys
import time

import numpy as np

from offramp.case.case import load
from offramp.engine.plan import plan
from offramp.filter.islands import combined, shares
from offramp.filter.known import schedule
from offramp.filter.particles import ISLAND
from offramp.filter.posterior import filtered
from offramp.filter.simulator import prepare


def main(as_of: dt.date, seeds: int, islands: int, size: int) -> None:
    case = load("us-iran-2020")
    laid = plan(case.crisis)
    s = schedule(laid, case.history, as_of)
    print(f"as of {as_of}, {islands} islands of {size} worlds")
    print("seed  log evidence (error)  sd between  any attack (error)    worth  R-hat  seconds")
    found = []
    for seed in range(1, seeds + 1):
        began = time.process_time()
        p = filtered(prepare(laid, s, seed), islands, size)
        taken, day = time.process_time() - began, p.days[-1]
        means = np.array([i.means[s.last][0] if i.died is None else np.nan for i in p.islands])
        share, variance = combined(shares(p.log_evidences(s.last)), means)
        found.append((day.log_evidence, day.mc_error, float(share)))
        print(
            f"{seed:4d}  {day.log_evidence:9.2f} ({day.mc_error:.2f})  {day.spread:14.2f}  "
            f"{float(share):8.3f} ({float(variance) ** 0.5:.3f})  {day.ess:11.0f}  {day.r_hat:5.2f}"
            f"  {taken:7.1f}"
        )
        for why in filter(None, (p.refusal(), p.unmixed())):
            print(f"      {why}")
    logs, errors, shares_ = np.array(found).T
    print(
        f"over seeds: {logs.mean():.2f}, sd {logs.std(ddof=1):.2f} (printed "
        f"{np.sqrt((errors**2).mean()):.2f}); any attack sd {shares_.std(ddof=1):.3f}"
    )


if __name__ == "__main__":
    day = dt.date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else dt.date(2020, 2, 20)
    main(
        day,
        *(int(sys.argv[k]) if len(sys.argv) > k else d for k, d in ((2, 5), (3, 16), (4, ISLAND))),
    )
