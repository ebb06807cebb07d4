"""Random crises: small, legal, and using every noun, for properties that must hold of any."""

from __future__ import annotations

from hypothesis import strategies as st

WHY = "? drawn at random"


def _number(low: float, high: float) -> st.SearchStrategy[str]:
    return st.floats(low, high).map(lambda x: f"{x:.2f}".rstrip("0").rstrip(".") or "0")


@st.composite
def crises(draw: st.DrawFn, actors: int = 3, days: int = 12) -> str:
    """The text of a crisis file."""
    stocks = [f"stock_{i}" for i in range(draw(st.integers(1, 3)))]
    names = [f"actor_{i}" for i in range(draw(st.integers(2, actors)))]
    quantities = [*stocks, "height(rung)", "mood_of_day", "flag"]
    lines = ["crisis: random", "from: 2020-01-01", f"to: 2020-01-{days:02d}", "show: [rung]"]
    lines += ["state:", "  rung:", "    ladder: [calm, tense, hot, war]", f"    now: tense {WHY}"]
    lines += [f"    fades: {draw(_number(1, 20))}d {WHY}"]
    for name in stocks:
        lines += [f"  {name}:", f"    stock: 0 .. 5 {WHY}", f"    now: {draw(_number(0, 5))} {WHY}"]
        if draw(st.booleans()):
            # Both may read other quantities, as they stand in the morning.
            lasts = draw(st.sampled_from(["", " / (1 + height(rung))", " * (1 + flag)"]))
            rest = draw(st.sampled_from(["", " + mood_of_day", " * mood_of_day"]))
            lines += [
                f"    fades: {draw(_number(1, 9))}d{lasts} {WHY}",
                f"    rest: {draw(_number(0, 4))}{rest} {WHY}",
            ]
    lines += ["  mood_of_day:", f"    share: {draw(_number(0, 1))} {WHY}"]
    lines += ["  flag:", "    flag: no", "  tally:", "    count: 0", "  timer:"]
    lines += [f"    clock: {draw(st.integers(1, 8))}d {WHY}"]
    lines += ["unknown:", "  resolve:", f"    between: 0.5 .. {draw(_number(1, 3))} {WHY}"]
    lines += ["  chance_of_harm:", f"    share: .1 .. .6 {WHY}"]
    lines += ["  line:", "    among:", f"      low: .4 {WHY}", f"      high: .6 {WHY}"]
    lines += ["actor:"]
    agendas: dict[str, tuple[str, ...]] = {}
    for i, name in enumerate(names):
        others = [n for n in names if n != name]
        weighs = draw(st.lists(st.sampled_from(others), unique=True))
        agendas[name] = draw(
            st.sampled_from([(), (), ("force", "word"), ("force", "word", "talk")])
        )
        lines += [f"  {name}:"]
        if agendas[name]:
            lines += ["    pace:"]
            lines += [f"      {a}: {draw(_number(0.2, 2))} {WHY}" for a in agendas[name]]
        else:
            lines += [f"    pace: {draw(_number(0.2, 2))} {WHY}"]
        lines += [f"    precision: {'resolve' if i == 0 else draw(_number(0.2, 3)) + ' ' + WHY}"]
        lines += [f"    foresight: {draw(st.integers(0, 2))} {WHY}"]
        lines += [f"    weighs: [{', '.join(weighs)}]"]
        if draw(st.booleans()):
            lines += [f"    mood: {draw(_number(0.1, 1))} {WHY}"]
        lines += ["    wants:"]
        for k, quantity in enumerate(
            draw(st.lists(st.sampled_from(quantities), min_size=1, max_size=3))
        ):
            lines += [f"      want {k}: {draw(_number(-2, 2))} * {quantity} {WHY}"]
        lines += [f"      line: -1 * (stock_0 >= height(line)) {WHY}"] if i else []
        lines += ["    fears:", "      accident:", f"        weight: {draw(_number(-9, 0))} {WHY}"]
        lines += [f"        lasts: 5d {WHY}"]
    lines += ["event:"]
    for name in names:
        many = max(len(agendas[name]), draw(st.integers(1, 3)))
        speaks = bool(draw(st.integers(0, 1)))
        for m in range(many):
            agenda = agendas[name][m % len(agendas[name])] if agendas[name] else ""
            words = [f"{name}.word"] if speaks and m in (0, 3) else []
            lines += _move(draw, f"{name}.move_{m}", name, stocks, names, agenda, words)
        if speaks:
            alone = draw(
                st.sampled_from([*agendas[name], "none"] if agendas[name] else ["", "none"])
            )
            lines += _move(draw, f"{name}.word", name, stocks, names, alone, None)
        if draw(st.booleans()):
            agenda = draw(st.sampled_from(agendas[name])) if agendas[name] else ""
            lines += _move(draw, f"{name}.settled", name, stocks, names, agenda, None)
            lines += [f"    on: 2020-01-{draw(st.integers(1, days)):02d} {WHY}", "    as: choice"]
    lines += ["  accident:", f"    rate: .05 * height(rung) {WHY}"]
    lines += [f"    needs: mood_of_day {WHY}"] if draw(st.booleans()) else []
    if draw(st.booleans()):
        called = [f"{n}.{a}" if a else n for n in names for a in agendas[n] or ("",)]
        lines += [
            "    calls:",
            f"      {draw(st.sampled_from(called))}: {draw(_number(0, 0.9))} {WHY}",
        ]
    lines += ["    does:"]
    lines += [
        f"      - rung >= {draw(st.sampled_from(['hot', 'war']))} {WHY}",
        f"      - tally + 1 {WHY}",
    ]
    lines += ["  fixed:", f"    on: 2020-01-{draw(st.integers(1, days)):02d} {WHY}", "    does:"]
    lines += [f"      - flag = yes {WHY}"]
    lines += ["  bell:", "    on: timer", "    does:", f"      - {stocks[0]} + 1 {WHY}"]
    lines += [f"      - timer = {draw(st.integers(1, 9))}d {WHY}"]
    lines += [
        "  ballot:",
        "    vote:",
        f"      held: 2020-01-{draw(st.integers(1, days)):02d} {WHY}",
    ]
    lines += ["      blocs:", "        left:", f"          seats: 40 seats {WHY}"]
    lines += [
        f"          yes: {draw(_number(-2, 2))} + mood_of_day {WHY}",
        f"          spread: .5 {WHY}",
    ]
    lines += ["        right:", f"          seats: 60 seats {WHY}", f"          yes: .3 {WHY}"]
    lines += [f"          needs: 1 - .5*mood_of_day {WHY}"] if draw(st.booleans()) else []
    lines += ["          whole: yes", "    outcomes:", "      carried:", "        does:"]
    lines += [f"          - {stocks[0]} - 1 {WHY}", "      lost:", "        does:"]
    lines += [f"          - mood_of_day = .9 {WHY}"]
    lines += ["belief:", f"  {names[1]} about {names[0]}:", "    types:"]
    lines += ["      soft:", f"        prior: .3 {WHY}", f"        resolve: .2 {WHY}"]
    lines += ["      hard:", f"        prior: .7 {WHY}", f"        resolve: 2.5 {WHY}"]
    lines += [
        "        line: high",
        "    silence:",
        "      after: rung >= hot",
        f"      for: 3d {WHY}",
    ]
    lines += _phase(draw, names, agendas) if draw(st.booleans()) else []
    if draw(st.integers(0, 2)) == 2:
        pace = f"{draw(_number(0, 2))} {WHY}"
        own = f"{{{agendas[names[0]][0]}: {pace}}}" if agendas[names[0]] else pace
        lines += ["successor:", f"  {names[0]}:", "    on: fixed", f"    pace: {own}"]
        lines += ["    wants:", f"      want 0: {draw(_number(-2, 2))} * stock_0 {WHY}"]
        lines += ["    new wants:", f"      late: -.5 * height(rung) {WHY}"]
    return "\n".join(lines) + "\n"


