/** What the pages of a game are told, and what that of a seat sends; its token is all that it has. */

import { Refused } from "../core/api.ts";

export interface Option {
  event: string;
  title: string;
  /** "" where the move can be made this morning. */
  closed: string;
  words: string[];
}

export interface Clock {
  /** Seconds of this morning's decisions that are left; null without an end. */
  left: number | null;
  seconds: number | null;
  stand_in: "model" | "nothing";
  paused: boolean;
}

export interface Seen {
  mark: string;
  clock: Clock;
  view: {
    actor: string;
    title: string;
    day: number;
    date: string;
    last: string;
    over: boolean;
    happened: { day: number }[];
    readings: { name: string }[];
    wants: { name: string; worth: number }[];
    beliefs: { about: string; types: [string, number][] }[];
    owes: { consent: string; options: Option[] }[];
  };
  /** The sentences for it, each in the same place. */
  said: {
    happened: string[];
    readings: string[];
    /** What it wants, and what that is worth. */
    wants: [string, string][];
    beliefs: { about: string; types: [string, string][] }[];
    coming: string[];
    owes: { id: string; asked: string; yes: string; options: { told: string; words: string[] }[] }[];
  };
  /** The day of its last decision before this morning. */
  since: number | null;
  first: string;
  sealed: boolean;
  waiting: number;
  seats: { title: string; person: boolean; own: boolean }[];
  /** What it decided this morning, in words. */
  done: string[];
  /** Whether all who decide anything have a seat. */
  alone: boolean;
}

/** What who runs a game is told. */
export interface Run {
  mark: string;
  date: string;
  first: string;
  last: string;
  over: boolean;
  untouched: boolean;
  /** The morning from which it is a branch of another game; "" where it is none. */
  branch: string;
  clock: Clock;
  changed: { date: string; said: string[] }[];
  changeable: {
    events: { name: string; title: string; verbs: string[] }[];
    quantities: { name: string; title: string; levels: string[] }[];
  };
  world: [number, number] | null;
  seats: {
    actor: string;
    title: string;
    held: string;
    person: boolean;
    owes: boolean;
    sealed: boolean;
  }[];
  tokens: Record<string, string>;
  days: { date: string; decided: string[]; happened: string[] }[];
}

const GONE = "The server does not answer. What you have chosen is kept in this browser; the page goes on by itself when the server is back.";

/** The answer, null where there is nothing new. A cookie of the workbench is never sent along. */
async function asked<T>(path: string, more: RequestInit = {}): Promise<T | null> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...more, credentials: "omit" });
  } catch {
    throw new Refused(GONE);
  }
  if (answer.status === 204) return null;
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as T;
  let why = text.trim();
  try {
    why = (JSON.parse(text) as { refused: string }).refused;
  } catch {
    // it was said in plain text
  }
  throw new Refused(why || `the server answered ${answer.status}`, answer.status);
}

/** What the seat sees now; null where that has the mark that the page has. */
export function seen(token: string, mark: string): Promise<Seen | null> {
  return asked<Seen>(`/api/seat/${token}?since=${encodeURIComponent(mark)}`);
}

export interface Deed {
  day: number;
  ask: string;
  deed: string;
  words: string[];
  why: string;
}

export async function seal(token: string, deed: Deed): Promise<void> {
  const headers = { "content-type": "application/json" };
  await asked(`/api/seat/${token}/answer`, { method: "POST", body: JSON.stringify(deed), headers });
}
