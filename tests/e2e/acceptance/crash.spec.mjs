// The server is killed in the middle of a run. The next one goes on with it, nothing is done twice, and the open page catches up
// by itself. And it ends in seconds when it is told to, with streams open.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, cardOf, hasEnded, pathOf, readItems, readPolicies, readRun, start, unfold } from '../fixtures/cards.mjs';
import { N_POLICIES, setUpDemo } from '../fixtures/demo.mjs';
import { signIn } from '../fixtures/people.mjs';
import { control } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

/** The lease of the killed worker (15 s), and the rest of the run on a busy machine. */
const RUN_LIMIT_MS = 120_000;
/** While there is no server, the browser says so. */
const NO_SERVER = /console: Failed to load resource: net::ERR_/;

let browser;
let system;
let graph;
let tenant;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  graph = control(system.graphURL);
  ({ tenant } = await setUpDemo(browser, system));
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

/** What the API answers, or undefined while there is no server. */
async function whenThere(ask) {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

test('a run whose server is killed goes on, every item is there once, and the open page catches up by itself', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL, allow: [NO_SERVER] });
  const api = await signIn(context, system.baseURL);
  const page = await context.newPage();
  const { run } = await start(api, tenant.id, CAPTURE_ALL);
  await page.goto(pathOf(run));
  await cardOf(page, run).waitFor();
  await page.evaluate(() => { window.isTheSamePage = true; });

  await until('ten items are settled', async () => (await readRun(api, run)).counts.processed >= 10);
  const first = await system.serverPid();
  // The next server is held off until the page has said that the connection is gone.
  const letGo = system.holdRestart();
  t.after(letGo);
  process.kill(first, 'SIGKILL');
  await page.getByText(/^Reconnecting/).first().waitFor();
  const killed = performance.now();
  letGo();
  await system.ready(2);
  t.diagnostic(`the next server answered ${((performance.now() - killed) / 1000).toFixed(1)} s after it was let`);
  assert.notEqual(await system.serverPid(), first);

  const recovered = await until('a second attempt', async () => {
    const now = await whenThere(() => readRun(api, run));
    return now?.attempt === 2 && now;
  }, { limit: RUN_LIMIT_MS });
  assert.equal(recovered.run_id, run.run_id);
  t.diagnostic(`the run was taken up ${((performance.now() - killed) / 1000).toFixed(1)} s after that`);
  const ended = await until('the end of the run', async () => {
    const now = await whenThere(() => readRun(api, run));
    return now !== undefined && hasEnded(now) && now;
  }, { limit: RUN_LIMIT_MS });

  assert.equal(ended.status, 'partial');
  assert.equal(ended.attempt, 2);
  assert.deepEqual(ended.counts, { total: 62, processed: 62, succeeded: 60, failed: 2, skipped: 0 });
  const items = await readItems(api, run);
  assert.equal(items.length, N_POLICIES);
  assert.equal(new Set(items.map(({ policy_id }) => policy_id)).size, N_POLICIES, 'each policy once');
  assert.deepEqual(items.map(({ item_idx }) => item_idx), Array.from({ length: N_POLICIES }, (_, n) => n));
  const n = (outcome) => items.filter((item) => item.outcome === outcome).length;
  assert.deepEqual([n('succeeded'), n('failed')], [60, 2]);
  const policies = await readPolicies(api, tenant.id);
  for (const { policy_id, outcome, name } of items) {
    const { n_versions } = policies.find(({ id }) => id === policy_id);
    assert.equal(n_versions, outcome === 'succeeded' ? 1 : 0, `${name}: one version and not two`);
  }
  const journal = await graph.journal();
  const writes = journal.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/oauth2/v2.0/token'));
  assert.deepEqual(writes, [], 'nothing was written to Graph');

  await page.getByText('Partial', { exact: true }).first().waitFor();
  await cardOf(page, run).getByRole('heading', { name: 'Run completed (partial)' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const table = page.getByRole('table', { name: /Items of this run/ });
  await unfold(table);
  const settled = table.locator('[data-cell="outcome"]').getByText(/^(Succeeded|Failed)$/);
  await until('all outcomes on the page', async () => await settled.count() === N_POLICIES);
  await page.getByText('attempt 2').first().waitFor();
  assert.equal(await page.evaluate(() => window.isTheSamePage), true, 'without a reload');
});

test('told to end, everything ends within seconds, with streams open and a run under way', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL, allow: [NO_SERVER] });
  const api = await signIn(context, system.baseURL);
  const pages = [await context.newPage(), await context.newPage()];
  for (const page of pages) {
    await page.goto('/runs');
    await page.getByText('Live', { exact: true }).waitFor();
  }
  const { run } = await start(api, tenant.id, CAPTURE_ALL);
  await until('the run is under way', async () => (await readRun(api, run)).counts.processed > 0);
  const pid = await system.serverPid();
  const told = performance.now();
  const { code, signal } = await system.stop();
  const took = performance.now() - told;
  t.diagnostic(`SIGTERM to the end of everything: ${(took / 1000).toFixed(2)} s`);
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  assert.ok(took < 6_000, `it took ${took} ms`);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the server has ended too');
  await assert.rejects(fetch(`${system.graphURL}/_control/journal`), 'and so has the stand-in');
  await pages[0].getByText(/Reconnecting/).first().waitFor();
});
