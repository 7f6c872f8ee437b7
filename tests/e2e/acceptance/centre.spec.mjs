// The notification centre as a page: what is looked for stands in its address, a failure says who has seen it and who looks after it,
// what was dismissed comes back, and whatever a portal sends is text.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, launch, shot } from '../fixtures/browser.mjs';
import { bell, live } from '../fixtures/cards.mjs';
import { WIDE, looksRight } from '../fixtures/looks.mjs';
import { OPERATOR, VIEWER, apiOf, signIn } from '../fixtures/people.mjs';
import { COLLEAGUE, portalOf, servePortals } from '../fixtures/portal.mjs';
import { until } from '../fixtures/wait.mjs';

const STARTED = { name: OPERATOR.name };
const FAILED = { status: 'failed', error: { code: 'quota', message: 'No licences are left.' } };

let browser;
let system;
let contoso;
let fabrikam;
/** Each run of this file has a number of its own. */
let lastRun = 100;

before(async () => {
  browser = await launch();
  system = await servePortals(browser);
  contoso = await portalOf(system, system.contoso);
  fabrikam = await portalOf(system, system.fabrikam);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

function run(more) {
  lastRun += 1;
  return { run_type: 'users_sync', run_id: lastRun, operation: 'users.sync', sequence: 1, ...more };
}

/** A person in a context of their own, without a card on screen. */
async function person(t, who = OPERATOR, options = {}) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE, ...options });
  const api = await signIn(context, system.baseURL, who);
  for (;;) {
    const { body } = await api.get('/api/me/notifications?state=open&limit=500');
    if (body.total === 0) break;
    const dismissed = body.rows.map((row) => ({ run: keyOf(row.run), seq: row.run.tenant_seq }));
    const { status, text } = await api.put('/api/me/marks', { dismissed });
    assert.equal(status, 200, text);
  }
  return { context, api };
}

function keyOf({ tenant_id, source, run_type, run_id }) {
  return { tenant_id, source, run_type, run_id };
}

async function open(context, where = '/notifications') {
  const page = await context.newPage();
  await page.goto(where);
  await live(page).waitFor();
  return page;
}

function articles(page) {
  return page.getByRole('main').getByRole('article');
}

function cardOf(page, { run_type = 'users_sync', run_id }) {
  return page.getByRole('main').locator(`[data-run="${run_type}/${run_id}"]`);
}

/** A view by its word. */
function tab(page, word) {
  return page.getByRole('group', { name: 'Filter the cards' }).getByRole('button', { name: new RegExp(`^${word}`) });
}

async function has(page, n, what = `${n} cards`) {
  await until(what, async () => await articles(page).count() === n).catch(async (error) => {
    throw new Error(`${error.message}; there are ${await articles(page).count()}`);
  });
}

async function n_failed(page) {
  const said = await bell(page).textContent();
  return Number(/(\d+)\s*failed/.exec(said)?.[1] ?? 0);
}

test('search and filters stand in the address, survive a reload and the back button, and narrow by tenant, operation, words and mine', async (t) => {
  const { context } = await person(t);
  await contoso.announce([
    run({ ...FAILED, target: 'Night shift' }),
    run({ status: 'running', target: 'Day shift', started_by: STARTED }),
    run({ status: 'completed', operation: 'mail.rules', target: 'Mailboxes', started_by: STARTED }),
  ]);
  const theirs = run({ ...FAILED, target: 'Warehouse' });
  await fabrikam.announce([theirs]);
  const page = await open(context);
  await has(page, 4);
  const asked = () => new URL(page.url()).searchParams;

  await page.getByRole('combobox', { name: 'Tenant' }).selectOption({ label: 'Contoso' });
  await has(page, 3);
  assert.equal(asked().get('tenant'), String(system.contoso.id));
  await page.getByRole('combobox', { name: 'Operation' }).selectOption({ label: 'users.sync' });
  await has(page, 2);
  assert.equal(asked().get('operation'), 'users.sync');
  await tab(page, 'Mine').click();
  await has(page, 1);
  await articles(page).getByText('Day shift').waitFor();
  assert.equal(asked().get('tab'), 'mine');
  await page.reload();
  await has(page, 1);
  assert.equal(await tab(page, 'Mine').getAttribute('aria-pressed'), 'true');
  assert.equal(await page.getByRole('combobox', { name: 'Operation' }).inputValue(), 'users.sync');

  await tab(page, 'All').click();
  await page.getByRole('combobox', { name: 'Tenant' }).selectOption('');
  await page.getByRole('combobox', { name: 'Operation' }).selectOption('');
  await has(page, 4);
  const search = page.getByRole('searchbox', { name: 'Search notifications' });
  await search.pressSequentially('wareHOUSE');
  await has(page, 1);
  await page.waitForURL(/[?&]q=wareHOUSE/);
  await search.fill('licences');
  await has(page, 2, 'the words of an error are searched too');
  await search.fill(String(theirs.run_id));
  await has(page, 1);
  await page.waitForURL(new RegExp(`q=${theirs.run_id}`));
  await page.reload();
  await has(page, 1);
  assert.equal(await search.inputValue(), String(theirs.run_id));

  await articles(page).getByRole('link', { name: 'View run' }).click();
  await page.getByRole('heading', { level: 1, name: 'users.sync' }).waitFor();
  await page.goBack();
  await has(page, 1);
  assert.equal(await search.inputValue(), String(theirs.run_id));

  await search.fill('nothing is called so');
  await page.getByText('Nothing fits the search and the filters').waitFor();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await has(page, 4);
  assert.equal(await search.inputValue(), '');
});

