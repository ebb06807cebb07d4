"""What every compiled crisis shares: the day and the decision rule over plain arrays.

This file is a template. `emit.py` puts the constants and formulas of one crisis in place of the
part between the two marks and writes the whole as a module, which runs as plain Python (slow, the
debugger's) or under Numba. The rules are those of `choice.py`, `learning.py` and `world.py`, line
by line, so that the same numbers are added in the same order: the decisions are equal to the bit.

`W` is one world's memory (see `World`). Situations, real and imagined, are rows of `W.at`: row 0 is
this morning, row n+1 grows out of row n by one event.
"""

# mypy: ignore-errors
# ruff: noqa: F821, SIM102

from __future__ import annotations

from collections import namedtuple

import numpy as np

# ---- the crisis is put here --------------------------------------------------------------
# ---- until here --------------------------------------------------------------------------

World = namedtuple(
    "World",
    "at u b day grown stamp known odds policy terms g blocked ready underway lessons mood "
    "order today_event today_branch today_taught today_guilt today_lesson after seen collide "
    "weights fresh opened scored quiet",
)


@kernel
def uniform(world, site, day):
    """The same dice as `noise.Dice`, draw 0."""
    return scaled(mix(wrapped(mix(world ^ site), counter(day))))


@kernel
def pick(u, chances, n):
    """The index whose cumulated chance first exceeds u; -1 in what is left over."""
    total = 0.0
    for i in range(n):
        total += chances[i]
        if u < total:
            return i
    return -1


@kernel
def spread_chances(e, s, u, day, b, out):
    """Each branch's chance: named ones as written, the plain one what they leave over."""
    named = NAMED[e]
    total = 0.0
    for k in range(named):
        out[k] = clip(chance(e, k, s, u, day, b), 0.0, 1.0)
        total += out[k]
    if total > 1.0:
        for k in range(named):
            out[k] = out[k] / total
    if BRANCHES[e] > named:
        out[named] = max(0.0, 1.0 - total)
    return BRANCHES[e]


# ---- guilt -------------------------------------------------------------------------------


@kernel
def posterior_guilt(e, s, u, day, b, signature, out):
    n = SUSPECTS[e]
    clear = clip(clarity(e, s, u, day, b), 0.0, 1.0)
    total = 0.0
    for i in range(n):
        hit = clear if i == signature else 0.0
        out[i] = (hit + (1.0 - clear) / n) * max(0.0, suspect_rate(e, i, s, u, day, b))
        total += out[i]
    for i in range(n):
        out[i] = 1.0 / n if total <= 0.0 else out[i] / total


@kernel
def signature_chances(e, s, u, day, b, out):
    n = SUSPECTS[e]
    clear = clip(clarity(e, s, u, day, b), 0.0, 1.0)
    for i in range(n):
        if TRUE_SUSPECT[e] < 0:
            out[i] = 1.0 / n
        else:
            out[i] = (clear if i == TRUE_SUSPECT[e] else 0.0) + (1.0 - clear) / n
    return n


@kernel
def expected_guilt(W, e, s, out):
    n = SUSPECTS[e]
    for i in range(n):
        out[i] = 0.0
    u, b, day = W.u[0], W.b, W.day[0]
    signs = np.empty(MAX_SUSPECTS)
    guilt = np.empty(MAX_SUSPECTS)
    signature_chances(e, s, u, day, b, signs)
    for k in range(n):
        posterior_guilt(e, s, u, day, b, k, guilt)
        for i in range(n):
            out[i] += signs[k] * guilt[i]


# ---- imagined situations -----------------------------------------------------------------


@kernel
def imagine(W, level, e, branch):
    """Row level+1 becomes what row level would be after that branch of the event."""
    s, y = W.at[level], W.at[level + 1]
    for q in range(NQ):
        y[q] = s[q]
    change(e, branch, -1, s, W.u[0], W.day[0], W.b, W.g, y, W.seen, W.collide)
    for i in range(CHANGED_START[e * MAX_BRANCHES + branch], CHANGED_START[e * MAX_BRANCHES + branch + 1]):
        q = CHANGED[i]
        y[q] = clip(y[q], LOW[q], HIGH[q])
    W.grown[level + 1] = e
    W.stamp[level + 1] += 1  # what was known of the row's last tenant is forgotten


