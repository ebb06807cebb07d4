"""What every compiled crisis shares: the day and the decision rule over plain arrays.

This file is a template. `emit.py` puts the constants and formulas of one crisis in place of the
part between the two marks and writes the whole as a module, which runs as plain Python (slow, the
debugger's) or under Numba. The rules are those of `choice.py`, `learning.py` and `world.py`, line
by line, so that the same numbers are added in the same order: the decisions are equal to the bit.

`F` and `I` are one world's memory, all its floats and all its integers; the names in capitals say
where each part begins, and `s`, `u`, `g`, `y` are such places (quantities, unknowns, guilt, an
outcome). Two flat arrays, since Numba counts references to every array that a call passes.
Situations, real and imagined, are rows from AT on: row 0 is this morning, row n+1 grows out of
row n by one event.
"""

# mypy: ignore-errors
# ruff: noqa: E741, F821, SIM102, SIM110

from __future__ import annotations

import numpy as np

# ---- the crisis is put here --------------------------------------------------------------
# ---- until here --------------------------------------------------------------------------


@kernel
def uniform(world, site, day):
    """The same dice as `noise.Dice`, draw 0."""
    return scaled(mix(wrapped(mix(world ^ site), counter(day))))


@kernel
def pick(F, u, chances, n):
    """The index whose cumulated chance first exceeds u; -1 in what is left over."""
    total = 0.0
    for i in range(n):
        total += F[chances + i]
        if u < total:
            return i
    return -1


@kernel
def spread_chances(F, e, s, out):
    """Each branch's chance: named ones as written, the plain one what they leave over."""
    named = NAMED[e]
    total = 0.0
    for k in range(named):
        F[out + k] = clip(chance(e, k, F, s, U), 0.0, 1.0)
        total += F[out + k]
    if total > 1.0:
        for k in range(named):
            F[out + k] = F[out + k] / total
    if BRANCHES[e] > named:
        F[out + named] = max(0.0, 1.0 - total)
    return BRANCHES[e]


# ---- guilt -------------------------------------------------------------------------------


@kernel
def posterior_guilt(F, e, s, signature, out):
    n = SUSPECTS[e]
    clear = clip(clarity(e, F, s, U), 0.0, 1.0)
    total = 0.0
    for i in range(n):
        hit = clear if i == signature else 0.0
        F[out + i] = (hit + (1.0 - clear) / n) * max(0.0, suspect_rate(e, i, F, s, U))
        total += F[out + i]
    for i in range(n):
        F[out + i] = 1.0 / n if total <= 0.0 else F[out + i] / total


@kernel
def signature_chances(F, e, s, out):
    n = SUSPECTS[e]
    clear = clip(clarity(e, F, s, U), 0.0, 1.0)
    for i in range(n):
        if TRUE_SUSPECT[e] < 0:
            F[out + i] = 1.0 / n
        else:
            F[out + i] = (clear if i == TRUE_SUSPECT[e] else 0.0) + (1.0 - clear) / n
    return n


@kernel
def expected_guilt(F, e, s):
    """What the mover expects the observer to conclude, into EXPECTED."""
    n = SUSPECTS[e]
    for i in range(n):
        F[EXPECTED + i] = 0.0
    signature_chances(F, e, s, SIGNS)
    for k in range(n):
        posterior_guilt(F, e, s, k, POSTERIOR)
        for i in range(n):
            F[EXPECTED + i] += F[SIGNS + k] * F[POSTERIOR + i]


# ---- imagined situations -----------------------------------------------------------------


