"""The brief says what the forecast says, to every reader, and twice the same."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from offramp.answers import spread as spread_of
from offramp.answers import wording
from offramp.answers.forecast import Answer, Basis, Forecast, QuantityAnswer
from offramp.engine.ensemble import A_LEVEL, Band, Ensemble, Story
from offramp.language.questions import Resolution
from offramp.render.brief import bands, brief_html, brief_pdf, charts, describe, dots
from offramp.render.brief.content import More
from offramp.render.brief.labels import flags, spread
from offramp.sources.documents import Document, Precision
from offramp.sources.passages import Passage

RUNGS = (
    "calm",
    "harassment",
    "proxy attack",
    "strike on proxy",
    "direct strike",
    "exchange",
    "broad war",
)
FIRST = date(2019, 12, 27)
NASTY = 'Will <b>"A & B"</b> # * _ $ @ `x` \\ agree — 伊朗 ایران Ω?'


def passage(id: str, of: str, start: int, end: int, paraphrase: str, phrase: str | None) -> Passage:
    return Passage(id, of, start, end, "0" * 64, paraphrase, phrase)


def document(
    id: str, title: str, author: str, publisher: str, on: date, precision: Precision = "day"
) -> Document:
    return Document(
        id, title, author, publisher, on, precision, "why", "x.txt", "0" * 64, "CC0", 0, 9999
    )


def ensemble(levels: tuple[str, ...] = RUNGS, days: int = 126, worlds: int = 4000) -> Ensemble:
    """Worlds that start high, fade, and now and then jump up."""
    draw = np.random.default_rng(7)
    top = len(levels) - 1
    x = np.full(worlds, 0.3 * top)
    paths = np.empty((days, worlds))
    for d in range(days):
        paths[d] = x
        jump = (draw.random(worlds) < 0.03) * draw.exponential(0.28 * top, worlds)
        x = np.clip(x * 0.975 + draw.normal(0.04, 0.035 * top, worlds) + jump, 0, top)
    binned = np.rint(A_LEVEL * paths).astype(int)
    counts = np.stack([np.bincount(day, minlength=A_LEVEL * top + 1) for day in binned])
    band = Band(quantity="rung", title="Escalation", low=0, high=top, levels=levels, counts=counts)
    stories = tuple(
        Story(w, (), {"rung": tuple(float(v) for v in paths[:, w])}) for w in range(min(12, worlds))
    )
    none = np.zeros((worlds, 0))
    return Ensemble(
        first=FIRST,
        days=days,
        seed=7,
        numbers=tuple(range(worlds)),
        bands={"rung": band},
        stories=stories,
        atoms=none,
        unknowns=none,
        counts=none.astype(np.int64),
        collisions=(),
    )


def answer(number: int, p: float | None, **more: object) -> Answer:
    error = None if p is None else float(np.sqrt((p * (1 - p) + 1e-4) / 4000))
    base = Answer(
        id=f"q{number}",
        text=f"US or allied forces are hit by rockets at base {number} in Iraq",
        probability=p,
        mc_error=error,
        interval=None
        if p is None or error is None
        else (max(0, p - 1.645 * error), min(1, p + 1.645 * error)),
        worlds=0 if p is None else 4000,
        window=(date(2020, 1, 3), date(2020, 4, 30)),
        basis=Basis(12, 31, 40),
        near=Basis(4, 9, 8),
        cites=("J20", "V51", "M70"),
        rests_on=(),
        headline=False,
        resolved=None,
        words="",
        note="",
    )
    return replace(base, **more)


ANSWERS = (
    answer(
        1,
        0.05,
        text="Broad war between the US and Iran by 30 April 2020",
        headline=True,
        words="very unlikely",
        cites=("J20", "J22", "V51", "B7"),
        resolved=Resolution("no", date(2020, 4, 30), "public record"),
    ),
    answer(
        2,
        0.58,
        text="Another attack on a base housing US troops by 31 March 2020",
        words="roughly even chance",
        resolved=Resolution("yes", date(2020, 1, 8), "Reuters"),
    ),
    answer(
        3,
        0.21,
        text="US forces formally ordered out of Iraq by 30 June 2020",
        words="unlikely",
        cites=("V51", "M70", "M71"),
    ),
    answer(
        4,
        0.44,
        text="The nuclear file is referred to the Security Council",
        note="Counted from the formal letter, not from its announcement.",
    ),
    answer(5, None, text="If the Prime Minister resigns, Parliament seats a successor"),
    answer(6, 0.0, text="Iran closes the Strait of Hormuz", words="almost no chance", cites=()),
    answer(7, 1.0, text="At least one further sanctions round", words="almost certain"),
)

NEVER = date(2020, 5, 1).toordinal()
QUANTITIES = (
    QuantityAnswer(
        "peak",
        "Highest rung reached",
        (FIRST, date(2020, 4, 30)),
        tuple(sorted(np.random.default_rng(1).gamma(6, 0.5, 4000).tolist())),
        "",
    ),
    QuantityAnswer(
        "attacks",
        "Rocket attacks on bases",
        (FIRST, date(2020, 4, 30)),
        tuple(sorted(np.random.default_rng(2).poisson(9, 4000).tolist())),
        "attacks",
    ),
    QuantityAnswer(
        "order",
        "Day on which the order to leave is given",
        (FIRST, date(2020, 4, 30)),
        tuple(
            sorted(
                min(date(2020, 1, 6).toordinal() + round(g), NEVER)
                for g in np.random.default_rng(3).gamma(2, 45, 4000)
            )
        ),
        "date",
    ),
)

PASSAGES = {
    p.id: p
    for p in (
        passage(
            "J20",
            "issi",
            4210,
            4388,
            "Neither leadership seeks an all-out confrontation.",
            "no interest in all-encompassing confrontation",
        ),
        passage("J22", "issi", 5100, 5240, "The exchange of January leaves both an exit.", None),
        passage("V51", "dead", 880, 1002, "About 5,200 American troops are in Iraq.", None),
        passage(
            "B7",
            "dead",
            1400,
            1555,
            "Militias may act without an order.",
            "could lead quickly to escalation",
        ),
        passage("M70", "dead", 2950, 3101, "Cutting the patron’s hand loosens the proxies.", None),
        passage("M71", "dead", 3990, 4120, "Parliament’s vote binds nobody by itself.", None),
        passage("Z1", "issi", 1, 9, "A passage that no answer cites.", None),
    )
}
DOCUMENTS = {
    "issi": document(
        "issi",
        "Killing of a commander: what follows",
        "A. Raza",
        "ISSI",
        date(2020, 1, 17),
        "inferred",
    ),
    "dead": document(
        "dead", "Dead heat in Baghdad", "M. Al-Khafaji", "", date(2020, 1, 8), "inferred"
    ),
}
MILESTONES = (
    (date(2020, 1, 3), "a commander is killed in Baghdad"),
    (date(2020, 1, 8), "missiles on two bases"),
    (date(2020, 2, 12), "mediation window closes"),
    (date(2020, 4, 25), "sanctions waiver review"),
    (date(2021, 1, 1), "long after the end"),
)

FORECAST = Forecast(
    case="us-iran-2020",
    title="US–Iran, 2019–2020",
    about="The crisis over Iraq as five published assessments describe it.",
    model_sha256="9f2b" * 16,
    seed=7,
    worlds=4000,
    version="0.1.0",
    first=FIRST,
    last=date(2020, 4, 30),
    start_from=date(2020, 1, 3),
    answers=ANSWERS,
    quantities=QUANTITIES,
    ensemble=ensemble(),
)


VOID = {"meta", "hr", "rect", "path", "line", "br", "img", "link", "input"}


class Page(HTMLParser):
    """What a test asks of a page: ids, links, attributes, text; unbalanced tags are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        return [a[name] or "" for _, a in self.tags if name in a]


