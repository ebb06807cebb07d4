import { describe, expect, it } from "vitest";

import { above, some, steps, type Thing } from "../src/core/links.ts";

const THINGS: Thing[] = [
  { address: "question war", title: "", under: ["event war", "passage T1"] },
  { address: "event war", title: "", under: ["state anger", "number a:1:1", "passage T2"] },
  { address: "state anger", title: "", under: ["event war", "number a:2:1"] },
  { address: "number a:1:1", title: "", under: ["passage T1"] },
  { address: "number a:2:1", title: "", under: [] },
  { address: "passage T1", title: "", under: [] },
  { address: "passage T2", title: "", under: [] },
];
const under = new Map(THINGS.map((t) => [t.address, t.under]));

describe("what something rests on", () => {
  it("is told up to two steps away, nothing twice and never itself", () => {
    expect(steps("question war", under)).toEqual([
      ["event war", "passage T1"],
      ["state anger", "number a:1:1", "passage T2"],
    ]);
    expect(steps("event war", under)).toEqual([
      ["state anger", "number a:1:1", "passage T2"],
      ["number a:2:1", "passage T1"],
    ]);
  });

  it("is the other way what rests on it", () => {
    expect(steps("passage T1", above(THINGS))).toEqual([
      ["question war", "number a:1:1"],
      ["event war"],
    ]);
    expect(steps("number a:2:1", above(THINGS))).toEqual([["state anger"], ["event war"]]);
  });
});

describe("some of a column", () => {
  it("gives each kind its share, in the column's order", () => {
    const column = ["event a", "event b", "event c", "number x:1:1", "passage T1", "passage T2"];
    expect(some(column, 4)).toEqual(["event a", "event b", "number x:1:1", "passage T1"]);
    expect(some(column, 6)).toEqual(column);
    expect(some([], 4)).toEqual([]);
  });
});
