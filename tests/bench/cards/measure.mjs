// One measurement: a page of its own, in a process of its own, from the first event of a log to the state after the last.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { shortName, shownOf } from './rivals/words.js';

const PROBE = await readFile(path.join(import.meta.dirname, 'probe.js'), 'utf8');
/** From here on the end is looked for. */
const LOOK_BEFORE_MS = 100;
/** Who is not there then, cannot keep up. */
const GIVE_UP_MS = 4_000;
const SETTLE_MS = 700;

/**
 * Opens a subject's page with a log's first picture on it. Gives what measures it.
 *
 * @param hasMotion  whether icons turn and bars glide: that is drawn in each frame, events or not, and fills the main thread
 */
export async function open(browser, server, subject, log, { hasMotion = false } = {}) {
  const { connected } = server.feeder.take(log);
  const context = await browser.newContext({
    baseURL: server.baseURL, viewport: { width: 1280, height: 800 }, locale: 'en-US', reducedMotion: hasMotion ? 'no-preference' : 'reduce',
  });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.addInitScript(PROBE);
  if (subject.script !== undefined) await page.addInitScript(subject.script);
  const session = await context.newCDPSession(page);
  // CPU time of the main thread, not the time that passes: somebody else may have the processor meanwhile.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  try {
    await page.goto(subject.path);
    await subject.prepare(page, log.begin.runs.length);
    await connected;
  } catch (error) {
    // A page that is busy with its cards does not end when it is asked to.
    session.send('Page.crash').catch(() => {});
    await context.close();
    throw error;
  }
  await pause(SETTLE_MS);
  server.calls();
  return { page, session, errors, close: () => context.close() };
}

export async function metrics(session) {
  const { metrics: list } = await session.send('Performance.getMetrics');
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** What is left when nobody needs it any more. */
export async function memory({ page, session }) {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize, Nodes } = await metrics(session);
  return { heapBytes: JSHeapUsedSize, nodes: Nodes, wasmBytes: await page.evaluate(() => window.probe.wasmBytes()) };
}

/** One round of a subject with a log. All CPU is in µs an event, without what the page does when nothing comes. */
export async function measure(browser, server, subject, log, { idleMs, hasMotion }) {
  const stand = await open(browser, server, subject, log, { hasMotion });
  const { page, session, errors } = stand;
  try {
    const still = await metrics(session);
    await pause(idleMs);
    const before = await metrics(session);

    const expected = Object.fromEntries(log.end.map((run) => [shortName(run), shownOf(run)]));
    const lastMs = Date.now() + log.events.at(-1).due;
    const last = log.events.at(-1).data;
    const first = await page.evaluate(() => performance.now());
    const ending = page.evaluate((asked) => window.probe.waitForEnd(asked), {
      expected, sentinel: shortName(last), all: subject.drawsAll, fromMs: lastMs - LOOK_BEFORE_MS, limitMs: lastMs + GIVE_UP_MS,
    });
    const { sentAt, lateMs } = await server.feeder.begin();
    const end = await Promise.race([ending, pause(2 * GIVE_UP_MS, { at: null, hangs: true })]);
    const after = await metrics(session);

    const span = after.Timestamp - before.Timestamp;
    const perEvent = (name) => {
      const idle = (before[name] - still[name]) / (before.Timestamp - still.Timestamp);
      return ((after[name] - before[name] - idle * span) * 1e6) / log.events.length;
    };
    const longTasks = (await page.evaluate(() => window.probe.longTasks)).filter(({ startTime }) => startTime >= first);
    const { nDrawn, stale, missing } = await page.evaluate((asked) => window.probe.compare(asked), expected);
    const drawnFailures = await page.evaluate((names) => {
      const known = new Set(names);
      const failed = window.probe.cards().filter((card) => ['failed', 'partial'].includes(card.dataset.state));
      return failed.filter((card) => known.has(card.dataset.run)).length;
    }, [...log.failed.values()].map(shortName));
    return {
      cpu: perEvent('TaskDuration'), script: perEvent('ScriptDuration'), style: perEvent('RecalcStyleDuration'), layout: perEvent('LayoutDuration'),
      busy: ((after.TaskDuration - before.TaskDuration) * 100) / span,
      idle: ((before.TaskDuration - still.TaskDuration) * 1e3) / (before.Timestamp - still.Timestamp),
      process: ((after.ProcessTime - before.ProcessTime) * 1e6) / log.events.length,
      longTasks: longTasks.length, blockedMs: longTasks.reduce((sum, { duration }) => sum + duration - 50, 0),
      longestMs: Math.max(0, ...longTasks.map(({ duration }) => duration)),
      ...(await memory(stand)),
      failuresDrawn: drawnFailures, failuresCounted: await subject.counted(page), failures: log.failed.size,
      nDrawn, stale: stale.length + (subject.drawsAll ? missing.length : 0), staleExample: stale[0],
      endMs: end.at === null ? null : Math.max(0, end.at - sentAt), lateMs,
      anatomy: await page.evaluate(() => window.probe.anatomy()), errors, calls: server.calls(),
    };
  } finally {
    await stand.close();
  }
}
