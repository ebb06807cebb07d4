import { describe, expect, it } from "vitest";

import { addressOf, entryAt, oddsAt } from "../src/core/elements.ts";

const TEXT = `# a crisis
crisis: X
state:
  rung:
    name: Rung
    ladder: [a, b]
actor:
  us:
    wants:
      debt: -2 ~T5 * us.debt ? about 3
    precision: 1.2 ? middling
event:
  us.strike: {by: us, cost: 1 ? fixes the scale, pause: 3d}
  us.wait:
    by: us

    cost: .5 ~T3
hazard:
  fog:
    rate: .02 ~T1
`;
const at = (words: string): number => TEXT.split("\n").findIndex((l) => l.includes(words)) + 1;
const odds = (words: string, number: string): string =>
  oddsAt(TEXT, at(words), TEXT.split("\n")[at(words) - 1]!.indexOf(number));

describe("the entry around a line", () => {
  it("is the one that the line belongs to", () => {
    expect(entryAt(TEXT, 1)).toBeNull();
    expect(entryAt(TEXT, at("crisis: X"))).toBeNull();
    expect(entryAt(TEXT, at("state:"))).toBeNull();
    expect(entryAt(TEXT, at("ladder"))).toEqual({ section: "state", name: "rung" });
    expect(entryAt(TEXT, at("debt:"))).toEqual({ section: "actor", name: "us" });
    expect(entryAt(TEXT, at("us.strike"))).toEqual({ section: "event", name: "us.strike" });
    expect(entryAt(TEXT, at("cost: .5"))).toEqual({ section: "event", name: "us.wait" });
    expect(entryAt(TEXT, 999)).toEqual({ section: "hazard", name: "fog" });
  });

  it("has the address of what it makes", () => {
    const all = ["state rung", "event fog", "actor us", "state pledge.open", "belief us about iran"];
    expect(addressOf({ section: "hazard", name: "fog" }, all)).toBe("event fog");
    expect(addressOf({ section: "actor", name: "us" }, all)).toBe("actor us");
    expect(addressOf({ section: "threat", name: "pledge" }, all)).toBe("state pledge.open");
    expect(addressOf({ section: "belief", name: "us" }, all)).toBe("actor us");
    expect(addressOf({ section: "event", name: "a(b" }, all)).toBe("");
  });
});

describe("a size in odds", () => {
  it("is told of costs and wants alone", () => {
    // exp(.6), exp(.8), exp(1.2), exp(2)
    expect(odds("us.strike", "1 ?")).toContain("1.8 at precision 0.6, 2.2 at precision 0.8, 3.3 at precision 1.2, 7.4 at precision 2");
    expect(odds("debt:", "2 ~")).toContain("55 at precision 2");
    expect(odds("cost: .5", ".5")).toContain("1.8 at precision 1.2");
    expect(odds("debt:", "3")).toBe(""); // within a reason
    expect(odds("us.strike", "3d")).toBe("");
    expect(odds("precision:", "1.2")).toBe("");
    expect(odds("rate:", ".02")).toBe("");
    expect(odds("debt:", "5 *")).toBe(""); // of a passage's name
  });
});
