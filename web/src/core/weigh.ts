/**
 * Worlds weighed anew: what they answer under other priors of some unknowns. Nothing is simulated.
 *
 * A world in which an unknown is x counts q(x) / p(x) times as much under the prior q as under p
 * (importance sampling). The arithmetic is that of `offramp/answers/weights.py` and `sampling.py`,
 * where its sources stand; `tests/weighed.json` holds both to the same digits.
 */

import type { Column, Islands, Unknown, Worlds } from "./worlds.ts";

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

/** How much of a prior, or of another in its place, lies between two points of its scale. */
export function mass(old: Unknown, next: Changed | undefined, low: number, high: number): number {
  const [a, b] = [next?.a ?? old.a, next?.b ?? old.b];
  if (old.kind === "between") return Math.max(0, Math.min(high, b) - Math.max(low, a)) / (b - a);
  const [m, s] = normal(old.kind, a, b);
  // A bin is narrow: its middle stands for it.
  const z = ((low + high) / 2 - m) / s;
  return (Math.exp((-z * z) / 2) / (s * Math.sqrt(2 * Math.PI))) * (high - low);
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

/** What some worlds weigh: of free ones in one row, of conditioned ones in a row an island. */
class Sums {
  readonly rows: number;
  readonly total: Float64Array;
  readonly yes: Float64Array;
  squares = 0;
  count = 0;
  readonly #islands: Islands | undefined;

  constructor(islands: Islands | undefined) {
    this.rows = islands?.count ?? 1;
    this.total = new Float64Array(this.rows);
    this.yes = new Float64Array(this.rows);
    this.#islands = islands;
  }

  add(world: number, weight: number, yes: boolean): void {
    const row = this.#islands ? this.#islands.of[world]! : 0;
    this.total[row]! += weight;
    this.squares += weight * weight;
    this.count += 1;
    if (yes) this.yes[row]! += weight;
  }

  share(): Share {
    const total = summed(this.total);
    if (!total) return { probability: null, worth: 0, error: null, interval: null };
    const p = summed(this.yes) / total;
    const n = this.#islands ? this.#worth(p, total, this.#islands) : total ** 2 / this.squares;
    const some = this.total.reduce((k, x) => k + Number(x > 0), 0);
    const z = this.#islands ? student95(Math.max(1, some - 1)) : NORMAL;
    return { probability: p, worth: n, error: shareError(p * n, n), interval: wilson(p * n, n, z) };
  }

  /** How far each row pulls the share away from what it is. */
  parts(probability: number): Float64Array {
    const total = summed(this.total);
    return this.yes.map((yes, k) => (yes - probability * this.total[k]!) / total);
  }

  /** The variance of one world over that of the mean, which the spread between islands tells. */
  #worth(p: number, total: number, islands: Islands): number {
    let left = 1;
    for (const x of this.total) left += (x / total) ** 2;
    let variance = 0;
    for (let k = 0; k < this.rows; k++) {
      const part = this.total[k]! / total;
      if (!part) continue;
      if (left - 2 * part <= 1e-12) return 1; // an island that is all may be copies of one world
      variance += (part * (this.yes[k]! / this.total[k]! - p)) ** 2 / (left - 2 * part);
    }
    const own = p * (1 - p);
    if (own > 0 && variance > 0) return Math.min(this.count, Math.max(1, own / variance));
    return Math.max(1, (this.count * islands.effective) / islands.of.length);
  }
}

/** The share of some worlds less that of others, and its error; null where either has none. */
function contrast(high: Sums, low: Sums): { value: number; error: number } | null {
  const [a, b] = [high.share(), low.share()];
  if (a.probability === null || b.probability === null) return null;
  const value = a.probability - b.probability;
  if (high.rows === 1) return { value, error: Math.hypot(a.error!, b.error!) };
  // Worlds of an island hang together, those of both halves too.
  const parts = high.parts(a.probability);
  low.parts(b.probability).forEach((x, k) => (parts[k]! -= x));
  return { value, error: spread(parts) };
}

