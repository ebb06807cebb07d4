import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { mass, movers, ratio, scaled, share, shareError, shift, usual, worth, type Changed } from "../src/core/weigh.ts";
import type { Unknown, Worlds } from "../src/core/worlds.ts";

const worked = JSON.parse(readFileSync(new URL("../../tests/weighed.json", import.meta.url), "utf8"));

function priors(kind: Unknown["kind"], old: number[], next: number[]): [Unknown, Changed] {
  const ends = kind === "among" ? [0, 0] : old;
  const unknown: Unknown = {
    name: "x", title: "x", about: "", kind, a: ends[0]!, b: ends[1]!, options: [], together: [], cites: [],
    chances: kind === "among" ? old : [],
  };
  return [unknown, { a: next[0]!, b: next[1]!, chances: next }];
}

describe("worlds weighed anew have the digits of the library", () => {
  for (const row of worked.ratios) {
    it(`${row.kind} ${row.old} -> ${row.new} at ${row.x}`, () => {
      const [old, next] = priors(row.kind, row.old, row.new);
      const found = ratio(old, next, scaled(row.kind, row.x));
      expect(Math.abs(found - row.ratio)).toBeLessThanOrEqual(1e-11 * Math.abs(row.ratio));
    });
  }

  it("an answer of eight worlds", () => {
    const told = worked.answer;
    const [old, next] = priors(told.kind, told.old, told.new);
    const weights = Float64Array.from(told.x, (x: number) => ratio(old, next, scaled(old.kind, x)));
    told.ratios.forEach((r: number, k: number) => expect(weights[k]! / r).toBeCloseTo(1, 10));
    const column = {
      id: "q", kind: "binary" as const,
      met: new Uint8Array(8).fill(1), values: Float32Array.from(told.yes as number[]),
    };
    const found = share(column, weights);
    expect(found.probability!).toBeCloseTo(told.probability, 10);
    expect(found.worth).toBeCloseTo(told.worth, 9);
    expect(worth(weights) / 8).toBeCloseTo(told.share, 10);
    expect(found.error!).toBeCloseTo(told.mc_error, 10);
  });

  it("shares of conditioned worlds, whose islands tell their error", () => {
    expect(worked.islands.length).toBeGreaterThan(3);
    for (const told of worked.islands) {
      const column = {
        id: "q", kind: "binary" as const, met: Uint8Array.from(told.met as number[]),
        values: Float32Array.from(told.yes as number[]),
        islands: { of: Uint16Array.from(told.of as number[]), count: 4, effective: told.effective as number },
      };
      const found = share(column, told.weights && Float64Array.from(told.weights as number[]));
      expect(found.probability!).toBeCloseTo(told.probability, 11);
      expect(found.worth).toBeCloseTo(told.worth, 10);
      expect(found.error!).toBeCloseTo(told.mc_error, 11);
      expect(found.interval![0]).toBeCloseTo(told.interval[0], 9);
      expect(found.interval![1]).toBeCloseTo(told.interval[1], 9);
    }
  });

  it("a prior's mass is 1 in all, and lies where its draws do", () => {
    for (const [kind, old] of [["between", [2, 5]], ["normal", [-1, 2]], ["scale", [0.5, 3]], ["share", [0.1, 0.4]]] as const) {
      const [unknown] = priors(kind, [...old], [...old]);
      const [low, high] = old.map((x) => scaled(kind, x)) as [number, number];
      const wide = high - low;
      const steps = Array.from({ length: 400 }, (_, k) => low - wide + (k * 3 * wide) / 400);
      const parts = steps.map((t) => mass(unknown, undefined, t, t + (3 * wide) / 400));
      expect(Math.abs(parts.reduce((x, y) => x + y) - 1)).toBeLessThan(0.01);
      const inside = parts.filter((_, k) => steps[k]! >= low && steps[k]! < high).reduce((x, y) => x + y);
      expect(Math.abs(inside - (kind === "between" ? 1 : 0.8))).toBeLessThan(0.01);
    }
  });

  it("an error is never nothing", () => {
    expect(shareError(0, 100)).toBeGreaterThan(0);
  });
});

