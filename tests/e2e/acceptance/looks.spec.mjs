// Every page in its states: no accessibility finding in either theme, nothing scrolls sideways, a keyboard reaches everything. It
// leaves pictures in test-results/screens/ for people to look at; with TENANT_ATLAS_PICTURE=1 it also writes the README's.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, launch, shot } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, CAPTURE_POLICY, bell, cardOf, cards, hasEnded, lastPolicy, pathOf, readPolicies, readRun, start } from '../fixtures/cards.mjs';
import { WIDE, looksRight } from '../fixtures/looks.mjs';
import { OPERATOR, VIEWER, setUp, signIn } from '../fixtures/people.mjs';
import { addPerson, control } from '../fixtures/programs.mjs';
import { proxy } from '../fixtures/proxy.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const REFUSED = /console: Failed to load resource: the server responded with a status of (401|403)/;
/** The call to Graph from which on a run of everything is held: about four fifths of its way. */
const HELD_FROM = 146;

let browser;
let system;
let graph;
let tenant;
let policies;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  graph = control(system.graphURL);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

async function person(t, who = OPERATOR) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE, allow: [REFUSED] });
  return { context, api: await signIn(context, system.baseURL, who) };
}

async function open(context, where) {
  const page = await context.newPage();
  await page.goto(where);
  return page;
}

async function ended(api, run) {
  return until('the end of the run', async () => {
    const now = await readRun(api, run);
    return hasEnded(now) && now;
  }, { limit: 120_000 });
}