@kernel
def change(e, branch, rank, F, I, s, u, g, y):
    """The effects of a branch on the outcome at y: those of one rank, or all (-1) in order."""
    if branch >= MAX_BRANCHES:
        return  # a vote that is carried or lost without consequence
    at = e * MAX_BRANCHES + branch
    for i in range(CHANGE_START[at], CHANGE_START[at + 1]):
        if rank >= 0 and CHANGE_RANK[i] != rank:
            continue
        x = CHANGE_AMOUNT[i]
        if CHANGE_FORMULA[i] >= 0:
            x = amount(CHANGE_FORMULA[i], F, s, u, g)
        q = CHANGE_QUANTITY[i]
        if CHANGE_RANK[i] == 1:
            F[y + q] += CHANGE_SIGN[i] * x
        elif CHANGE_RANK[i] == 2:
            F[y + q] = max(F[y + q], x)
        elif CHANGE_RANK[i] == 3:
            F[y + q] = min(F[y + q], x)
        else:
            if rank == 0:
                if I[SEEN + q] != 0 and F[y + q] != x:
                    I[COLLIDE + q] = 1
                I[SEEN + q] = 1
            F[y + q] = x


@kernel
def imagine(F, I, level, e, branch):
    """Row level+1 becomes what row level would be after that branch of the event."""
    s, y = AT + level * NQ, AT + (level + 1) * NQ
    for q in range(NQ):
        F[y + q] = F[s + q]
    change(e, branch, -1, F, I, s, U, EXPECTED, y)
    at = e * MAX_BRANCHES + branch
    for i in range(CHANGED_START[at], CHANGED_START[at + 1]):
        q = CHANGED[i]
        F[y + q] = clip(F[y + q], LOW[q], HIGH[q])
    I[GROWN + level + 1] = e
    I[STAMP + level + 1] += 1  # what was known of the row's last tenant is forgotten


@kernel
def branches(F, level, e, out):
    """The chances of the event's branches at a row, its guilt expected; how many branches."""
    s = AT + level * NQ
    if SUSPECTS[e] > 0:
        expected_guilt(F, e, s)
    return spread_chances(F, e, s, out)


@kernel
def gain(F, I, actor, e, level, row):
    """(1) and (2): expected change of the utility terms that the event touches."""
    first, last = TOUCH_START[actor * NE + e], TOUCH_START[actor * NE + e + 1]
    if first == last:
        return 0.0
    s, y, u = AT + level * NQ, AT + (level + 1) * NQ, U + row * NU
    before, chances = TERMS + level * MAX_TOUCHED, CHANCES + level * MAX_BRANCHES
    for i in range(first, last):
        F[before + i - first] = term(TOUCHED[i], F, s, u)
    n = branches(F, level, e, chances)
    total = 0.0
    for k in range(n):
        if F[chances + k] > 0.0:
            imagine(F, I, level, e, k)
            moved = 0.0
            for i in range(first, last):
                moved += term(TOUCHED[i], F, y, u) - F[before + i - first]
            total += F[chances + k] * moved
    return total


@kernel
def foreclosed(F, I, actor, e, level, row):
    total = 0.0
    s, y, u = AT + level * NQ, AT + (level + 1) * NQ, U + row * NU
    for w in range(WAIT_START[actor], WAIT_START[actor + 1]):
        awaited = WAIT_EVENT[w]
        if not FORECLOSES[e, awaited] or F[DAY] >= WAIT_UNTIL[w]:
            continue
        first, last = TOUCH_START[actor * NE + awaited], TOUCH_START[actor * NE + awaited + 1]
        hope = 0.0
        for o in range(ODDS_START[w], ODDS_START[w + 1]):
            imagine(F, I, level, awaited, ODDS_BRANCH[o])
            moved = 0.0
            for i in range(first, last):
                moved += term(TOUCHED[i], F, y, u) - term(TOUCHED[i], F, s, u)
            hope += wait_odds(o, F, s, U) * moved
        total += max(0.0, hope)
    return total


@kernel
def available(F, I, e, level, row):
    return I[BLOCKED + e] == 0 and when(e, F, AT + level * NQ, U + row * NU)


@kernel
def finished(F, I, actor, e, level, row, own):
    """Q from what a move is worth: less cost and what it forecloses, times will, plus urge."""
    s, u = AT + level * NQ, U + row * NU
    own -= cost(e, F, s, u)
    if FORECLOSES_ANY[e]:
        own -= foreclosed(F, I, actor, e, level, row)
    own *= will(actor, F, s, u)
    return own + urge(e, F, s, u)


