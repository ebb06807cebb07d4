import { describe, expect, it } from "vitest";

import { covered, cut, runs, Text, uncovered } from "../src/core/text.ts";

const placed = (id: string, start: number, end: number) => ({ id, start, end });

describe("places count characters as Python does", () => {
  // In Python: list("a🚢é\u202eש👩‍👩b"), whose length is 10.
  const units = "a🚢é\u202eש👩\u200d👩b";
  const text = new Text(units);
  const points = [...units];

  it("whatever stands before", () => {
    expect(text.length).toBe(points.length);
    for (let start = 0; start <= points.length; start++)
      for (let end = start; end <= points.length; end++)
        expect(text.slice({ start, end })).toBe(points.slice(start, end).join(""));
  });

  it("a unit belongs to one character, and its place leads back", () => {
    for (let place = 0; place <= points.length; place++) expect(text.place(text.unit(place))).toBe(place);
    expect(text.place(2)).toBe(1); // the second half of the ship
    expect(text.unit(2)).toBe(3);
  });

  it("half a pair is a character of its own", () => {
    const odd = new Text("\ud83d a\udea2\ud83d\udea2");
    expect(odd.length).toBe(5);
    expect(odd.slice({ start: 4, end: 5 })).toBe("🚢");
  });
});

describe("paragraphs", () => {
  const found = (units: string) => {
    const text = new Text(units);
    return text.paragraphs().map((p) => text.slice(p));
  };

  it("are lines with nothing blank between them", () => {
    expect(found("\n\n🚢 one\ntwo\n \t\n\nthree\n")).toEqual(["🚢 one\ntwo", "three"]);
    expect(found("")).toEqual([]);
    expect(found(" \n\u00a0\n")).toEqual([]);
  });

  it("have their places", () => {
    expect(new Text("🚢\n\nab").paragraphs()).toEqual([{ start: 0, end: 1 }, { start: 3, end: 5 }]);
  });
});

describe("runs", () => {
  const passages = [placed("A", 2, 6), placed("B", 4, 9), placed("C", 4, 6), placed("D", 9, 12)];

  it("are cut where passages begin and end, and know all that cover them", () => {
    expect(runs({ start: 0, end: 10 }, passages)).toEqual([
      { start: 0, end: 2, ids: [] },
      { start: 2, end: 4, ids: ["A"] },
      { start: 4, end: 6, ids: ["A", "B", "C"] },
      { start: 6, end: 9, ids: ["B"] },
      { start: 9, end: 10, ids: ["D"] },
    ]);
  });

  it("together are the stretch", () => {
    for (const within of [{ start: 0, end: 20 }, { start: 5, end: 7 }, { start: 15, end: 16 }]) {
      const found = runs(within, passages);
      expect(found[0]!.start).toBe(within.start);
      expect(found.at(-1)!.end).toBe(within.end);
      found.slice(1).forEach((r, k) => expect(r.start).toBe(found[k]!.end));
    }
  });

  it("a cut outside cuts nothing", () => {
    expect(cut({ start: 3, end: 6 }, [0, 3, 6, 9])).toEqual([{ start: 3, end: 6 }]);
    expect(cut({ start: 3, end: 6 }, [5, 4, 5])).toHaveLength(3);
  });
});

describe("what no passage covers", () => {
  const own = { start: 2, end: 20 };

  it("is what is left, overlaps counted once", () => {
    const passages = [placed("B", 10, 15), placed("A", 5, 12), placed("C", 11, 12), placed("N", 30, 40)];
    expect(uncovered(own, passages)).toEqual([{ start: 2, end: 5 }, { start: 15, end: 20 }]);
    expect(covered(own, passages)).toBeCloseTo(10 / 18, 12);
  });

  it("ends with the author's own text", () => {
    expect(uncovered(own, [placed("A", 0, 4), placed("B", 18, 25)])).toEqual([{ start: 4, end: 18 }]);
    expect(covered(own, [placed("A", 0, 99)])).toBe(1);
    expect(covered(own, [])).toBe(0);
    expect(covered({ start: 3, end: 3 }, [])).toBe(1);
  });

  it("is shown without the white space around it", () => {
    const text = new Text("🚢 \n one two \n");
    expect(text.trimmed({ start: 1, end: 13 })).toEqual({ start: 4, end: 11 });
    expect(text.trimmed({ start: 1, end: 3 })).toEqual({ start: 3, end: 3 });
  });
});
