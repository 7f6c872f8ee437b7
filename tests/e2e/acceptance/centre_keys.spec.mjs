// Cards by keyboard, muted operations, and failures told outside of the page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { BACKGROUND_SWITCHES, hide, launch } from '../fixtures/browser.mjs';
import { CAPTURE_POLICY, cardOf, cards, hasEnded, pathOf, readRun, stack, start } from '../fixtures/cards.mjs';
import { setUpDemo } from '../fixtures/demo.mjs';
import { signIn } from '../fixtures/people.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

/** Graph refuses this one: its capture fails. */
const REFUSED = "WIN - Directors' laptops, local administrators";
const TRUNCATED = 'WIN - Windows security baseline 24H2';
const PREFERENCES = '/notifications?tab=preferences';

let browser;
let system;
let tenant;
let refused;
let good;

before(async () => {
  [browser, system] = await Promise.all([launch({ ignoreDefaultArgs: BACKGROUND_SWITCHES }), serve()]);
  const demo = await setUpDemo(browser, system);
  tenant = demo.tenant;
  refused = demo.policies.find(({ name }) => name === REFUSED);
  good = demo.policies.filter(({ name }) => name !== REFUSED && name !== TRUNCATED);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

/** Each test begins without a card on screen and without preferences. */
async function person(t) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: { width: 1280, height: 800 } });
  const api = await signIn(context, system.baseURL);
  await api.put('/api/me/preferences', { rules: [] });
  const { body } = await api.get('/api/snapshot');
  const dismissed = body.runs.map(({ tenant_id, run_type, run_id, tenant_seq }) => ({ run: { tenant_id, run_type, run_id }, seq: tenant_seq }));
  if (dismissed.length > 0) await api.put('/api/me/marks', { dismissed });
  return { context, api };
}

async function open(context, where = `/t/${tenant.id}/policies`) {
  const page = await context.newPage();
  await page.goto(where);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

async function captured(api, policy) {
  const { run } = await start(api, tenant.id, CAPTURE_POLICY, policy.id);
  return until('the end of the run', async () => {
    const now = await readRun(api, run);
    return hasEnded(now) && now;
  });
}

const focusedRun = (page) => page.evaluate(() => document.activeElement?.closest('article')?.dataset.run ?? null);
const nameOf = (run) => `${run.run_type}/${run.run_id}`;

test('arrows and letters move among the cards, dismiss, undo and open; the focus goes to the next card', async (t) => {
  const { context, api } = await person(t);
  const page = await open(context);
  const runs = [];
  for (const policy of good.slice(0, 3)) runs.unshift(await captured(api, policy));
  for (const run of runs) await cardOf(page, run).getByRole('heading', { name: 'Run completed' }).waitFor();

  await page.keyboard.press('j');
  assert.equal(await focusedRun(page), nameOf(runs[0]));
  assert.equal(await page.evaluate(() => document.activeElement.localName), 'article');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focusedRun(page), nameOf(runs[1]));
  await page.keyboard.press('End');
  assert.equal(await focusedRun(page), nameOf(runs[2]));
  await page.keyboard.press('k');
  assert.equal(await focusedRun(page), nameOf(runs[1]));
  await page.keyboard.press('Home');
  assert.equal(await focusedRun(page), nameOf(runs[0]));

  await page.keyboard.press('x');
  await cardOf(page, runs[0]).waitFor({ state: 'detached' });
  assert.equal(await focusedRun(page), nameOf(runs[1]), 'the next card has the focus');
  await page.keyboard.press('u');
  await cardOf(page, runs[0]).waitFor();
  await until('the card that came back has the focus', async () => await focusedRun(page) === nameOf(runs[0]));

  for (const run of runs) {
    await until('the focus is on it', async () => await focusedRun(page) === nameOf(run));
    await page.keyboard.press('x');
    await cardOf(page, run).waitFor({ state: 'detached' });
  }
  assert.equal(await page.evaluate(() => document.activeElement.id), 'stack-title', 'none is left: the heading');
  await page.keyboard.press('u');
  await cardOf(page, runs[2]).waitFor();
  await until('it has the focus', async () => await focusedRun(page) === nameOf(runs[2]));
  await page.keyboard.press('o');
  await page.waitForURL(`**${pathOf(runs[2])}`);
});