def page(forecast: Forecast = FORECAST, **passages: Passage) -> str:
    return brief_html(forecast, PASSAGES | passages, DOCUMENTS, MILESTONES)


@pytest.fixture(scope="module")
def plain() -> str:
    return page()


@pytest.fixture(scope="module")
def hard() -> Forecast:
    """Sixty questions with hostile and long texts, three worlds, nine rungs."""
    passages = tuple(f"X {i}#" for i in range(9))
    asked = tuple(
        answer(
            i,
            p,
            worlds=3,
            text=f"{NASTY} {'very long ' * (i % 30)}",
            cites=(*passages, "J20"),
            headline=i == 0,
            note=NASTY,
            words="<unlikely>",
        )
        for i, p in enumerate([0.0, 1.0, None, 1 / 3, 2 / 3, 0.00001] * 10)
    )
    dates = (date(2020, 2, 3).toordinal(),) * 2
    quantities = (
        QuantityAnswer("q", NASTY, (FIRST, FIRST), dates, "date"),
        QuantityAnswer("n", NASTY, (FIRST, FIRST), (), "troops"),
        QuantityAnswer("m", "Small", (FIRST, FIRST), (0.001, 0.002, 0.5), "share"),
    )
    rungs = tuple(f"rung {i} {NASTY}" for i in range(9))
    return replace(
        FORECAST,
        title=NASTY,
        about=NASTY,
        case="a b;c",
        answers=asked,
        worlds=3,
        quantities=quantities,
        ensemble=ensemble(rungs, 400, 3),
    )


