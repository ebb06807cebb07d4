/** Addresses: the page's whole view stands in its address, so that it can be sent to somebody. */

import type { Changed, Changes } from "./weigh.ts";
import type { Unknown } from "./worlds.ts";

export const SCREENS = [
  "forecast",
  "sources",
  "model",
  "rivals",
  "time",
  "why",
  "map",
  "policies",
  "facts",
  "desk",
  "play",
] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  /** "" for the shelf. */
  case: string;
  screen: Screen;
  /** What is selected on the screen: a question, a document. */
  item: string;
  query: Record<string, string>;
  /** A screen that the address names and that there is not; "" where all is well. */
  strange: string;
}

export function routeOf(path: string, search: string): Route {
  const [, c, name = "", screen = "", item = ""] = path.split("/");
  const known = SCREENS.find((s) => s === screen) ?? "forecast";
  const query = Object.fromEntries(new URLSearchParams(search));
  if (c !== "c") return { case: "", screen: "forecast", item: "", query, strange: "" };
  const strange = screen && known !== screen ? decoded(screen) : "";
  return { case: decoded(name), screen: known, item: decoded(item), query, strange };
}

export function addressOf(route: Route): string {
  if (!route.case) return "/";
  const parts = ["c", route.case, route.screen, route.item].filter((x) => x !== "");
  const given = Object.entries(route.query).filter(([, value]) => value !== "");
  // Commas, colons and tildes read better as they are, and are allowed there.
  const query = new URLSearchParams(given).toString()
    .replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%7E", "~");
  return "/" + parts.map(encodeURIComponent).join("/") + (query ? `?${query}` : "");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Changed priors as `name:.16~.26,order:0~1`: ends of a range, or the chances of named values. */
export function changesOf(text: string | undefined, unknowns: readonly Unknown[]): Changes {
  const out = new Map<string, Changed>();
  for (const part of (text ?? "").split(",")) {
    const [name, numbers = ""] = part.split(":");
    const unknown = unknowns.find((u) => u.name === name);
    const values = numbers.split("~").map(Number);
    const changed = unknown && fitting(unknown, values);
    if (unknown && changed) out.set(unknown.name, changed);
  }
  return out;
}

/** The parts of such a text that are no range of these unknowns, and so change nothing. */
export function unfit(text: string | undefined, unknowns: readonly Unknown[]): string[] {
  const taken = changesOf(text, unknowns);
  return (text ?? "").split(",").filter((part) => part && !taken.has(part.split(":")[0]!));
}

/** The change that some numbers are; null where they fit no prior of the unknown. */
export function fitting(unknown: Unknown, values: number[]): Changed | null {
  if (!values.every((x) => Number.isFinite(x))) return null;
  if (unknown.kind === "among") {
    const sum = values.reduce((x, y) => x + y, 0);
    const right = values.length === unknown.chances.length && values.every((x) => x >= 0) && sum > 0;
    return right ? { a: 0, b: 0, chances: values.map((x) => x / sum) } : null;
  }
  const [a, b] = values as [number, number];
  if (values.length !== 2 || a >= b) return null;
  if (unknown.kind === "between" && (a < unknown.a || b > unknown.b)) return null;
  if (unknown.kind === "scale" && a <= 0) return null;
  if (unknown.kind === "share" && (a <= 0 || b >= 1)) return null;
  return { a, b, chances: [] };
}

/** What a what-if does: an event that never happens, one forced on a day, a recommendation. */
export type Edit = { do: Record<string, unknown> } | { policy: string };

/** An edit as `never:rocket`, `force:us.withdraw:2020-03-01` or `policy:R1`; null for other text. */
export function editOf(text: string): Edit | null {
  const [verb, name, day] = text.split(":");
  if (!name) return null;
  if (verb === "never" && day === undefined) return { do: { never: [name] } };
  if (verb === "force" && day) return { do: { force: { [name]: [day] } } };
  return verb === "policy" && day === undefined ? { policy: name } : null;
}

export function textOf(changes: Changes): string {
  return [...changes]
    .map(([name, c]) => {
      const values = c.chances.length ? c.chances : [c.a, c.b];
      return `${name}:${values.map((x) => Number(x.toPrecision(4))).join("~")}`;
    })
    .join(",");
}
