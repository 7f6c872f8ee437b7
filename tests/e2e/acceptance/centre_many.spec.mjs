// The centre with thousands of cards: few are elements, all are reachable and exactly counted, and typing stays quick while events come.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { launch } from '../fixtures/browser.mjs';
import { bell, live } from '../fixtures/cards.mjs';
import { WIDE } from '../fixtures/looks.mjs';
import { OPERATOR, signIn } from '../fixtures/people.mjs';
import { portalOf, servePortals } from '../fixtures/portal.mjs';
import { until } from '../fixtures/wait.mjs';

const STARTED = { name: OPERATOR.name };
/** As in `contract::snapshot`: of what neither runs nor failed, so many are held. */
const MAX_RECENT = 500;

const LONG_MS = 50;
/** What else works on the machine of the tests takes its share of each task. */
const MARGIN = 3;

let browser;
let system;
let portal;

/** So few of a kind are cards of their own, and no group. */
function kindOf(name, idx) {
  return `${name}_${Math.floor(idx / 5)}`;
}

before(async () => {
  browser = await launch();
  system = await servePortals(browser);
  portal = await portalOf(system, system.contoso);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

async function open(t, where) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE });
  const api = await signIn(context, system.baseURL);
  const page = await context.newPage();
  await page.goto(where);
  await live(page).waitFor();
  return { page, api };
}

function articles(page) {
  return page.getByRole('main').getByRole('article');
}

/** The number of a view, as its button says it. */
async function countOf(page, view) {
  const said = await page.getByRole('group', { name: 'Filter the cards' }).getByRole('button', { name: new RegExp(`^${view} `) }).textContent();
  return Number(said.replace(/\D/g, ''));
}

/** Scrolls on until the end of the page is reached and nothing more comes. */
async function scrollToEnd(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
    let stable = 0;
    for (let before = -1; stable < 5;) {
      scrollTo(0, document.documentElement.scrollHeight);
      await frame();
      const now = document.documentElement.scrollHeight;
      stable = now === before ? stable + 1 : 0;
      before = now;
    }
  });
}

test('typing in the search has no long task while 500 events come in a second', async (t) => {
  const n = 400;
  const runs = Array.from({ length: n }, (_, idx) => ({
    run_type: kindOf('moving', idx), run_id: idx + 1, operation: 'users.sync', target: `Site ${idx + 1}`, started_by: STARTED,
    sequence: 1, status: 'running', counts: { total: 100_000, processed: 0, succeeded: 0 },
  }));
  await portal.announce(runs);
  const { page } = await open(t, '/notifications');
  await until('all are there', async () => await countOf(page, 'All') === n);
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration)); })
      .observe({ type: 'longtask' });
  });
  // It is heard at all.
  await page.evaluate(() => { setTimeout(() => { for (const end = performance.now() + 80; performance.now() < end;); }, 0); });
  await until('a long task is told', () => page.evaluate(() => window.longTasks.length > 0));
  let goesOn = true;
  let sequence = 1;
  let n_sent = 0;
  const began = performance.now();
  const sending = (async () => {
    while (goesOn) {
      const due = Math.floor((performance.now() - began) / 2) - n_sent;
      if (due < 50) {
        await pause(20);
        continue;
      }
      const events = Array.from({ length: due }, (_, idx) => {
        const one = runs[(n_sent + idx) % n];
        sequence += 1;
        // Every tenth ends or begins anew, the others go on.
        const ends = sequence % 10 === 0;
        const attempt = (one.attempt ?? 1) + (one.status === 'failed' ? 1 : 0);
        const status = ends && one.status === 'running' ? 'failed' : 'running';
        Object.assign(one, { sequence, attempt, status, counts: { total: 100_000, processed: sequence, succeeded: sequence } });
        return { ...one };
      });
      n_sent += events.length;
      await portal.announce(events);
    }
  })();
  const search = page.getByRole('searchbox');
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    await page.evaluate(() => { window.longTasks.length = 0; });
    await search.fill('');
    await search.pressSequentially('users site 12', { delay: 90 });
    for (let key = 0; key < 8; key += 1) await search.press('Backspace', { delay: 60 });
    await search.fill('site');
    const drawn = await page.getByRole('main').textContent();
    await until('what came is drawn', async () => await page.getByRole('main').textContent() !== drawn);
    rounds.push(await page.evaluate(() => Math.max(0, ...window.longTasks)));
  }
  goesOn = false;
  await sending;
  await portal.announce(runs.map((one, idx) => ({ ...one, attempt: one.attempt + 1, sequence: sequence + idx + 1, status: 'cancelled' })));
  const rate = Math.round(n_sent / ((performance.now() - began) / 1000));
  rounds.sort((a, b) => a - b);
  t.diagnostic(`${rate} events/s; longest task of each round: ${rounds.join(', ')} ms`);
  assert.ok(rate > 400, `${rate} events/s`);
  assert.ok(rounds[1] <= LONG_MS * MARGIN, `the longest task of the middle round took ${rounds[1]} ms`);
});

