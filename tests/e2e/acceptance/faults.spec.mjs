// The stream through a bad network: cut at any byte, slowed, held back, half-open, a server that is killed, a page that sleeps or comes
// back from the back/forward cache. Nothing may be lost, nothing may come twice, and the page says when it is old. A table at the end
// says what was cut, how often, and how long it took until the page was whole.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { BACKGROUND_SWITCHES, freeze, launch } from '../fixtures/browser.mjs';
import { CAPTURE_POLICY, cards, hasEnded, live, readRun, start } from '../fixtures/cards.mjs';
import { setUpDemo } from '../fixtures/demo.mjs';
import { listenIn, told } from '../fixtures/heard.mjs';
import { network } from '../fixtures/network.mjs';
import { signIn } from '../fixtures/people.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const NO_NETWORK = /console: Failed to load resource: (net::ERR_|the server responded with a status of (429|503))/;
const N_RECONNECTS = 200;

let browser;
let system;
let tenant;
let policies;
const table = [];

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  ({ tenant, policies } = await setUpDemo(browser, system));
});
after(async () => {
  if (table.length > 0) {
    const columns = ['what was cut', 'how often', 'lost', 'doubled', 's until whole'];
    const widths = columns.map((name, column) => Math.max(name.length, ...table.map((row) => String(row[column]).length)));
    const line = (row) => row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ');
    console.log([columns, ...table].map(line).join('\n'));
  }
  await browser?.close();
  await system?.stop();
});

/** A page behind a network of its own, and an API that goes past it. */
async function behind(t, { from = browser, path = '/runs', allow = [NO_NETWORK] } = {}) {
  const net = await network(system.baseURL);
  t.after(() => net.stop());
  const context = await from.context(t, { baseURL: net.baseURL, allow });
  await signIn(context, net.baseURL);
  const page = await context.newPage();
  await listenIn(page);
  await page.goto(path);
  await live(page).waitFor();
  const elsewhere = await from.browser.newContext({ baseURL: system.baseURL });
  t.after(() => elsewhere.close());
  const api = await signIn(elsewhere, system.baseURL);
  return { net, context, page, api };
}

/** Runs that start one after another until they are told to end. */
function work(api) {
  let goesOn = true;
  const runs = [];
  const done = (async () => {
    for (let n = 0; goesOn; n += 1) {
      try {
        const { run } = await start(api, tenant.id, CAPTURE_POLICY, policies[n % policies.length].id);
        runs.push(run);
      } catch {
        // There is no server right now.
      }
      await pause(150);
    }
  })();
  return async () => {
    goesOn = false;
    await done;
    for (const run of runs.slice(-20)) {
      await until('the end of each run', async () => {
        try {
          return hasEnded(await readRun(api, run));
        } catch {
          return false;
        }
      }, { limit: 90_000 });
    }
    return runs;
  };
}

async function head(api) {
  const { body } = await api.get('/api/snapshot');
  return Number(body.id.split('-')[1]);
}

/** Waits until the page has heard the newest event; gives the seconds. */
async function whole(page, api) {
  const begin = performance.now();
  const newest = await until('an answer', async () => {
    try {
      return await head(api);
    } catch {
      return undefined;
    }
  });
  await until('the page is whole', async () => {
    const { last } = await told(page);
    return last === undefined || last >= newest;
  }, { limit: 90_000 });
  await live(page).waitFor({ timeout: 60_000 });
  return (performance.now() - begin) / 1_000;
}

/** The cards say what the server has. */
async function sameAsServer(page, api) {
  const { body } = await api.get('/api/snapshot');
  const failed = body.runs.filter(({ status }) => ['failed', 'partial'].includes(status)).length;
  await until('the page counts the failures of the server', async () => {
    const [, counted = 0] = /^\((\d+) failed\)/.exec(await page.title()) ?? [];
    return Number(counted) === failed;
  });
  assert.ok(await cards(page).count() > 0);
}

function note(what, often, heard, seconds) {
  table.push([what, often, heard.lost, heard.doubled, seconds.toFixed(1)]);
  assert.deepEqual({ lost: heard.lost, doubled: heard.doubled }, { lost: 0, doubled: 0 }, what);
}

test(`${N_RECONNECTS} reconnects at random moments and bytes lose nothing and double nothing`, async (t) => {
  const { net, page, api } = await behind(t);
  const stop = work(api);
  net.set({ cutAfterBytes: () => 300 + Math.floor(Math.random() ** 3 * 12_000) });
  await until(`${N_RECONNECTS} reconnects`, async () => {
    if (Math.random() < 0.1) net.cut();
    // As if the network had come back: it does not wait for the next try.
    if (Math.random() < 0.7) await page.evaluate(() => dispatchEvent(new Event('online')));
    return (await told(page)).n_streams > N_RECONNECTS;
  }, { limit: 150_000 });
  net.set({ cutAfterBytes: () => Infinity });
  await stop();
  const seconds = await whole(page, api);
  const heard = await told(page);
  assert.ok(heard.n_heard > 100, `${heard.n_heard} events in ${heard.n_streams} streams`);
  assert.equal(heard.n_resets, 0);
  note(`at any byte, ${heard.n_heard} events meanwhile`, heard.n_streams - 1, heard, seconds);
  await sameAsServer(page, api);

  const withId = await page.evaluate(() => [...new Set(window.heard.frames.filter(([, hasId]) => hasId).map(([event]) => event))]);
  assert.deepEqual(withId, ['run'], 'only a run frame has a position');
});