def test_the_page_fetches_nothing(plain: str) -> None:
    assert "http" not in plain
    assert "url(" not in plain
    assert "@import" not in plain
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in Page(plain).tags}


def test_every_cited_passage_is_linked_and_present(plain: str) -> None:
    parsed = Page(plain)
    ids, targets = parsed.all("id"), [h for h in parsed.all("href") if h.startswith("#")]
    assert len(ids) == len(set(ids))
    assert {t[1:] for t in targets} <= set(ids)
    for name in {c for a in ANSWERS for c in a.cites}:
        assert f"#p-{name}" in targets
        assert PASSAGES[name].paraphrase in parsed.text
        assert (PASSAGES[name].phrase or "") in parsed.text
    assert PASSAGES["Z1"].paraphrase not in parsed.text


def test_every_picture_has_words(plain: str) -> None:
    pictures = [attributes for tag, attributes in Page(plain).tags if tag == "svg"]
    assert len(pictures) == 4 + len(QUANTITIES) + sum(a.probability is not None for a in ANSWERS)
    assert all(a["role"] == "img" and a["aria-label"] for a in pictures)


AS_OF = replace(FORECAST, as_of=date(2020, 2, 1), reports=2)
LIVED = ((date(2020, 1, 8), date(2020, 1, 8)), (date(2020, 1, 15), date(2020, 1, 31)))
TOLD = More(
    errs={"J20": "the record disagrees: otherwise in May"},
    lived=LIVED,
    decided={"q3": "already decided by the reports: yes, on 2020-01-08 (E093)"},
)


def test_as_of_a_day_nothing_is_told_that_was_decided_later() -> None:
    """Question 1 resolved on 30 April, question 2 on 8 January."""
    now, free = as_of(), Page(brief_html(FORECAST, PASSAGES, DOCUMENTS, MILESTONES, TOLD)).text
    for later in ("public record", "otherwise in May"):
        assert later not in now
        assert later in free
    assert "Reported: yes, 8 Jan 2020 (Reuters)" in now
    assert "already decided by the reports: yes, on 2020-01-08 (E093)" in now


def test_what_was_decided_later_is_told_where_it_is_asked_for() -> None:
    told = as_of(with_record=True)
    assert "Reported: no, 30 Apr 2020 (public record)" in told
    assert "otherwise in May" in told
    assert "--as-of 2020-02-01 --with-record" in told
    assert "--with-record" not in as_of()


