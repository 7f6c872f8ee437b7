// Runs that a portal announces with a machine key: a card like all others, a page with what happened when, and the way back to
// the portal's own page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { cards, live } from '../fixtures/cards.mjs';
import { WIDE, looksRight } from '../fixtures/looks.mjs';
import { OPERATOR, VIEWER, setUp, signIn } from '../fixtures/people.mjs';
import { newKey, post } from '../fixtures/portal.mjs';
import { addPerson, runServer } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';

const RUN = { run_type: 'users_sync', run_id: 42, operation: 'users.sync', target: '120 users' };
const PORTAL_PAGE = 'https://portal.example/sync/42';

let browser;
let system;
let tenant;
let key;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  const context = await browser.browser.newContext();
  const api = await setUp(context, system.setupLink);
  [tenant] = (await api.get('/api/me')).body.tenants;
  await context.close();
  key = await newKey(system, tenant, 'Portal');
  const link = await addPerson(system, VIEWER.name, { tenant: tenant.id, role: 'viewer' });
  const theirs = await browser.browser.newContext();
  await setUp(theirs, link, VIEWER);
  await theirs.close();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

function announce(events, token = key) {
  return post(system, tenant, token, events);
}

async function open(t, who, where) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE });
  await signIn(context, system.baseURL, who);
  const page = await context.newPage();
  await page.goto(where);
  await live(page).waitFor();
  return page;
}

test('an announced run is a card for who started it, and has a page that leads back to the portal', async (t) => {
  const page = await open(t, OPERATOR, `/t/${tenant.id}/runs`);
  const started = { name: OPERATOR.name };
  const first = { ...RUN, status: 'queued', sequence: 1, started_by: started, url: PORTAL_PAGE };
  const { status, body } = await announce(first);
  assert.deepEqual([status, body.results], [200, [{ result: 'accepted' }]]);

  const card = cards(page).filter({ hasText: 'users.sync' });
  await card.getByText('Run queued').waitFor();
  await announce({ ...RUN, status: 'running', sequence: 2, counts: { total: 120, processed: 31, succeeded: 30, failed: 1 } });
  await card.getByText('Run started').waitFor();
  await card.getByText('31 of 120').waitFor();

  await card.getByRole('link', { name: 'View run' }).click();
  await page.waitForURL(`**/t/${tenant.id}/runs/users_sync/42?source=portal`);
  await page.getByRole('heading', { name: 'users.sync', level: 1 }).waitFor();
  const back = page.getByRole('link', { name: 'Open in portal' });
  assert.equal(await back.getAttribute('href'), PORTAL_PAGE);
  await page.getByText('What became of each record is in portal').waitFor();

  // Again, too late, and in one batch with one that does not fit: what is new counts once.
  const ended = { ...RUN, status: 'failed', sequence: 3, error: { code: 'timeout', message: 'The directory did not answer.' } };
  const batch = await announce([first, { ...RUN, status: 'running', sequence: 2 }, { ...RUN, run_id: -1, status: 'running' }, ended]);
  assert.deepEqual(batch.body.results.map(({ result }) => result), ['duplicate', 'duplicate', 'rejected', 'accepted']);
  await page.getByText('The directory did not answer.').first().waitFor();
  const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
  await steps.nth(2).waitFor();
  await looksRight(page, 'announced-run');
  await page.reload();
  await page.getByRole('heading', { name: 'users.sync', level: 1 }).waitFor();
  assert.equal(await steps.count(), 3, 'queued, running and failed stand there once each');
});

test('a failure is a card for every member, and a revoked key is worth nothing at once', async (t) => {
  const page = await open(t, VIEWER, `/t/${tenant.id}/runs`);
  const other = await newKey(system, tenant, 'Short-lived');
  await announce({ ...RUN, run_id: 43, status: 'failed', sequence: 1 }, other);
  await cards(page).filter({ hasText: 'Run failed' }).first().waitFor();

  const { code, output } = await runServer(['key', 'revoke', 'Short-lived', '--data', system.data]);
  assert.equal(code, 0, output);
  const { status, body } = await announce({ ...RUN, run_id: 44, status: 'failed', sequence: 1 }, other);
  assert.equal(status, 401, JSON.stringify(body));
});

test('the panel of the connection says what proves that nothing is missing', async (t) => {
  const page = await open(t, OPERATOR, `/t/${tenant.id}/runs`);
  await page.getByText(/Complete as of \d/).first().waitFor();
  const health = page.locator('button[data-health]');
  await health.click();
  const panel = page.getByRole('region', { name: 'Connection: Live' });
  await panel.getByText('Has the stream, for all tabs').waitFor();
  await panel.getByText(/Complete as of \d/).waitFor();
  await panel.getByText("The same as the server's").waitFor();
  await panel.getByText(/hello \d/).waitFor();
  await looksRight(page, 'connection-panel');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
});