@kernel
def soften(F, log_odds, n, mood, out):
    """softmax over the open moves (those that are not nan) and doing nothing."""
    top = 0.0
    for i in range(n):
        x = F[log_odds + i]
        if x == x and x + mood > top:
            top = x + mood
    weights = 0.0
    for i in range(n):
        x = F[log_odds + i]
        F[out + i] = exp(x + mood - top) if x == x else 0.0
        weights += F[out + i]
    total = exp(-top) + weights
    for i in range(n):
        F[out + i] = F[out + i] / total


# Three copies of the same few functions, one a depth: Numba wants recursion spelt out.
# {{ depth


@kernel
def worth_D(F, I, actor, e, level, row):
    """(3): own gain plus what the change in others' behaviour is worth."""
    total = gain(F, I, actor, e, level, row)
    # only above 0
    scratch = SCRATCH + (D * LEVELS + level) * (2 * MAX_MOVES + MAX_BRANCHES)
    now, then, chances = scratch, scratch + MAX_MOVES, scratch + 2 * MAX_MOVES
    for w in range(WEIGH_START[actor], WEIGH_START[actor + 1]):
        other = WEIGHS[w]
        if not PROVOKES[e, other, D - 1]:
            continue
        first, count = MOVE_START[other], MOVE_START[other + 1] - MOVE_START[other]
        response_B(F, I, actor, other, level, now)
        n = branches(F, level, e, chances)
        for k in range(n):
            if F[chances + k] > 0.0:
                if SUSPECTS[e] > 0:
                    expected_guilt(F, e, AT + level * NQ)
                imagine(F, I, level, e, k)
                response_B(F, I, actor, other, level + 1, then)
                for i in range(count):
                    shift = F[then + i] - F[now + i]
                    if shift != 0.0:
                        answer = worth_B(F, I, actor, MOVES[first + i], level + 1, row)
                        total += F[chances + k] * shift * answer
    # end
    return total


@kernel
def log_odds_D(F, I, level, slot):
    """precision * Q of each move of the slot's actor, into ODDS; nan where not available."""
    actor, row = SLOT_ACTOR[slot], SLOT_ROW[slot]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    out = ODDS + (level * 3 + D) * ROOM + slot * MAX_MOVES
    sure = max(0.0, precision(actor, F, AT + level * NQ, U + row * NU))
    for i in range(count):
        e = MOVES[first + i]
        # only at 0
        if level > 0 and not SWAYS[I[GROWN + level], e]:
            F[out + i] = F[out - 3 * ROOM + i]
            continue
        # end
        if not available(F, I, e, level, row):
            F[out + i] = np.nan
        else:
            own = worth_D(F, I, actor, e, level, row)
            F[out + i] = sure * finished(F, I, actor, e, level, row, own)


@kernel
def work_out_D(F, I, level, slot):
    """(5): the policy at a row, if it is not known yet."""
    known = KNOWN + (level * 3 + D) * SLOTS + slot
    if I[known] == I[STAMP + level]:
        return
    actor = SLOT_ACTOR[slot]
    at = (level * 3 + D) * ROOM + slot * MAX_MOVES
    log_odds_D(F, I, level, slot)
    soften(F, ODDS + at, MOVE_START[actor + 1] - MOVE_START[actor], 0.0, POLICY + at)
    I[known] = I[STAMP + level]


@kernel
def policy_D(F, I, level, slot):
    """The policy, worked out once a situation; at depth 0 from the roots up, to copy what stays."""
    # only at 0
    for below in range(level):
        work_out_D(F, I, below, slot)
    # end
    work_out_D(F, I, level, slot)


