"""Tables and figures of the pages that are more than one place in what a command prints.

Each function takes what the command prints (the parsed JSON, or the text of a command without
`--json`) and the words between the brackets of the mark, and gives Markdown or a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from offramp.answers.wording import percent

FUNCTIONS: dict[str, Callable[..., Any]] = {}


def registered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that marks may name."""
    FUNCTIONS[function.__name__] = function
    return function


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; what holds a bar would divide a cell."""

    def line(cells: Iterable[str]) -> str:
        return "|" + "|".join(f" {c} ".replace("|", "\\|") if c else " " for c in cells) + "|"

    names = list(head)
    return "\n".join([line(names), "|" + "---|" * len(names), *map(line, rows)])


# ---- any command -------------------------------------------------------------------------


@registered
def least(out: Any, items: str, key: str, name: str = "") -> Any:
    """The least value of a key in a list; with `name`, that member of the entry that has it."""
    found = min(out[items], key=lambda x: x[key])
    return found[name or key]


@registered
def most(out: Any, items: str, key: str, name: str = "") -> Any:
    """The greatest value of a key in a list; with `name`, that member of the entry that has it."""
    found = max(out[items], key=lambda x: x[key])
    return found[name or key]


# ---- check --odds ------------------------------------------------------------------------


@registered
def rarer(out: Any, *precisions: str) -> str:
    """By what utility multiplies the odds of a move against doing nothing, at some precisions."""
    rows = []
    for utility in (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0):
        factors = [math.exp(utility * float(p)) for p in precisions]
        rows.append([f"{utility:g}", *(f"{x:,.2g}" if x < 100 else f"{x:,.0f}" for x in factors)])
    return table(["a cost of", *(f"times rarer at precision {p}" for p in precisions)], rows)


@registered
def parted(out: Any, move: str) -> str:
    """The parts of a move on a morning, each with the factor by which it multiplies the odds."""
    moves = [x for a in out["actors"] for x in a["moves"]]
    (found,) = (x for x in moves if x["event"] == move)
    rows = [[p["title"], f"{p['log_odds']:+.2f}", f"{p['factor']:.2f}"] for p in found["parts"]]
    rows.append(["together", f"{found['log_odds']:+.2f}", f"{found['odds']:.2f}"])
    return table(["part", "log-odds", "factor"], rows)


# ---- condition ---------------------------------------------------------------------------


def surprises(out: Any) -> list[tuple[str, float]]:
    """Days with their surprise, the greatest first: what each day takes from the evidence."""
    days = list(out["log_evidence_by_day"].items())
    before = [0.0, *(e for _, e in days)]
    return sorted(
        ((d, b - e) for (d, e), b in zip(days, before, strict=False)), key=lambda x: -x[1]
    )


@registered
def surprise(out: Any, rank: str) -> float:
    """In nats, of the day that surprised the model most (1), second (2) and so on."""
    return surprises(out)[int(rank) - 1][1]


@registered
def surprising(out: Any, rank: str) -> str:
    """That day."""
    return surprises(out)[int(rank) - 1][0]


# ---- facts ---------------------------------------------------------------------------------


@registered
def facts(out: Any, hindsight: str = "") -> str:
    """Each fact with its bounds and what the model gives; with `hindsight` those not counted."""

    def bound(x: float | None) -> str:
        return "" if x is None else f"{x:g}"

    rows = [
        (
            f["says"],
            _number_of(f["statistic"]),
            "" if f["value"] is None else f"{f['value']:.3g}",
            "" if f["mc_error"] is None else f"{f['mc_error']:.2g}",
            f"{bound(f['low'])} to {bound(f['high'])}",
            f["bounded_by"] + (f": {', '.join(f['cites'])}" if f["cites"] else ""),
            f["verdict"] if f["verdict"] == "fits" else f"**{f['verdict']}**",
        )
        for f in out["facts"]
        if f["hindsight"] == bool(hindsight)
    ]
    head = ("the crisis should behave so", "number", "model", "error", "bounds", "by", "")
    return table(head, rows)


def _number_of(statistic: str) -> str:
    """What kind of number a statistic is: the words before what it is of."""
    kind = "times the usual" if "over the usual" in statistic else statistic.split(" of ")[0]
    kind = "median days" if kind.startswith("median days") else kind
    return f"difference of {kind}s" if ", less with " in statistic else kind


# ---- assess, compare ---------------------------------------------------------------------


@registered
def verdicts(out: Any) -> str:
    """How many judgements of each document its author's premises imply."""
    columns = {
        "coherent": "inside the judged interval, or within the bound of its error",
        "below": "below",
        "above": "above",
        "too few worlds": "too few worlds",
        "already decided by the reports": "already decided by the reports",
        "already decided": "already decided",
        "not open": "not open",
    }
    rivals = [a for a in out["assessments"] if a["document"]]
    counts = {
        a["assessment"]: [sum(j["verdict"] == v for j in a["judgements"]) for v in columns]
        for a in rivals
    }
    kept = [k for k, v in enumerate(columns) if any(c[k] for c in counts.values()) or k < 3]
    return table(
        ["", *(list(columns.values())[k] for k in kept)],
        ([name, *(str(c[k] or "") for k in kept)] for name, c in counts.items()),
    )


