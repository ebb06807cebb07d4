import { expect, test } from "vitest";

import { draftsOf, drop, keep, numberOf } from "../src/seat/drafts.ts";

function storage(): Storage {
  const rows = new Map<string, string>();
  return {
    getItem: (key: string) => rows.get(key) ?? null,
    setItem: (key: string, value: string) => void rows.set(key, value),
    removeItem: (key: string) => void rows.delete(key),
    get length() {
      return rows.size;
    },
  } as Storage;
}

const draft = { day: 3, ask: "iran.nuclear", deed: "iran.step", words: ["iran.warn"], why: "now" };

test("drafts are kept by seat, day and decision, until they are sealed", () => {
  const kept = storage();
  const other = { ...draft, ask: "iran", deed: "nothing" };
  keep(kept, "a", draft);
  keep(kept, "a", other);
  keep(kept, "a", { ...draft, why: "later" });
  expect(draftsOf(kept, "a", 3).get("iran.nuclear")).toEqual({ ...draft, why: "later" });
  expect(draftsOf(kept, "b", 3).size).toBe(0);
  expect(draftsOf(kept, "a", 4).size).toBe(0);
  drop(kept, "a", 3, "iran.nuclear");
  expect([...draftsOf(kept, "a", 3).values()]).toEqual([other]);
  drop(kept, "a", 3, "iran");
  expect(kept.length).toBe(0);
});

test("a browser that keeps nothing, or something else, has no drafts", () => {
  const kept = storage();
  kept.setItem("offramp-seat a", "{");
  expect(draftsOf(kept, "a", 3).size).toBe(0);
  const full = { ...kept, setItem: () => { throw new Error("full"); }, getItem: () => null } as unknown as Storage;
  expect(() => keep(full, "a", draft)).not.toThrow();
});

test("digits are numbers of moves, of two digits where there are so many", () => {
  expect(numberOf("", "1", 26)).toBe(1);
  expect(numberOf("1", "2", 26)).toBe(12);
  expect(numberOf("1", "2", 5)).toBe(2);
  expect(numberOf("2", "7", 26)).toBe(7);
  expect(numberOf("0", "3", 26)).toBe(3);
  expect(numberOf("", "6", 5)).toBe(null);
  expect(numberOf("", "0", 5)).toBe(0);
});