@kernel
def response_D(F, I, actor, other, level, out):
    """(4): the other's policy, averaged over the types that this actor believes."""
    count = MOVE_START[other + 1] - MOVE_START[other]
    belief = BELIEF_ABOUT[actor, other]
    at = POLICY + (level * 3 + D) * ROOM
    if belief < 0:
        policy_D(F, I, level, other)
        for i in range(count):
            F[out + i] = F[at + other * MAX_MOVES + i]
        return
    for i in range(count):
        F[out + i] = 0.0
    for t in range(TYPE_START[belief], TYPE_START[belief + 1]):
        weight = F[B + t]
        if weight > 0.0:
            policy_D(F, I, level, NA + t)
            for i in range(count):
                F[out + i] += weight * F[at + (NA + t) * MAX_MOVES + i]


# }} depth


# ---- the day -----------------------------------------------------------------------------


@kernel
def possible(F, I, e):
    return available(F, I, e, 0, 0)


@kernel
def happens(F, I, n, key, e, forced, taught):
    """Draws how event e turns out and enters it as today's n-th; a vote comes with its branch."""
    s, today = AT, int(F[DAY])
    branch = forced
    if forced < 0:
        count = spread_chances(F, e, s, CHANCES)
        chosen = pick(F, uniform(key, SITE_OUTCOME[e], today), CHANCES, count)
        branch = count - 1 if chosen < 0 else chosen
    if SUSPECTS[e] > 0:
        count = signature_chances(F, e, s, SIGNS)
        chosen = pick(F, uniform(key, SITE_SIGNATURE[e], today), SIGNS, count)
        signature = 0 if chosen < 0 else chosen
        posterior_guilt(F, e, s, signature, GUILT + n * MAX_SUSPECTS)
    I[EVENT + n] = e
    I[BRANCH + n] = branch
    I[TAUGHT + n] = taught
    if ONCE[e]:
        F[READY + e] = 1e18
    elif HAS_PAUSE[e]:
        F[READY + e] = today + max(1.0, pause(e, F, s, U))
    return n + 1


@kernel
def opening(F, I, key, actor):
    pace_ = max(0.0, pace(actor, F, AT, U))
    return uniform(key, SITE_OPENING[actor], int(F[DAY])) < 0.0 - expm1(-pace_)


@kernel
def lesson(F, I, e, out):
    """Per type of every belief about the mover, the chance that this type would have done it."""
    actor = MOVER[e]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    for k in range(BELIEFS):
        if BELIEF_OF[k] != actor:
            continue
        depth = max(0, FORESIGHT[BELIEF_HOLDER[k]] - 1)
        for t in range(TYPE_START[k], TYPE_START[k + 1]):
            morning_policy(F, I, depth, NA + t)
            for i in range(count):
                if MOVES[first + i] == e:
                    F[out + t] = F[POLICY + depth * ROOM + (NA + t) * MAX_MOVES + i]


@kernel
def choose(F, I, n, key, actor):
    """One move or nothing: one uniform against the cumulated softmax, mood included."""
    depth = FORESIGHT[actor]
    morning_policy(F, I, depth, actor)
    count = MOVE_START[actor + 1] - MOVE_START[actor]
    soften(F, ODDS + depth * ROOM + actor * MAX_MOVES, count, F[MOOD + actor], PICKED)
    today = int(F[DAY])
    chosen = pick(F, uniform(key, SITE_CHOICE[actor], today), PICKED, count)
    if chosen < 0:
        return n
    e = MOVES[MOVE_START[actor] + chosen]
    if CONSENT[e] >= 0:
        who = CONSENT[e]
        sure = max(0.0, precision(who, F, AT, U))
        accepts = logistic(sure * worth(F, I, who, e, FORESIGHT[who]))
        if not uniform(key, SITE_CONSENT[e], today) < accepts:
            return n
    lead = int(nearest(takes(e, F, AT, U))) if HAS_TAKES[e] else 0
    if lead > 0:
        I[UNDERWAY + e] = today + lead
        I[ORDER + e] = I[ORDER + NE]
        I[ORDER + NE] += 1
        lesson(F, I, e, LESSONS + e * WIDE)
        return n
    lesson(F, I, e, LESSON + n * WIDE)
    return happens(F, I, n, key, e, -1, True)