@registered
def partings(out: Any) -> str:
    """The questions on which two assessments part, and the unknown that carries most of it."""
    first, second = out["first"], out["second"]

    def carried(x: Any) -> str:
        found = x["carried_by"][:1]
        return f"{found[0]['title']} ({100 * found[0]['points']:+.0f})" if found else "no unknown"

    return table(
        ["question", first, second, "explained most by (points)"],
        (
            [x["text"], percent(x[first]), percent(x[second]), carried(x)]
            for x in out["differences"]
        ),
    )


# ---- assumptions -------------------------------------------------------------------------


@registered
def key_assumptions(out: Any) -> str:
    """Each assumption that moves an answer, with its basis and its largest move."""

    def row(a: Any) -> list[str]:
        moves = [(s["words"], m) for s in a["settings"] for m in s["moves"] if m["told"]]
        at, m = max(moves, key=lambda x: abs(x[1]["difference"]))
        name = a["title"] if a["value"] is None else f"{a['title']}: {a['part']}"
        whose = {"stated": "stated", "sized": "size ours", "assumed": "ours"}
        moved = f"`{m['question']}` {percent(m['old'])} to {percent(m['new'])}"
        documents = ", ".join(a["footing"]["documents"]) or "none"
        return [name, whose[a["footing"]["grade"]], documents, at, moved]

    return table(
        ["assumption", "basis", "documents", "at", "largest move"],
        (row(a) for a in out["assumptions"] if a["largest"] > 0),
    )


# ---- score -------------------------------------------------------------------------------


def brier(scores: Iterable[Any]) -> dict[tuple[str, str], dict[str, float]]:
    """Brier scores by question, under their assessment and as-of day."""
    out: dict[tuple[str, str], dict[str, float]] = {}
    for x in scores:
        if x["rule"] == "brier":
            out.setdefault((x["assessment"], x["as_of"]), {})[x["question"]] = x["value"]
    return out


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found)


@registered
def briers(out: Any, *names: str) -> str:
    """Mean Brier scores day by day, on the questions that all who answered on the day share."""
    of, rows = brier(out["scores"]), []
    for date in out["as_of_days"]:
        answered = [of[n, date] for n in names if (n, date) in of]
        shared = set.intersection(*map(set, answered)) if answered else set()
        if shared:
            cells = [
                f"{mean(of[n, date][q] for q in shared):.3f}" if (n, date) in of else ""
                for n in names
            ]
            rows.append([date, str(len(shared)), *cells])
    return table(["as of", "questions", *names], rows)


@registered
def against(out: Any, name: str, *references: str) -> str:
    """Mean Brier difference from baselines on the questions that both answer, day by day."""
    of = {
        (d["as_of"], d["reference"].removeprefix("baseline:")): d
        for d in out["against"]
        if d["rule"] == "brier" and d["assessment"] == name
    }

    def cell(d: Any) -> str:
        error = "" if d["error"] is None else f" ± {d['error']:.3f}"
        return f"{d['mean']:+.3f}{error} ({d['questions']})"

    return table(
        ["as of", *(f"against {r}" for r in references)],
        (
            [date, *(cell(of[date, r]) if (date, r) in of else "" for r in references)]
            for date in out["as_of_days"]
            if any((date, r) in of for r in references)
        ),
    )