@kernel
def branches(W, level, e, chances):
    """The chances of the event's branches at a row, its guilt expected; how many branches."""
    s = W.at[level]
    if SUSPECTS[e] > 0:
        expected_guilt(W, e, s, W.g)
    return spread_chances(e, s, W.u[0], W.day[0], W.b, chances)


@kernel
def gain(W, actor, e, level, row):
    """(1) and (2): expected change of the utility terms that the event touches."""
    first, last = TOUCH_START[actor * NE + e], TOUCH_START[actor * NE + e + 1]
    if first == last:
        return 0.0
    day, b, ut = W.day[0], W.b, W.u[row]
    before = W.terms[level]
    for i in range(first, last):
        before[i - first] = term(TOUCHED[i], W.at[level], ut, day, b)
    chances = np.empty(MAX_BRANCHES)
    n = branches(W, level, e, chances)
    total = 0.0
    for k in range(n):
        if chances[k] > 0.0:
            imagine(W, level, e, k)
            change = 0.0
            for i in range(first, last):
                change += term(TOUCHED[i], W.at[level + 1], ut, day, b) - before[i - first]
            total += chances[k] * change
    return total


@kernel
def foreclosed(W, actor, e, level, row):
    total = 0.0
    day, b, ut = W.day[0], W.b, W.u[row]
    for w in range(WAIT_START[actor], WAIT_START[actor + 1]):
        awaited = WAIT_EVENT[w]
        if not FORECLOSES[e, awaited] or day >= WAIT_UNTIL[w]:
            continue
        first, last = TOUCH_START[actor * NE + awaited], TOUCH_START[actor * NE + awaited + 1]
        hope = 0.0
        for o in range(ODDS_START[w], ODDS_START[w + 1]):
            imagine(W, level, awaited, ODDS_BRANCH[o])
            change = 0.0
            for i in range(first, last):
                change += term(TOUCHED[i], W.at[level + 1], ut, day, b) - term(
                    TOUCHED[i], W.at[level], ut, day, b
                )
            hope += wait_odds(o, W.at[level], W.u[0], day, b) * change
        total += max(0.0, hope)
    return total


@kernel
def available(W, e, level, row):
    if W.blocked[e]:
        return False
    return when(e, W.at[level], W.u[row], W.day[0], W.b)


@kernel
def finished(W, actor, e, level, row, own):
    """Q from what a move is worth: less cost and what it forecloses, times will, plus urge."""
    s, ut, day, b = W.at[level], W.u[row], W.day[0], W.b
    own -= cost(e, s, ut, day, b)
    if FORECLOSES_ANY[e]:
        own -= foreclosed(W, actor, e, level, row)
    own *= will(actor, s, ut, day, b)
    return own + urge(e, s, ut, day, b)


@kernel
def soften(log_odds, n, mood, out):
    """softmax over the open moves (those that are not nan) and doing nothing."""
    top = 0.0
    for i in range(n):
        if log_odds[i] == log_odds[i] and log_odds[i] + mood > top:
            top = log_odds[i] + mood
    weights = 0.0
    for i in range(n):
        open_ = log_odds[i] == log_odds[i]
        out[i] = exp(log_odds[i] + mood - top) if open_ else 0.0
        weights += out[i]
    total = exp(-top) + weights
    for i in range(n):
        out[i] = out[i] / total


# Three copies of the same few functions, one a depth: Numba wants recursion spelt out.
# {{ depth


