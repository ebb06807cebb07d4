/** What somebody has chosen and not sealed yet: it survives a reload, and a server that was ended. */

import type { Deed } from "./told.ts";

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (token: string): string => `offramp-seat ${token}`;

/** The drafts of a seat for the decisions of a day; those of other days are of no use any more. */
export function draftsOf(kept: Kept, token: string, day: number): Map<string, Deed> {
  try {
    const rows = JSON.parse(kept.getItem(keyOf(token)) ?? "[]") as Deed[];
    return new Map(rows.filter((d) => d.day === day).map((d) => [d.ask, d]));
  } catch {
    return new Map(); // nothing may be kept here, or it is none of ours
  }
}

/** Keeps a draft beside the others of its day. */
export function keep(kept: Kept, token: string, draft: Deed): void {
  put(kept, token, draftsOf(kept, token, draft.day).set(draft.ask, draft));
}

/** Lets a draft go: it is sealed. */
export function drop(kept: Kept, token: string, day: number, ask: string): void {
  const left = draftsOf(kept, token, day);
  left.delete(ask);
  put(kept, token, left);
}

function put(kept: Kept, token: string, drafts: Map<string, Deed>): void {
  try {
    if (drafts.size) kept.setItem(keyOf(token), JSON.stringify([...drafts.values()]));
    else kept.removeItem(keyOf(token));
  } catch {
    // the browser keeps nothing: the draft lasts as long as the page
  }
}

/**
 * The number that is meant after another digit: `1` then `2` is 12 where there are so many, and
 * else 2; null where there is no such number.
 */
export function numberOf(typed: string, digit: string, most: number): number | null {
  for (const text of [typed + digit, digit]) {
    const number = Number(text);
    if (!(text.length > 1 && text.startsWith("0")) && number <= most) return number;
  }
  return null;
}