def test_the_fan_has_a_line_as_of_a_day_and_marks_for_what_was_lived() -> None:
    rules = rules_of(charts.fan(FORECAST.ensemble, MILESTONES))
    more = rules_of(charts.fan(FORECAST.ensemble, MILESTONES, as_of=AS_OF.as_of, lived=LIVED))
    day = (date(2020, 2, 1) - FIRST).days
    assert day not in {x for x, _ in rules}
    assert (day, None) in more  # the line
    assert (12, None) in more  # a report of a certain day
    assert (19, 35) in more  # one of disputed days
    shares = charts.shares(FORECAST.ensemble, as_of=AS_OF.as_of)
    assert (day, None) in rules_of(shares)
    assert "A line stands on 1 Feb 2020" in shares.description
    assert (
        "marks at the foot"
        in charts.fan(FORECAST.ensemble, (), lived=LIVED, as_of=AS_OF.as_of).description
    )
    assert "the days of the 2 reports used" in as_of()


def test_documents_of_later_days_are_owned_up_to() -> None:
    assert "rests on 1 of 2 documents that were written later, up to 17 Jan 2020" in as_of(
        as_of=date(2020, 1, 10)
    )
    assert "were written later" not in as_of()


def test_a_byline_says_until_when_an_author_knew() -> None:
    month = replace(
        DOCUMENTS["dead"],
        date=date(2020, 1, 31),
        by_month=True,
        precision="month",
        knew_until=date(2020, 1, 26),
    )
    text = Page(brief_html(FORECAST, PASSAGES, {**DOCUMENTS, "dead": month}, ())).text
    assert "M. Al-Khafaji, January 2020, knew until 26 Jan 2020" in text


def as_of(**change: object) -> str:
    forecast = replace(AS_OF, **change)
    return Page(brief_html(forecast, PASSAGES, DOCUMENTS, MILESTONES, TOLD)).text


def rules_of(chart) -> set[tuple[float, float | None]]:  # type: ignore[no-untyped-def]
    """Where the rules of a chart stand, and where those that run across end."""
    drawn = chart.to_dict()
    return {
        (row["x"], row.get("x2"))
        for layer in drawn["layer"]
        if layer["mark"]["type"] == "rule"
        for row in drawn.get("datasets", {}).get(
            layer["data"].get("name", ""), layer["data"].get("values", [])
        )
        if "x" in row
    }


def test_missing_is_shown_as_missing() -> None:
    odd = replace(FORECAST, answers=(answer(1, None, cites=("gone",), headline=True),))
    text = Page(page(odd)).text
    assert "no world met the condition" in text
    assert "gone (passage missing)" in text
    bare = replace(FORECAST, answers=(), quantities=())
    assert "asks no questions" in Page(page(bare)).text
    assert brief_pdf(bare, {}, {}).startswith(b"%PDF")


@pytest.mark.slow
def test_a_hard_page_holds(hard: Forecast) -> None:
    more = {f"X {i}#": passage(f"X {i}#", "no such", i, 9, NASTY, NASTY) for i in range(9)}
    milestones = tuple((FIRST + timedelta(3 * i), NASTY) for i in range(12))
    text = brief_html(hard, PASSAGES | more, DOCUMENTS, milestones)
    parsed = Page(text)
    ids = parsed.all("id")
    assert len(ids) == len(set(ids))
    assert {h[1:] for h in parsed.all("href")} <= set(ids)
    assert '<b>"A' not in text
    assert NASTY in parsed.text
    pdf = brief_pdf(hard, PASSAGES | more, DOCUMENTS, milestones)
    assert pdf.startswith(b"%PDF")


def test_the_same_forecast_gives_the_same_bytes(plain: str) -> None:
    assert page() == plain
    first, again = (brief_pdf(FORECAST, PASSAGES, DOCUMENTS, MILESTONES) for _ in range(2))
    assert first.startswith(b"%PDF")
    assert first == again
    assert b"CreationDate" not in first
    assert b"pdfuaid" in first


