/** Something that the server runs while somebody waits; it stops when nobody does any more. */

import { run } from "./api.ts";
import { said } from "./state.svelte.ts";

export class Running<T> {
  result = $state.raw<T | null>(null);
  /** How far it is, from 0 to 1; null where that is not known, or nothing runs. */
  share = $state<number | null>(null);
  busy = $state(false);
  trouble = $state("");
  #stop: AbortController | null = null;

  async start(path: string, body?: unknown): Promise<void> {
    this.stop();
    const own = (this.#stop = new AbortController());
    this.busy = true;
    this.share = null;
    this.trouble = "";
    this.result = null;
    try {
      const found = await run<T>(path, (share) => (this.share = share), own.signal, body);
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