test('what the pointer rests on is another list as soon as another is looked for', async (t) => {
  const { context } = await person(t);
  await contoso.announce(['Red', 'Green', 'Blue'].map((target) => run({ ...FAILED, target })));
  const page = await open(context);
  await has(page, 3);
  await articles(page).first().hover();
  const search = page.getByRole('searchbox');
  await search.focus();
  await page.keyboard.type('green');
  await has(page, 1);
  await search.press('ControlOrMeta+a');
  await search.press('Delete');
  await has(page, 3);
});

test('a failure says in two tabs and to another person who looks after it, and leaves the count of the bell until that is taken back', async (t) => {
  const { context } = await person(t);
  const colleague = await person(t, COLLEAGUE);
  const viewer = await person(t, VIEWER);
  const failed = run({ ...FAILED, target: 'Payroll' });
  await contoso.announce([failed]);
  const mine = [await open(context), await open(context)];
  const [theirs, watched] = [await open(colleague.context), await open(viewer.context)];
  const pages = [...mine, theirs, watched];
  for (const page of pages) {
    await cardOf(page, failed).waitFor();
    await until('the bell counts it', async () => await n_failed(page) === 1);
  }
  assert.equal(await cardOf(watched, failed).getByRole('button', { name: 'Acknowledge' }).count(), 0, 'a viewer looks after nothing');

  await cardOf(mine[0], failed).getByRole('button', { name: 'Acknowledge' }).click();
  for (const page of mine) await cardOf(page, failed).getByText(/^Acknowledged by you at /).waitFor();
  for (const page of [theirs, watched]) await cardOf(page, failed).getByText(`Acknowledged by ${OPERATOR.name} at `).waitFor();
  for (const page of pages) await until('the bell counts it no more', async () => await n_failed(page) === 0);
  await theirs.reload();
  await cardOf(theirs, failed).getByText(`Acknowledged by ${OPERATOR.name} at `).waitFor();

  await cardOf(theirs, failed).getByRole('button', { name: 'Take back' }).click();
  for (const page of pages) {
    await cardOf(page, failed).getByText(/^Acknowledged by/).waitFor({ state: 'detached' });
    await until('the bell counts it again', async () => await n_failed(page) === 1);
  }
});

test('after a bad night 300 failures are acknowledged by one request', async (t) => {
  const { context, api } = await person(t);
  const night = Array.from({ length: 300 }, (_, n) => run({ ...FAILED, operation: 'night.sync', target: `Site ${n}` }));
  await contoso.announce(night);
  const page = await open(context, '/notifications?tab=failed');
  await page.getByRole('heading', { name: '300 failed, not acknowledged' }).waitFor();
  assert.equal(await n_failed(page), 300);
  const changes = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' && /acknowledge/.test(request.url())) changes.push(request.url());
  });
  await page.getByRole('button', { name: 'Acknowledge 300' }).click();
  await page.getByText(/failed, not acknowledged/).waitFor({ state: 'detached' });
  await until('the bell counts none', async () => await n_failed(page) === 0);
  assert.equal(changes.length, 1, changes.join());
  const { body } = await api.get('/api/me/notifications?operation=night.sync&limit=500');
  assert.equal(body.rows.filter((row) => row.run.acknowledged?.by.name === OPERATOR.name).length, 300);
});