@kernel
def worth_D(W, actor, e, level, row):
    """(3): own gain plus what the change in others' behaviour is worth."""
    total = gain(W, actor, e, level, row)
    # only above 0
    chances = np.empty(MAX_BRANCHES)
    for w in range(WEIGH_START[actor], WEIGH_START[actor + 1]):
        other = WEIGHS[w]
        if not PROVOKES[e, other, D - 1]:
            continue
        first, count = MOVE_START[other], MOVE_START[other + 1] - MOVE_START[other]
        now = np.empty(MAX_MOVES)
        then = np.empty(MAX_MOVES)
        response_B(W, actor, other, level, now)
        n = branches(W, level, e, chances)
        for k in range(n):
            if chances[k] > 0.0:
                if SUSPECTS[e] > 0:
                    expected_guilt(W, e, W.at[level], W.g)
                imagine(W, level, e, k)
                response_B(W, actor, other, level + 1, then)
                for i in range(count):
                    shift = then[i] - now[i]
                    if shift != 0.0:
                        answer = worth_B(W, actor, MOVES[first + i], level + 1, row)
                        total += chances[k] * shift * answer
    # end
    return total


@kernel
def log_odds_D(W, level, slot):
    """precision * Q of each move of the slot's actor, into W.odds; nan where not available."""
    actor, row = SLOT_ACTOR[slot], SLOT_ROW[slot]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    sure = max(0.0, precision(actor, W.at[level], W.u[row], W.day[0], W.b))
    for i in range(count):
        e = MOVES[first + i]
        # only at 0
        if level > 0 and not SWAYS[W.grown[level], e]:
            W.odds[level, D, slot, i] = W.odds[level - 1, D, slot, i]
            continue
        # end
        if not available(W, e, level, row):
            W.odds[level, D, slot, i] = np.nan
        else:
            own = worth_D(W, actor, e, level, row)
            W.odds[level, D, slot, i] = sure * finished(W, actor, e, level, row, own)


@kernel
def policy_D(W, level, slot):
    """(5): worked out once a situation and kept in W.policy."""
    if W.known[level, D, slot] == W.stamp[level]:
        return
    actor = SLOT_ACTOR[slot]
    count = MOVE_START[actor + 1] - MOVE_START[actor]
    # only at 0
    for below in range(level):
        if W.known[below, D, slot] != W.stamp[below]:
            log_odds_D(W, below, slot)
            soften(W.odds[below, D, slot], count, 0.0, W.policy[below, D, slot])
            W.known[below, D, slot] = W.stamp[below]
    # end
    log_odds_D(W, level, slot)
    soften(W.odds[level, D, slot], count, 0.0, W.policy[level, D, slot])
    W.known[level, D, slot] = W.stamp[level]


@kernel
def response_D(W, actor, other, level, out):
    """(4): the other's policy, averaged over the types that this actor believes."""
    count = MOVE_START[other + 1] - MOVE_START[other]
    belief = BELIEF_ABOUT[actor, other]
    if belief < 0:
        policy_D(W, level, other)
        for i in range(count):
            out[i] = W.policy[level, D, other, i]
        return
    for i in range(count):
        out[i] = 0.0
    for t in range(TYPE_START[belief], TYPE_START[belief + 1]):
        weight = W.b[t]
        if weight > 0.0:
            policy_D(W, level, NA + t)
            for i in range(count):
                out[i] += weight * W.policy[level, D, NA + t, i]


# }} depth


@kernel
def worth(W, actor, e, depth):
    """A move's worth this morning, at the actor's own depth."""
    if depth == 0:
        return worth_0(W, actor, e, 0, 0)
    if depth == 1:
        return worth_1(W, actor, e, 0, 0)
    return worth_2(W, actor, e, 0, 0)


@kernel
def morning_policy(W, depth, slot):
    if depth == 0:
        policy_0(W, 0, slot)
    elif depth == 1:
        policy_1(W, 0, slot)
    else:
        policy_2(W, 0, slot)


# ---- the day -----------------------------------------------------------------------------


@kernel
def possible(W, e):
    return available(W, e, 0, 0)


