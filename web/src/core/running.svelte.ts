/** Something that the server runs while somebody waits; it stops when nobody does any more. */

import { run } from "./api.ts";
import { said, view } from "./state.svelte.ts";

export class Running<T> {
  result = $state.raw<T | null>(null);
  /** How far it is, from 0 to 1; null where that is not known, or nothing runs. */
  share = $state<number | null>(null);
  waiting = $state(false); // behind other runs
  busy = $state(false);
  trouble = $state("");
  #stop: AbortController | null = null;

  async start(path: string, body?: unknown): Promise<void> {
    this.stop();
    const own = (this.#stop = new AbortController());
    this.busy = true;
    this.share = null;
    this.waiting = false;
    this.trouble = "";
    this.result = null;
    try {
      const found = await run<T>(path, (share, waiting = false) => {
        this.share = share;
        this.waiting = waiting;
      }, own.signal, body);
      if (!own.signal.aborted) this.result = found;
    } catch (error) {
      if (!own.signal.aborted) this.trouble = said(error);
    } finally {
      if (this.#stop === own) this.busy = false;
    }
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.busy = false;
  }
}

let kept = new Map<string, Running<unknown>>();

/**
 * The run of an address: whoever leaves a screen and comes back finds it, still going or done, as
 * long as the case has the same model.
 */
export function runOf<T>(path: string): Running<T> {
  const key = `${view.summary?.model_sha256} ${path}`;
  if (!kept.has(key)) kept.set(key, new Running<unknown>());
  return kept.get(key) as Running<T>;
}

/** Lets all of them go: a file was written. */
export function forgotten(): void {
  kept = new Map();
}