test('the set-up', async (t) => {
  const page = await browser.page(t, { viewport: WIDE, allow: [REFUSED] });
  await page.goto(system.setupLink);
  await page.getByRole('heading', { name: 'Set up tenant-atlas' }).waitFor();
  await page.getByLabel('Name').fill('operator');
  await page.getByLabel('Password').fill('too short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('it takes at least 12').first().waitFor();
  await looksRight(page, 'setup');

  const context = await browser.context(t);
  const api = await setUp(context, system.setupLink);
  [tenant] = (await api.get('/api/me')).body.tenants;
  policies = await until('the list of policies', async () => {
    const listed = await readPolicies(api, tenant.id);
    return listed.length === 62 && listed;
  });
  await page.reload();
  await page.getByRole('heading', { name: 'This link has been used or has expired' }).waitFor();
  await looksRight(page, 'setup-used');
});

test('the sign-in', async (t) => {
  const page = await browser.page(t, { baseURL: system.baseURL, viewport: WIDE, allow: [REFUSED] });
  await page.goto('/signin');
  await page.getByLabel('Name').fill('operator');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Name or password is wrong.').waitFor();
  await looksRight(page, 'signin');
});

test('runs and cards before there are any', async (t) => {
  const { context } = await person(t);
  const page = await open(context, `/t/${tenant.id}/runs`);
  await page.getByText('No runs yet').waitFor();
  await looksRight(page, 'runs-empty');
  await bell(page).click();
  await page.getByText('No runs to watch').waitFor();
  await looksRight(page, 'drawer-empty');
});

test('policies before a capture, and a keyboard that reaches the capture', async (t) => {
  const { context } = await person(t);
  const page = await open(context, `/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  await looksRight(page, 'policies');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content', 'first the way past the bar');
  await tabTo(page, /^Capture all/);
});

/** Presses Tab until what has the focus has this text; gives the element. */
async function tabTo(page, text, { limit = 120 } = {}) {
  for (let n = 0; n < limit; n += 1) {
    const said = await page.evaluate(() => document.activeElement.textContent.trim());
    if (text.test(said)) return page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press('Tab');
  }
  throw new Error(`${limit} presses of Tab did not reach ${text}`);
}

test('a run under way, its cards, and the picture for the README', async (t) => {
  const { context, api } = await person(t);
  // One card that ends badly and one that ends well, before the run that goes on.
  const refused = policies.find(({ name }) => name.startsWith("WIN - Directors'"));
  await ended(api, (await start(api, tenant.id, CAPTURE_POLICY, refused.id)).run);
  const good = policies.find(({ name }) => name.startsWith('WIN - BitLocker'));
  const completed = await ended(api, (await start(api, tenant.id, CAPTURE_POLICY, good.id)).run);
  // All later calls wait: the run stands still in its middle, with one failure so far, for as long as it is looked at.
  const gate = await graph.gate({ path: '^/beta/deviceManagement/.+/', nth: Array.from({ length: 300 }, (_, n) => n + HELD_FROM) });
  t.after(() => graph.clear());
  const { run } = await start(api, tenant.id, CAPTURE_ALL);
  const page = await open(context, pathOf(run));
  await gate.reached();
  await page.getByText(/^\d failed so far$/).first().waitFor();
  await cardOf(page, run).waitFor();
  // The rows are asked for now and then, the figures come with the stream.
  await until('figures and rows say the same', async () => {
    const { counts } = await readRun(api, run);
    return (await page.getByRole('main').textContent()).includes(`Succeeded${counts.succeeded} policies`);
  });
  if (process.env.TENANT_ATLAS_PICTURE) {
    const key = { tenant_id: tenant.id, run_type: completed.run_type, run_id: completed.run_id };
    await api.put('/api/me/marks', { dismissed: [{ run: key, seq: completed.tenant_seq }] });
    await cardOf(page, completed).waitFor({ state: 'detached' });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: path.join(ROOT, 'docs/images/run.png'), animations: 'disabled' });
    await api.put('/api/me/marks', { restored: [key] });
    await cardOf(page, completed).waitFor();
  }
  await looksRight(page, 'run-running');

  await page.goto(`/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  await cardOf(page, run).waitFor();
  await looksRight(page, 'policies-capturing');
  await page.goto('/runs');
  await page.getByRole('table').getByRole('row').nth(3).waitFor();
  await looksRight(page, 'runs');
  await gate.release();
  await ended(api, run);
});

test('a run that ended partial, with the details of an error', async (t) => {
  const { context, api } = await person(t);
  const { body } = await api.get(`/api/tenants/${tenant.id}/runs`);
  const run = body.rows.find(({ status }) => status === 'partial');
  const page = await open(context, pathOf(run));
  await page.getByText('Partial', { exact: true }).first().waitFor();
  const details = page.getByRole('button', { name: /^(Details of|Open) / }).first();
  if (await details.count() > 0) await details.click();
  await looksRight(page, 'run-partial');
});

test('the drawer, which a keyboard opens and leaves, and the way from a card to its run', async (t) => {
  const { context } = await person(t);
  const page = await open(context, `/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  await cards(page).first().waitFor();
  await bell(page).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Notifications' });
  await drawer.waitFor();
  await looksRight(page, 'drawer');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Notifications/, 'the bell has the focus again');

  await page.keyboard.press('Enter');
  await drawer.waitFor();
  await tabTo(page, /^View run/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/bulk-operation-runs\/\d+$/);
});

test('the stack is reached by a keyboard', async (t) => {
  const { context } = await person(t);
  const page = await open(context, '/nowhere');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await cards(page).first().waitFor();
  await tabTo(page, /^View run/);
  assert.equal(await page.evaluate(() => document.activeElement.closest('.ta-stack') !== null), true);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/bulk-operation-runs\/\d+$/);
});

test('a page that is not there, and a run that is not theirs', async (t) => {
  const link = await addPerson(system, VIEWER.name, { tenant: tenant.id, role: 'viewer' });
  const theirs = await browser.browser.newContext();
  await setUp(theirs, link, VIEWER);
  await theirs.close();
  const { context } = await person(t, VIEWER);
  const page = await open(context, '/nowhere/at/all');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await looksRight(page, 'not-found');
  await page.goto(`/t/${tenant.id}/bulk-operation-runs/987654`);
  await page.getByText('This run does not exist, was removed, or is in a tenant that you cannot see').first().waitFor();
  await looksRight(page, 'not-yours');
  await page.goto(`/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  await looksRight(page, 'policies-viewer');
});

test('a connection that is lost', async (t) => {
  const network = await proxy(system.baseURL);
  t.after(() => network.stop());
  const context = await browser.context(t, { baseURL: network.baseURL, viewport: WIDE, allow: [/net::ERR_/] });
  await signIn(context, network.baseURL);
  const page = await open(context, '/runs');
  await cards(page).first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  network.cut();
  await page.getByText(/nothing of it is thrown away/).first().waitFor();
  await looksRight(page, 'connection-lost');
});
