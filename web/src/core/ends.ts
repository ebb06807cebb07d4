/** The ends of a passage while somebody moves them: each by words or by characters, within bounds. */

import type { Stretch } from "./text.ts";

export type End = "start" | "end";

/** With one end at a place, as near as the bounds and the other end allow. */
export function put(of: Stretch, end: End, place: number, within: Stretch): Stretch {
  return end === "start"
    ? { ...of, start: Math.max(within.start, Math.min(place, of.end - 1)) }
    : { ...of, end: Math.min(within.end, Math.max(place, of.start + 1)) };
}

/** With one end at the next word that begins there (or has ended there), or the one before. */
export function stepped(of: Stretch, end: End, way: 1 | -1, words: readonly Stretch[], within: Stretch): Stretch {
  const stops = stopsOf(of, end, words, within);
  const next = way > 0 ? stops.find((x) => x > of[end]) : stops.findLast((x) => x < of[end]);
  return next === undefined ? of : put(of, end, next, within);
}

/** With one end where the word begins (or has ended) that is nearest to a place. */
export function near(of: Stretch, end: End, place: number, words: readonly Stretch[], within: Stretch): Stretch {
  const stops = stopsOf(of, end, words, within);
  const first = stops[0];
  if (first === undefined) return of;
  return put(of, end, stops.reduce((x, y) => (Math.abs(y - place) < Math.abs(x - place) ? y : x), first), within);
}

function stopsOf(of: Stretch, end: End, words: readonly Stretch[], within: Stretch): number[] {
  const fits = (x: number): boolean =>
    within.start <= x && x <= within.end && (end === "start" ? x < of.end : x > of.start);
  return words.map((w) => w[end]).filter(fits);
}
