import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { ratio, scaled, share, shareError, worth, type Changed } from "../src/core/weigh.ts";
import type { Unknown } from "../src/core/worlds.ts";

const worked = JSON.parse(readFileSync(new URL("../../tests/weighed.json", import.meta.url), "utf8"));

function priors(kind: Unknown["kind"], old: number[], next: number[]): [Unknown, Changed] {
  const ends = kind === "among" ? [0, 0] : old;
  const unknown: Unknown = {
    name: "x", title: "x", kind, a: ends[0]!, b: ends[1]!, options: [], together: [], cites: [],
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

  it("an error is never nothing", () => {
    expect(shareError(0, 100)).toBeGreaterThan(0);
  });
});
