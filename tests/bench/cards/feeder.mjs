// Sends a log to whoever has the stream: the snapshot before it, then each frame when it is due, with seals once a second and a pulse
// every ten, as the real server does. A log that is late is sent as fast as it can be, and says how late it was.

import { TENANTS, ME } from './log.mjs';
import { Fold, keyOf } from './rivals/fold.js';
import { Seals } from './seal.mjs';

const TICK_MS = 1;
const SEAL_MS = 1_000;
const PULSE_MS = 10_000;
const TIMES = ['at', 'queued_at', 'started_at', 'ended_at'];

/** Times of a log are from its beginning; those on the wire are of the day. */
function dated(data, base) {
  const copy = { ...data };
  for (const name of TIMES) if (copy[name] !== undefined) copy[name] = new Date(base + copy[name]).toISOString();
  return copy;
}

const frame = (event, data, id) => `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export class Feeder {
  #response;
  #round = 0;
  #timers = [];

  /** Stands at the beginning of a log. Gives what waits until somebody has the stream. */
  take(log) {
    this.stop();
    this.#response = undefined;
    this.#round += 1;
    this.channel = `bench-${this.#round}`;
    this.epoch = `bench${this.#round}`;
    this.log = log;
    this.base = Date.now();
    this.position = log.begin.position;
    this.state = new Fold();
    this.seals = new Seals();
    for (const run of log.begin.runs) this.#tell('run', dated(run, this.base));
    const connected = new Promise((resolve) => { this.onconnect = resolve; });
    return { connected };
  }

  stop() {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #tell(event, data) {
    if (event === 'run') {
      this.state.take(data);
      this.seals.take(keyOf(data), data);
    } else {
      this.state.progress(data);
    }
  }

  #id = () => `${this.epoch}-${this.position}`;

  snapshot() {
    const runs = [...this.state.runs.values()];
    const server_time = new Date().toISOString();
    const current = runs.filter((run) => run.status !== 'completed' && run.status !== 'cancelled');
    const recent = runs.filter((run) => !current.includes(run)).slice(-500);
    const failed = current.filter((run) => run.status === 'failed' || run.status === 'partial');
    const states = TENANTS.map((tenant) => {
      const mine = runs.filter((run) => run.tenant_id === tenant.id);
      const totals = {};
      for (const run of mine) totals[run.status] = (totals[run.status] ?? 0) + 1;
      return { tenant, head: Math.max(0, ...mine.map((run) => run.tenant_seq)), totals };
    });
    return {
      id: this.#id(), server_time, person: ME, marks_rev: 0, marks: [], tenants: states, runs: [...current, ...recent],
      failed: failed.map((run) => ({ run: { tenant_id: run.tenant_id, run_type: run.run_type, run_id: run.run_id }, seq: run.tenant_seq })),
    };
  }

  connect(request, response, hello) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.socket.setNoDelay(true);
    const time = () => ({ server_time: new Date().toISOString() });
    const seal = (all) => {
      for (const each of this.seals.due(all)) response.write(frame('seal', { ...each, ...time() }));
    };
    response.write(frame('hello', { ...hello, ...time() }));
    seal(true);
    const every = (ms, act) => this.#timers.push(setInterval(act, ms));
    every(SEAL_MS, () => seal(false));
    every(PULSE_MS, () => response.write(frame('pulse', { head: this.#id(), ...time() })));
    this.#response = response;
    this.onconnect();
  }

  /** Sends the log. Gives {sentAt, lateMs}: when the last frame went, by the clock of the day, and how late at most one was. */
  begin(events = this.log.events) {
    const base = Date.now();
    const frames = events.map(({ event, data, due, position }) => {
      const wire = dated(data, base);
      return { event, wire, due, position, text: frame(event, wire, position && `${this.epoch}-${position}`) };
    });
    return new Promise((resolve) => {
      let [next, lateMs] = [0, 0];
      const start = performance.now();
      const timer = setInterval(() => {
        const passed = performance.now() - start;
        while (next < frames.length && frames[next].due <= passed) {
          const { event, wire, due, position, text } = frames[next];
          this.#response.write(text);
          this.position = position ?? this.position;
          this.#tell(event, wire);
          lateMs = Math.max(lateMs, passed - due);
          next += 1;
        }
        if (next < frames.length) return;
        clearInterval(timer);
        resolve({ sentAt: Date.now(), lateMs });
      }, TICK_MS);
      this.#timers.push(timer);
    });
  }
}