test('what is too old to be held is exactly counted, and can be paged to the last one', async (t) => {
  const n = 1_250;
  const done = Array.from({ length: n }, (_, idx) => ({
    run_type: kindOf('old', idx), run_id: idx + 1, operation: 'mail.rules', target: `Mailbox ${idx + 1}`, started_by: STARTED, sequence: 1, status: 'completed',
  }));
  await portal.announce(done);
  const { page, api } = await open(t, '/notifications?operation=mail.rules');
  const { body } = await api.get('/api/me/notifications?state=open&operation=mail.rules&limit=1');
  assert.equal(body.total, n);
  const older = page.getByRole('heading', { name: /older on the server$/ });
  await older.waitFor();
  const n_held = await countOf(page, 'All');
  assert.ok(n_held <= MAX_RECENT + 64, `${n_held} are held`);
  const n_older = Number((await older.textContent()).replace(/\D/g, ''));
  assert.equal(n_held + n_older, n, 'each is counted once');
  const more = page.getByRole('button', { name: 'Show older' });
  const places = page.getByRole('main').getByRole('list').nth(1).getByRole('listitem');
  const n_listed = async () => (await places.count() === 0 ? 0 : Number(await places.first().getAttribute('aria-setsize') ?? await places.count()));
  let n_clicks = 0;
  while (await more.count() > 0) {
    const before = await n_listed();
    await more.click();
    n_clicks += 1;
    await until('more of them stand there', async () => await n_listed() > before);
  }
  await scrollToEnd(page);
  const last = articles(page).last();
  await until('the first run of all is the last card', async () => await last.getAttribute('data-run') === 'old_0/1');
  assert.equal(await places.last().getAttribute('aria-setsize'), String(n_older));
  assert.equal(await places.last().getAttribute('aria-posinset'), String(n_older));
  await last.getByRole('button', { name: /^Dismiss / }).click();
  await page.getByRole('main').getByRole('button', { name: /Undo/ }).waitFor();
  assert.equal(await page.getByRole('main').locator('[data-run="old_0/1"]').count(), 0, 'a card of the server is dismissed at once');
  await page.getByRole('heading', { name: `${new Intl.NumberFormat('en').format(n_older - 1)} older on the server` }).waitFor();
});

test('of 5,000 cards few are elements, the last is reached, and a keyboard and a screen reader go through them in order', async (t) => {
  const n = 5_000;
  const night = Array.from({ length: n }, (_, idx) => ({
    run_type: kindOf('night', idx), run_id: idx + 1, operation: 'night.sync', target: `Site ${idx + 1}`, sequence: 1, status: 'failed',
    error: { code: 'quota', message: 'No licences are left.' },
  }));
  await portal.announce(night);
  const { page } = await open(t, '/notifications?operation=night.sync');
  await until('all are there', async () => await countOf(page, 'All') === n, { limit: 60_000 });
  await page.getByRole('heading', { name: '5,000 failed, not acknowledged' }).waitFor();
  await bell(page).getByText('5,000').first().waitFor();
  const elements = () => articles(page).count();
  assert.ok(await elements() <= 150, `${await elements()} cards are elements`);

  // By keyboard: Tab goes through the cards in their order, and each says its number.
  await articles(page).first().getByRole('button', { name: /^Dismiss / }).focus();
  const at = () => page.evaluate(() => {
    const item = document.activeElement.closest('[role="listitem"]');
    return item && [Number(item.ariaPosInSet), Number(item.ariaSetSize)];
  });
  let before = 0;
  for (let key = 0; key < 560; key += 1) {
    const here = await at();
    assert.ok(here, `the focus is on a card after ${key} presses`);
    assert.ok(here[0] === before || here[0] === before + 1, `${here[0]} comes after ${before}`);
    assert.equal(here[1], n);
    before = here[0];
    await page.keyboard.press('Tab');
  }
  assert.ok(before > 120, `the focus came to ${before}`);

  // Scrolling away takes nothing from the focus.
  const focused = () => page.evaluate(() => document.activeElement.closest('article')?.dataset.run);
  const here = await focused();
  assert.ok(here);
  await scrollToEnd(page);
  assert.equal(await focused(), here);
  assert.ok(await elements() <= 150, `${await elements()} cards are elements at the end`);
  const last = page.getByRole('main').getByRole('listitem').last();
  assert.equal(await last.getAttribute('aria-posinset'), String(n));
  await last.getByRole('article').waitFor();
  assert.ok(await last.isVisible());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), here, 'the keyboard goes on where it was');

  // Whoever listens hears the same order as stands in the document.
  const order = await page.getByRole('main').getByRole('listitem').evaluateAll((items) => items.map((one) => Number(one.ariaPosInSet)));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  const tops = await page.getByRole('main').getByRole('listitem').evaluateAll((items) => items.map((one) => Math.round(one.getBoundingClientRect().top)));
  assert.deepEqual(tops, tops.toSorted((a, b) => a - b));

  // A search among all of them finds the one that was far from the screen.
  await page.getByRole('searchbox').fill('site 4999');
  await until('one is left', async () => await articles(page).count() === 1);
  await articles(page).getByText('Site 4999').waitFor();
});