@kernel
def happens(W, n, key, e, forced, taught):
    """Draws how event e turns out and enters it as today's n-th; a vote comes with its branch."""
    s, u, b, day = W.at[0], W.u[0], W.b, W.day[0]
    today = int(day)
    branch = forced
    if forced < 0:
        chances = np.empty(MAX_BRANCHES)
        count = spread_chances(e, s, u, day, b, chances)
        chosen = pick(uniform(key, SITE_OUTCOME[e], today), chances, count)
        branch = count - 1 if chosen < 0 else chosen
    if SUSPECTS[e] > 0:
        chances = np.empty(MAX_SUSPECTS)
        count = signature_chances(e, s, u, day, b, chances)
        chosen = pick(uniform(key, SITE_SIGNATURE[e], today), chances, count)
        signature = 0 if chosen < 0 else chosen
        posterior_guilt(e, s, u, day, b, signature, W.today_guilt[n])
    W.today_event[n] = e
    W.today_branch[n] = branch
    W.today_taught[n] = taught
    if ONCE[e]:
        W.ready[e] = 1e18
    elif HAS_PAUSE[e]:
        W.ready[e] = today + max(1.0, pause(e, s, u, day, b))
    return n + 1


@kernel
def opening(W, key, actor):
    pace_ = max(0.0, pace(actor, W.at[0], W.u[0], W.day[0], W.b))
    return uniform(key, SITE_OPENING[actor], int(W.day[0])) < 0.0 - expm1(-pace_)


@kernel
def lesson(W, e, out):
    """Per type of every belief about the mover, the chance that this type would have done it."""
    actor = MOVER[e]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    for k in range(BELIEFS):
        if BELIEF_OF[k] != actor:
            continue
        depth = max(0, FORESIGHT[BELIEF_HOLDER[k]] - 1)
        for t in range(TYPE_START[k], TYPE_START[k + 1]):
            morning_policy(W, depth, NA + t)
            for i in range(count):
                if MOVES[first + i] == e:
                    out[t] = W.policy[0, depth, NA + t, i]


@kernel
def choose(W, n, key, actor):
    """One move or nothing: one uniform against the cumulated softmax, mood included."""
    depth = FORESIGHT[actor]
    morning_policy(W, depth, actor)
    count = MOVE_START[actor + 1] - MOVE_START[actor]
    chances = np.empty(MAX_MOVES)
    soften(W.odds[0, depth, actor], count, W.mood[actor], chances)
    today = int(W.day[0])
    chosen = pick(uniform(key, SITE_CHOICE[actor], today), chances, count)
    if chosen < 0:
        return n
    e = MOVES[MOVE_START[actor] + chosen]
    if CONSENT[e] >= 0:
        who = CONSENT[e]
        sure = max(0.0, precision(who, W.at[0], W.u[0], W.day[0], W.b))
        accepts = logistic(sure * worth(W, who, e, FORESIGHT[who]))
        if not uniform(key, SITE_CONSENT[e], today) < accepts:
            return n
    lead = int(nearest(takes(e, W.at[0], W.u[0], W.day[0], W.b))) if HAS_TAKES[e] else 0
    if lead > 0:
        W.underway[e] = today + lead
        W.order[e] = W.order[NE]
        W.order[NE] += 1
        lesson(W, e, W.lessons[e])
        return n
    lesson(W, e, W.today_lesson[n])
    return happens(W, n, key, e, -1, True)


@kernel
def ballot(W, n, key, e):
    """Members' yes is logit-normal around the bloc's log-odds; whole blocs vote as one."""
    s, u, b, day = W.at[0], W.u[0], W.b, W.day[0]
    today = int(day)
    present = 0.0
    in_favour = 0.0
    for k in range(SEAT_START[e], SEAT_START[e + 1]):
        share = clip(attends(k, s, u, day, b), 0.0, 1.0)
        log_odds = yes(k, s, u, day, b)
        die = uniform(key, SITE_SEAT[k], today)
        if WHOLE[k]:
            part = 1.0 if die < logistic(log_odds) else 0.0
        else:
            wide = max(0.0, spread(k, s, u, day, b))
            part = logistic(log_odds + wide * standard_normal(die))
        present += SEATS[k] * share
        in_favour += SEATS[k] * share * part
    if HALF[e]:
        carried = present >= QUORUM[e] and in_favour > present / 2
    else:
        carried = present >= QUORUM[e] and in_favour >= QUOTA[e]
    for k in range(VETO_START[e], VETO_START[e + 1]):
        if uniform(key, SITE_VETO[k], today) < logistic(veto(k, s, u, day, b)):
            carried = False
    return happens(W, n, key, e, CARRIED[e] if carried else LOST[e], False)


