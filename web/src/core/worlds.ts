/**
 * A case's worlds as the page holds them: the file of `offramp/render/worlds_file.py`, read.
 *
 * A line of JSON says what stands where; behind it lie the arrays, one after another.
 */

export interface Unknown {
  name: string;
  title: string;
  about: string;
  kind: "between" | "normal" | "scale" | "share" | "among";
  a: number;
  b: number;
  chances: number[];
  options: string[];
  together: string[];
  cites: string[];
  scale?: "plain" | "log" | "logit";
  low?: number;
  high?: number;
  /** Of worlds conditioned on reports: how many independent worlds tell it; 0 where too few do. */
  worth?: number;
}

export interface Course {
  name: string;
  title: string;
  step: number;
  low: number;
  high: number;
  bins: number;
  levels: string[];
}

export interface Basis {
  stated: number;
  sized: number;
  assumed: number;
}

export interface Resolved {
  answer: string;
  on: string | null;
  source: string;
}

interface Asked {
  id: string;
  text: string;
  window: [string, string];
  given: string;
  if: string[];
  worlds: number;
}

export interface YesNo extends Asked {
  probability: number | null;
  mc_error: number | null;
  interval_90: [number, number] | null;
  words: string;
  basis: Basis;
  basis_near: Basis;
  cites: string[];
  rests_on: string[];
  headline: boolean;
  resolved: Resolved | null;
  note: string;
  written_later: string | null;
}

export interface Quantity extends Asked {
  unit: string;
  quantiles: Record<string, number | string | null>;
}

export interface Choice extends Asked {
  ordered: boolean;
  options: { name: string; probability: number | null; mc_error: number | null }[];
  none: number;
  cites: string[];
  resolved: Resolved | null;
}

export interface Forecast {
  title: string;
  first: string;
  last: string;
  answers: YesNo[];
  quantities: Quantity[];
  choices: Choice[];
}

interface Header {
  schema: string;
  case: string;
  model_sha256: string;
  seed: number;
  worlds: number;
  first: string;
  days: number;
  as_of?: string;
  effective?: number;
  unmixed?: string;
  unknowns: Unknown[];
  questions: string[];
  kinds: ("binary" | "number" | "date" | "choice")[];
  courses: Course[];
  arrays: { name: string; type: "uint8" | "uint16" | "float32"; shape: [number, number] }[];
  forecast: Forecast;
}

/** Of a question in each world: whether its condition is met, and what it comes to. */
export interface Column {
  id: string;
  kind: "binary" | "number" | "date" | "choice";
  met: Uint8Array;
  values: Float32Array;
  islands?: Islands | undefined;
}

/** Worlds conditioned on reports come from several runs of the filter, whose spread is the error. */
export interface Islands {
  /** Of each world the run that it is from. */
  of: Uint16Array;
  count: number;
  /** How many independent worlds they are worth, by the worst of their unknowns. */
  effective: number;
}

export interface Worlds {
  case: string;
  model: string;
  seed: number;
  count: number;
  first: string;
  days: number;
  /** The day until which reports are known; "" for worlds that use none. */
  asOf: string;
  /** Why some unknowns are not told after the reports; "" where all are. */
  unmixed: string;
  /** How many independent worlds these are worth. */
  effective: number;
  islands?: Islands | undefined;
  unknowns: Unknown[];
  /** For each unknown its draws: on the scale on which its prior is simple, or the value's place. */
  draws: Float64Array[];
  columns: Map<string, Column>;
  courses: Course[];
  /** For each course, for each of its days, the bin of each world. */
  traces: Uint8Array[][];
  forecast: Forecast;
}

const STEPS = 65535;

/** Reads a file's bytes. Throws an Error for another format. */
export function worldsOf(content: ArrayBuffer): Worlds {
  const bytes = new Uint8Array(content);
  const end = bytes.indexOf(10);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as Header;
  if (header.schema !== "offramp.worlds/1") throw new Error(`no worlds: ${header.schema}`);
  const count = header.worlds;
  const rows = arraysOf(content, end + 1, header.arrays);
  const draws = header.unknowns.map((u, k) => drawsOf(u, row(rows, "draws", k)));
  const met = bitsOf(rows, "met", count);
  const yes = bitsOf(rows, "true", count);
  const places = { binary: 0, values: 0, choice: 0 };
  const islands = rows.has("islands") ? islandsOf(row(rows, "islands", 0), header.effective ?? count) : undefined;
  const columns = new Map<string, Column>();
  header.questions.forEach((id, k) => {
    const kind = header.kinds[k]!;
    let values: Float32Array;
    if (kind === "binary") values = Float32Array.from(yes[places.binary++]!);
    else if (kind === "choice") values = Float32Array.from(row(rows, "options", places.choice++));
    else values = Float32Array.from(row(rows, "values", places.values++));
    columns.set(id, { id, kind, met: met[k]!, values, islands });
  });
  return {
    case: header.case,
    model: header.model_sha256,
    seed: header.seed,
    count,
    first: header.first,
    days: header.days,
    asOf: header.as_of ?? "",
    unmixed: header.unmixed ?? "",
    effective: header.effective ?? count,
    islands,
    unknowns: header.unknowns,
    draws,
    columns,
    courses: header.courses,
    traces: header.courses.map((c) => summed(rows.get(`trace ${c.name}`)!, count)),
    forecast: header.forecast,
  };
}

function islandsOf(found: Plain, effective: number): Islands {
  const of = Uint16Array.from(found);
  return { of, count: of.reduce((most, k) => Math.max(most, k + 1), 0), effective };
}

type Plain = Uint8Array | Uint16Array | Float32Array;
interface Rows {
  width: number;
  values: Plain;
}

function arraysOf(content: ArrayBuffer, start: number, arrays: Header["arrays"]): Map<string, Rows> {
  const kinds = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };
  const out = new Map<string, Rows>();
  for (const { name, type, shape } of arrays) {
    const kind = kinds[type];
    const size = shape[0] * shape[1] * kind.BYTES_PER_ELEMENT;
    out.set(name, { width: shape[1], values: new kind(content.slice(start, start + size)) });
    start += size;
  }
  return out;
}

function row(rows: Map<string, Rows>, name: string, place: number): Plain {
  const { width, values } = rows.get(name)!;
  return values.subarray(place * width, (place + 1) * width);
}

/** The draws on their scale, from their places in its range. */
function drawsOf(u: Unknown, places: Plain): Float64Array {
  if (u.kind === "among") return Float64Array.from(places);
  const low = u.low!;
  const width = u.high! - low;
  return Float64Array.from(places, (k) => low + (width * k) / STEPS);
}

function bitsOf(rows: Map<string, Rows>, name: string, count: number): Uint8Array[] {
  const { width, values } = rows.get(name)!;
  const out: Uint8Array[] = [];
  for (let start = 0; start < values.length; start += width) {
    const own = new Uint8Array(count);
    for (let w = 0; w < count; w++) own[w] = (values[start + (w >> 3)]! >> (w & 7)) & 1;
    out.push(own);
  }
  return out;
}

/** Days from their differences to the day before. */
function summed(rows: Rows, count: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  let before = new Uint8Array(count);
  for (let start = 0; start < rows.values.length; start += count) {
    const own = new Uint8Array(count);
    for (let w = 0; w < count; w++) own[w] = before[w]! + rows.values[start + w]!;
    out.push(own);
    before = own;
  }
  return out;
}
