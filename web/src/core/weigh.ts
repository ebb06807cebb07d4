/**
 * Worlds weighed anew: what they answer under other priors of some unknowns. Nothing is simulated.
 *
 * A world in which an unknown is x counts q(x) / p(x) times as much under the prior q as under p
 * (importance sampling). The arithmetic is that of `offramp/answers/weights.py` and `sampling.py`,
 * where its sources stand; `tests/weighed.json` holds both to the same digits.
 */

import type { Column, Unknown, Worlds } from "./worlds.ts";

/** Another prior of an unknown: its ends in its own unit, or the chances of its named values. */
export interface Changed {
  a: number;
  b: number;
  chances: number[];
}
export type Changes = ReadonlyMap<string, Changed>;

const Z90 = 1.2815515655446004;
/** Of the worlds: below, too few count for an answer. As in `offramp/answers/weights.py`. */
export const FLOOR = 0.25;
const NORMAL = 1.6448536269514722; // the 95% point: two sides leave 90%

/** The scale on which a kind of prior is simple. */
export function scaled(kind: Unknown["kind"], x: number): number {
  if (kind === "scale") return Math.log(x);
  return kind === "share" ? Math.log(x / (1 - x)) : x;
}

/** Back from that scale. */
export function unscaled(kind: Unknown["kind"], t: number): number {
  if (kind === "scale") return Math.exp(t);
  return kind === "share" ? 1 / (1 + Math.exp(-t)) : t;
}

/** How many times as likely a draw is under the new prior; `t` is on the prior's scale. */
export function ratio(old: Unknown, next: Changed, t: number): number {
  if (old.kind === "among") {
    const p = old.chances[t]!;
    return p ? next.chances[t]! / p : 0;
  }
  if (old.kind === "between") {
    return t >= next.a && t <= next.b ? (old.b - old.a) / (next.b - next.a) : 0;
  }
  const [m, s] = normal(old.kind, old.a, old.b);
  const [n, r] = normal(old.kind, next.a, next.b);
  return Math.exp(((t - m) / s) ** 2 / 2 - ((t - n) / r) ** 2 / 2) * (s / r);
}

function normal(kind: Unknown["kind"], a: number, b: number): [number, number] {
  const low = scaled(kind, a);
  const high = scaled(kind, b);
  return [(low + high) / 2, (high - low) / (2 * Z90)];
}

/** How much each world counts; null where all count alike. */
export function weightsOf(worlds: Worlds, changes: Changes): Float64Array | null {
  if (changes.size === 0) return null;
  const weights = new Float64Array(worlds.count).fill(1);
  worlds.unknowns.forEach((u, k) => {
    const next = changes.get(u.name);
    if (!next) return;
    const draws = worlds.draws[k]!;
    for (let w = 0; w < weights.length; w++) weights[w]! *= ratio(u, next, draws[w]!);
  });
  return weights;
}

/** How many equal worlds some weights are worth (Kish). */
export function worth(weights: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let w = 0; w < weights.length; w++) {
    sum += weights[w]!;
    squares += weights[w]! ** 2;
  }
  return squares ? sum ** 2 / squares : 0;
}

export interface Share {
  probability: number | null;
  /** How many independent worlds it is a share of. */
  worth: number;
  error: number | null;
  interval: [number, number] | null;
}

/**
 * The share of the worlds that meet the condition in which a question comes to yes, or a choice to
 * the option at a place.
 */
export function share(column: Column, weights: Float64Array | null, option?: number): Share {
  let sum = 0;
  let squares = 0;
  let own = 0;
  const { met, values } = column;
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    const weight = weights ? weights[w]! : 1;
    sum += weight;
    squares += weight * weight;
    if (option === undefined ? values[w]! > 0 : values[w] === option) own += weight;
  }
  return shareOf(sum, squares, own);
}

/** A share from the sums of some weights, of their squares, and of those of yes. */
function shareOf(sum: number, squares: number, own: number): Share {
  if (!sum) return { probability: null, worth: 0, error: null, interval: null };
  const n = sum ** 2 / squares;
  const p = own / sum;
  return { probability: p, worth: n, error: shareError(p * n, n), interval: wilson(p * n, n) };
}

/**
 * What a change of weights does to a share, and the error of that: both shares are of the same
 * worlds, so that their errors nearly cancel (the linear part of a ratio of means).
 */
export function shift(column: Column, weights: Float64Array): { value: number; error: number } | null {
  const old = share(column, null);
  const now = share(column, weights);
  if (old.probability === null || now.probability === null) return null;
  const { met, values } = column;
  let n = 0;
  let sum = 0;
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    n += 1;
    sum += weights[w]!;
  }
  let variance = 0;
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    const yes = values[w]! > 0 ? 1 : 0;
    const part = (weights[w]! / sum) * (yes - now.probability) - (yes - old.probability) / n;
    variance += part * part;
  }
  return { value: now.probability - old.probability, error: Math.sqrt(variance) };
}

/**
 * The worlds for which `fits` holds, the most usual first: by how far their course lies from the
 * middle one of them, day by day.
 */