@kernel
def one_day(W, key, today):
    """Calendar, chance, choice, bodies, effects, beliefs. Returns how much happened."""
    s = W.at[0]
    if today > 0:
        for q in range(NQ):
            if IS_CLOCK[q]:
                s[q] = max(0.0, s[q] - 1.0) if s[q] > 0.0 else -1.0
    W.day[0] = today
    W.stamp[0] += 1
    for t in range(TYPES):
        W.b[t] = W.weights[t]
    for e in range(NE):
        W.blocked[e] = W.underway[e] >= 0 or W.ready[e] > today
    n = 0
    n = arrivals(W, n, key, today)
    for e in range(NE):
        if dated(e, today) or (CLOCK[e] >= 0 and s[CLOCK[e]] == 0.0):
            if possible(W, e):
                n = happens(W, n, key, e, -1, False)
    for e in range(NE):
        if HAS_RATE[e] and possible(W, e):
            r = max(0.0, rate(e, s, W.u[0], W.day[0], W.b))
            if uniform(key, SITE_HAZARD[e], today) < 0.0 - expm1(-r):
                n = happens(W, n, key, e, -1, False)
    for actor in range(NA):
        if MOVE_START[actor + 1] > MOVE_START[actor] and HAS_PACE[actor]:
            if opening(W, key, actor):
                n = choose(W, n, key, actor)
    for e in range(NE):
        if HAS_BALLOT[e] and possible(W, e):
            if (
                HELD_DATE[e] == today
                or (HELD_CLOCK[e] >= 0 and s[HELD_CLOCK[e]] == 0.0)
                or held_when(e, s, W.u[0], W.day[0], W.b)
            ):
                n = ballot(W, n, key, e)
    effects(W, n)
    learn(W, n, today)
    for q in range(NQ):
        s[q] = W.after[q]
    return n


@kernel
def arrivals(W, n, key, today):
    """Moves with a lead time arrive in the order in which they were decided."""
    while True:
        first = -1
        for e in range(NE):
            due = 0 <= W.underway[e] <= today
            if due and (first < 0 or decided_before(W, e, first)):
                first = e
        if first < 0:
            return n
        W.underway[first] = -1
        for t in range(TYPES):
            W.today_lesson[n, t] = W.lessons[first, t]
        n = happens(W, n, key, first, -1, True)


@kernel
def decided_before(W, e, other):
    return W.order[e] < W.order[other]


@kernel
def dated(e, today):
    for i in range(DATE_START[e], DATE_START[e + 1]):
        if DATES[i] == today:
            return True
    return False


@kernel
def effects(W, n):
    """Old values fade, the day's effects come in whole: = first, then + -, then >= and <=."""
    s, u, b, day = W.at[0], W.u[0], W.b, W.day[0]
    after = W.after
    for q in range(NQ):
        after[q] = s[q]
        W.seen[q] = False
    faded(s, u, day, b, after)
    for rank in range(4):
        for e in range(NE):
            for i in range(n):
                if W.today_event[i] == e:
                    change(e, W.today_branch[i], rank, s, u, day, b, W.today_guilt[i], after,
                           W.seen, W.collide)
    for q in range(NQ):
        after[q] = clip(after[q], LOW[q], HIGH[q])


# ---- beliefs -----------------------------------------------------------------------------


@kernel
def update(W, k, likelihood):
    """mu <- mu * likelihood^eta, normalised; an impossible observation changes nothing."""
    first, last = TYPE_START[k], TYPE_START[k + 1]
    total = 0.0
    for t in range(first, last):
        p = likelihood[t]
        W.fresh[t] = W.weights[t] * tempered(p, LEARNS[k]) if p > 0.0 else 0.0
        total += W.fresh[t]
    if total > 0.0:
        for t in range(first, last):
            W.weights[t] = W.fresh[t] / total


@kernel
def sees(W, e, actor):
    if not PRIVATE[e]:
        return True
    return shown(e, actor, W.at[0], W.u[0], W.day[0], W.b)


