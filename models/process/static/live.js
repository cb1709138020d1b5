// Server-sent events that come back by themselves, and that always know how old they are.
//
// The browser's EventSource gives up for ever on an HTTP error (a proxy's 502, a restart in the wrong moment), and it
// does not notice a line that died without a word (a machine that slept). This one watches for silence.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 4000;

/** Milliseconds that passed since `mark()`: of the clock that never steps, and of the wall clock if that says more,
 *  because the first may stand still while the machine sleeps. Older is the honest side to err on. */
export function mark() {
  return { steady: performance.now(), wall: Date.now() };
}

export function since(then) {
  return Math.max(performance.now() - then.steady, Date.now() - then.wall);
}

/**
 * Listen to `url`.
 *   onEvent(name, data)   each event, its data decoded from JSON; an event that is not JSON is passed over
 *   onState(state)        "live" | "waiting": shown to people at once
 *   names                 the events' names; unnamed ones come as "message"
 *   longestWaitMs         at most so long between two tries
 *   silentAfterMs         start anew after so much silence; 0 where the server does not promise a beat
 */
export class Live {
  constructor(url, { onEvent, onState = () => {}, names = [], silentAfterMs = 0, longestWaitMs = LONGEST_WAIT_MS }) {
    Object.assign(this, { url, onEvent, onState, names: ["message", ...names], silentAfterMs, longestWaitMs });
    this.state = "waiting";
    this.wait = FIRST_WAIT_MS;
    this.heard = null;
    this.wake = () => document.visibilityState === "visible" && this.#check();
    addEventListener("online", this.wake);
    addEventListener("pageshow", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.watch = setInterval(() => this.#check(), 1000);
    this.#open();
  }

  /** Milliseconds since the last event, or Infinity before the first. */
  get ageMs() {
    return this.heard ? since(this.heard) : Infinity;
  }

  /** Stop for good. */
  close() {
    clearInterval(this.watch);
    clearTimeout(this.timer);
    removeEventListener("online", this.wake);
    removeEventListener("pageshow", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.source?.close();
    this.source = null;
  }

  #open() {
    this.source?.close();
    this.opened = mark();
    const source = new EventSource(this.url);
    this.source = source;
    source.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.opened = mark();
      this.#say("live");
    };
    source.onerror = () => this.#lost(source);
    for (const name of this.names) source.addEventListener(name, (event) => this.#take(name, event));
  }

  #take(name, event) {
    this.heard = mark();
    this.#say("live");
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    this.onEvent(name, data);
  }

  #lost(source) {
    if (source !== this.source) return;
    source.close();
    this.source = null;
    this.#say("waiting");
    clearTimeout(this.timer);
    // Spread, so that every screen of a store does not come back in the same millisecond.
    this.timer = setTimeout(() => this.#open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, this.longestWaitMs);
  }

  #check() {
    if (!this.source || !this.silentAfterMs) return;
    const quiet = Math.min(this.ageMs, since(this.opened));
    if (quiet > this.silentAfterMs) this.#lost(this.source);
  }

  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