export function usual(days: Uint8Array[], count: number, fits: (world: number) => boolean): number[] {
  const own = Array.from({ length: count }, (_, w) => w).filter(fits);
  const far = new Float64Array(count);
  for (const day of days) {
    const sorted = Uint8Array.from(own, (w) => day[w]!).sort();
    const middle = sorted[sorted.length >> 1] ?? 0;
    for (const w of own) far[w]! += Math.abs(day[w]! - middle);
  }
  return own.sort((a, b) => far[a]! - far[b]! || a - b);
}

/** The sd of Beta(yes + 1/2, n - yes + 1/2): sampling error of a share, never 0. */
export function shareError(yes: number, n: number): number {
  const a = yes + 0.5;
  const b = n - yes + 0.5;
  return Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
}

/** The score interval of a share (Wilson), 90%. */
export function wilson(yes: number, n: number): [number, number] {
  const p = yes / n;
  const square = NORMAL ** 2;
  const middle = (p + square / (2 * n)) / (1 + square / n);
  const half =
    (NORMAL / (1 + square / n)) * Math.sqrt((p * (1 - p)) / n + square / (4 * n * n));
  return [yes <= 0 ? 0 : middle - half, yes >= n ? 1 : middle + half];
}

const ORDERS = new WeakMap<Column, Uint32Array>();

/** The worlds that meet a question's condition, by what it comes to in them. */
function ordered(column: Column): Uint32Array {
  let found = ORDERS.get(column);
  if (!found) {
    const kept: number[] = [];
    column.met.forEach((met, w) => met && kept.push(w));
    kept.sort((a, b) => column.values[a]! - column.values[b]!);
    ORDERS.set(column, (found = Uint32Array.from(kept)));
  }
  return found;
}

/** The weighted quantiles of a number over the worlds that meet the condition; null without any. */
export function quantiles(
  column: Column,
  weights: Float64Array | null,
  levels: readonly number[],
): number[] | null {
  const kept = ordered(column);
  const n = kept.length;
  if (!weights) {
    if (!n) return null;
    return levels.map((p) => column.values[kept[Math.min(n - 1, Math.floor(p * n))]!]!);
  }
  let total = 0;
  for (const w of kept) total += weights[w]!;
  if (!total) return null;
  return levels.map((p) => {
    let below = 0;
    for (const w of kept) if ((below += weights[w]!) > p * total) return column.values[w]!;
    return column.values[kept[n - 1]!]!;
  });
}

/** For each day of a course, how much the worlds in each bin count; each day sums to 1. */
export function counts(
  days: Uint8Array[],
  bins: number,
  weights: Float64Array | null,
): Float64Array[] {
  return days.map((day) => {
    const own = new Float64Array(bins);
    let sum = 0;
    for (let w = 0; w < day.length; w++) {
      const weight = weights ? weights[w]! : 1;
      own[day[w]!]! += weight;
      sum += weight;
    }
    if (sum) for (let k = 0; k < bins; k++) own[k]! /= sum;
    return own;
  });
}

/** The bin below which a share of a day's worlds lie. */
export function binAt(day: Float64Array, level: number): number {
  let below = 0;
  for (let k = 0; k < day.length; k++) {
    below += day[k]!;
    if (below >= level) return k;
  }
  return day.length - 1;
}

export interface Mover {
  unknown: Unknown;
  /** From the low half of the unknown to the high half, in probability. */
  effect: number;
  error: number;
}

/**
 * What moves an answer: its share among worlds in which an unknown is in its high half, less that
 * in its low half (of named values: the first half of the list against the second), largest first.
 */
export function movers(worlds: Worlds, column: Column, weights: Float64Array | null): Mover[] {
  const { met, values } = column;
  const out = worlds.unknowns.map((unknown, k): Mover => {
    const draws = worlds.draws[k]!;
    const middle = middleOf(unknown);
    // Of the low half and of the high one: weights, their squares, and those of yes.
    const sums = [new Float64Array(3), new Float64Array(3)] as const;
    for (let w = 0; w < met.length; w++) {
      if (!met[w]) continue;
      const weight = weights ? weights[w]! : 1;
      const half = draws[w]! > middle ? sums[1] : sums[0];
      half[0]! += weight;
      half[1]! += weight * weight;
      if (values[w]! > 0) half[2]! += weight;
    }
    const [low, high] = sums.map((x) => shareOf(x[0]!, x[1]!, x[2]!)) as [Share, Share];
    if (low.probability === null || high.probability === null)
      return { unknown, effect: 0, error: Infinity };
    const error = Math.hypot(low.error!, high.error!);
    return { unknown, effect: high.probability - low.probability, error };
  });
  return out.sort((x, y) => Math.abs(y.effect) - Math.abs(x.effect));
}

function middleOf(unknown: Unknown): number {
  if (unknown.kind === "among") {
    let below = 0;
    for (let k = 0; k < unknown.chances.length; k++) {
      below += unknown.chances[k]!;
      if (below >= 0.5) return k === unknown.chances.length - 1 ? k - 1 : k;
    }
  }
  // The median of the prior: the middle of its ends on the scale on which it is simple.
  return (scaled(unknown.kind, unknown.a) + scaled(unknown.kind, unknown.b)) / 2;
}