test('another member is told who has seen a failure, and only of those that stood on the screen', async (t) => {
  const { context } = await person(t);
  const colleague = await person(t, COLLEAGUE);
  const [seen, unseen] = [run({ ...FAILED, target: 'Seen one' }), run({ ...FAILED, operation: 'mail.rules', target: 'Unseen one' })];
  await contoso.announce([seen, unseen]);
  const page = await open(context, '/notifications?operation=users.sync');
  await has(page, 1);
  const theirs = await open(colleague.context);
  await has(theirs, 2);
  await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
  await cardOf(theirs, seen).getByText(`Seen by ${OPERATOR.name}`).waitFor();
  assert.equal(await cardOf(theirs, unseen).getByText(/^Seen by/).count(), 0);
});

test('a dismissed card stands under Dismissed, after a reload too, and comes back by its button', async (t) => {
  const { context } = await person(t);
  const dismissed = run({ ...FAILED, operation: 'printers.sync', target: 'Old printers' });
  await contoso.announce([dismissed, run({ status: 'completed', target: 'Stays', started_by: STARTED })]);
  const page = await open(context);
  await has(page, 2);
  await cardOf(page, dismissed).getByRole('button', { name: /^Dismiss / }).click();
  await has(page, 1);
  await page.getByRole('button', { name: 'Dismissed', exact: true }).click();
  await page.getByRole('heading', { name: /^\d+ dismissed$/ }).waitFor();
  await cardOf(page, dismissed).waitFor();
  await page.reload();
  await cardOf(page, dismissed).waitFor();
  await shot(page, 'screens/notifications-dismissed-light');
  await cardOf(page, dismissed).getByRole('button', { name: /^Bring back: .*printers\.sync/ }).click();
  await cardOf(page, dismissed).waitFor({ state: 'detached' });
  await tab(page, 'All').click();
  await has(page, 2);
  await page.reload();
  await has(page, 2);
});

test('what a portal sends is text: no script runs, nothing is asked for, no address leads out of the web', async (t) => {
  const { context } = await person(t);
  const cases = JSON.parse(readFileSync(path.join(ROOT, 'tests/data/filament-notifications.json'), 'utf8'));
  const hostile = cases.filter(({ payload }) => payload !== null && typeof payload === 'object' && !Array.isArray(payload));
  // On one line, as operation and target have to be.
  const text = (value, limit) => [...(typeof value === 'string' && value !== '' ? value : JSON.stringify(value ?? 'nothing'))
    .replaceAll(/\p{C}/gu, ' ')].slice(0, limit).join('').trim() || 'nothing';
  const events = hostile.map(({ payload }, n) => {
    const metadata = {
      // Each of a kind of its own, so that none is in a group.
      ...run(FAILED), run_type: `hostile_${n}`, operation: text(payload.title, 100), target: text(payload.body, 200),
      error: { code: 'hostile', message: text(payload.body, 400) }, url: text(payload.actions?.[0]?.url, 400),
    };
    return { ...payload, format: 'filament', viewData: { metadata } };
  });
  const page = await open(context, '/notifications?tab=failed');
  const strange = [];
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    const ours = origin === system.baseURL && /^\/(api\/|notifications|assets\/|[^/]*\.(js|css|wasm|svg)$)/.test(pathname);
    if (!ours) strange.push(request.url());
  });
  page.on('dialog', (dialog) => {
    strange.push(dialog.message());
    dialog.dismiss();
  });
  await contoso.announce(events);
  await page.mouse.move(5, 5);
  await has(page, events.length, 'each is a card');
  const found = await page.getByRole('main').evaluate((main) => ({
    elements: [...main.querySelectorAll('script, img, iframe, object, embed, style, video, link, base, form')].map((one) => one.outerHTML),
    handlers: [...main.querySelectorAll('*')].flatMap((one) => one.getAttributeNames().filter((name) => name.startsWith('on') || name === 'style' && one.getAttribute(name).includes('position'))),
    links: [...main.querySelectorAll('a[href]')].map((one) => one.href).filter((href) => !/^https?:/.test(href)),
  }));
  assert.deepEqual(found, { elements: [], handlers: [], links: [] });
  // What would have been markup is read as it is.
  const script = hostile.find(({ payload }) => typeof payload.title === 'string' && payload.title.includes('<') && payload.title.length <= 100);
  if (script) await articles(page).getByText(script.payload.title, { exact: false }).first().waitFor();
  await page.reload();
  await has(page, events.length);
  assert.deepEqual(strange, []);
  await page.getByRole('searchbox').fill('<script');
  await page.waitForURL(/q=%3Cscript/);
  await shot(page, 'screens/notifications-hostile');
});

