// The event stream that all of them get: made from a seed, the same in each round. Times are in ms from its beginning, and become real
// ones when it is sent.
//
// 70 % of the events are progress and 30 % changes of status. A tenth of the runs fails, each at a moment of its own, and stays failed;
// the others go round: queued, running, ended, and on with the next attempt.

import { Fold, keyOf } from './rivals/fold.js';

export const ME = { id: 1, name: 'operator' };
export const TENANTS = ['Adatum', 'Contoso', 'Fabrikam', 'Northwind Traders'].map((name, idx) => ({ id: idx + 1, name, roles: ['operator'] }));

const OPERATIONS = [
  ['bulk_operation', 'policy.capture_all'], ['bulk_operation', 'policy.verify'], ['bulk_operation', 'policy.export'],
  ['restore', 'restore.preview'],
];
const STATUS_SHARE = 0.3;
const FAILED_SHARE = 0.1;

/** mulberry32: small, and the same everywhere. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The runs and the order of their events, which both logs use. */
export class Writer {
  runs = [];
  heads = new Map(TENANTS.map(({ id }) => [id, 0]));
  position = 0;

  constructor(seed) {
    this.random = random(seed);
  }

  below = (n) => Math.floor(this.random() * n);

  add(status, at) {
    const run = this.first(this.runs.length);
    run.queued_at = at;
    this.turn(run, 'queued', at);
    if (status !== 'queued') this.turn(run, 'running', at + 500);
    if (status !== 'queued' && status !== 'running') this.turn(run, status, at + 60_000);
    return run;
  }

  /** A run that is heard of for the first time, by whatever comes next. */
  first(idx) {
    const [run_type, kind] = OPERATIONS[idx % OPERATIONS.length];
    // Each has an operation of its own: eight alike would be one group of the app, which no rival has.
    const operation = `${kind} ${idx + 1}`;
    const run = {
      v: 1, tenant_id: TENANTS[idx % TENANTS.length].id, run_type, run_id: idx + 1, operation, target: '', started_by: ME, status: 'queued',
      attempt: 0, rev: 0, counts: {}, at: 0, queued_at: 0, tenant_seq: 0, status_seq: 0, ended_at: 0,
    };
    this.runs.push(run);
    return run;
  }

  /** The next attempt, of which only what came of it is told. */
  again(run, status, at) {
    const { rev } = run;
    const [heads, position] = [this.heads.get(run.tenant_id), this.position];
    this.turn(run, 'queued', at);
    this.turn(run, 'running', at);
    this.heads.set(run.tenant_id, heads);
    this.position = position;
    run.rev = rev;
    return this.turn(run, status, at);
  }

  /** A change of status, with all that goes with it. */
  turn(run, status, at) {
    const seq = this.heads.get(run.tenant_id) + 1;
    this.heads.set(run.tenant_id, seq);
    this.position += 1;
    Object.assign(run, { status, at, tenant_seq: seq, status_seq: seq, rev: run.rev + 1 });
    if (status === 'queued') {
      const total = 40 + this.below(1_460);
      if (run.ended_at !== undefined) run.attempt += 1;
      Object.assign(run, { counts: { total }, target: `${total.toLocaleString('en')} policies`, started_at: undefined, ended_at: undefined, error: undefined });
    } else if (status === 'running') {
      run.started_at = at;
      run.counts = { total: run.counts.total, processed: 0, succeeded: 0, failed: 0, skipped: 0 };
    } else {
      this.end(run, status, at);
    }
    return { event: 'run', position: this.position, data: { ...run } };
  }

  end(run, status, at) {
    const { total, processed, succeeded, failed, skipped } = run.counts;
    const rest = total - processed;
    const lost = status === 'partial' ? Math.max(1, Math.floor(rest / 5)) : 0;
    run.ended_at = at;
    if (status === 'completed') run.counts = { total, processed: total, succeeded: total - skipped, failed: 0, skipped };
    if (status === 'partial') run.counts = { total, processed: total, succeeded: succeeded + rest - lost, failed: failed + lost, skipped };
    if (status === 'partial') run.error = { code: 'items_failed', message: `${run.counts.failed} policies could not be read.`, retryable: true };
    if (status === 'failed') run.error = { code: 'consent', message: 'Graph refused the request: the app has no consent in this tenant.', retryable: false };
  }

  progress(run, at) {
    const counts = { ...run.counts };
    const step = Math.min(1 + this.below(4), counts.total - counts.processed);
    for (let idx = 0; idx < step; idx += 1) {
      const chance = this.random();
      counts[chance < 0.01 ? 'failed' : chance < 0.06 ? 'skipped' : 'succeeded'] += 1;
    }
    counts.processed += step;
    run.rev += 1;
    run.counts = counts;
    const { tenant_id, run_type, run_id, tenant_seq, rev } = run;
    return { event: 'progress', data: { tenant_id, run_type, run_id, tenant_seq, rev, counts, at } };
  }
}

/** {runs, events, end}: the runs before it, the events with their `due`, and the runs after it. */
export function makeLog({ nRuns, perSecond, seconds, seed = 12 }) {
  const writer = new Writer(seed);
  const { below } = writer;
  for (let idx = 0; idx < nRuns; idx += 1) {
    const fails = idx % (1 / FAILED_SHARE) === 0;
    const status = fails ? 'running' : ['running', 'running', 'queued', 'completed'][below(4)];
    writer.add(status, -120_000 - below(600_000));
  }
  const begin = { runs: writer.runs.map((run) => ({ ...run })), heads: new Map(writer.heads), position: writer.position };

  const nEvents = perSecond * seconds;
  const isStatus = Array.from({ length: nEvents }, () => writer.random() < STATUS_SHARE);
  const turns = isStatus.flatMap((is, idx) => (is && idx > nEvents / 20 ? [idx] : []));
  const failing = writer.runs.filter((_, idx) => idx % (1 / FAILED_SHARE) === 0);
  const others = writer.runs.filter((run) => !failing.includes(run));
  const failsAt = new Map(failing.map((run, idx) => [turns.splice(below(turns.length), 1)[0], [run, idx % 3 === 2 ? 'partial' : 'failed']]));
  const events = isStatus.map((is, idx) => {
    const at = (idx * 1_000) / perSecond;
    const event = failsAt.has(idx) ? writer.turn(...failsAt.get(idx), at) : is ? next(writer, others, at) : step(writer, at);
    return { ...event, due: at };
  });
  const truth = new Fold();
  for (const run of begin.runs) truth.take(run);
  for (const { event, data } of events) if (event === 'run') truth.take(data); else truth.progress(data);
  return { begin, events, end: [...truth.runs.values()], failed: new Map([...truth.runs].filter(([, run]) => run.status === 'failed' || run.status === 'partial')), keyOf };
}

const NEXT = { queued: 'running', running: 'completed', completed: 'queued', cancelled: 'queued' };

function next(writer, others, at) {
  const run = others[writer.below(others.length)];
  return writer.turn(run, run.status === 'running' && writer.random() < 0.05 ? 'cancelled' : NEXT[run.status], at);
}

/** Progress of a run that works; of those there is always one. */
function step(writer, at) {
  const working = () => {
    const run = writer.runs[writer.below(writer.runs.length)];
    return run.status === 'running' && run.counts.processed < run.counts.total ? run : working();
  };
  return writer.progress(working(), at);
}
