// The shell around the app: what a reader sees when the app has not come, cannot come, or has stopped.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkAccessibility, checkAccessibilityInBothThemes } from '../fixtures/axe.mjs';
import { launch, shot } from '../fixtures/browser.mjs';
import { serveStatic } from '../fixtures/static.mjs';

/** There is no server behind these pages. */
const NO_SERVER = /\/api\//;
const NOT_FOUND = /Failed to load resource: the server responded with a status of 404/;
/** What a panic says in the console, and the trap that follows it. */
const PANIC = [/provoked (while drawing|in a click)/, /uncaught: .*RuntimeError: unreachable/s];
const WIDTHS = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

const sites = [];
let browser;
let site;

before(async () => {
  browser = await launch();
  site = await siteWithout();
});
after(async () => {
  await browser?.close();
  await Promise.all(sites.map((each) => each.stop()));
});

/** The built app, of which a deployment has lost some files. It stands until all tests have ended, longer than any page. */
async function siteWithout(missing) {
  const started = await serveStatic({ missing });
  sites.push(started);
  return started;
}

async function shoot(page, name) {
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name} fits a ${width} window without scrolling sideways`);
    await shot(page, `shell-${name}-${width}`);
  }
  await page.setViewportSize(WIDTHS.wide);
}

function looksRight(page, name) {
  return checkAccessibilityInBothThemes(page, (theme) => shoot(page, `${name}-${theme}`));
}

/** Waits until the app has drawn and beats. */
async function started(page) {
  await page.locator('#app:not([aria-busy])').waitFor();
}

test('bones stand until the app arrives, and say after 10 s that it takes long', async (t) => {
  const context = await browser.context(t, { baseURL: site.baseURL, allow: [NO_SERVER] });
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await context.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  const bones = '#app[aria-busy="true"] .ta-boot__bones';
  // Looked at on a page of its own: the other one's clock goes on by itself as well, and looking takes time.
  const looked = await context.newPage();
  await looked.goto('/', { waitUntil: 'domcontentloaded' });
  await looked.locator(bones).waitFor();
  await looksRight(looked, 'bones');
  await looked.close();

  const page = await context.newPage();
  await page.clock.install();
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await page.locator(bones).waitFor();
  const slow = page.getByRole('heading', { name: 'This takes longer than it should' });
  await page.clock.runFor(8_000);
  assert.equal(await slow.isVisible(), false);
  await page.clock.runFor(3_000);
  await slow.waitFor();
  await looksRight(page, 'slow');

  release();
  await started(page);
  assert.equal(await page.locator('.ta-boot__bones').count(), 0, 'the app has replaced the bones');
});

test('a missing .wasm says what happened and what to do', async (t) => {
  const lost = await siteWithout(/\.wasm$/);
  const page = await browser.page(t, { baseURL: lost.baseURL, allow: [NOT_FOUND, /failed to fetch Wasm: 404/] });
  await page.goto('/');
  await page.getByRole('heading', { name: 'The app could not be loaded' }).waitFor();
  assert.equal(await page.locator('.ta-boot__bones').isVisible(), false);
  assert.equal(await page.locator('noscript').isVisible(), false);
  await looksRight(page, 'missing-wasm');
  const loaded = page.waitForEvent('load');
  await page.getByRole('link', { name: 'Reload' }).click();
  await loaded;
});

test('a missing script of the app says so too', async (t) => {
  const lost = await siteWithout(/tenant-atlas.*\.js$/);
  const page = await browser.page(t, { baseURL: lost.baseURL, allow: [NOT_FOUND, /Failed to fetch dynamically imported module/] });
  await page.goto('/');
  await page.getByRole('heading', { name: 'The app could not be loaded' }).waitFor();
});

test('without boot.js the sheet alone says that it takes long', async (t) => {
  const lost = await siteWithout(/boot.*\.js$/);
  const page = await browser.page(t, { baseURL: lost.baseURL, allow: [NOT_FOUND] });
  await page.goto('/');
  await page.getByRole('heading', { name: 'This takes longer than it should' }).waitFor({ timeout: 20_000 });
});

test('a browser without WebAssembly is told which ones have it', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL });
  await page.addInitScript(() => { delete window.WebAssembly; });
  await page.goto('/');
  await page.getByRole('heading', { name: 'This browser cannot run the app' }).waitFor();
  await looksRight(page, 'unsupported');
});

test('with JavaScript off the page says so, and shows no bones that nothing will replace', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, javaScriptEnabled: false });
  await page.goto('/');
  await page.getByRole('heading', { name: 'JavaScript is switched off' }).waitFor();
  assert.equal(await page.locator('.ta-boot__bones').isVisible(), false);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await shot(page, `shell-noscript-${colorScheme}`);
  }
});

test('the message for JavaScript off has no accessibility finding', async (t) => {
  // The engine is a script itself: it reads the page as it is parsed without scripts, in a page with them.
  const page = await browser.page(t, { baseURL: site.baseURL });
  await page.route('**/boot*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await page.route('**/', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('<noscript>', '').replaceAll('</noscript>', '').replace(/ integrity=[^ >]+/g, '');
    await route.fulfill({ response, body });
  });
  await page.goto('/');
  await page.getByRole('heading', { name: 'JavaScript is switched off' }).waitFor();
  await checkAccessibility(page);
});

/** The banner covers the app, says when, and has the focus. */
async function bannerStands(page) {
  const banner = page.getByRole('alertdialog', { name: /^The display stopped at \d\d:\d\d:\d\d\.$/ });
  await banner.waitFor();
  await banner.getByText('What you see may be old.').waitFor();
  assert.equal(await page.locator('#app').evaluate((app) => app.inert), true, 'the app cannot be used below it');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Reload');
  assert.match(await page.title(), /^Stopped: /);
  return banner;
}

function provoke(page, what) {
  return page.evaluate((value) => { document.documentElement.dataset.provoke = value; }, what);
}

test('after a panic while drawing a banner covers the app, which reloads by itself once and not again', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [NO_SERVER, ...PANIC] });
  await page.clock.install();
  await page.goto('/');
  await started(page);
  await provoke(page, 'draw');
  await page.clock.runFor(1_500);
  const banner = await bannerStands(page);
  await banner.getByText(/It reloads by itself in \d+ s\./).waitFor();
  await looksRight(page, 'stopped');

  const reloaded = page.waitForEvent('load');
  await page.clock.runFor(11_000);
  await reloaded;
  await started(page);
  assert.equal(await banner.isVisible(), false);

  await provoke(page, 'draw');
  await page.clock.runFor(1_500);
  await bannerStands(page);
  await banner.getByText('It has reloaded once by itself already').waitFor();
  let navigations = 0;
  page.on('framenavigated', () => { navigations += 1; });
  await page.clock.runFor(120_000);
  assert.equal(navigations, 0, 'it waits for its reader');

  const again = page.waitForEvent('load');
  await banner.getByRole('button', { name: 'Reload', exact: true }).click();
  await again;
});

test('the reload by itself can be stopped', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [NO_SERVER, ...PANIC] });
  await page.clock.install();
  await page.goto('/');
  await started(page);
  await provoke(page, 'draw');
  await page.clock.runFor(1_500);
  const banner = await bannerStands(page);
  await banner.getByRole('button', { name: 'Do not reload yet' }).click();
  let navigations = 0;
  page.on('framenavigated', () => { navigations += 1; });
  await page.clock.runFor(60_000);
  assert.equal(navigations, 0);
});

test('after a panic in a click the banner covers an app that would run on in an unknown state', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [NO_SERVER, ...PANIC] });
  await page.goto('/');
  await started(page);
  await provoke(page, 'click');
  await page.mouse.click(400, 300);
  await bannerStands(page);
  await page.evaluate(() => { document.title = 'Runs'; });
  assert.equal(await page.title(), 'Stopped: Runs', 'also when the app writes its title once more');
});

/** Holds the app's beats back from boot.js while `window.muffled` is true. */
async function muffle(page) {
  await page.addInitScript(() => {
    addEventListener('tenant-atlas:beat', (event) => {
      if (window.muffled) event.stopImmediatePropagation();
      else window.lastBeat = new Date().toTimeString().slice(0, 8);
    }, { capture: true });
  });
}

test('an app without a beat for 10 s is covered, and uncovered when it beats again', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [NO_SERVER] });
  await muffle(page);
  await page.clock.install();
  await page.goto('/');
  await started(page);
  await page.clock.runFor(3_000);
  await page.evaluate(() => { window.muffled = true; });
  const lastBeat = await page.evaluate(() => window.lastBeat);
  await page.clock.runFor(8_000);
  const banner = page.getByRole('alertdialog');
  assert.equal(await banner.isVisible(), false);
  await page.clock.runFor(3_000);
  await bannerStands(page);
  assert.equal(await banner.getByRole('time').or(banner.locator('time')).first().textContent(), lastBeat, 'since the last beat');

  await page.evaluate(() => { window.muffled = false; });
  await page.clock.runFor(1_500);
  await banner.waitFor({ state: 'hidden' });
  assert.equal(await page.locator('#app').evaluate((app) => app.inert), false);
  assert.doesNotMatch(await page.title(), /^Stopped: /);
});

test('a hidden page is not covered for want of beats', async (t) => {
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [NO_SERVER] });
  await muffle(page);
  await page.addInitScript(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => (window.concealed ? 'hidden' : 'visible') });
  });
  await page.clock.install();
  await page.goto('/');
  await started(page);
  await page.evaluate(() => { window.muffled = true; window.concealed = true; });
  await page.clock.runFor(60_000);
  assert.equal(await page.getByRole('alertdialog').isVisible(), false);
});