@kernel
def ballot(F, I, n, key, e):
    """Members' yes is logit-normal around the bloc's log-odds; whole blocs vote as one."""
    s, today = AT, int(F[DAY])
    present = 0.0
    in_favour = 0.0
    for k in range(SEAT_START[e], SEAT_START[e + 1]):
        share = clip(attends(k, F, s, U), 0.0, 1.0)
        log_odds = yes(k, F, s, U)
        die = uniform(key, SITE_SEAT[k], today)
        if WHOLE[k]:
            part = 1.0 if die < logistic(log_odds) else 0.0
        else:
            wide = max(0.0, spread(k, F, s, U))
            part = logistic(log_odds + wide * standard_normal(die))
        present += SEATS[k] * share
        in_favour += SEATS[k] * share * part
    if HALF[e]:
        carried = present >= QUORUM[e] and in_favour > present / 2
    else:
        carried = present >= QUORUM[e] and in_favour >= QUOTA[e]
    for k in range(VETO_START[e], VETO_START[e + 1]):
        if uniform(key, SITE_VETO[k], today) < logistic(veto(k, F, s, U)):
            carried = False
    return happens(F, I, n, key, e, CARRIED[e] if carried else LOST[e], False)


@kernel
def one_day(F, I, key, today):
    """Calendar, chance, choice, bodies, effects, beliefs. Returns how much happened."""
    s = AT
    if today > 0:
        for q in range(NQ):
            if IS_CLOCK[q]:
                left = F[s + q]
                F[s + q] = max(0.0, left - 1.0) if left > 0.0 else -1.0
    F[DAY] = today
    I[STAMP] += 1
    for t in range(TYPES):
        F[B + t] = F[WEIGHTS + t]
    for e in range(NE):
        I[BLOCKED + e] = I[UNDERWAY + e] >= 0 or F[READY + e] > today
    n = 0
    n = arrivals(F, I, n, key, today)
    for e in range(NE):
        if dated(e, today) or (CLOCK[e] >= 0 and F[s + CLOCK[e]] == 0.0):
            if possible(F, I, e):
                n = happens(F, I, n, key, e, -1, False)
    for e in range(NE):
        if HAS_RATE[e] and possible(F, I, e):
            r = max(0.0, rate(e, F, s, U))
            if uniform(key, SITE_HAZARD[e], today) < 0.0 - expm1(-r):
                n = happens(F, I, n, key, e, -1, False)
    for actor in range(NA):
        if MOVE_START[actor + 1] > MOVE_START[actor] and HAS_PACE[actor]:
            if opening(F, I, key, actor):
                n = choose(F, I, n, key, actor)
    for e in range(NE):
        if HAS_BALLOT[e] and possible(F, I, e):
            if (
                HELD_DATE[e] == today
                or (HELD_CLOCK[e] >= 0 and F[s + HELD_CLOCK[e]] == 0.0)
                or held_when(e, F, s, U)
            ):
                n = ballot(F, I, n, key, e)
    effects(F, I, n)
    learn(F, I, n, today)
    for q in range(NQ):
        F[s + q] = F[AFTER + q]
    return n


@kernel
def arrivals(F, I, n, key, today):
    """Moves with a lead time arrive in the order in which they were decided."""
    while True:
        first = -1
        for e in range(NE):
            due = 0 <= I[UNDERWAY + e] <= today
            if due and (first < 0 or decided_before(F, I, e, first)):
                first = e
        if first < 0:
            return n
        I[UNDERWAY + first] = -1
        for t in range(TYPES):
            F[LESSON + n * WIDE + t] = F[LESSONS + first * WIDE + t]
        n = happens(F, I, n, key, first, -1, True)


@kernel
def decided_before(F, I, e, other):
    return I[ORDER + e] < I[ORDER + other]


@kernel
def dated(e, today):
    for i in range(DATE_START[e], DATE_START[e + 1]):
        if DATES[i] == today:
            return True
    return False


