// A capture from the click to the run's page, as the demo tenant has it: 62 policies, of which Graph refuses one and sends
// another without all its settings.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import {
  CAPTURE_ALL, CAPTURE_POLICY, cardOf, cards, hasEnded, lastPolicy, pathOf, readItems, readPolicies, readRun, start, unfold,
} from '../fixtures/cards.mjs';
import { N_POLICIES, setUpDemo } from '../fixtures/demo.mjs';
import { signIn } from '../fixtures/people.mjs';
import { control } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

/** A run of all 62 policies on a busy machine. */
const RUN_LIMIT = { timeout: 90_000 };
const REFUSED = "WIN - Directors' laptops, local administrators";
const TRUNCATED = 'WIN - Windows security baseline 24H2';
/** Starts that are timed. */
const N_STARTS = 24;

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

/** A signed-in page of the tenant's policies, and the API as its person. */
async function policiesPage(t, options = {}) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: { width: 1440, height: 900 }, ...options });
  const api = await signIn(context, system.baseURL);
  const page = await context.newPage();
  await page.goto(`/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  // The stack is live only after the snapshot.
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, api, context };
}

/** "31 of 62" of a card or a page, as a number. */
async function doneIn(place) {
  const text = await place.textContent();
  const found = /(\d+) of 62/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

async function endOf(api, run) {
  return until('the end of the run', async () => {
    const now = await readRun(api, run);
    return hasEnded(now) && now;
  }, { limit: RUN_LIMIT.timeout });
}

test('capture all: a card comes at once, follows the run to its partial end, and leads to its page', async (t) => {
  const { page, api } = await policiesPage(t);
  const started = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/runs'));
  const clicked = performance.now();
  await page.getByRole('button', { name: /^Capture all/ }).click();
  const { run } = await (await started).json();
  const card = cardOf(page, run);
  await card.waitFor();
  assert.match(await card.getByRole('heading').textContent(), /^Run (queued|started)$/);
  assert.equal(await cards(page).count(), 1);
  await card.getByText('A bulk operation run changed status to:').waitFor();

  await card.getByRole('heading', { name: 'Run started' }).waitFor();
  const counted = new Set();
  await until('the card counts up', async () => {
    const done = await doneIn(card);
    if (done !== undefined) counted.add(done);
    return counted.size >= 8;
  }, { limit: RUN_LIMIT.timeout });
  const order = [...counted];
  assert.deepEqual(order, [...order].sort((one, other) => one - other), 'and never down');

  await card.getByRole('heading', { name: 'Run completed (partial)' }).waitFor(RUN_LIMIT);
  t.diagnostic(`capture of all ${N_POLICIES}: ${((performance.now() - clicked) / 1000).toFixed(1)} s from the click to the partial end`);
  await card.getByText('60 succeeded').waitFor();
  await card.getByText('2 failed').first().waitFor();
  assert.equal(await cards(page).count(), 1, 'it is the same card all along');

  await card.getByRole('link', { name: 'View run' }).click();
  await page.waitForURL(`**${pathOf(run)}`);
  assert.match(pathOf(run), new RegExp(`^/t/${tenant.id}/bulk-operation-runs/\\d+$`));
  await outcomesStand(page, api, run);

  await page.reload();
  await outcomesStand(page, api, run);
});

/** Every policy with its outcome, once; both errors in words, with the ids of Graph's requests. */
async function outcomesStand(page, api, run) {
  await page.getByRole('heading', { name: 'Capture all policies', level: 1 }).waitFor();
  const items = await readItems(api, run);
  assert.equal(items.length, N_POLICIES);
  assert.equal(new Set(items.map((item) => item.policy_id)).size, N_POLICIES);
  const table = page.getByRole('table', { name: /Items of this run/ });
  await unfold(table);
  const outcome = (word) => table.locator('[data-cell="outcome"]').getByText(word, { exact: true });
  await until('all outcomes on the page', async () => await outcome('Succeeded').count() === N_POLICIES - 2);
  assert.equal(await outcome('Failed').count(), 2);

  const names = await table.locator('[data-cell="name"]').allTextContents();
  const sorted = (list) => [...list].map((name) => name.trim()).sort();
  assert.deepEqual(sorted(names), sorted(items.map((item) => item.name)), 'each policy is there exactly once');

  const failed = items.filter((item) => item.outcome === 'failed');
  assert.deepEqual(failed.map((item) => item.name).sort(), [REFUSED, TRUNCATED].sort());
  for (const { name, error } of failed) {
    await page.getByText(error.message, { exact: false }).first().waitFor();
    assert.ok(error.request_id, `${name}: Graph's request id is known`);
    await table.getByRole('button', { name: `Details of ${name}` }).click();
    await page.getByText(error.request_id).first().waitFor();
    await page.getByText(error.code, { exact: true }).first().waitFor();
  }
}

