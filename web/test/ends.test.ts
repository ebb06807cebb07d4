import { describe, expect, it } from "vitest";

import { near, put, stepped, type End } from "../src/core/ends.ts";
import { Text } from "../src/core/text.ts";

const text = new Text("🚢 One, two; three.\n\nA landing is unlikely.  ש \u0645\u0631\u062d\u0628\u0627 最後の言葉");
const all = { start: 0, end: text.length };
const cut = (s: { start: number; end: number }) => text.slice(s);

describe("an end moves from word to word", () => {
  const of = { start: text.slice(all).indexOf("A landing") - 1, end: text.slice(all).indexOf(" is") - 1 }; // the ship is one
  const step = (end: End, ...ways: (1 | -1)[]) => ways.reduce((s, way) => stepped(s, end, way, text.words(), all), of);

  it("forwards and back", () => {
    expect(cut(of)).toBe("A landing");
    expect(cut(step("end", 1))).toBe("A landing is");
    expect(cut(step("end", 1, 1, 1))).toBe("A landing is unlikely.");
    expect(cut(step("start", 1))).toBe("landing");
    expect(cut(step("start", -1, -1))).toBe("three.\n\nA landing");
    expect(step("end", 1, -1)).toEqual(of);
  });

  it("and leaves a word between them, and stays within", () => {
    expect(cut(step("start", 1, 1, 1, 1))).toBe("landing");
    expect(cut(step("end", -1, -1, -1))).toBe("A");
    const most = Array<1>(99).fill(1);
    expect(step("end", ...most).end).toBe(text.length);
    expect(stepped(of, "end", 1, text.words(), of)).toEqual(of);
  });

  it("in any script, and never into half a character", () => {
    for (const w of text.words()) {
      expect(cut(w).trim()).toBe(cut(w));
      expect([...cut(w)].length).toBe(w.end - w.start);
    }
    expect(text.words().map(cut)).toContain("\u0645\u0631\u062d\u0628\u0627");
  });
});

it("an end that is dragged goes to the nearest word, or where it is put", () => {
  const of = { start: 2, end: 5 };
  expect(cut(of)).toBe("One");
  expect(cut(near(of, "end", 9, text.words(), all))).toBe("One, two");
  expect(cut(near(of, "end", 0, text.words(), all))).toBe("One");
  expect(put(of, "end", 0, all)).toEqual({ start: 2, end: 3 });
  expect(put(of, "start", 99, all)).toEqual({ start: 4, end: 5 });
  expect(put(of, "start", -1, all)).toEqual({ start: 0, end: 5 });
});
