/** What rests on what in a case, both ways around anything that is selected. */

export interface Thing {
  /** `event rocket`, `passage T14`, `number crisis.yaml:12:5`, `claim T5`, `question war`. */
  address: string;
  title: string;
  /** What it rests on directly. */
  under: string[];
}

export const KINDS: Record<string, string> = {
  question: "question", claim: "claim", event: "event", actor: "actor", state: "quantity", unknown: "unknown", belief: "belief", number: "parameter", passage: "passage",
};

const ORDER = Object.keys(KINDS);

export function kindOf(address: string): string {
  return address.slice(0, address.indexOf(" "));
}

/** The things up to two steps away along some links, the nearer first; nothing twice. */
export function steps(from: string, links: Map<string, string[]>): [string[], string[]] {
  const seen = new Set([from]);
  const next = (own: string[]): string[] => {
    const found = own.flatMap((address) => links.get(address) ?? []).filter((a) => !seen.has(a));
    for (const a of found) seen.add(a);
    return sorted([...new Set(found)]);
  };
  const first = next([from]);
  return [first, next(first)];
}

/** So many of a column that each kind in it has its share; in the order of the column. */
export function some(column: string[], most: number): string[] {
  const places = new Map<string, number>();
  const ranked = column.map((address) => {
    const kind = kindOf(address);
    const place = places.get(kind) ?? 0;
    places.set(kind, place + 1);
    return { address, place };
  });
  const kept = new Set(ranked.sort((x, y) => x.place - y.place).slice(0, most).map((r) => r.address));
  return column.filter((address) => kept.has(address));
}

/** By kind, and of one kind as they came. */
function sorted(addresses: string[]): string[] {
  return addresses.sort((x, y) => ORDER.indexOf(kindOf(x)) - ORDER.indexOf(kindOf(y)));
}

/** The links the other way: what rests on each. */
export function above(things: Thing[]): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const t of things) for (const u of t.under) out.set(u, [...(out.get(u) ?? []), t.address]);
  return out;
}