@kernel
def effects(F, I, n):
    """Old values fade, the day's effects come in whole: = first, then + -, then >= and <=."""
    for q in range(NQ):
        F[AFTER + q] = F[AT + q]
        I[SEEN + q] = 0
    faded(F, AT, U, AFTER)
    # In the order of the file, whatever the order in which things happened today.
    for i in range(n):
        k = i
        while k > 0 and I[EVENT + I[SORTED + k - 1]] > I[EVENT + i]:
            I[SORTED + k] = I[SORTED + k - 1]
            k -= 1
        I[SORTED + k] = i
    for rank in range(4):
        for k in range(n):
            i = I[SORTED + k]
            change(I[EVENT + i], I[BRANCH + i], rank, F, I, AT, U, GUILT + i * MAX_SUSPECTS, AFTER)
    for q in range(NQ):
        F[AFTER + q] = clip(F[AFTER + q], LOW[q], HIGH[q])


# ---- beliefs -----------------------------------------------------------------------------


@kernel
def update(F, k, likelihood):
    """mu <- mu * likelihood^eta, normalised; an impossible observation changes nothing."""
    first, last = TYPE_START[k], TYPE_START[k + 1]
    total = 0.0
    for t in range(first, last):
        p = F[likelihood + t]
        F[FRESH + t] = F[WEIGHTS + t] * tempered(p, LEARNS[k]) if p > 0.0 else 0.0
        total += F[FRESH + t]
    if total > 0.0:
        for t in range(first, last):
            F[WEIGHTS + t] = F[FRESH + t] / total


@kernel
def sees(F, I, e, actor):
    if not PRIVATE[e]:
        return True
    return shown(e, actor, F, AT, U)


@kernel
def culprit(F, I, i, e, actor):
    if SUSPECTS[e] == 0:
        return 1.0
    for k in range(SUSPECTS[e]):
        if SUSPECT_ACTOR[e, k] == actor:
            return F[GUILT + i * MAX_SUSPECTS + k]
    return 0.0


@kernel
def learn(F, I, n, today):
    """Each holder learns from the chosen moves that it sees; silence is scored once an episode."""
    for k in range(BELIEFS):
        answered = False
        for i in range(n):
            e = I[EVENT + i]
            if not I[TAUGHT + i] or MOVER[e] != BELIEF_OF[k] or not sees(F, I, e, BELIEF_HOLDER[k]):
                continue
            guilt = culprit(F, I, i, e, BELIEF_OF[k])
            for t in range(TYPE_START[k], TYPE_START[k + 1]):
                F[LIKELY + t] = guilt * F[LESSON + i * WIDE + t] + (1.0 - guilt)
            update(F, k, LIKELY)
            answered = answered or ANSWERS[k, e]
        if HAS_SILENCE[k]:
            watch(F, I, k, answered, today)


@kernel
def watch(F, I, k, answered, today):
    provoked = after_(k, F, AT, U)
    if answered:
        I[OPENED + k] = -1
        I[SCORED + k] = True
    elif I[OPENED + k] >= 0 and today - I[OPENED + k] >= SILENCE_LASTS[k]:
        update(F, k, QUIET)
        I[OPENED + k] = -1
        I[SCORED + k] = True
    if not provoked:
        I[SCORED + k] = 0
    elif I[OPENED + k] < 0 and not I[SCORED + k]:
        I[OPENED + k] = today
        silence(F, I, k)


@kernel
def silence(F, I, k):
    """Per type, the chance of no public answer at an opening now."""
    actor = BELIEF_OF[k]
    first, count = MOVE_START[actor], MOVE_START[actor + 1] - MOVE_START[actor]
    depth = max(0, FORESIGHT[BELIEF_HOLDER[k]] - 1)
    for t in range(TYPE_START[k], TYPE_START[k + 1]):
        morning_policy(F, I, depth, NA + t)
        spoken = 0.0
        for i in range(count):
            if ANSWERS[k, MOVES[first + i]]:
                spoken += F[POLICY + depth * ROOM + (NA + t) * MAX_MOVES + i]
        F[QUIET + t] = max(1e-12, 1.0 - spoken)


