// The gallery: every component in each of its states, in both themes, narrow, from right to left, with more contrast, with forced
// colours and compact. Pictures of all of it come out, to be looked at; some parts are compared with those that are kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkAccessibility } from '../fixtures/axe.mjs';
import { launch, shot } from '../fixtures/browser.mjs';
import { NARROW, WIDE } from '../fixtures/looks.mjs';
import { PLAIN_DRAWING, allAsBefore, bringFont, looksAsBefore, useFont } from '../fixtures/pictures.mjs';
import { cut, speakPseudo } from '../fixtures/pseudo.mjs';
import { serveStatic } from '../fixtures/static.mjs';

/** Here each landmark is shown in all its states. */
const NOT_HERE = ['landmark-unique'];

let browser;
let site;

before(async () => {
  [browser, site] = await Promise.all([launch(PLAIN_DRAWING), serveStatic({ folder: 'dist-gallery' })]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** The gallery at rest: no second passes, nothing moves, nothing has the focus. */
async function open(t, { words, ...options } = {}) {
  const context = await browser.context(t, {
    baseURL: site.baseURL, viewport: WIDE, reducedMotion: 'reduce', colorScheme: 'light', timezoneId: 'UTC', locale: 'en-GB', ...options,
  });
  await context.addInitScript(() => { window.setInterval = () => 0; });
  await bringFont(context);
  if (words === 'pseudo') await speakPseudo(context);
  const page = await context.newPage();
  await page.goto('/gallery');
  await page.getByRole('heading', { name: 'Gallery' }).waitFor();
  await useFont(page);
  return page;
}

const part = (page, name) => page.locator(`[data-shown="${name}"]`);

function turn(page, attribute, value) {
  return page.evaluate(([name, to]) => document.documentElement.setAttribute(name, to), [attribute, value]);
}

async function fits(page, width) {
  await page.setViewportSize({ width, height: 844 });
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const out = [...document.querySelectorAll('body *')].filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < -0.5 || right > innerWidth + 0.5;
    });
    return out.slice(0, 5).map((one) => one.outerHTML.slice(0, 160));
  });
  assert.deepEqual(wide, [], `it fits ${width} px`);
}