@registered
def phrases(out: Any, *names: str) -> str:
    """Authors' phrases at their middle against their premises, on the first day that has both."""
    said, implied, parts = brier(out["baselines"]), brier(out["scores"]), []
    for name in names:
        who = f"baseline:phrases:{name}"
        date = next(d for d in out["as_of_days"] if (who, d) in said and (name, d) in implied)
        ours, theirs = implied[name, date], said[who, date]
        both = sorted(set(ours) & set(theirs))
        a, b = mean(theirs[q] for q in both), mean(ours[q] for q in both)
        parts.append(f"{name} {a:.3f} against {b:.3f} on {len(both)}")
    return ", ".join(parts)


@registered
def calibrated(out: Any, name: str, low: str, high: str, what: str) -> Any:
    """Of forecasts between two probabilities: how many (`forecasts`), their `mean`, or which
    share `came_true`."""
    bins = [
        b
        for b in out["calibration"][name]
        if b["forecasts"] and b["low"] >= float(low) - 1e-9 and b["high"] <= float(high) + 1e-9
    ]
    n = sum(b["forecasts"] for b in bins)
    if what == "forecasts":
        return n
    return math.fsum(b["forecasts"] * b[what] for b in bins) / n


def last_evidence(out: Any) -> list[Any]:
    """Evidence after the day that lies behind all documents, the greatest first."""
    common = max(e["after"] for e in out["evidence"])
    rows = [e for e in out["evidence"] if e["after"] == common]
    return sorted(rows, key=lambda e: -e["log_evidence"])


@registered
def islands_left(out: Any) -> str:
    """The least and the most that the islands of the authors are worth by the end, where that is
    why their evidence is not told."""
    said = [re.search(r"are worth ([\d.]+),", e.get("unmixed") or "") for e in last_evidence(out)]
    worth = sorted(float(m[1]) for m in said if m)
    if len(worth) != len(said):
        raise ValueError("some author's evidence is told: say it")
    return f"{worth[0]:.1f} to {worth[-1]:.1f}"


# ---- butfor ------------------------------------------------------------------------------


@registered
def twins(out: Any, *events: str) -> str:
    """What happened as it was and without it, of some events: times on average."""
    of = {x["id"]: x for x in out["past"]}
    rows = []
    for x in (of[e] for e in events):
        star = "*" if x["hangs_on_coupling"] else ""
        figures = [x["actual"], x["but_for"], x["mc_error"], x["renewed"], x["independent"]]
        rows.append([x["text"], *(f"{v:.2f}" for v in figures)])
        rows[-1][-1] += star
    return table(["times", "as it was", "without it", "error", "new noise:", "without it"], rows)


# ---- claims ------------------------------------------------------------------------------


@registered
def by_author(out: Any, *authors: str) -> str:
    """How many claims of each author hold, and which fail or cannot be stated."""

    def ids(author: str, status: str) -> str:
        return ", ".join(
            c["id"] for c in out["claims"] if (c["author"], c["status"]) == (author, status)
        )

    counts = out["summary"]["authors"]
    return table(
        ["author", "holds", "fails", "inexpressible"],
        ([a, str(counts[a]["holds"]), ids(a, "fails"), ids(a, "inexpressible")] for a in authors),
    )


@registered
def by_kind(out: Any) -> str:
    """The claims that fail, by what kind of reason, each with its figure."""
    kinds = {
        "structure": "no effect, or the other way",
        "size": "the right way, but not as strong, or as weak, as said",
        "untold": "cannot be told from so many worlds",
    }
    rows = [
        [
            f"{kind}: {words}",
            "; ".join(f"{c['id']} ({c['reason']})" for c in out["claims"] if c["fails_by"] == kind),
        ]
        for kind, words in kinds.items()
    ]
    return table(["fails by", "claims"], rows)


@registered
def cannot_be_asked(out: Any) -> str:
    """The judgements that no question states, each with its reason."""
    rows = [
        [f"{a['assessment']} {j['id']}", j["text"], j["note"]]
        for a in out["assessments"]
        for j in a["judgements"]
        if j["verdict"] == "inexpressible"
    ]
    return table(["judgement", "what it says", "why it cannot be asked"], rows)


@registered
def row(out: str, name: str) -> str:
    """The row of a claim in a terminal, below the names of the columns."""
    lines = [x.rstrip() for x in out.splitlines()]
    head = next(i for i, x in enumerate(lines) if x.split()[:2] == ["author", "effect"])
    start = next(i for i, x in enumerate(lines) if i > head and x.startswith(f"{name} "))
    end = next(i for i, x in enumerate(lines) if i > start and not x.startswith(" "))
    return "\n".join(["```", lines[head], *lines[start:end], "```"])


