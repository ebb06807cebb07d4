/** What the page shows: the address, the case, its worlds. Everything else follows from these. */

import { bytes, get, held, run, type Passage, type Summary } from "./api.ts";
import { addressOf, changesOf, routeOf, textOf, unfit, type Route } from "./route.ts";
import { weightsOf, worth, type Changes } from "./weigh.ts";
import { worldsOf, type Worlds } from "./worlds.ts";

// ms after which the address follows a drag: browsers refuse one at every frame, and fetch the icon.
const LATE = 200;
const SIZES = [128, 500, 3000]; // worlds after which the page shows more
/** Worlds conditioned on reports: as many as the table of a day has (8 islands of 256). */
export const LIVED = 2048;

/** The view that the browser's address names. In a page that was saved it stands behind the #. */
export function here(): Route {
  if (!held) return routeOf(location.pathname, location.search);
  const start = location.hash || (document.documentElement.dataset["start"] ?? "");
  const [path = "", search = ""] = start.slice(1).split("?");
  return path ? routeOf(path, search) : { case: held.case, screen: "forecast", item: "", query: {}, strange: "" };
}

function hrefOf(route: Route): string {
  return (held ? "#" : "") + addressOf(route);
}

class View {
  route = $state<Route>(here());
  summary = $state.raw<Summary | null>(null);
  #found = $state.raw<{ of: string; worlds: Worlds } | null>(null);
  passages = $state.raw<Map<string, Passage>>(new Map());
  /** Whether the worlds at hand are of the case before it was changed. */
  stale = $state(false);
  more = $state(false); // whether more worlds are on their way
  /** How far the simulating through reports is, from 0 to 1; null where nothing is, or unknown. */
  far = $state<number | null>(null);
  trouble = $state("");
  /** The question that was looked at last, for screens that have none. */
  question = "";
  #late: ReturnType<typeof setTimeout> | undefined;
  /**
   * The changed ranges of a drag, until the view's address has them: at each frame of it all links
   * would get new addresses.
   */
  #dragged = $state<string | null>(null);
  /** The changed ranges as the address has them. */
  ranges = $derived(this.#dragged ?? this.route.query["w"] ?? "");

  /** Under whose premises the worlds are: an assessment, or "" for the case as it is. */
  author = $derived(this.route.query["as"] ?? "");
  /** The day until which reports are known to the worlds; "" where these use none. */
  on = $derived(this.route.query["on"] ?? "");
  premises = $derived(this.summary?.assessments.find((a) => a.id === this.author)?.title ?? this.author);
  /** Of this case and author alone: no number of one ever stands under the name of another. */
  worlds = $derived(this.#found?.of === this.#whose() ? this.#found.worlds : null);
  events = $derived(this.summary?.events ?? []);
  changes: Changes = $derived(changesOf(this.ranges, this.worlds?.unknowns ?? []));
  /** What the address changes that these worlds cannot have. */
  unfit: string[] = $derived(this.worlds ? unfit(this.ranges, this.worlds.unknowns) : []);
  weights = $derived(this.worlds ? weightsOf(this.worlds, this.changes) : null);
  /** How many independent worlds those at hand are worth under the changed ranges. */
  effective = $derived(
    this.worlds ? this.worlds.effective * (this.weights ? worth(this.weights) / this.worlds.count : 1) : 0,
  );

  #whose(): string {
    return `${this.route.case} ${this.author} ${this.on}`;
  }

  /** Goes to another view; `quietly` leaves no step behind for the browser's "back". */
  go(change: Partial<Route>, quietly = false): void {
    const next = this.next(change);
    // Links and callers know the address, which is behind a drag.
    if (this.#dragged !== null && next.query["w"] === this.route.query["w"]) next.query["w"] = this.#dragged;
    if (quietly) {
      this.#dragged = null;
      this.#later();
    } else {
      this.#replaced();
      history.pushState(null, "", hrefOf(next));
    }
    this.route = next;
  }

  /** Goes where the browser's address says. */
  gone(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#dragged = null;
    this.route = here();
  }

  #later(): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.#replaced(), LATE);
  }

  /** The address of the view, if it is behind. */
  #replaced(): void {
    if (this.#late === undefined) return;
    clearTimeout(this.#late);
    this.#late = undefined;
    if (this.#dragged !== null) this.route = { ...this.route, query: { ...this.route.query, w: this.#dragged } };
    this.#dragged = null;
    history.replaceState(null, "", hrefOf(this.route));
  }

  /** The address of another view of the case, for a link. */
  to(change: Partial<Route>): string {
    return hrefOf(this.next(change));
  }

  /**
   * The view after a change. A passage is selected on the screen of the sources alone, what is no
   * question on the map, a line in the model, and a document at the desk.
   */
  private next(change: Partial<Route>): Route {
    const next = { ...this.route, strange: "", ...change };
    const query = { ...next.query };
    if (next.screen !== "sources") query["p"] = "";
    if (next.screen !== "map") query["of"] = "";
    if (next.screen !== "model") query["line"] = "";
    if (next.screen !== "desk") for (const key of ["q", "by", "quick", "worlds", "made"]) query[key] = "";
    return { ...next, query };
  }

  /** The address of a passage. */
  passage(p: Passage): string {
    const query = { ...this.route.query, p: p.id };
    return this.to({ screen: "sources", item: p.document, query });
  }

  /** Changes the range of an unknown, or takes the change back. */
  change(changes: Changes): void {
    this.#dragged = textOf(changes);
    this.#later();
  }

  async open(name: string): Promise<void> {
    if (this.summary?.id !== name) {
      this.summary = null;
      this.passages = new Map();
    }
    this.trouble = "";
    try {
      const summary = await get<Summary>(`/api/c/${encodeURIComponent(name)}`);
      if (this.route.case !== name) return;
      this.summary = summary;
      const found = await get<{ passages: Passage[] }>(`/api/c/${encodeURIComponent(name)}/passages`);
      this.passages = new Map(found.passages.map((p) => [p.id, p]));
    } catch (error) {
      this.trouble = said(error);
    }
  }

  #stop: AbortController | null = null;

  /** Worlds, a few first where none are kept; those among reports all at once. */
  async simulate(name: string): Promise<void> {
    const n = Number(this.route.query["n"] ?? 0);
    const seed = this.route.query["s"] ?? "1";
    const { author, on } = this;
    const of = this.#whose();
    const query = `seed=${seed}&as=${encodeURIComponent(author)}&on=${encodeURIComponent(on)}`;
    const address = `/api/c/${encodeURIComponent(name)}`;
    this.#stop?.abort();
    const { signal } = (this.#stop = new AbortController());
    this.more = true;
    this.stale = this.worlds !== null;
    this.far = null;
    this.trouble = "";
    const most = n || (on ? LIVED : SIZES[SIZES.length - 1]!);
    try {
      const kept = await bytes(`${address}/worlds?${query}&n=${most}&kept=1`);
      if (on && !kept.byteLength)
        await run(`${address}/lived?${query}&n=${most}`, (share) => (this.far = share), signal);
      const sizes = kept.byteLength || on ? [most] : [...SIZES.filter((s) => s < most), most];
      for (const size of sizes) {
        const content = kept.byteLength ? kept : await bytes(`${address}/worlds?${query}&n=${size}`);
        if (this.#whose() !== of) return;
        this.#found = { of, worlds: worldsOf(content) };
        this.stale = false;
      }
    } catch (error) {
      if (this.#whose() === of && !signal.aborted) this.trouble = said(error);
    } finally {
      if (this.#whose() === of) this.more = false;
    }
  }
}

export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const view = new View();
