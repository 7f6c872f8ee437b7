// The script of shortcuts and desktop notices may arrive after the app has started, over a slow network. The app once took the words
// of the page away that both of them read, and the script failed.

import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { serveStatic } from '../fixtures/static.mjs';

let browser;
let site;

before(async () => {
  [browser, site] = await Promise.all([launch(), serveStatic()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

test('a script that arrives after the app has its words and answers its keys', async (t) => {
  // There is no server behind the app.
  const page = await browser.page(t, { baseURL: site.baseURL, allow: [/status of 404/] });
  const running = page.locator('#app:not([data-boot])');
  await page.route(/\/device-[^/]*\.js$/, async (route) => {
    await running.waitFor({ state: 'attached' });
    await route.continue();
  });
  await page.goto('/');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'In this browser' }).getByText('Next card, card before').waitFor();
});
