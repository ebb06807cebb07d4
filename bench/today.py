"""How many days could go on from the evening before, and how far they are from a fresh run.

    python bench/today.py us-iran-2020 --first 2020-01-04 --days 59 --worlds 2048 --log today.log

Day by day, as `offramp today` does every day, with the questions that suppose nothing: seconds to
go on with the worlds and to simulate them from the first morning, by another seed and without any
stop, and the largest gap between the two in Monte Carlo errors of it, over the log-odds of all
answers and the log evidence. A line of JSON a day; a run that was broken off goes on after it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import time
from dataclasses import replace
from pathlib import Path

import offramp
from offramp.explain.evenings import Job, Trail, anew, next_stand
from offramp.explain.log_odds import summed, views
from offramp.filter.islands import bound
from offramp.filter.posterior import Posterior


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("case")
    asked.add_argument("--first", type=dt.date.fromisoformat, required=True)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--every", type=int, default=1, help="days between fresh runs")
    asked.add_argument("--worlds", type=int, default=2048)
    asked.add_argument("--log", type=Path, required=True)
    args = asked.parse_args()
    case = offramp.load(args.case)
    case = replace(case, questions=tuple(q for q in case.questions if not q.supposes))
    job = Job(case=case, history=case.history, worlds=args.worlds, seed=1)
    other = replace(job, seed=2)
    done = args.log.read_text().splitlines() if args.log.exists() else []
    last = json.loads(done[-1]) if done else None
    if last:
        day = dt.date.fromisoformat(last["day"])
        stops = tuple(map(dt.date.fromisoformat, last["stops"]))
        began = dt.date.fromisoformat(last["began"])
        trail = Trail(day=day, stops=stops, began=began, fresh=last["fresh"])
    else:
        day = args.first - dt.timedelta(1)
        trail = anew(job, day).trail
    while day < args.first + dt.timedelta(args.days - 1):
        day += dt.timedelta(1)
        times = [time.perf_counter(), time.process_time()]
        stand = next_stand(job, trail, day)
        trail = stand.trail
        times += [time.perf_counter(), time.process_time()]
        p = stand.posterior
        line = {
            "day": str(day),
            "gone_on": str(trail.stops[-1]) if trail.stops else None,
            "why": stand.why,
            "began": str(trail.began),
            "stops": [str(s) for s in trail.stops],
            "fresh": dict(trail.fresh),
            "seconds": round(times[2] - times[0], 2),
            "cpu": round(times[3] - times[1], 2),
            "refused": p.refusal(),
            "worth": round(min(p.worths().values()), 1),
        }
        if (day - args.first).days % args.every == 0:
            line |= beside_fresh(job, other, p, day)
        with args.log.open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(*(line.get(k) for k in ("day", "gone_on", "cpu", "worst", "gap")), flush=True)


def beside_fresh(job: Job, other: Job, p: Posterior, day: dt.date) -> dict[str, object]:
    """What a run that never stopped says, by another seed."""
    times = [time.perf_counter(), time.process_time()]
    fresh = other.lived(day, ())
    times += [time.perf_counter(), time.process_time()]
    gaps = dict[str, float]()
    if not (p.refusal() or fresh.refusal()):
        ours, theirs = (views(x, j.onward(x, day)) for j, x in ((job, p), (other, fresh)))
        for key, one in ours.items():
            two = theirs[key]
            if one.share is not None and two.share is not None:
                # Two runs are independent, so their islands must not be paired.
                error = math.hypot(summed([(1.0, one)])[1], summed([(1.0, two)])[1])
                gaps[".".join(filter(None, key))] = (one.log_odds - two.log_odds) / error
    a, b = p.days[-1], fresh.days[-1]
    apart = a.log_evidence - b.log_evidence
    gaps["log evidence"] = apart / math.hypot(a.mc_error, b.mc_error)
    worst = max(gaps, key=lambda k: abs(gaps[k]))
    return {
        "fresh_seconds": round(times[2] - times[0], 2),
        "fresh_cpu": round(times[3] - times[1], 2),
        "fresh_refused": fresh.refusal(),
        "fresh_worth": round(min(fresh.worths().values()), 1),
        "answers": len(gaps) - 1,
        "beyond_99": [k for k, x in gaps.items() if abs(x) > bound(1.0, len(p.islands), 0.99)],
        "beyond_2": sum(abs(x) > 2 for x in gaps.values()),
        "squares": round(sum(x * x for x in gaps.values()) / len(gaps), 2),
        "worst": worst,
        "gap": round(gaps[worst], 2),
        "evidence_gap": round(gaps["log evidence"], 2),
    }


main()
