/** What the page asks its server for. */

/** What the server said instead of an answer; `status` is 0 where it said nothing. */
export class Refused extends Error {
  constructor(
    words: string,
    readonly status = 0,
  ) {
    super(words);
  }
}

export interface CaseRow {
  id: string;
  title: string;
  first: string;
  last: string;
  questions: number;
  documents: number;
  passages: number;
  shipped: boolean;
}

export interface Document {
  id: string;
  title: string;
  author: string;
  publisher: string;
  date: string;
  dating: string;
  licence: string;
  start: number;
  end: number;
}

export interface Question {
  id: string;
  text: string;
  kind: "binary" | "number" | "date" | "choice";
  clause: string;
  headline: boolean;
  window: [string, string];
  given: string;
  supposes: string[];
  cites: string[];
  resolves: string;
}

export interface Policy {
  id: string;
  name: string;
  addressee: string[];
  cites: string[];
  does: string[];
  inexpressible: string;
  note: string;
}

export interface Summary {
  reports: boolean;
  id: string;
  title: string;
  model_sha256: string;
  first: string;
  last: string;
  limits: string[];
  actors: { name: string; title: string }[];
  events: { name: string; title: string; by: string | null }[];
  documents: Document[];
  questions: Question[];
  policies: Policy[];
  assessments: { id: string; title: string; about: string; document: string | null }[];
}

export interface Passage {
  id: string;
  document: string;
  start: number;
  end: number;
  paraphrase: string;
  phrase: string | null;
  rests: string[];
}

/** Of a document whether its text is at hand: `absent` says why not, and is "" where it is. */
export interface AtHand {
  document: string;
  absent: string;
}

/** What became of the documents (`offramp coverage --json`), as far as the page shows it. */
export interface Coverage {
  share: number;
  carried: number;
  only_listed: number;
  counts: Record<string, number>;
  rows: Row[];
  dead: { element: string; rows: string[]; lost: string[] }[];
  sentences: { document: string; state: string; sentences: number; touched: number }[] | null;
  faults: { passages: string[]; claim: string; record: string; source: string; status: string }[];
}

/** A passage, or the sides of a disagreement, and what carries it. */
export interface Row {
  id: string;
  status: string;
  carried_by: string[];
  reason: string;
}

export interface Ground {
  element: string;
  title: string;
  steps: number;
  cites: string[];
  moved_by: string[];
  numbers: {
    text: string;
    value: number;
    grade: "stated" | "sized" | "assumed";
    cites: string[];
    reason: string;
    file: string;
    line: number;
  }[];
}

export interface Story {
  world: number;
  /** `until`: the last day of what came every day. */
  log: { day: number; event: string; title: string; outcome: string | null; actor: string | null; until: number }[];
  series: Record<string, number[]>;
}

/** What a saved page brings along: answers by their addresses, and the worlds. */
/** What was reported, and since when it is known. */
export interface Report {
  id: string;
  what: string;
  first: string;
  last: string;
  known_since: string;
  kind: string;
  note: string;
  source: string;
  grade: string;
}

interface Held {
  case: string;
  saved: string;
  version: string;
  answers: Record<string, unknown>;
  worlds: string;
}

/** null in the page that a server sends. */
export const held: Held | null = (() => {
  const place = document.getElementById("held");
  return place ? (JSON.parse(place.textContent ?? "null") as Held) : null;
})();

const ALONE = "this page was saved and asks no server: open the case with `offramp open`";

/** The answer as JSON; null where it is empty. Throws Refused with the server's words. */
export async function get<T>(path: string): Promise<T> {
  if (held) {
    if (path in held.answers) return held.answers[path] as T;
    throw new Refused(ALONE);
  }
  const answer = await asked(path);
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/** The bytes of a file; of a saved page always those of its worlds. */
export async function bytes(path: string): Promise<ArrayBuffer> {
  if (held) {
    const packed = Uint8Array.from(atob(held.worlds), (c) => c.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).arrayBuffer();
  }
  return (await asked(path)).arrayBuffer();
}

async function asked(path: string, more: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, more);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused("the server is gone: start `offramp open` again");
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  let why = text.trim();
  try {
    why = (JSON.parse(text) as { refused: string }).refused;
  } catch {
    // it was said in plain text
  }
  throw new Refused(why || `the server answered ${answer.status}`, answer.status);
}

/** Sends JSON and gives the answer. Throws Refused. */
export async function post<T>(path: string, body: unknown): Promise<T> {
  if (held) throw new Refused(ALONE);
  const headers = { "content-type": "application/json" };
  const answer = await asked(path, { method: "POST", body: JSON.stringify(body), headers });
  return (await answer.json()) as T;
}

type Line<T> = { waiting?: boolean; progress?: [number, number | null]; done?: T; refused?: string };

/**
 * Runs something on the server and gives what comes of it; `progress` hears how far it is, from 0
 * to 1 where that is known. Whoever aborts the signal stops the run.
 */
export async function run<T>(
  path: string,
  progress: (share: number | null, waiting?: boolean) => void,
  signal: AbortSignal,
  body?: unknown,
): Promise<T> {
  if (held) throw new Refused(ALONE);
  const answer = await asked(path, {
    signal,
    ...(body === undefined
      ? {}
      : {
          method: "POST",
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const text of lines) {
      const line = JSON.parse(text) as Line<T>;
      if (line.waiting) progress(null, true);
      if (line.progress) {
        const [steps, total] = line.progress;
        progress(total ? Math.min(1, steps / total) : null);
      }
      if (line.refused !== undefined) throw new Refused(line.refused);
      if (line.done !== undefined) return line.done;
    }
    if (done) throw new Refused("the server stopped in the middle: start `offramp open` again");
  }
}