# ---- many worlds -------------------------------------------------------------------------


@kernel
def create(F, I, key):
    """A world on its first morning: unknowns and moods drawn, quantities at their start."""
    for i in range(NU):
        die = uniform(key, SITE_UNKNOWN[i], 0)
        if PRIOR_KIND[i] == 4:
            n = OPTION_START[i + 1] - OPTION_START[i]
            for k in range(n):
                F[PICKED + k] = OPTIONS[OPTION_START[i] + k]
            chosen = pick(F, die, PICKED, n)
            F[U + i] = 0.0 if chosen < 0 else float(chosen)
        else:
            F[U + i] = quantile(PRIOR_KIND[i], PRIOR_A[i], PRIOR_B[i], die)
    for t in range(TYPES):
        F[WEIGHTS + t] = TYPE_PRIOR[t]
        F[B + t] = TYPE_PRIOR[t]
    F[DAY] = 0.0
    begin(F, AT, U)
    for t in range(TYPES):
        for i in range(NU):
            F[U + (1 + t) * NU + i] = F[U + i]
        settings(t, F, AT, U, U + (1 + t) * NU)
    for a in range(NA):
        F[MOOD + a] = 0.0
        if HAS_MOOD[a]:
            die = uniform(key, SITE_MOOD[a], 0)
            F[MOOD + a] = mood(a, F, AT, U) * standard_normal(die)
    for e in range(NE):
        F[READY + e] = 0.0
        I[UNDERWAY + e] = -1
    for q in range(NQ):
        I[COLLIDE + q] = 0
    for k in range(BELIEFS):
        I[OPENED + k] = -1
        I[SCORED + k] = 0


@entry
def run_range(seed, numbers, watch_, atoms, unknowns, happened, shown_, bins, bands, collided):
    """Lives some worlds and keeps what is asked: one row a world, histograms over all.

    `watch_` has a row a monitor: function, event, branch, quantity, first day, last day.
    """
    F, I = memory()
    for row in range(len(numbers)):
        key = world_key(seed, numbers[row])
        create(F, I, key)
        for m in range(len(watch_)):
            begin_monitor(F, I, watch_[m], atoms, row, m)
        for today in range(DAYS):
            n = one_day(F, I, key, today)
            for i in range(n):
                happened[row, I[EVENT + i]] += 1
            for m in range(len(watch_)):
                observe(F, I, watch_[m], n, today, atoms, row, m)
            for k in range(len(shown_)):
                q = shown_[k]
                low, high = BAND_LOW[q], BAND_HIGH[q]
                share = clip((F[AT + q] - low) / (high - low), 0.0, 1.0)
                bands[k, today, int(np.floor(share * (bins[k] - 1) + 0.5))] += 1
        for i in range(NU):
            unknowns[row, i] = F[U + i]
        for q in range(NQ):
            if I[COLLIDE + q] != 0:
                collided[q] += 1


@kernel
def begin_monitor(F, I, m, atoms, row, k):
    """0 count, 1 first, 2 highest, 3 lowest, 4 final, 5 initial."""
    value = 0.0
    if m[0] == 1:
        value = m[5] + 1.0
    elif m[0] == 2:
        value = -1e300
    elif m[0] == 3:
        value = 1e300
    elif m[0] == 5 and m[4] == 0:
        value = F[AT + m[3]]
    atoms[row, k] = value


@kernel
def observe(F, I, m, n, today, atoms, row, k):
    if m[0] <= 1:
        if m[4] <= today <= m[5]:
            for i in range(n):
                if I[EVENT + i] == m[1] and (m[2] < 0 or I[BRANCH + i] == m[2]):
                    if m[0] == 0:
                        atoms[row, k] += 1.0
                    elif today < atoms[row, k]:
                        atoms[row, k] = today
        return
    x = F[AT + m[3]]
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
