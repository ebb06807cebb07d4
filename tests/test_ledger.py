"""The ledger shows every touch; exports are whole, the same bytes, and as the hubs want them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from offramp.answers import export, ledger
from offramp.answers.issued import Issued
from offramp.answers.ledger import GENESIS, Broken, append, read, verify
from offramp.answers.resolve import Outcome, resolve_all
from offramp.case.case import Case, load
from offramp.case.record import History
from offramp.version import __version__

D = dt.date
NOW = dt.datetime(2020, 1, 24, 9, 0, tzinfo=dt.UTC)


def forecasts(n: int, start: int = 0) -> list[Issued]:
    return [
        Issued(
            question=f"q{k}",
            kind="binary",
            as_of=D(2020, 1, 24),
            assessment="case",
            model_sha256="ab" * 32,
            seed=7,
            worlds=1000,
            mc_error=0.01,
            probability=k / 1000,
        )
        for k in range(start, start + n)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    out = tmp_path / "ledger.jsonl"
    append(out, forecasts(5), NOW)
    return out


# ---- the ledger ---------------------------------------------------------------------------------


def test_entries_of_the_filter_that_was_biased_are_named(tmp_path: Path) -> None:
    """A ledger begun before entries named their version holds, is added to, and says so."""
    old, head = tmp_path / "old.jsonl", GENESIS
    lines = []
    issued = [*forecasts(2), replace(forecasts(1)[0], assessment="baseline:climatology")]
    for number, forecast in enumerate(issued, 1):
        body = {
            "schema": ledger.FIRST,
            "number": number,
            "issued_at": "2020-01-24T09:00:00Z",
            "previous": head,
            "forecast": forecast.to_dict(),
        }
        head = hashlib.sha256(ledger.canonical(body)).hexdigest()
        lines.append(ledger.canonical({**body, "sha256": head}) + b"\n")
    old.write_bytes(b"".join(lines))
    append(old, forecasts(1, 3), NOW)
    found = verify(old, head)
    assert found.ok
    assert found.biased == (1, 2)  # a baseline stood on no worlds; the last entry is of today
    assert "2 of them" in found.warning
    assert [e.version for e in read(old)] == ["", "", "", __version__]


def test_what_was_issued_comes_back_and_holds(path: Path) -> None:
    assert [e.forecast for e in read(path)] == forecasts(5)
    assert [e.number for e in read(path)] == [1, 2, 3, 4, 5]
    assert read(path)[0].previous == GENESIS
    assert read(path)[0].issued_at == "2020-01-24T09:00:00Z"
    head = read(path)[-1].sha256
    assert verify(path) == ledger.Verdict(True, 5, head)


def test_the_same_forecasts_make_the_same_bytes_in_any_time_zone(
    path: Path, tmp_path: Path
) -> None:
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=3)))
    append(tmp_path / "other.jsonl", forecasts(5), there)
    assert (tmp_path / "other.jsonl").read_bytes() == path.read_bytes()


def test_appending_changes_nothing_before(path: Path) -> None:
    before, head = path.read_bytes(), verify(path).head
    new = append(path, forecasts(2, 5), NOW)
    assert path.read_bytes().startswith(before)
    assert verify(path, head).ok  # the head kept earlier still stands in it
    assert verify(path, new) == ledger.Verdict(True, 7, new)
    assert append(path, [], NOW) == new


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


def rehash(line: bytes, **change: object) -> bytes:
    """An entry with its hash put right again: what a careful forger would write."""
    data = {k: v for k, v in json.loads(line).items() if k != "sha256"} | change
    return ledger.canonical({**data, "sha256": ledger._hash(data)}) + b"\n"


TOUCHES = {
    "edited": (_lines(lambda s: [*s[:2], s[2].replace(b":0.002", b":0.2"), *s[3:]]), 3, "edited"),
    "time edited": (_lines(lambda s: [s[0].replace(b"T09", b"T08"), *s[1:]]), 1, "edited"),
    "edited and rehashed": (
        _lines(lambda s: [*s[:2], rehash(s[2], issued_at="2020-01-24T23:00:00Z"), *s[3:]]),
        4,
        "does not follow",
    ),
    "earlier than the one before": (
        _lines(lambda s: [*s[:4], rehash(s[4], issued_at="2019-01-01T00:00:00Z")]),
        5,
        "before the entry that it follows",
    ),
    "no day of the calendar": (
        _lines(lambda s: [*s[:4], rehash(s[4], issued_at="2020-02-30T09:00:00Z")]),
        5,
        "no time of issue",
    ),
    "no hour of the clock": (
        _lines(lambda s: [*s[:4], rehash(s[4], issued_at="2020-02-03T25:00:00Z")]),
        5,
        "no time of issue",
    ),
    "digits of another script": (
        _lines(lambda s: [*s[:4], rehash(s[4], issued_at="٢٠٢٠-02-03T09:00:00Z")]),
        5,
        "no time of issue",
    ),
    "removed": (_lines(lambda s: s[:1] + s[2:]), 2, "does not follow"),
    "first removed": (_lines(lambda s: s[1:]), 1, "does not follow"),
    "reordered": (_lines(lambda s: [s[0], s[2], s[1], *s[3:]]), 2, "does not follow"),
    "inserted": (_lines(lambda s: [*s[:3], s[1], *s[3:]]), 4, "does not follow"),
    "spaces": (_lines(lambda s: [s[0].replace(b'":', b'": ', 1), *s[1:]]), 1, "edited"),
    "key twice": (
        _lines(lambda s: [*s[:4], s[4].replace(b'{"', b'{"number":5,"', 1)]),
        5,
        "edited",
    ),
    "windows line ends": (lambda b: b.replace(b"\n", b"\r\n"), 1, "ends of lines were changed"),
    "old line ends": (lambda b: b.replace(b"\n", b"\r"), 1, "ends of lines were changed"),
    "a mark at the beginning": (lambda b: b"\xef\xbb\xbf" + b, 1, "byte-order mark was added"),
    "windows line ends and an edit": (
        lambda b: b.replace(b":0.002", b":0.2").replace(b"\n", b"\r\n"),
        1,
        "edited",
    ),
    "no JSON": (_lines(lambda s: [*s[:4], b"hello\n"]), 5, "not JSON"),
    "no UTF-8": (_lines(lambda s: [*s[:4], b'"\xff"\n']), 5, "not JSON"),
    "no entry": (_lines(lambda s: [*s[:4], b"[1]\n"]), 5, "is not an entry"),
    "blank line": (_lines(lambda s: [*s[:4], b"\n", s[4]]), 5, "not JSON"),
    "no forecast": (
        _lines(lambda s: [*s[:4], rehash(s[4], forecast={"question": "q"})]),
        5,
        "no forecast",
    ),
    "cut within": (lambda b: b[:-10], 5, "no end"),
    "cut at the newline": (lambda b: b[:-1], 5, "no end"),
    "appended by hand": (lambda b: b + b'{"number":6}\n', 6, "is not an entry"),
}


@pytest.mark.parametrize("name", TOUCHES)
def test_every_touch_is_seen_and_placed(path: Path, name: str) -> None:
    touch, number, what = TOUCHES[name]
    touched = touch(path.read_bytes())
    assert touched != path.read_bytes()
    path.write_bytes(touched)
    verdict = verify(path)
    assert not verdict.ok
    assert verdict.broken is not None
    assert verdict.broken[0] == number
    assert what in verdict.broken[1]
    assert verdict.entries == number - 1
    with pytest.raises(Broken, match=f"entry {number}"):
        append(path, forecasts(1), NOW)
    with pytest.raises(Broken):
        read(path)
    assert path.read_bytes() == touched


def test_only_a_kept_head_shows_a_shortened_or_rewritten_ledger(path: Path) -> None:
    head = verify(path).head
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    assert verify(path).ok  # by itself the chain cannot know
    verdict = verify(path, head)
    assert not verdict.ok
    assert verdict.broken is not None
    assert verdict.broken[0] == 4
    path.unlink()
    append(path, forecasts(5, 1), NOW)
    assert verify(path).ok
    assert not verify(path, head).ok


def test_a_failed_append_leaves_the_ledger_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(ledger.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        append(path, forecasts(3), NOW)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == [".ledger.jsonl.lock", "ledger.jsonl"]


def test_entries_stand_in_the_order_of_their_times(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(Broken, match="clock"):
        append(path, forecasts(1), NOW - dt.timedelta(seconds=1))
    assert path.read_bytes() == before
    append(path, forecasts(1, 5), NOW)  # within one second as many as one likes
    assert verify(path).ok


@pytest.mark.parametrize("kept", [16, 63])
def test_the_beginning_of_a_head_shows_nothing(path: Path, kept: int) -> None:
    with pytest.raises(ValueError, match="64 digits"):
        verify(path, verify(path).head[:kept])
    with pytest.raises(ValueError, match="shows nothing"):
        verify(path, GENESIS)  # what every ledger stands on


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_a_ledger_keeps_its_mode_and_has_one_name(path: Path) -> None:
    path.chmod(0o600)
    link = path.with_name("link.jsonl")
    link.symlink_to(path.name)
    append(link, forecasts(1, 5), NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert verify(path).entries == 6
    os.link(path, path.with_name("hard.jsonl"))
    with pytest.raises(Broken, match="2 names"):
        append(path, forecasts(1, 6), NOW)
    assert verify(path).entries == 6


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "folder"])
def test_a_ledger_is_a_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "l.jsonl"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "l.jsonl")
    with pytest.raises(Broken, match="a ledger is a file"):
        append(path, forecasts(1), NOW)
    with pytest.raises(OSError, match="it is a"):
        verify(path)


def test_a_time_without_a_zone_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        append(path, forecasts(1), dt.datetime(2020, 1, 24))


def _many(path: Path, start: int) -> None:
    for k in range(10):
        append(path, forecasts(3, start + k), NOW)


def test_two_processes_add_whole_batches(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_many, args=(path, start)) for start in (100, 500)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [p.exitcode for p in both] == [0, 0]
    verdict = verify(path)
    assert (verdict.ok, verdict.entries) == (True, 5 + 2 * 10 * 3)
    names = [int(e.forecast.question[1:]) for e in read(path)][5:]
    batches = [names[k : k + 3] for k in range(0, 60, 3)]
    assert all(b == [b[0], b[0] + 1, b[0] + 2] for b in batches)


def test_a_ledger_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.jsonl")


# ---- exports ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def us_iran() -> Case:
    return load("us-iran-2020")


@pytest.fixture(scope="module")
def outcomes(us_iran: Case) -> dict[str, Outcome]:
    return resolve_all(us_iran, History((), ()), D(2021, 1, 10))  # as cited


EARLY, LATER = D(2020, 1, 24), D(2020, 2, 1)


def mixed(assessment: str = "case", day: D = EARLY) -> list[Issued]:
    frame = {"as_of": day, "assessment": assessment, "model_sha256": "0", "seed": 1, "worlds": 500}
    never = float(D(2021, 1, 1).toordinal())
    return [
        Issued("us_strikes_again", "binary", **frame, probability=0.25),  # type: ignore[arg-type]
        Issued(
            "us_president",
            "choice",
            **frame,  # type: ignore[arg-type]
            options=("the Democrat", "the Republican", "nobody"),
            probabilities=(0.5, 0.5, 0.0),
        ),
        Issued(
            "us_strikes",
            "number",
            **frame,
            values=(0.0, 2.0, 99.0),  # type: ignore[arg-type]
            weights=(0.5, 0.25, 0.25),
        ),
        Issued(
            "first_talks",
            "date",
            **frame,  # type: ignore[arg-type]
            values=(float(D(2020, 3, 4).toordinal()), never),
            weights=(0.5, 0.5),
        ),
        Issued("referral", "binary", **frame, refused="too few"),  # type: ignore[arg-type]
    ]


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture
def files(us_iran: Case, outcomes: dict[str, Outcome]) -> dict[str, bytes]:
    some = [*mixed(), *mixed("baseline:climatology"), *mixed(day=LATER)]
    return export.hub_files(some, us_iran.questions, outcomes, export.Hub())


def test_a_hub_has_its_places(files: dict[str, bytes]) -> None:
    assert list(files) == [
        "hub-config/admin.json",
        "hub-config/model-metadata-schema.json",
        "hub-config/target-data.json",
        "hub-config/tasks.json",
        "model-metadata/offramp-baseline_climatology.yml",
        "model-metadata/offramp-case.yml",
        "model-output/offramp-baseline_climatology/2020-01-24-offramp-baseline_climatology.csv",
        "model-output/offramp-case/2020-01-24-offramp-case.csv",
        "model-output/offramp-case/2020-02-01-offramp-case.csv",
        "target-data/oracle-output.csv",
    ]


def test_model_output_says_what_was_issued(files: dict[str, bytes]) -> None:
    rows = table(files["model-output/offramp-case/2020-01-24-offramp-case.csv"])
    assert list(rows[0]) == [
        "origin_date",
        "target_end_date",
        "target",
        "output_type",
        "output_type_id",
        "value",
    ]
    pmf = {
        (r["target"], r["output_type_id"]): float(r["value"])
        for r in rows
        if r["output_type"] == "pmf"
    }
    assert pmf["us_strikes_again", "yes"] == 0.25
    assert pmf["us_strikes_again", "no"] == 0.75
    assert pmf["us_president", "the Republican"] == 0.5
    strikes = {r["output_type_id"]: float(r["value"]) for r in rows if r["target"] == "us_strikes"}
    assert len(strikes) == 23
    assert (strikes["0.5"], strikes["0.75"], strikes["0.9"]) == (0, 2, 20)  # cut to its scale
    talks = {r["output_type_id"]: float(r["value"]) for r in rows if r["target"] == "first_talks"}
    assert (talks["0.5"], talks["0.75"]) == (60, 363)  # days since 4 January; 363 is the day after
    assert not any(r["target"] == "referral" for r in rows)


def test_tasks_list_exactly_what_model_output_has(files: dict[str, bytes]) -> None:
    tasks = json.loads(files["hub-config/tasks.json"])["rounds"][0]["model_tasks"]
    allowed = set()
    for task in tasks:
        ids = {k: v["optional"] for k, v in task["task_ids"].items()}
        for kind, spec in task["output_type"].items():
            levels = [
                f"{v:g}" if kind == "quantile" else v for v in spec["output_type_id"]["required"]
            ]
            days, ends, targets = ids["origin_date"], ids["target_end_date"], ids["target"]
            allowed |= set(itertools.product(days, ends, targets, [kind], levels))
        (meta,) = task["target_metadata"]
        assert meta["target_keys"] == {"target": ids["target"][0]}
        assert len(meta["target_id"]) <= 30
        assert len(meta["target_name"]) <= 100
        assert len(meta["target_units"]) <= 100
    for name, content in files.items():
        if name.startswith("model-output/"):
            for row in table(content):
                assert tuple(list(row.values())[:5]) in allowed


def test_the_oracle_puts_all_on_what_happened(files: dict[str, bytes]) -> None:
    rows = table(files["target-data/oracle-output.csv"])
    said = {(r["target"], r["output_type_id"]): float(r["oracle_value"]) for r in rows}
    assert said["us_strikes_again", "yes"] == 1
    assert said["us_strikes_again", "no"] == 0
    assert said["us_president", "the Democrat"] == 1
    assert said["us_strikes", "NA"] == 1
    assert said["first_talks", "NA"] == 363
    # One row a thing observed: what the configuration calls the observable unit.
    keys = [(r["target_end_date"], r["target"], r["output_type_id"]) for r in rows]
    assert len(keys) == len(set(keys))


def test_model_metadata_fits_the_schema_that_is_written_with_it(files: dict[str, bytes]) -> None:
    from ruamel.yaml import YAML

    schema = json.loads(files["hub-config/model-metadata-schema.json"])
    for name, content in files.items():
        if name.startswith("model-metadata/"):
            jsonschema.validate(YAML(typ="safe").load(content), schema)


def test_a_hub_is_the_same_bytes_in_any_order(
    us_iran: Case, outcomes: dict[str, Outcome], files: dict[str, bytes]
) -> None:
    some = [*mixed(day=LATER), *reversed(mixed("baseline:climatology")), *mixed()]
    questions = reversed(us_iran.questions)
    assert export.hub_files(some, questions, outcomes, export.Hub()) == files


def test_a_hub_is_written_whole_or_not_at_all(
    us_iran: Case, outcomes: dict[str, Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "hub"
    written = export.write_hub(target, mixed(), us_iran.questions, outcomes)
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()) == [
        *written
    ]
    with pytest.raises(FileExistsError):
        export.write_hub(target, mixed(), us_iran.questions, outcomes)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(export.os, "rename", full)
    with pytest.raises(OSError, match="no space"):
        export.write_hub(tmp_path / "two", mixed(), us_iran.questions, outcomes)
    assert [p.name for p in tmp_path.iterdir()] == ["hub"]


def test_a_hub_refuses_what_it_cannot_hold(us_iran: Case, outcomes: dict[str, Outcome]) -> None:
    ask = us_iran.questions
    strike = mixed()[0]
    with pytest.raises(ValueError, match="no forecast"):
        export.hub_files([mixed()[-1]], ask, outcomes, export.Hub())
    with pytest.raises(ValueError, match="two forecasts"):
        export.hub_files([strike, replace(strike, probability=0.9)], ask, outcomes, export.Hub())
    one, other = (replace(mixed()[k], assessment=a) for k, a in ((0, "a:b"), (1, "a-b")))
    with pytest.raises(ValueError, match="would be one model"):
        export.hub_files([one, other], ask, outcomes, export.Hub())


def test_lines_are_one_forecast_each() -> None:
    lines = export.as_lines(mixed()).splitlines()
    assert [Issued.from_dict(json.loads(line)) for line in lines] == mixed()