# ---- coverage ----------------------------------------------------------------------------


@registered
def pinned(out: Any) -> int:
    """Rows that are carried by more than a list."""
    return int(out["carried"]) - int(out["only_listed"])


@registered
def pinned_share(out: Any) -> Any:
    return pinned(out) / len(out["rows"])


# ---- policies ----------------------------------------------------------------------------

SURE = 3.0  # errors beyond which one assessment tells two policies apart


@registered
def best(out: Any) -> str:
    """The policy of minimax regret under each loss, among all and among what its actors can do."""

    def name(policy: str) -> str:
        return policy if policy[1:].isdigit() else f"`{policy}`"

    def tied(policy: str, others: list[str]) -> str:
        rest = f", tied with {', '.join(map(name, others))}" if others else ""
        return name(policy) + rest

    rows = []
    for loss in out["losses"]:
        own = [s for s in out["own"] if s["loss"] == loss["id"]]
        takes = next((s["policy"] for s in own if s["minimax"]), "")
        alike = [s["policy"] for s in own if s["tied_with_minimax"] and not s["minimax"]]
        rows.append(
            [
                f"`{loss['id']}`",
                loss["name"],
                tied(out["minimax"][loss["id"]], out["ties"][loss["id"]]),
                tied(takes, alike) if takes else "",
            ]
        )
    return table(
        [
            "",
            "judged by",
            "best among all",
            "best among what its own actors can do, alone or with others",
        ],
        rows,
    )


def cells(out: Any, loss: str, policy: str) -> list[Any]:
    found = [x for x in out["table"] if (x["loss"], x["policy"]) == (loss, policy)]
    if not found:
        raise KeyError(f"no loss '{loss}' or no policy '{policy}'")
    return found


@registered
def better(out: Any, loss: str, policy: str) -> int:
    """Assessments in which a policy is better than doing nothing, beyond three errors."""
    return sum(x["difference"] < -SURE * x["mc_error"] for x in cells(out, loss, policy))


@registered
def worse(out: Any, loss: str, policy: str) -> int:
    """Assessments in which it is worse."""
    return sum(x["difference"] > SURE * x["mc_error"] for x in cells(out, loss, policy))


@registered
def saves_least(out: Any, loss: str, *policies: str) -> Any:
    """By how much policies lower a loss in the assessment where they do so least."""
    return min(-x["difference"] for p in policies for x in cells(out, loss, p))


@registered
def saves_most(out: Any, loss: str, *policies: str) -> Any:
    return max(-x["difference"] for p in policies for x in cells(out, loss, p))


# ---- reach -------------------------------------------------------------------------------


@registered
def unclear(out: Any) -> int:
    """Judgements of documents that are reachable within two errors of an edge only."""
    return sum(
        bool(j["document"]) and j["status"] == "reachable" and not j["clear"]
        for j in out["judgements"]
    )


@registered
def out_of_reach(out: Any) -> str:
    """The judgements of documents that no setting gave: what is judged, and what was attained; `?`
    where that comes within two errors."""
    rows = []
    for j in out["judgements"]:
        if j["status"] == "out of reach" and j["document"]:
            judged = " to ".join(f"{x:.0%}" for x in j["interval"])
            least, most = (percent(x) for x in j["range"])
            found = least if least == most else f"{least} to {most}"
            rows.append([f"{j['id']}, {j['assessment']}", f"`{j['question']}`", judged, found])
            rows[-1][-1] += "" if j["clear"] else "?"
    return table(["judgement", "question", "judged", "attained"], rows)


@registered
def signs_of(out: Any) -> str:
    """The signs of the questions watched, with their errors."""
    rows = []
    for w in out["questions"]:
        for s in w["signs"]:
            shares = (told_share(s[k]) for k in ("seen", "if_seen", "if_not"))
            drop, error = (f"{x:.4f}"[1:] for x in (s["beyond"]["drop"], s["beyond"]["mc_error"]))
            rows.append([s["words"], *shares, f"{drop} ± {error}"])
    return table(["sign", "seen", "answer if seen", "if not", "drop beside those above"], rows)


def told_share(share: Any) -> str:
    return f"{percent(share['value'])} ± {max(1, round(100 * share['mc_error']))}"


# ---- forecast ----------------------------------------------------------------------------


@registered
def numbers(out: Any) -> int:
    """How many numbers stand behind an answer, of any grade."""
    return sum(out["answers"][0]["basis"].values())