def _phase(draw: st.DrawFn, names: list[str], agendas: dict[str, tuple[str, ...]]) -> list[str]:
    first, second = names[:2]
    own = agendas[second][:1]
    ends = f"by: {second}, consent: [{first}]" + "".join(f", agenda: {a}" for a in own)
    lines = ["phase:", "  conflict:", "    stages: [quiet, clash]", "    blows:"]
    lines += [f"      fades: {draw(_number(1, 9))}d {WHY}", f"      {first}.move_0: 1 {WHY}"]
    lines += [f"      accident: .5 {WHY}", "    clash:"]
    lines += [f"      out of hand: .3 * blows + {draw(_number(0, 0.2))} {WHY}"]
    lines += [f"      then: [rung >= hot {WHY}]", f"      each day: [mood_of_day - .1 {WHY}]"]
    lines += ["      pace:", f"        {'.'.join((second, *own))}: {draw(_number(0, 1))} {WHY}"]
    lines += [f"      times: {{accident: {draw(_number(0, 3))} {WHY}}}"]
    lines += [f"      {draw(st.sampled_from(['closes', 'opens']))}: [{second}.move_0]"]
    lines += ["      left by:", f"        stop: {{{ends}, cost: .2 {WHY}}}"]
    lines += [f"        tired: {{rate: .1 {WHY}, when: stock_0 >= 1}}"]
    return lines