@kernel
def culprit(W, i, e, actor):
    if SUSPECTS[e] == 0:
        return 1.0
    for k in range(SUSPECTS[e]):
        if SUSPECT_ACTOR[e, k] == actor:
            return W.today_guilt[i, k]
    return 0.0


@kernel
def learn(W, n, today):
    """Each holder learns from the chosen moves that it sees; silence is scored once an episode."""
    likelihood = np.empty(MAX_TYPES_ALL)
    for k in range(BELIEFS):
        answered = False
        for i in range(n):
            e = W.today_event[i]
            if not W.today_taught[i] or MOVER[e] != BELIEF_OF[k] or not sees(W, e, BELIEF_HOLDER[k]):
                continue
            guilt = culprit(W, i, e, BELIEF_OF[k])
            for t in range(TYPE_START[k], TYPE_START[k + 1]):
                likelihood[t] = guilt * W.today_lesson[i, t] + (1.0 - guilt)
            update(W, k, likelihood)
            answered = answered or ANSWERS[k, e]
        if HAS_SILENCE[k]:
            watch(W, k, answered, today)


@kernel
def watch(W, k, answered, today):
    provoked = after_(k, W.at[0], W.u[0], W.day[0], W.b)
    if answered:
        W.opened[k] = -1
        W.scored[k] = True
    elif W.opened[k] >= 0 and today - W.opened[k] >= SILENCE_LASTS[k]:
        update(W, k, W.quiet)
        W.opened[k] = -1
        W.scored[k] = True
    if not provoked:
        W.scored[k] = False
    elif W.opened[k] < 0 and not W.scored[k]:
        W.opened[k] = today
        silence(W, k)


@kernel
def silence(W, k):
    """Per type, the chance of no public answer at an opening now."""
    actor = BELIEF_OF[k]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    depth = max(0, FORESIGHT[BELIEF_HOLDER[k]] - 1)
    for t in range(TYPE_START[k], TYPE_START[k + 1]):
        morning_policy(W, depth, NA + t)
        spoken = 0.0
        for i in range(count):
            if ANSWERS[k, MOVES[first + i]]:
                spoken += W.policy[0, depth, NA + t, i]
        W.quiet[t] = max(1e-12, 1.0 - spoken)


# ---- many worlds -------------------------------------------------------------------------


@kernel
def memory():
    """The memory of one world, used again for the next."""
    return World(
        np.zeros((LEVELS, NQ)),
        np.zeros((1 + TYPES, NU + 1)),
        np.zeros(TYPES + 1),
        np.zeros(1),
        np.zeros(LEVELS, np.int64),
        np.zeros(LEVELS, np.int64),
        np.zeros((LEVELS, 3, NA + TYPES), np.int64),
        np.zeros((LEVELS, 3, NA + TYPES, MAX_MOVES)),
        np.zeros((LEVELS, 3, NA + TYPES, MAX_MOVES)),
        np.zeros((LEVELS, MAX_TOUCHED)),
        np.zeros(MAX_SUSPECTS),
        np.zeros(NE, np.bool_),
        np.zeros(NE),
        np.zeros(NE, np.int64),
        np.zeros((NE, TYPES + 1)),
        np.zeros(NA),
        np.zeros(NE + 1, np.int64),
        np.zeros(2 * NE, np.int64),
        np.zeros(2 * NE, np.int64),
        np.zeros(2 * NE, np.bool_),
        np.zeros((2 * NE, MAX_SUSPECTS)),
        np.zeros((2 * NE, TYPES + 1)),
        np.zeros(NQ),
        np.zeros(NQ, np.bool_),
        np.zeros(NQ, np.bool_),
        np.zeros(TYPES + 1),
        np.zeros(TYPES + 1),
        np.zeros(BELIEFS + 1, np.int64),
        np.zeros(BELIEFS + 1, np.bool_),
        np.zeros(TYPES + 1),
    )