describe("what a change of weights does", () => {
  const column = {
    id: "q", kind: "binary" as const,
    met: Uint8Array.from([1, 1, 1, 1, 0]), values: Float32Array.from([1, 0, 1, 0, 1]),
  };

  it("is the difference of two shares of the same worlds", () => {
    const found = shift(column, Float64Array.from([3, 1, 1, 1, 9]))!;
    expect(found.value).toBeCloseTo(4 / 6 - 1 / 2, 12);
    // each world's part: w (y - 2/3) / 6 - (y - 1/2) / 4
    const parts = [1 / 6 - 1 / 8, -1 / 9 + 1 / 8, 1 / 18 - 1 / 8, -1 / 9 + 1 / 8];
    expect(found.error).toBeCloseTo(Math.hypot(...parts), 12);
  });

  it("is nothing, without an error, where all weights are alike", () => {
    expect(shift(column, new Float64Array(5).fill(2))).toEqual({ value: 0, error: 0 });
    expect(shift({ ...column, met: new Uint8Array(5) }, new Float64Array(5).fill(2))).toBeNull();
  });

  it("has an error that is its spread where the worlds of an island are alike; movers too", () => {
    let seed = 11;
    const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const found: { value: number; error: number }[] = [];
    const moved: { value: number; error: number }[] = [];
    const unknown = { ...priors("between", [0, 1], [0, 1])[0] };
    for (let k = 0; k < 300; k++) {
      const n = 640;
      const of = Uint16Array.from({ length: n }, (_, w) => w >> 5);
      const moods = Array.from({ length: 20 }, uniform); // of a whole island
      const x = Float64Array.from({ length: n }, (_, w) => (uniform() + 2 * moods[of[w]!]!) / 3);
      const values = Float32Array.from(x, (u) => (uniform() < 0.2 + 0.6 * u ? 1 : 0));
      const weights = x.map((u) => (u > 0.5 ? 2 : 0.5));
      const own = { ...column, met: new Uint8Array(n).fill(1), values, islands: { of, count: 20, effective: 100 } };
      found.push(shift(own, weights)!);
      const [only] = movers({ unknowns: [unknown], draws: [x] } as unknown as Worlds, own, null);
      moved.push({ value: only!.effect, error: only!.error });
    }
    for (const told of [found, moved]) {
      const mean = told.reduce((s, f) => s + f.value, 0) / 300;
      const spread = Math.sqrt(told.reduce((s, f) => s + (f.value - mean) ** 2, 0) / 299);
      const error = told.reduce((s, f) => s + f.error, 0) / 300;
      expect(spread / error).toBeGreaterThan(0.85);
      expect(spread / error).toBeLessThan(1.15);
    }
  });

  it("has an error that is its spread over sets of worlds", () => {
    let seed = 7;
    const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const found: { value: number; error: number }[] = [];
    for (let k = 0; k < 400; k++) {
      const n = 500;
      const x = Float64Array.from({ length: n }, uniform);
      const values = Float32Array.from(x, (u) => (uniform() < 0.2 + 0.6 * u ? 1 : 0));
      const weights = x.map((u) => (u > 0.5 ? 2 : 0));
      found.push(shift({ ...column, met: new Uint8Array(n).fill(1), values }, weights)!);
    }
    const mean = found.reduce((s, f) => s + f.value, 0) / 400;
    const spread = Math.sqrt(found.reduce((s, f) => s + (f.value - mean) ** 2, 0) / 399);
    const printed = found.reduce((s, f) => s + f.error, 0) / 400;
    expect(mean).toBeCloseTo(0.15, 2);
    expect(printed / spread).toBeGreaterThan(0.9);
    expect(printed / spread).toBeLessThan(1.1);
  });
});

describe("stories", () => {
  it("begin with the most usual world", () => {
    const days = [Uint8Array.from([0, 9, 3, 4, 5]), Uint8Array.from([0, 9, 3, 4, 5])];
    expect(usual(days, 5, (w) => w > 0)).toEqual([4, 3, 2, 1]);
  });
});