test('the accessibility tree of a failed card and of the page is what a reader sees', async (t) => {
  const { context } = await person(t);
  const failed = run({ ...FAILED, target: '120 users', counts: { total: 120, processed: 31, succeeded: 30, failed: 1 } });
  await contoso.announce([failed]);
  const page = await open(context);
  await cardOf(page, failed).waitFor();
  const card = await cardOf(page, failed).ariaSnapshot();
  t.diagnostic(card);
  for (const says of [/- article "Run failed users\.sync 120 users"/, /heading "Run failed" \[level=3\]/, /img "Unread"/,
    /button "Dismiss Run failed: users\.sync, Contoso"/, /img ".*30 succeeded, 1 failed.*of 120"/, /No licences are left\./,
    /link "View run"/, /button "Acknowledge"/]) {
    assert.match(card, says);
  }
  const tree = await page.getByRole('main').ariaSnapshot();
  t.diagnostic(tree.slice(0, 1_500));
  for (const says of [/heading "Notifications" \[level=1\]/, /searchbox "Search notifications"/, /combobox "Tenant"/, /combobox "Operation"/,
    /group "Filter the cards"/, /button "All 1" \[pressed\]/, /button "Failed 1"/, /button "Dismissed"/,
    /region "Cards of runs"/, /heading "1 failed, not acknowledged" \[level=3\]|heading "1 failed, not acknowledged"/, /list:/, /listitem:/]) {
    assert.match(tree, says);
  }
});

test('each view of the page looks right in both themes and at each width', async (t) => {
  const { context, api } = await person(t);
  const counts = { total: 240, processed: 240, succeeded: 231, failed: 6, skipped: 3 };
  await contoso.announce([
    run({ ...FAILED, target: 'Payroll', counts: { total: 120, processed: 31, succeeded: 30, failed: 1 }, url: 'https://portal.example/1' }),
    run({ status: 'partial', operation: 'mail.rules', target: 'Mailboxes', counts }),
    run({ status: 'running', target: 'Day shift', started_by: STARTED, counts: { ...counts, processed: 131, succeeded: 126, failed: 3, skipped: 2 } }),
    run({ status: 'queued', target: 'Evening shift', started_by: STARTED }),
    run({ status: 'completed', operation: 'licences.assign', target: 'New hires', started_by: STARTED, counts: { ...counts, succeeded: 240, failed: 0, skipped: 0 } }),
  ]);
  await fabrikam.announce([
    run({ ...FAILED, target: 'Warehouse', error: { code: 'timeout', message: 'The directory did not answer within 30 seconds. It was asked three times.' } }),
    run({ status: 'completed', target: 'Sales', started_by: STARTED }),
  ]);
  const colleague = await browser.context(t, { baseURL: system.baseURL });
  const theirs = await signIn(colleague, system.baseURL, COLLEAGUE);
  const { body } = await api.get('/api/me/notifications?state=open');
  const seen = body.rows.filter((row) => row.run.tenant_id === system.contoso.id)
    .map((row) => ({ run: keyOf(row.run), seq: row.run.tenant_seq }));
  assert.equal((await theirs.put('/api/me/marks', { seen })).status, 200);
  const page = await open(context);
  await has(page, 7);
  await page.getByText(`Seen by ${COLLEAGUE.name}`).first().waitFor();
  const partial = articles(page).filter({ hasText: 'Mailboxes' });
  await partial.getByRole('button', { name: 'Acknowledge' }).click();
  await partial.getByText(/Acknowledged by you/).waitFor();
  for (const tab of ['all', 'failed', 'active', 'mine', 'dismissed', 'preferences']) {
    await page.goto(`/notifications?tab=${tab}`);
    await live(page).waitFor();
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    await looksRight(page, `notifications-${tab}`);
  }
  await page.goto('/notifications');
  await has(page, 7);
  await page.emulateMedia({ forcedColors: 'active' });
  await shot(page, 'screens/notifications-forced-colors');
  await page.emulateMedia({ forcedColors: 'none' });
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  await shot(page, 'screens/notifications-rtl');
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'ltr'));

  // 1280 × 1024 at 400 %: what sticks leaves room for a card's own words.
  await page.setViewportSize({ width: 320, height: 256 });
  const covered = await page.evaluate(() => {
    const out = [];
    for (const one of document.querySelectorAll('main button, main a[href], main select, main input')) {
      one.focus({ focusVisible: true });
      const { left, top, width, height } = one.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      if (!at || !(one.contains(at) || at.contains(one))) out.push(`${one.ariaLabel ?? one.textContent} under ${at?.className}`);
    }
    return out;
  });
  assert.deepEqual(covered, [], 'no control is covered while it has the focus');
  await shot(page, 'screens/notifications-zoom-400');
});
