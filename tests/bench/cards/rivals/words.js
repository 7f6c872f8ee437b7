// What a card says, in the words of the app's English (languages/en.properties, src/runs/words.rs, src/i18n/format.rs). One module for
// every rival, so that they differ in how they draw alone; and for the truth that all of them are held against.

const LOCALE = (globalThis.navigator?.language ?? 'en').startsWith('en') ? globalThis.navigator?.language : 'en';
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const DAY = { day: 'numeric', month: 'short', year: 'numeric' };

export const number = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 }).format;
const decimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 }).format;
const clock = new Intl.DateTimeFormat(LOCALE, CLOCK).format;
export const absolute = new Intl.DateTimeFormat(LOCALE, { ...CLOCK, ...DAY, timeZoneName: 'short' }).format;

const [SECOND, MINUTE, HOUR, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000];

const TITLES = {
  queued: 'Run queued', running: 'Run started', completed: 'Run completed', partial: 'Run completed (partial)', failed: 'Run failed',
  cancelled: 'Run cancelled',
};
const OPERATIONS = {
  'policy.capture_all': 'Capture all policies', 'policy.capture_snapshot': 'Capture one policy', 'policy.export': 'Export policies',
  'policy.verify': 'Verify snapshots', 'restore.live': 'Restore (live)', 'restore.preview': 'Restore (preview)',
};
const WORDS = { succeeded: 'succeeded', failed: 'failed', unknown: 'unknown', skipped: 'skipped', remaining: 'remaining' };

export const title = (run) => TITLES[run.status] ?? 'Run updated';
export const what = (run) => OPERATIONS[run.operation] ?? run.operation;
export const body = (run) => `A ${run.run_type.replaceAll('_', ' ')} run changed status to: ${run.status}.`;
export const startedBy = (run, me) => (run.started_by.id === me ? 'started by you' : `started by ${run.started_by.name}`);
export const path = (run) => `/t/${run.tenant_id}/${run.run_type === 'restore' ? 'restore' : 'bulk-operation'}-runs/${run.run_id}`;
export const shortName = (run) => `${run.run_type}/${run.run_id}`;
export const partId = (run, part) => `card-${run.tenant_id}-${run.run_type}-${run.run_id}-${part}`;
export const dismissLabel = (run, tenant) => `Dismiss ${title(run)}: ${what(run)}, ${tenant}`;
export const moreLabel = (run, tenant) => `More for ${what(run)}, ${tenant}`;
export const failedSoFar = (run) => `${number(run.counts.failed)} failed so far`;
export const doneOf = (run) => `${number(run.counts.processed ?? 0)} of ${number(run.counts.total)}`;
export const sinceClock = (run) => `since ${clock(Date.parse(run.queued_at))}`;
export const ageOf = (run) => Date.parse(run.ended_at ?? run.queued_at);

/** The segments that are there, in their order: [part, n]. */
export function parts({ total, processed = 0, succeeded = 0, failed = 0, skipped = 0 }) {
  const settled = succeeded + failed + skipped;
  const done = Math.max(processed, settled);
  const all = [
    ['succeeded', succeeded], ['failed', failed], ['unknown', done - settled], ['skipped', skipped],
    ['remaining', Math.max(0, total - done)],
  ];
  return all.filter(([, n]) => n > 0);
}

export const partWords = ([part, n]) => `${number(n)} ${WORDS[part]}`;

export function barLabel(run) {
  const words = parts(run.counts).map(partWords).join(', ') || 'nothing yet';
  return `${words}, of ${number(run.counts.total)}`;
}

export const settled = (run) => parts(run.counts).filter(([part]) => part !== 'remaining');
export const sum = (run) => settled(run).map(partWords).join(', ');
export const took = (run) => `in ${duration(Date.parse(run.ended_at) - Date.parse(run.started_at ?? run.queued_at))}`;

export function ago(at, now) {
  const ms = Math.max(0, now - at);
  if (ms < 5 * SECOND) return 'just now';
  return `${roughly(ms)} ago`;
}

function roughly(ms) {
  const [unit, word] = ms < MINUTE ? [SECOND, 's'] : ms < HOUR ? [MINUTE, 'min'] : ms < DAY_MS ? [HOUR, 'h'] : [DAY_MS, 'days'];
  return `${number(Math.floor(ms / unit))} ${word}`;
}

function duration(ms) {
  const two = (first, unit, second, word) => {
    const rest = Math.floor((ms % first) / second);
    return `${number(Math.floor(ms / first))} ${unit}${rest === 0 ? '' : ` ${number(rest)} ${word}`}`;
  };
  if (ms < SECOND) return `${number(ms)} ms`;
  if (ms < 10 * SECOND) return `${decimal(ms / 1000)} s`;
  if (ms < MINUTE) return `${number(Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return two(MINUTE, 'min', SECOND, 's');
  return two(HOUR, 'h', MINUTE, 'min');
}

/** "about 2–3 min left", of a range in ms or null where it is not known. */
export function left(range) {
  if (range === null) return 'time left: not known yet';
  const [low, high] = range;
  if (high < 5 * SECOND) return 'a few seconds left';
  const between = (from, to, unit) => (from >= to || from === 0 ? `${number(to)} ${unit}` : `${number(from)}–${number(to)} ${unit}`);
  const five = (ms) => Math.floor(Math.floor(ms / SECOND) / 5) * 5;
  const span = high < MINUTE ? between(five(low), five(high + 4 * SECOND), 's')
    : high < 90 * MINUTE ? between(Math.floor(low / MINUTE), Math.ceil(high / MINUTE), 'min')
      : between(Math.floor(low / HOUR), Math.ceil(high / HOUR), 'h');
  return `about ${span} left`;
}

/** What of a card must be so at the end, as one text: the same that `shown` of probe.js reads from the screen. */
export function shownOf(run) {
  const moves = run.status === 'running' || run.status === 'partial';
  const hasLegend = moves || (run.status === 'failed' && run.counts.processed > 0);
  const cancelled = () => `${number(run.counts.processed ?? 0)} of ${number(run.counts.total)} done; what is done stays done.`;
  return [
    run.status, title(run), moves ? doneOf(run) : '', hasLegend ? settled(run).map(partWords).join(' ') : '',
    run.status === 'completed' ? sum(run) : run.status === 'cancelled' ? cancelled() : '',
  ].join('|');
}