test('a run page that is opened in the middle is live, and a reload shows the same run going on', async (t) => {
  const { page, api } = await policiesPage(t);
  // Holds the run after a dozen policies, so that the middle lasts as long as this test looks at it.
  const gate = await graph.gate({ path: '^/beta/deviceManagement/.+/', nth: Array.from({ length: 200 }, (_, n) => n + 30) });
  t.after(() => graph.clear());
  const { run } = await start(api, tenant.id, CAPTURE_ALL);
  await gate.reached();
  const held = await until('a dozen outcomes', async () => {
    const now = await readRun(api, run);
    return now.counts.processed >= 8 && now.counts.processed;
  });

  await page.goto(pathOf(run));
  await page.getByText('Running', { exact: true }).first().waitFor();
  const table = page.getByRole('table', { name: /Items of this run/ });
  const settled = table.locator('[data-cell="outcome"]').getByText(/^(Succeeded|Failed)$/);
  await unfold(table);
  await until('the outcomes so far', async () => await settled.count() >= held);
  await until('figure and rows say the same', async () => await doneIn(page.getByRole('main')) === await settled.count());

  await page.reload();
  await unfold(table);
  await until('the outcomes so far, after a reload', async () => await settled.count() >= held);
  await page.getByText('Running', { exact: true }).first().waitFor();
  assert.ok((await page.url()).endsWith(pathOf(run)));

  await page.evaluate(() => { window.isTheSamePage = true; });
  await gate.release();
  await until('outcomes that come by themselves', async () => await settled.count() > held + 5);
  await unfold(table);
  await page.getByText('Partial', { exact: true }).first().waitFor(RUN_LIMIT);
  await until('all outcomes', async () => await settled.count() === N_POLICIES);
  assert.equal(await page.evaluate(() => window.isTheSamePage), true, 'without a reload');
  const ended = await endOf(api, run);
  assert.deepEqual(ended.counts, { total: 62, processed: 62, succeeded: 60, failed: 2, skipped: 0 });
});

test('two quick starts of one policy are one run and one card', async (t) => {
  const { page, api } = await policiesPage(t);
  const [policy] = (await readPolicies(api, tenant.id)).filter(({ name }) => name !== REFUSED && name !== TRUNCATED);
  const before = await cards(page).count();
  const [one, other] = await Promise.all([
    start(api, tenant.id, CAPTURE_POLICY, policy.id), start(api, tenant.id, CAPTURE_POLICY, policy.id),
  ]);
  assert.equal(one.run.run_id, other.run.run_id);
  assert.deepEqual([one.reused, other.reused].sort(), [false, true]);
  await cardOf(page, one.run).waitFor();
  assert.equal(await cardOf(page, one.run).count(), 1);
  assert.equal(await cards(page).count(), before + 1);
  await endOf(api, one.run);

  // The same by two quick clicks, while Graph holds the first.
  const gate = await graph.gate({ path: '^/beta/deviceManagement/.+/', nth: Array.from({ length: 20 }, (_, n) => n + 1) });
  t.after(() => graph.clear());
  const answers = [];
  page.on('response', async (response) => {
    if (response.request().method() === 'POST' && response.url().endsWith('/runs')) answers.push(await response.json());
  });
  const row = page.getByRole('row').filter({ hasText: policy.name }).first();
  await row.getByRole('button', { name: `Capture ${policy.name}` }).dblclick();
  await until('an answer', () => answers.length > 0);
  await row.getByText('Already running').waitFor();
  await gate.release();
  await endOf(api, answers[0].run);
  assert.equal(new Set(answers.map(({ run }) => run.run_id)).size, 1, 'however many calls the clicks made, there is one run');
  assert.equal(await cardOf(page, answers[0].run).count(), 1);
});

test('a card is drawn soon after its start', async (t) => {
  const { page, api } = await policiesPage(t);
  await page.evaluate(watchForCards);
  const policies = await readPolicies(api, tenant.id);
  const isUnique = (name) => policies.filter((one) => one.name === name).length === 1;
  const unique = policies.filter(({ name }) => name !== REFUSED && name !== TRUNCATED && isUnique(name)).slice(0, N_STARTS);
  const latencies = [];
  for (const { name } of unique) {
    // Clicked inside the page: the pointer stays where it is, and how long a test driver takes to click is not measured.
    await page.getByRole('button', { name: `Capture ${name}`, exact: true }).evaluate((button) => button.click());
    const timed = await page.waitForFunction((n) => window.timedStarts.filter((one) => one.drawn).length > n && window.timedStarts[n], latencies.length);
    const { requested, drawn, run } = await timed.jsonValue();
    latencies.push(drawn - requested);
    await endOf(api, run);
    // Room for the next one: the stack shows five.
    await api.put('/api/me/marks', { dismissed: [{ run: keyOf(run), seq: (await readRun(api, run)).tenant_seq }] });
    await cardOf(page, run).waitFor({ state: 'detached' });
  }
  latencies.sort((one, other) => one - other);
  const percentile = (p) => latencies[Math.min(latencies.length - 1, Math.ceil(p * latencies.length) - 1)].toFixed(1);
  t.diagnostic(`start-to-card: p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms (n=${latencies.length})`);
  assert.equal(latencies.length, N_STARTS);
});

function keyOf({ tenant_id, run_type, run_id }) {
  return { tenant_id, run_type, run_id };
}

/** In the page: notes when a start's request goes out, and when the frame with the run's card is on screen. */
function watchForCards() {
  window.timedStarts = [];
  const known = new Set([...document.querySelectorAll('[data-run]')].map((card) => card.dataset.run));
  const real = window.fetch;
  window.fetch = function timed(request, ...rest) {
    const isStart = request.method === 'POST' && request.url.endsWith('/runs');
    if (!isStart) return real.call(this, request, ...rest);
    const one = { requested: performance.now() };
    window.timedStarts.push(one);
    return real.call(this, request, ...rest).then((response) => {
      response.clone().json().then(({ run }) => { one.run = run; });
      return response;
    });
  };
  new MutationObserver(() => {
    for (const card of document.querySelectorAll('.ta-stack [data-run]')) {
      if (known.has(card.dataset.run)) continue;
      known.add(card.dataset.run);
      const one = window.timedStarts.find((start) => start.seen === undefined);
      if (one === undefined) continue;
      one.seen = performance.now();
      // A message that is posted inside a frame arrives after the frame was painted. Where the card came inside a frame itself this
      // counts one frame too many, never one too few.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { one.drawn = performance.now(); };
      requestAnimationFrame(() => channel.port2.postMessage(null));
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-run'] });
}
