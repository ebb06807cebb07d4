import { describe, expect, it } from "vitest";

import { addressOf, changesOf, editOf, fitting, routeOf, textOf } from "../src/core/route.ts";
import type { Unknown } from "../src/core/worlds.ts";

const unknown = (more: Partial<Unknown>): Unknown => ({
  name: "tempo", title: "Tempo", about: "", kind: "between", a: 0, b: 1,
  chances: [], options: [], together: [], cites: [], ...more,
});

describe("an address", () => {
  for (const address of [
    "/c/us-iran-2020/forecast/us_strikes_again?w=tempo:0.16~0.26,order:0~1&as=inss",
    "/c/a%20b/sources/D%2F1?p=T13",
    "/c/tutorial/forecast?do=force:kelmark.board:2031-04-10",
    "/",
  ])
    it(`is what it names: ${address}`, () => {
      const [path, search = ""] = address.split("?");
      const found = routeOf(path!, search);
      expect(routeOf(...(addressOf(found).split("?") as [string, string]))).toEqual(found);
    });
});

describe("an edit in an address", () => {
  it("is one of three", () => {
    expect(editOf("never:rocket")).toEqual({ do: { never: ["rocket"] } });
    expect(editOf("force:us.withdraw:2020-03-01")).toEqual({
      do: { force: { "us.withdraw": ["2020-03-01"] } },
    });
    expect(editOf("policy:R1")).toEqual({ policy: "R1" });
    for (const text of ["", "never", "never:", "never:a:b", "force:a", "policy:a:b", "set:a:1"])
      expect(editOf(text)).toBeNull();
  });
});

describe("changed ranges", () => {
  it("stand in an address and come back from it", () => {
    const all = [unknown({}), unknown({ name: "order", kind: "among", chances: [0.5, 0.5] })];
    const changes = changesOf("tempo:.2~.7,order:1~3,nosuch:1~2", all);
    expect(changes.get("tempo")).toEqual({ a: 0.2, b: 0.7, chances: [] });
    expect(changes.get("order")!.chances).toEqual([0.25, 0.75]);
    expect(changes.size).toBe(2);
    expect(changesOf(textOf(changes), all)).toEqual(changes);
  });

  it("must fit their prior", () => {
    expect(fitting(unknown({}), [-0.1, 0.5])).toBeNull(); // no world was drawn there
    expect(fitting(unknown({}), [0.5, 0.5])).toBeNull();
    expect(fitting(unknown({}), [0.5, NaN])).toBeNull();
    expect(fitting(unknown({ kind: "normal" }), [-9, 9])).not.toBeNull();
    expect(fitting(unknown({ kind: "scale" }), [0, 2])).toBeNull();
    expect(fitting(unknown({ kind: "share" }), [0.5, 1])).toBeNull();
    const named = unknown({ kind: "among", chances: [0.2, 0.8] });
    expect(fitting(named, [1, 1, 1])).toBeNull();
    expect(fitting(named, [0, 0])).toBeNull();
    expect(fitting(named, [-1, 2])).toBeNull();
  });
});
