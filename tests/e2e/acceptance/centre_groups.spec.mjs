// Many runs of one kind: a portal announces 200 of which 4 fail, and they are one group that opens, with each failure in sight.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkAccessibilityInBothThemes } from '../fixtures/axe.mjs';
import { launch, shot } from '../fixtures/browser.mjs';
import { bell, live, stack } from '../fixtures/cards.mjs';
import { WIDE, looksRight } from '../fixtures/looks.mjs';
import { OPERATOR, setUp, signIn } from '../fixtures/people.mjs';
import { portalOf } from '../fixtures/portal.mjs';
import { serve } from '../fixtures/serve.mjs';

const N = 200;
const WHY = ['No answer from Graph', 'The client secret expired', 'Consent is missing', 'The client secret expired'];

let browser;
let system;
let tenant;
let portal;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  const context = await browser.browser.newContext();
  const api = await setUp(context, system.setupLink);
  [tenant] = (await api.get('/api/me')).body.tenants;
  await context.close();
  portal = await portalOf(system, tenant);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

/** The next state of the runs with these numbers, 1 to 200. */
async function announce(ids, status, sequence, more = () => ({})) {
  const events = ids.map((id) => ({
    run_type: 'users_sync', run_id: id, operation: 'Nightly sync', status, sequence, started_by: { name: OPERATOR.name }, ...more(id),
  }));
  await portal.announce(events);
}

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, idx) => from + idx);

test('200 runs of one kind are one group that opens, and none of its 4 failures is out of sight', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE });
  await signIn(context, system.baseURL, OPERATOR);
  const page = await context.newPage();
  await page.goto(`/t/${tenant.id}/runs`);
  await live(page).waitFor();

  await announce(numbers(1, N), 'running', 1);
  const group = stack(page).getByRole('article', { name: '200 runs: Nightly sync' });
  await group.waitFor();
  await group.getByText('0 of 200 ended').waitFor();
  assert.equal(await stack(page).getByRole('article').count(), 1);

  await announce(numbers(1, 4), 'failed', 2, (id) => ({ error: { code: 'failed', message: WHY[id - 1] } }));
  await announce(numbers(5, 145), 'completed', 2);
  await group.getByText('145 of 200 ended').waitFor();
  await group.getByText('4 failed', { exact: true }).waitFor();
  const lines = group.getByRole('listitem').getByRole('link');
  assert.equal(await lines.count(), 4);
  for (const why of new Set(WHY)) await group.getByText(why).first().waitFor();
  await group.getByRole('img', { name: '141 succeeded, 4 failed, 55 remaining, of 200' }).waitFor();
  await bell(page).filter({ hasText: '4 failed' }).waitFor();
  // One sentence each to those who listen: no storm.
  await page.getByRole('alert').filter({ hasText: '4 runs failed' }).waitFor();
  await page.getByRole('status').filter({ hasText: '141 runs ended' }).waitFor();
  await looksRight(page, 'group');

  // In the centre: the same group, opened. Its cards follow it, failures first, and can all be reached.
  await bell(page).click();
  const centre = page.getByRole('dialog', { name: 'Notifications' });
  const there = centre.getByRole('article', { name: '200 runs: Nightly sync' });
  await there.waitFor();
  await checkAccessibilityInBothThemes(page, (theme) => shot(page, `screens/group-centre-${theme}`));
  await page.emulateMedia({ colorScheme: 'light' });
  await there.getByRole('button', { name: 'Show all 200' }).click();
  const first = centre.locator('[data-run]').first();
  await first.waitFor();
  assert.equal(await first.getAttribute('data-state'), 'failed');
  await there.getByRole('button', { name: 'Fold', expanded: true }).waitFor();
  await checkAccessibilityInBothThemes(page, (theme) => shot(page, `screens/group-open-${theme}`));
  await page.emulateMedia({ colorScheme: 'light' });
  const seen = new Set();
  const look = async () => {
    for (const run of await centre.locator('[data-run]').evaluateAll((all) => all.map((one) => one.dataset.run))) seen.add(run);
  };
  const box = centre.getByRole('region', { name: 'Cards of runs' });
  for (let step = 0; seen.size < N && step < 200; step += 1) {
    await look();
    await box.evaluate(async (element) => {
      element.scrollBy(0, 600);
      await new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); });
    });
  }
  assert.equal(seen.size, N, 'every run of the group has its card');
  await box.evaluate((element) => element.scrollTo(0, 0));
  await there.getByRole('button', { name: 'Fold' }).click();
  await there.getByRole('button', { name: 'Show all 200' }).waitFor();
  assert.equal(await centre.locator('[data-run]').count(), 0);

  // The completed ones go together, and come back together.
  await there.getByRole('button', { name: 'Dismiss 141 completed' }).click();
  await centre.getByRole('article', { name: '59 runs: Nightly sync' }).waitFor();
  await centre.getByText('141 completed dismissed').waitFor();
  await centre.getByRole('button', { name: /^Undo/ }).click();
  await there.getByText('145 of 200 ended').waitFor();
  await bell(page).filter({ hasText: '4 failed' }).waitFor();
});