/** The error of a sum of independent parts whose mean is 0. */
function spread(parts: Float64Array): number {
  const squares = parts.reduce((sum, x) => sum + x * x, 0);
  return parts.length > 1 ? Math.sqrt((squares * parts.length) / (parts.length - 1)) : Infinity;
}

function summed(row: Float64Array): number {
  let sum = 0;
  for (const x of row) sum += x;
  return sum;
}

/**
 * The share of the worlds that meet the condition in which a question comes to yes, or a choice to
 * the option at a place.
 */
export function share(column: Column, weights: Float64Array | null, option?: number): Share {
  const { met, values } = column;
  const sums = new Sums(column.islands);
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    const yes = option === undefined ? values[w]! > 0 : values[w] === option;
    sums.add(w, weights ? weights[w]! : 1, yes);
  }
  return sums.share();
}

/**
 * What a change of weights does to a share, and the error of that: both shares are of the same
 * worlds, so that their errors nearly cancel (the linear part of a ratio of means).
 */
export function shift(column: Column, weights: Float64Array): { value: number; error: number } | null {
  const old = plainShare(column);
  const now = share(column, weights);
  if (old.probability === null || now.probability === null) return null;
  const { met, values, islands } = column;
  let n = 0;
  let sum = 0;
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    n += 1;
    sum += weights[w]!;
  }
  // Independent are the worlds; of conditioned ones the islands.
  const rows = new Float64Array(islands?.count ?? 0);
  let squares = 0;
  for (let w = 0; w < met.length; w++) {
    if (!met[w]) continue;
    const yes = values[w]! > 0 ? 1 : 0;
    const part = (weights[w]! / sum) * (yes - now.probability) - (yes - old.probability) / n;
    if (islands) rows[islands.of[w]!]! += part;
    else squares += part * part;
  }
  return { value: now.probability - old.probability, error: islands ? spread(rows) : Math.sqrt(squares) };
}

const PLAIN = new WeakMap<Column, Share>();

/** The share of a question of yes or no by the case's own ranges: at each frame of a drag the same. */
function plainShare(column: Column): Share {
  let found = PLAIN.get(column);
  if (!found) PLAIN.set(column, (found = share(column, null)));
  return found;
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
export function wilson(yes: number, n: number, z = NORMAL): [number, number] {
  const p = yes / n;
  const square = z ** 2;
  const middle = (p + square / (2 * n)) / (1 + square / n);
  const half =
    (z / (1 + square / n)) * Math.sqrt((p * (1 - p)) / n + square / (4 * n * n));
  return [yes <= 0 ? 0 : middle - half, yes >= n ? 1 : middle + half];
}

const STUDENT = new Map<number, number>();

/**
 * The 95% point of Student's t, by halving (Abramowitz and Stegun 26.7.3 and 4; as
 * `offramp/filter/islands.py`).
 */
export function student95(freedom: number): number {
  const known = STUDENT.get(freedom);
  if (known !== undefined) return known;
  let [low, high] = [0, 1e6];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (within(middle, freedom) < 0.9) low = middle;
    else high = middle;
  }
  STUDENT.set(freedom, (low + high) / 2);
  return (low + high) / 2;
}

/** The probability that |T| is at most t. */
function within(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let total = 0;
  for (let k = 0; k < Math.floor(freedom / 2); k++) {
    total += term;
    term *= (odd ? (2 * k + 2) / (2 * k + 3) : (2 * k + 1) / (2 * k + 2)) * cosine * cosine;
  }
  return odd ? (2 / Math.PI) * (angle + sine * total) : sine * total;
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
    const halves = [new Sums(column.islands), new Sums(column.islands)] as const;
    for (let w = 0; w < met.length; w++) {
      if (!met[w]) continue;
      const half = draws[w]! > middle ? halves[1] : halves[0];
      half.add(w, weights ? weights[w]! : 1, values[w]! > 0);
    }
    const found = contrast(halves[1], halves[0]);
    return { unknown, effect: found?.value ?? 0, error: found?.error ?? Infinity };
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
