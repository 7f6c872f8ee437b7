// The runs as the frames tell them: (state, frame) → state, by the rules of docs/protocol.md. Rivals and truth use the same fold.

import { Samples } from './pace.js';

export const keyOf = (run) => `${run.tenant_id} ${run.run_type} ${run.run_id}`;

const isFailure = (run) => run.status === 'failed' || run.status === 'partial';
const isActive = (run) => run.status === 'queued' || run.status === 'running';

export class Fold {
  runs = new Map();
  samples = new Map();

  take(run) {
    const key = keyOf(run);
    const known = this.runs.get(key);
    if (known !== undefined && (run.tenant_seq < known.tenant_seq || (run.tenant_seq === known.tenant_seq && run.rev <= known.rev))) return undefined;
    if (isActive(run)) {
      if (known?.attempt !== run.attempt || !this.samples.has(key)) this.samples.set(key, new Samples());
      this.samples.get(key).push(Date.parse(run.at), run.counts);
    } else {
      this.samples.delete(key);
    }
    this.runs.set(key, run);
    return key;
  }

  progress(progress) {
    const key = keyOf(progress);
    const known = this.runs.get(key);
    if (known === undefined || progress.tenant_seq !== known.tenant_seq || progress.rev <= known.rev) return undefined;
    this.runs.set(key, { ...known, rev: progress.rev, counts: progress.counts });
    this.samples.get(key)?.push(Date.parse(progress.at), progress.counts);
    return key;
  }

  pace(run, now) {
    return this.samples.get(keyOf(run))?.pace(now) ?? { perMinute: null, range: null };
  }
}

/** Cards in the order of src/feed/order.rs: failures, then active, then ended, each newest first. Told of each change. */
export class Order {
  keys = [];
  #places = new Map();

  /** Whether the card moved. */
  put(key, run) {
    const rank = isFailure(run) ? 0 : isActive(run) ? 1 : 2;
    const time = Date.parse(rank === 1 ? run.queued_at : run.ended_at);
    const before = this.#places.get(key);
    if (before !== undefined && before.rank === rank && before.time === time) return false;
    if (before !== undefined) this.keys.splice(this.#find(before), 1);
    const place = { rank, time, key };
    this.#places.set(key, place);
    this.keys.splice(this.#find(place), 0, key);
    return true;
  }

  remove(key) {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.keys.splice(this.#find(place), 1);
    this.#places.delete(key);
  }

  after(key) {
    return this.keys[this.#find(this.#places.get(key)) + 1];
  }

  #find(place) {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#places.get(this.keys[middle]), place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one, other) {
  if (one.rank !== other.rank) return one.rank < other.rank;
  if (one.time !== other.time) return one.time > other.time;
  return one.key < other.key;
}