test('the gallery in each way to look at it, without an accessibility finding', async (t) => {
  const page = await open(t);
  const look = async (name) => {
    await checkAccessibility(page, NOT_HERE);
    await shot(page, `gallery/${name}`, { fullPage: true });
  };
  await look('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look('dark');
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await look('contrast');
  await page.emulateMedia({ contrast: null, forcedColors: 'active' });
  await shot(page, 'gallery/forced-colours', { fullPage: true });
  await page.emulateMedia({ forcedColors: null });
  await turn(page, 'data-density', 'compact');
  await look('compact');
  await turn(page, 'data-density', '');
  await fits(page, 320);
  await page.setViewportSize(NARROW);
  await look('narrow');
});

test('the gallery in a longer language from right to left', async (t) => {
  const page = await open(t, { words: 'pseudo' });
  for (const width of [320, 760, 1440]) {
    await fits(page, width);
    assert.deepEqual(await cut(page), [], `nothing is cut at ${width} px`);
  }
  await checkAccessibility(page, NOT_HERE);
  await shot(page, 'gallery/right-to-left', { fullPage: true });
});

test('some parts look as they did', async (t) => {
  const page = await open(t);
  const complaints = [];
  const same = async (name, as) => complaints.push(await looksAsBefore(part(page, name), as));
  await same('card-running-failures', 'card-running-light');
  await same('card-failed', 'card-failed-light');
  await same('group-closed', 'group-light');
  await same('bar-all-parts', 'bar-light');
  await same('chips-icons', 'chips-light');
  // A keyboard has been there, so what has the focus shows it.
  await page.keyboard.press('Tab');
  await part(page, 'card-completed').getByRole('link', { name: 'View run' }).focus();
  await same('card-completed', 'card-focus-light');
  await page.evaluate(() => document.activeElement.blur());
  await page.emulateMedia({ colorScheme: 'dark' });
  await same('card-stalled', 'card-stalled-dark');
  await same('card-partial', 'card-partial-dark');
  await same('undo', 'undo-dark');
  await same('button-ink', 'button-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await turn(page, 'dir', 'rtl');
  await same('card-acknowledged', 'card-acknowledged-right-to-left');
  await same('tabs', 'tabs-right-to-left');
  await turn(page, 'dir', 'ltr');
  await turn(page, 'data-density', 'compact');
  await same('card-failed-read', 'card-failed-compact');
  await same('timeline', 'timeline-compact');
  await turn(page, 'data-density', '');
  await page.setViewportSize(NARROW);
  await same('banner-reconnecting', 'banner-narrow');
  await same('card-updated', 'card-updated-narrow');
  allAsBefore(complaints);
});

test('a person makes the page compact, which is kept, and every target stays large enough', async (t) => {
  const page = await open(t);
  const help = page.locator('#device');
  const compact = help.getByRole('switch', { name: /^Compact/ });
  const height = (name) => part(page, name).evaluate((one) => one.getBoundingClientRect().height);
  const heights = async () => [await height('card-failed'), await height('table'), await height('tabs'), await height('group-open')];
  const usual = await heights();
  const turn = async (on) => {
    await page.keyboard.press('?');
    await compact.click();
    assert.equal(await compact.getAttribute('aria-checked'), on);
    await shot(page, `gallery/density-${on}`);
    await help.getByRole('button', { name: 'Close' }).click();
  };

  await turn('true');
  await page.reload();
  await page.getByRole('heading', { name: 'Gallery' }).waitFor();
  await useFont(page);
  const dense = await heights();
  for (const [idx, was] of usual.entries()) assert.ok(dense[idx] < was, `${dense[idx]} px, and ${was} px before`);
  const small = await page.evaluate(() => [...document.querySelectorAll('button, a.ta-button, input, select, .ta-group__row > a')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 100)])
    .filter(([{ width, height }]) => width < 24 || height < 24)
    .map(([{ width, height }, html]) => `${width} × ${height}: ${html}`));
  assert.deepEqual(small, [], 'no target is below 24 px');

  await turn('false');
  assert.deepEqual(await heights(), usual);
  await page.reload();
  await page.getByRole('heading', { name: 'Gallery' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.density), undefined);
});

test('a recorded log goes through the feed, by steps and by itself', async (t) => {
  const page = await open(t);
  const screen = part(page, 'player');
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  const played = (n) => page.locator(`[data-played="${n}"]`).waitFor();
  await screen.getByText('0 cards, 0 failed; holes: 0').waitFor();
  await press('Step');
  await played(2);
  await press('To the end');
  await played(77);
  await screen.getByRole('article').filter({ hasText: 'Run completed (partial)' }).waitFor();
  await screen.getByText('2 cards, 2 failed; holes: 0').waitFor();
  await shot(page, 'gallery/log-capture', { fullPage: true });
  await press('All notifications');
  await screen.getByRole('button', { name: /^Failed/ }).click();
  await checkAccessibility(page, NOT_HERE);
  await shot(page, 'gallery/log-notifications', { fullPage: true });
  await press('All notifications');
  // What a click does here stays here.
  await screen.getByRole('button', { name: /^Dismiss / }).first().click();
  await screen.getByRole('button', { name: 'Undo' }).click();
  await screen.getByText('2 cards, 2 failed; holes: 0').waitFor();

  await press("A portal's nightly job");
  await played(1);
  await press('Play');
  await played(51);
  await screen.getByRole('article', { name: '12 runs: Nightly sync' }).waitFor();
  await screen.getByText('holes: 0').waitFor();
  await screen.scrollIntoViewIfNeeded();
  await shot(page, 'gallery/log-portal');
});
