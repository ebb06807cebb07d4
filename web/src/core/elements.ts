/** Which entry of a crisis file a line belongs to, and what a size in it is in odds. */

/** The section and the name of the entry around a line (from 1); null outside of any. */
export function entryAt(text: string, line: number): { section: string; name: string } | null {
  const lines = text.split("\n").slice(0, line);
  let [section, name, within] = ["", "", ""];
  for (const own of lines) {
    const key = /^( *)([^\s#:][^:]*):(\s|$)/.exec(own);
    if (!key) continue;
    const indent = key[1]!;
    if (!indent) [section, name, within] = [key[2]!, "", ""];
    else if (section && (within === "" || indent.length <= within.length)) [name, within] = [key[2]!, indent];
  }
  return section && name ? { section, name } : null;
}

/** Its address among those of a case: an entry of a form is an event, a quantity or several things. */
export function addressOf(entry: { section: string; name: string }, addresses: readonly string[]): string {
  const own = [`${entry.section} ${entry.name}`, `event ${entry.name}`, `state ${entry.name}`];
  const exact = own.find((a) => addresses.includes(a));
  if (exact) return exact;
  const named = new RegExp(`^\\w+ ${entry.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}( about |\\.|$)`);
  return addresses.find((a) => named.test(a)) ?? "";
}

const PRECISIONS = [0.6, 0.8, 1.2, 2]; // as in docs/language.md, Sizes in odds

/**
 * What a number in a cost, an urge or a want is in odds, at several precisions; "" for any other.
 * Utility multiplies the odds of a move by e to the power of precision times it (quantal response).
 */
export function oddsAt(text: string, line: number, column: number): string {
  const lines = text.split("\n");
  const own = lines[line - 1] ?? "";
  const numbers = [...own.matchAll(/(?<![\w.])(?:\d+(?:\.\d+)?|\.\d+)(?![\w.])/g)];
  const found = numbers.find((m) => m.index <= column && column <= m.index + m[0].length);
  if (!found || !utility(lines, line, found.index)) return "";
  const size = Number(found[0]);
  const times = PRECISIONS.map((p) => `${spelt(Math.exp(p * size))} at precision ${spelt(p)}`);
  return `${found[0]} of utility makes a move so many times rarer or likelier: ${times.join(", ")}`;
}

/** Whether a place is in the value of a cost, an urge, or an entry of `wants`. */
function utility(lines: string[], line: number, column: number): boolean {
  const before = lines[line - 1]!.slice(0, column);
  if (/\[?\?/.test(before)) return false; // a reason
  if (/(^|[{,\s])(cost|urge): [^,{}]*$/.test(before)) return true;
  const indent = lines[line - 1]!.search(/\S/);
  for (let k = line - 2; k >= 0; k--) {
    const above = lines[k]!;
    const own = above.search(/\S/);
    if (own < 0 || own >= indent) continue;
    return /^\s*wants:/.test(above);
  }
  return false;
}

function spelt(x: number): string {
  return x >= 100 ? Math.round(x).toLocaleString("en") : String(Number(x.toPrecision(2)));
}