@pytest.mark.parametrize("levels", [RUNGS[:3], RUNGS, tuple(f"rung {i}" for i in range(9))])
@pytest.mark.parametrize("days", [1, 14, 400])
def test_ladders_and_spans_of_any_length_can_be_drawn(levels: tuple[str, ...], days: int) -> None:
    small = ensemble(levels, days, 3)
    for chart in (charts.fan(small, MILESTONES), charts.shares(small, 360)):
        svg = charts.to_svg(chart)
        assert 'role="img"' in svg
        assert "NaN" not in svg
        assert levels[-1] in svg


def test_quantiles_of_a_histogram_stay_with_its_worlds() -> None:
    counts = np.zeros((1, 67), dtype=np.int64)
    counts[0, 0], counts[0, 66] = 98, 2
    band = Band(quantity="rung", title="r", low=0, high=6, levels=RUNGS, counts=counts)
    low, high = bands.rung_quantiles(band, [0.9, 0.99])[0]
    assert low <= 0.05
    assert high >= 5.95
    assert bands.rung_shares(band)[0].tolist() == [0.98, 0, 0, 0, 0, 0, 0.02]


def test_probabilities_are_said_in_small_numbers() -> None:
    said = {0.05: "1 in 20", 0.58: "3 in 5", 0.01: "1 in 100", 0.95: "19 in 20", 0.5: "1 in 2"}
    assert {p: wording.odds(p, 9) for p in said} == said
    assert wording.odds(0, 4000) == "none of 4,000 worlds"
    assert wording.percent(0.001) == "<1%"
    assert wording.percent(0.999) == ">99%"
    assert wording.interval((0.0444, 0.0556)) == "4.4–5.6%"
    assert wording.interval((0.0, 0.043)) == "0–4%"


def test_labels_do_not_overlap() -> None:
    places = spread([0.0, 0.01, 0.02, 1.0], 0.1, 0, 1)
    assert all(b - a >= 0.0999 for a, b in pairwise(places))
    crowd = [(FIRST + timedelta(i), "a long name for a day") for i in range(0, 60, 2)]
    packed = flags(crowd, FIRST, 126, 700, 800, 12)
    assert len(packed) == 30
    assert max(f.row for f in packed) == 4
    assert packed[0].words
    two = flags(MILESTONES, FIRST, 126, 700, 800, 12)
    assert [f.row for f in two][:2] == [0, 1]
    assert len(two) == 4


def test_dots_count_worlds() -> None:
    shown, missing = dots.quantile_dots(spread_of.known(QUANTITIES[2]), 4000)
    assert len(shown) == 15
    assert missing == 5
    assert dots.quantile_dots((1.0, 2.0), 3) == ([1.0, 2.0], 1)
    assert dots.quantile_dots((), 3) == ([], 3)


def test_a_day_after_the_window_is_no_day() -> None:
    end = date(2020, 4, 30)
    asked = QuantityAnswer("d", "Day", (FIRST, end), (end.toordinal(), end.toordinal() + 1), "date")
    assert spread_of.known(asked) == [end.toordinal()]
    assert "In 50% of worlds the day does not come" in describe.dotplot(asked, 2)


def test_the_headline_states_the_finding(plain: str) -> None:
    heading = re.search(r"<h1>(.*?)</h1>", plain)
    assert heading is not None
    assert heading[1] == (
        "Most futures stand between proxy attack and direct strike by the end of April. "
        "Broad war between the US and Iran by 30 April 2020: about one future in twenty"
    )


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.joinpath("brief.html").write_text(brief_html(FORECAST, PASSAGES, DOCUMENTS, MILESTONES))
    out.joinpath("brief.pdf").write_bytes(brief_pdf(FORECAST, PASSAGES, DOCUMENTS, MILESTONES))
