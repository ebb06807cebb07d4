/** Numbers and dates in words, as the library has them (`offramp/answers/wording.py`). */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function percent(p: number | null): string {
  if (p === null) return "no world";
  if (p > 0 && p < 0.005) return "<1%";
  if (p >= 0.995 && p < 1) return ">99%";
  return `${Math.floor(100 * p + 0.5)}%`;
}

/** `3–7%`; decimals where whole percents would hide that there is an interval. */
export function interval(bounds: [number, number]): string {
  const [low, high] = [100 * bounds[0], 100 * bounds[1]];
  const decimals = [0, 1, 2].find((d) => high - low >= 2 * 10 ** -d) ?? 3;
  return `${low.toFixed(decimals)}–${high.toFixed(decimals)}%`;
}

/** `+3.2 points`, with a sign that is read aloud too. */
export function points(p: number): string {
  const x = 100 * p;
  const size = Math.abs(x) < 9.95 ? Math.abs(x).toFixed(1) : Math.abs(x).toFixed(0);
  return `${x < 0 ? "−" : "+"}${size} points`;
}

const FORMAT = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });

export function number(x: number): string {
  return FORMAT.format(Number(x.toPrecision(3)));
}

/** The units across a chart that is shown so many pixels wide: its words stay readable. */
export function chartWidth(pixels: number): number {
  return Math.max(300, Math.min(760, pixels || 760));
}

/** The units left of a chart for the names of its levels: room for the longest, of a third of it at most. */
export function leftOf(levels: readonly string[], width: number): number {
  const longest = Math.max(0, ...levels.map((name) => name.length));
  return Math.max(92, Math.min(16 + 6 * longest, width / 3));
}

/** Days since 1970 of an ISO date; and back. */
export function ordinal(iso: string): number {
  return Date.parse(`${iso}T00:00:00Z`) / 86_400_000;
}

export function isoOf(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

export function day(iso: string, year = true): string {
  const [y, m, d] = iso.split("-").map(Number) as [number, number, number];
  return `${d} ${MONTHS[m - 1]}${year ? ` ${y}` : ""}`;
}

export function span(first: string, last: string): string {
  return `${day(first, first.slice(0, 4) !== last.slice(0, 4))} – ${day(last)}`;
}

export function month(iso: string): string {
  return MONTHS[Number(iso.slice(5, 7)) - 1]!;
}

export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** The name of a thing that somebody typed by its title as it is told, or by its name; else as typed. */
export function named(things: readonly { name: string; title: string }[], typed: string): string {
  const sought = typed.trim();
  const own = (t: { name: string; title: string }): boolean =>
    t.name === sought || t.title.toLowerCase() === sought.toLowerCase();
  return things.find(own)?.name ?? sought;
}
