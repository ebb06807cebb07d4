/** What of a passage can be put into the model, as the server tells it. */

export type What = "number" | "element" | "entry" | "nothing";

/** A number of the model where it is written, with its mark. */
export interface Placed {
  place: string;
  element: string;
  title: string;
  /** What it is of the element: `pace`, `wants / an islet`. */
  part: string;
  number: string;
  text: string;
  grade: string;
  passages: string[];
  reason: string;
}

export interface Form {
  id: string;
  title: string;
  about: string;
  fields: Field[];
}

/**
 * `default` is null where somebody must say it; a passage may speak of a `numeric` one, and speaks of
 * the `marked` one unless somebody says otherwise.
 */
export interface Field {
  key: string;
  label: string;
  kind: string;
  default: string | null;
  marked: boolean;
  numeric: boolean;
}

export interface Model {
  numbers: Placed[];
  elements: { address: string; title: string }[];
  forms: Form[];
  /** Names that may stand in the place of a number. */
  unknowns: string[];
  /** What a field of a kind may name. */
  named: Record<string, { name: string; title: string; levels: string[] }[]>;
}

/** An edit of a file: its lines that go and come, what would be wrong then, whether it is done. */
export interface Writing {
  file: string;
  /** The hash of the file that it is an edit of. */
  base: string;
  lines: { sign: string; number: number; text: string }[];
  found: string[];
  written: boolean;
}

/** The numbers that have all the words; those that bear a passage come first. */
export function found(numbers: readonly Placed[], words: string, passage: string): Placed[] {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  const own = numbers.filter((n) => {
    const told = `${n.element} ${n.title} ${n.part} ${n.text}`.toLowerCase();
    return sought.every((w) => told.includes(w));
  });
  const bears = (n: Placed): boolean => n.passages.includes(passage);
  return [...own.filter(bears), ...own.filter((n) => !bears(n))];
}