@kernel
def create(W, key):
    """A world on its first morning: unknowns and moods drawn, quantities at their start."""
    chances = np.empty(MAX_OPTIONS)
    u = W.u[0]
    for i in range(NU):
        die = uniform(key, SITE_UNKNOWN[i], 0)
        if PRIOR_KIND[i] == 4:
            n = OPTION_START[i + 1] - OPTION_START[i]
            for k in range(n):
                chances[k] = OPTIONS[OPTION_START[i] + k]
            chosen = pick(die, chances, n)
            u[i] = 0.0 if chosen < 0 else float(chosen)
        else:
            u[i] = quantile(PRIOR_KIND[i], PRIOR_A[i], PRIOR_B[i], die)
    for t in range(TYPES):
        W.weights[t] = TYPE_PRIOR[t]
        W.b[t] = TYPE_PRIOR[t]
    W.day[0] = 0.0
    begin(u, W.b, W.at[0])
    for t in range(TYPES):
        for i in range(NU):
            W.u[1 + t, i] = u[i]
        settings(t, W.at[0], u, W.b, W.u[1 + t])
    for a in range(NA):
        W.mood[a] = 0.0
        if HAS_MOOD[a]:
            die = uniform(key, SITE_MOOD[a], 0)
            W.mood[a] = mood(a, W.at[0], u, 0.0, W.b) * standard_normal(die)
    for e in range(NE):
        W.ready[e] = 0.0
        W.underway[e] = -1
    for q in range(NQ):
        W.collide[q] = False
    for k in range(BELIEFS):
        W.opened[k] = -1
        W.scored[k] = False


@kernel
def run_range(seed, numbers, watch_, atoms, unknowns, happened, shown_, bins, bands, collided,
              series):
    """Lives some worlds and keeps what is asked: one row a world, histograms over all.

    `watch_` has a row a monitor: function, event, branch, quantity, first day, last day. `series`
    has a row a world of which every shown quantity is kept each day (none if it is empty).
    """
    W = memory()
    for row in range(len(numbers)):
        key = world_key(seed, numbers[row])
        create(W, key)
        for m in range(len(watch_)):
            begin_monitor(W, watch_[m], atoms, row, m)
        for today in range(DAYS):
            n = one_day(W, key, today)
            for i in range(n):
                happened[row, W.today_event[i]] += 1
            for m in range(len(watch_)):
                observe(W, watch_[m], n, today, atoms, row, m)
            for k in range(len(shown_)):
                q = shown_[k]
                low, high = BAND_LOW[q], BAND_HIGH[q]
                share = clip((W.at[0, q] - low) / (high - low), 0.0, 1.0)
                bands[k, today, int(np.floor(share * (bins[k] - 1) + 0.5))] += 1
                if row < len(series):
                    series[row, k, today] = W.at[0, q]
        for i in range(NU):
            unknowns[row, i] = W.u[0, i]
        for q in range(NQ):
            if W.collide[q]:
                collided[q] += 1


@kernel
def begin_monitor(W, m, atoms, row, k):
    """0 count, 1 first, 2 highest, 3 lowest, 4 final, 5 initial."""
    value = 0.0
    if m[0] == 1:
        value = m[5] + 1.0
    elif m[0] == 2:
        value = -1e300
    elif m[0] == 3:
        value = 1e300
    elif m[0] == 5 and m[4] == 0:
        value = W.at[0, m[3]]
    atoms[row, k] = value


@kernel
def observe(W, m, n, today, atoms, row, k):
    if m[0] <= 1:
        if m[4] <= today <= m[5]:
            for i in range(n):
                if W.today_event[i] == m[1] and (m[2] < 0 or W.today_branch[i] == m[2]):
                    if m[0] == 0:
                        atoms[row, k] += 1.0
                    elif today < atoms[row, k]:
                        atoms[row, k] = today
        return
    x = W.at[0, m[3]]
    if m[0] == 5:
        if today == m[4] - 1:
            atoms[row, k] = x
    elif m[4] <= today <= m[5]:
        if m[0] == 2:
            atoms[row, k] = max(atoms[row, k], x)
        elif m[0] == 3:
            atoms[row, k] = min(atoms[row, k], x)
        else:
            atoms[row, k] = x