test('a network that trickles is slow and whole', async (t) => {
  const { net, page, api } = await behind(t);
  net.set({ bytesPerSecond: 4_000 });
  net.cut();
  const stop = work(api);
  await pause(4_000);
  await stop();
  const seconds = await whole(page, api);
  note('slowed to 4 KB/s', 1, await told(page), seconds);
});

test('a proxy that holds bytes back in lumps is late and whole', async (t) => {
  const { net, page, api } = await behind(t);
  net.set({ lumps: true });
  net.cut();
  const stop = work(api);
  await pause(9_000);
  await stop();
  const seconds = await whole(page, api);
  note('held back for 4 s', 1, await told(page), seconds);
});

test('a proxy that ends each stream after 3 s costs reconnects and nothing else', async (t) => {
  const { net, page, api } = await behind(t);
  net.set({ cutAfterMs: 3_000 });
  net.cut();
  const stop = work(api);
  await until('five streams', async () => (await told(page)).n_streams > 5, { limit: 60_000 });
  assert.equal(await page.getByText(/^Reconnecting/).count(), 0, 'a short break is not worth a word');
  net.set({ cutAfterMs: Infinity });
  await stop();
  const seconds = await whole(page, api);
  const heard = await told(page);
  note('each stream after 3 s', heard.n_streams - 1, heard, seconds);
});

test('a server that hangs is told as old after 20 s, asked anew after 30 s, and caught up with', async (t) => {
  const { page, api } = await behind(t);
  const pid = await system.serverPid();
  const stop = work(api);
  await pause(1_500);
  await stop();
  process.kill(pid, 'SIGSTOP');
  let hangs = true;
  t.after(() => { if (hangs) process.kill(pid, 'SIGCONT'); });
  const silent = performance.now();
  await page.getByText(/^Nothing heard/).first().waitFor({ timeout: 25_000 });
  const old = (performance.now() - silent) / 1_000;
  await page.getByText(/^Reconnecting/).first().waitFor({ timeout: 25_000 });
  const anew = (performance.now() - silent) / 1_000;
  process.kill(pid, 'SIGCONT');
  hangs = false;
  t.diagnostic(`old after ${old.toFixed(1)} s, anew after ${anew.toFixed(1)} s`);
  assert.ok(old > 9 && old < 22 && anew < 33);
  const again = work(api);
  await pause(1_000);
  await again();
  const seconds = await whole(page, api);
  note('server stopped by SIGSTOP for 30 s', 1, await told(page), seconds);
});

test('a server that is killed three times in the middle of runs is caught up with', async (t) => {
  const { page, api } = await behind(t);
  const stop = work(api);
  let seconds = 0;
  for (let n = 0; n < 3; n += 1) {
    const nReady = system.lines.filter((line) => line.includes('tenant-atlas is ready: ')).length;
    await pause(1_500);
    process.kill(await system.serverPid(), 'SIGKILL');
    await system.ready(nReady + 1);
    seconds = Math.max(seconds, await whole(page, api));
  }
  await stop();
  seconds = Math.max(seconds, await whole(page, api));
  note('server killed and restarted', 3, await told(page), seconds);
  await sameAsServer(page, api);
});

test('a page that is frozen, as by sleep, catches up when it wakes', async (t) => {
  const { page, api } = await behind(t);
  const stop = work(api);
  await page.evaluate(() => {
    let before = performance.now();
    window.longestGap = 0;
    setInterval(() => {
      window.longestGap = Math.max(window.longestGap, performance.now() - before);
      before = performance.now();
    }, 100);
  });
  const thaw = await freeze(page);
  await pause(12_000);
  await thaw();
  await stop();
  await until('the page runs again', () => page.evaluate(() => window.longestGap > 10_000));
  const seconds = await whole(page, api);
  note('page frozen for 12 s', 1, await told(page), seconds);
});

test('a page from the back/forward cache resumes where it was', async (t) => {
  const cached = await launch({ ignoreDefaultArgs: [...BACKGROUND_SWITCHES, '--disable-back-forward-cache'] });
  t.after(() => cached.close());
  const { page, api } = await behind(t, { from: cached, allow: [NO_NETWORK, /favicon\.ico/] });
  await page.evaluate(() => {
    addEventListener('pageshow', (event) => { window.wasPersisted = event.persisted; });
  });
  await page.goto('/healthz');
  const stop = work(api);
  await pause(2_000);
  await stop();
  await page.evaluate(() => history.back());
  // The page that is left is gone in the middle of being asked.
  await until('the page is back', () => page.evaluate(() => window.wasPersisted).catch(() => undefined));
  const seconds = await whole(page, api);
  const heard = await told(page);
  assert.equal(heard.n_resets, 0);
  assert.ok(heard.n_heard > 0);
  note('left for the back/forward cache', 1, heard, seconds);
});
