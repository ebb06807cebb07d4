import { describe, expect, it } from "vitest";

import { packageOf } from "../licences.ts";

describe("the package of a bundled module", () => {
  it("is the innermost one", () => {
    expect(packageOf("/w/node_modules/a/x.js", "/w")).toBe("/w/node_modules/a");
    expect(packageOf("/w/node_modules/@a/b/x/y.js?raw", "/w")).toBe("/w/node_modules/@a/b");
    expect(packageOf("/w/node_modules/a/node_modules/b/x.js", "/w")).toBe(
      "/w/node_modules/a/node_modules/b",
    );
    expect(packageOf("C:\\w\\node_modules\\a\\x.js", "C:\\w")).toBe("C:/w/node_modules/a");
  });

  it("is none for what we wrote, and the tool's for a tool's helper", () => {
    expect(packageOf("/w/src/main.ts", "/w")).toBeNull();
    expect(packageOf("\0vite/preload-helper.js", "/w")).toBe("/w/node_modules/vite");
  });

  it("must be known", () => {
    expect(() => packageOf("\0stranger", "/w")).toThrow("licence");
    expect(() => packageOf("/elsewhere/x.js", "/w")).toThrow("licence");
  });
});
