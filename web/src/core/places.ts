/**
 * Between the places of a text and what the browser shows of it: runs of the text, each an element
 * that says at which place it begins (`data-at`).
 */

import type { Stretch, Text } from "./text.ts";

/** The place of a point in a node; null where it is in no run. */
export function placeOf(text: Text, node: Node, offset: number): number | null {
  const run = (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-at]");
  if (!run || node.nodeType !== Node.TEXT_NODE) return null;
  return text.behind(Number(run.dataset["at"]), offset);
}

/** Where a point of the screen lies in the text; null beside it. */
export function pointed(text: Text, x: number, y: number): number | null {
  const found = document.caretPositionFromPoint?.(x, y);
  if (found) return placeOf(text, found.offsetNode, found.offset);
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? placeOf(text, range.startContainer, range.startOffset) : null;
}

/** A stretch as the browser shows it; null where one of its ends is not shown. */
export function rangeOf(text: Text, shown: HTMLElement, { start, end }: Stretch): Range | null {
  const runs = [...shown.querySelectorAll<HTMLElement>("[data-at]")];
  const spot = (character: number): [Node, number] | null => {
    const run = runs.findLast((e) => Number(e.dataset["at"]) <= character);
    const node = run?.firstChild;
    const units = run ? text.unit(character) - text.unit(Number(run.dataset["at"])) : 0;
    return node && units < (node.textContent?.length ?? 0) ? [node, units] : null;
  };
  const [first, last] = [spot(start), spot(end - 1)];
  if (!first || !last) return null;
  const range = document.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + text.unit(end) - text.unit(end - 1));
  return range;
}