def _move(
    draw: st.DrawFn,
    event: str,
    actor: str,
    stocks: list[str],
    names: list[str],
    agenda: str,
    words: list[str] | None,
) -> list[str]:
    """`words` go along with it; None for one that goes along itself, or has its date, and so asks
    nobody and takes no time."""
    fresh = draw(st.sampled_from(["", "accident", "fixed", "ballot.carried", f"{actor}.move_0"]))
    dear = f" + .04 * min(9, since({fresh}) / 1d)" if fresh else ""
    lines = [f"  {event}:", f"    by: {actor}", f"    cost: {draw(_number(0, 1.5))}{dear} {WHY}"]
    lines += [f"    needs: 1 - .9*mood_of_day {WHY}"] if draw(st.integers(0, 3)) == 3 else []
    lines += [f"    agenda: {agenda}"] if agenda else []
    lines += [f"    with: [{', '.join(words)}]"] if words else []
    effects = [
        f"{draw(st.sampled_from(stocks))} {draw(st.sampled_from(['+', '-']))} "
        f"{draw(_number(0.1, 2))} {WHY}",
        f"rung >= {draw(st.sampled_from(['tense', 'hot', 'war']))} {WHY}",
        f"mood_of_day + .2 * (line >= high) {WHY}",
        f"tally + 1 {WHY}",
    ]
    lines += ["    does:"]
    lines += [
        f"      - {e}" for e in draw(st.lists(st.sampled_from(effects), min_size=1, unique=True))
    ]
    extras = ["", "when", "pause", "once", "private", "outcomes"]
    if words is not None:
        extras += ["consent"] if words else ["takes", "consent"]
    extra = draw(st.sampled_from(extras))
    if extra == "when":
        lines += [f"    when: {draw(st.sampled_from([*stocks]))} >= 1 and rung <= hot"]
    elif extra == "pause":
        lines += [f"    pause: 3d {WHY}"]
    elif extra in ("once", "private"):
        lines += [f"    {extra}: yes"]
        others = [n for n in names if n != actor]
        if extra == "private" and draw(st.booleans()):
            lines += ["    shown:", f"      {draw(st.sampled_from(others))}: flag == no"]
    elif extra == "takes":
        lines += [f"    takes: 2d {WHY}"]
    elif extra == "consent":
        others = st.sampled_from([n for n in names if n != actor])
        lines += [f"    consent: [{', '.join(draw(st.lists(others, min_size=1, unique=True)))}]"]
    elif extra == "outcomes":
        lines += ["    outcomes:", "      harm:", "        chance: chance_of_harm", "        does:"]
        lines += [f"          - {stocks[-1]} + 2 {WHY}"]
    return lines