test('a failure is acknowledged with a letter', async (t) => {
  const { context, api } = await person(t);
  const page = await open(context);
  const run = await captured(api, refused);
  await cardOf(page, run).getByRole('heading', { name: 'Run failed' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await cardOf(page, run).getByText(/Acknowledged by you/).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${pathOf(run)}`);
});

test('the centre, the search and the help have keys, which rest while somebody types and can be turned off', async (t) => {
  const { context } = await person(t);
  const page = await open(context);
  const drawer = page.getByRole('dialog', { name: 'Notifications' });
  const help = page.getByRole('dialog', { name: 'In this browser' });
  await page.keyboard.press('n');
  await drawer.waitFor();
  await page.keyboard.press('n');
  await drawer.waitFor({ state: 'detached' });

  const before = await page.evaluateHandle(() => document.activeElement);
  await page.keyboard.press('?');
  await help.waitFor();
  await page.screenshot({ path: process.env.SHOTS ? `${process.env.SHOTS}/help.png` : undefined });
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  assert.ok(await page.evaluate((element) => document.activeElement === element, before), 'the focus is back');

  await page.keyboard.press('/');
  const search = page.getByRole('searchbox');
  assert.ok(await search.evaluate((element) => document.activeElement === element));
  await page.keyboard.type('n?x');
  assert.equal(await search.inputValue(), 'n?x');
  assert.equal(await drawer.count(), 0, 'letters that are typed do nothing else');

  await page.goto(PREFERENCES);
  await page.getByRole('button', { name: 'Desktop notices, density, shortcuts' }).click();
  const turn = help.getByRole('switch', { name: /Keyboard shortcuts/ });
  await turn.click();
  assert.equal(await turn.getAttribute('aria-checked'), 'false');
  await page.goto(`/t/${tenant.id}/policies`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.keyboard.press('?');
  await page.keyboard.press('n');
  assert.equal(await drawer.count(), 0);
  assert.ok(await help.isHidden());
});

test('a muted operation has no card any more, in all tabs, and the preferences take it back', async (t) => {
  const { context, api } = await person(t);
  const [page, other] = [await open(context), await open(context, '/runs')];
  const run = await captured(api, refused);
  for (const one of [page, other]) await cardOf(one, run).getByRole('heading', { name: 'Run failed' }).waitFor();
  await page.bringToFront();
  await cardOf(page, run).getByRole('button', { name: /^More for/ }).click();
  await page.screenshot({ path: process.env.SHOTS ? `${process.env.SHOTS}/menu.png` : undefined });
  await page.getByRole('menuitem', { name: /^Mute/ }).click();
  for (const one of [page, other]) await cardOf(one, run).waitFor({ state: 'detached' });
  await page.getByText(/is muted/).waitFor();
  await captured(api, refused);
  assert.equal(await cards(page).count() + await cards(other).count(), 0);

  await page.getByRole('status').getByRole('link', { name: 'Preferences' }).click();
  await page.getByText('Not even a failure gets a card then').waitFor();
  await page.screenshot({ path: process.env.SHOTS ? `${process.env.SHOTS}/prefs.png` : undefined, fullPage: true });
  await page.getByRole('button', { name: 'Remove' }).click();
  await cardOf(other, run).waitFor();
});

test('the menu copies the link of the run and marks its card as read', async (t) => {
  const { context, api } = await person(t);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await open(context);
  const run = await captured(api, good[3]);
  const card = cardOf(page, run);
  await card.getByRole('img', { name: 'Unread' }).waitFor();
  const more = card.getByRole('button', { name: /^More for/ });
  await more.click();
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  await card.getByText('Copied').waitFor({ state: 'attached' });
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), system.baseURL + pathOf(run));
  await more.click();
  await page.getByRole('menuitem', { name: 'Mark as read' }).click();
  await card.getByRole('img', { name: 'Unread' }).waitFor({ state: 'detached' });
});

test('a choice is made for a tenant and an operation, and for all the others', async (t) => {
  const { context, api } = await person(t);
  await captured(api, good[4]);
  const page = await open(context, PREFERENCES);
  await page.getByLabel('Everywhere').selectOption('each run');
  await page.getByRole('combobox', { name: 'Tenant' }).selectOption(tenant.name);
  await page.getByLabel('Cards for').selectOption('only mine and watched');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('A failure of what others started gets no card').waitFor();
  const rules = await until('both are on the server', async () => {
    const { body } = await api.get('/api/me/preferences');
    return (body.rules ?? []).length === 2 && body.rules;
  });
  assert.deepEqual(rules, [{ tell: 'all' }, { tenant_id: tenant.id, tell: 'mine' }]);
});

test('a failure is told on the desktop once for all tabs, and its click leads to the run', async (t) => {
  const { context, api } = await person(t);
  // What would be on the desktop; the browser's own is kept for the permission.
  await context.addInitScript(() => {
    window.told = [];
    const Own = window.Notification;
    window.Notification = class extends EventTarget {
      static get permission() { return Own.permission; }
      static requestPermission() { window.asked = true; return Own.requestPermission(); }
      constructor(title, options) {
        super();
        window.told.push(Object.assign(this, { title, ...options }));
      }
      close() {}
    };
  });
  const page = await open(context, PREFERENCES);
  await page.getByRole('button', { name: 'Desktop notices, density, shortcuts' }).click();
  const turn = page.getByRole('switch', { name: /Tell me on this device/ });
  assert.equal(await page.evaluate(() => window.asked), undefined, 'nothing is asked on load');
  await turn.click();
  await page.getByRole('dialog').getByRole('alert').getByText(/does not allow notices/).waitFor();
  assert.equal(await turn.getAttribute('aria-checked'), 'false');
  await context.grantPermissions(['notifications']);
  await turn.click();
  await until('it is on', async () => await turn.getAttribute('aria-checked') === 'true');

  const other = await open(context, '/runs');
  await hide(page);
  await hide(other);
  const told = async () => (await Promise.all([page, other].map((one) => one.evaluate(
    () => window.told.map(({ title, body, tag }) => ({ title, body, tag })),
  )))).flat();
  const run = await captured(api, refused);
  await captured(api, good[5]);
  await until('the failure is told', async () => (await told()).length > 0);
  const all = await told();
  assert.equal(all.length, 1, JSON.stringify(all));
  assert.equal(all[0].title, 'Run failed: Capture one policy');
  assert.ok(all[0].body.includes(tenant.name) && all[0].body.includes(REFUSED), all[0].body);
  const [teller] = await Promise.all([page, other].map(async (one) => ({ one, n: await one.evaluate(() => window.told.length) })))
    .then((tabs) => tabs.filter(({ n }) => n > 0));
  await teller.one.evaluate(() => window.told[0].dispatchEvent(new Event('click')));
  await teller.one.waitForURL(`**${pathOf(run)}`);
});
