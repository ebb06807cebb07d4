/**
 * The text of a document and its places.
 *
 * A place is a number of characters as Python counts them, code points: that is what passages have.
 * JavaScript's strings count UTF-16 units, two for an emoji. Only `Text` knows both.
 */

/** From a place to another, which is not part of it. */
export interface Stretch {
  start: number;
  end: number;
}

export interface Placed extends Stretch {
  id: string;
}

/** Text in one piece under the same passages. */
export interface Run extends Stretch {
  ids: string[];
}

export class Text {
  readonly #units: string;
  /** Where each character of two units stands, in units. */
  readonly #pairs: number[];
  /** How many characters there are. */
  readonly length: number;

  constructor(units: string) {
    this.#units = units;
    this.#pairs = [...units.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)].map((m) => m.index);
    this.length = units.length - this.#pairs.length;
  }

  /** The unit at which the character at a place begins. */
  unit(place: number): number {
    return place + before(this.#pairs, (at, k) => at - k < place);
  }

  /** The place of the character that a unit belongs to. */
  place(unit: number): number {
    return unit - before(this.#pairs, (at) => at < unit);
  }

  /** The place behind the first so many units of a stretch that begins at a place. */
  behind(start: number, units: number): number {
    return this.place(this.unit(start) + units);
  }

  slice(within: Stretch): string {
    return this.#units.slice(this.unit(within.start), this.unit(within.end));
  }

  #words: Stretch[] | null = null;

  /** Words, and marks beside them, in any script: what is between blanks, cut as Unicode says. */
  words(): readonly Stretch[] {
    if (this.#words) return this.#words;
    const found = new Intl.Segmenter(undefined, { granularity: "word" }).segment(this.#units);
    return (this.#words = [...found]
      .filter((s) => s.segment.trim())
      .map((s) => ({ start: this.place(s.index), end: this.place(s.index + s.segment.length) })));
  }

  /** Lines with nothing blank between them, each time from the first to the last. */
  paragraphs(): Stretch[] {
    const out: Stretch[] = [];
    let open: Stretch | null = null;
    let unit = 0;
    for (const line of this.#units.split("\n")) {
      const end = this.place(unit + line.length);
      if (!line.trim()) open = null;
      else if (open) open.end = end;
      else out.push((open = { start: this.place(unit), end }));
      unit += line.length + 1;
    }
    return out;
  }

  /** A stretch without the white space at its ends. */
  trimmed({ start, end }: Stretch): Stretch {
    const text = this.slice({ start, end });
    const blank = text.length - text.trimStart().length; // no white space has two units
    return { start: start + blank, end: Math.max(start + blank, end - (text.length - text.trimEnd().length)) };
  }
}

/** How many of the rising numbers fulfil what the first ones do. */
function before(numbers: number[], holds: (number: number, k: number) => boolean): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(numbers[middle]!, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A stretch cut at some places. */
export function cut({ start, end }: Stretch, places: number[]): Stretch[] {
  const inside = [...new Set(places)].filter((x) => start < x && x < end).sort((x, y) => x - y);
  const all = [start, ...inside, end];
  return all.slice(1).map((to, k) => ({ start: all[k]!, end: to }));
}

/** A stretch cut where a passage begins or ends; passages may overlap. */
export function runs(within: Stretch, passages: readonly Placed[]): Run[] {
  const here = passages.filter((p) => p.start < within.end && p.end > within.start);
  return cut(within, here.flatMap((p) => [p.start, p.end])).map((r) => ({
    ...r,
    ids: here.filter((p) => p.start <= r.start && r.end <= p.end).map((p) => p.id),
  }));
}

/** What of a stretch lies in no passage. */
export function uncovered({ start, end }: Stretch, passages: readonly Placed[]): Stretch[] {
  const out: Stretch[] = [];
  let at = start;
  for (const p of [...passages].sort((x, y) => x.start - y.start)) {
    if (p.start >= end) break;
    if (p.start > at) out.push({ start: at, end: p.start });
    at = Math.max(at, p.end);
  }
  if (at < end) out.push({ start: at, end });
  return out;
}

/** The share of a stretch that passages cover; all of an empty one. */
export function covered(within: Stretch, passages: readonly Placed[]): number {
  const length = within.end - within.start;
  const bare = uncovered(within, passages).reduce((sum, s) => sum + s.end - s.start, 0);
  return length > 0 ? 1 - bare / length : 1;
}
