// Who was away hears once what happened meanwhile, failures first.

import { after, before, test } from 'node:test';

import { BACKGROUND_SWITCHES, hide, launch } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, bell, hasEnded, live, readRun, start } from '../fixtures/cards.mjs';
import { setUpDemo } from '../fixtures/demo.mjs';
import { WIDE, looksRight } from '../fixtures/looks.mjs';
import { OPERATOR, signIn } from '../fixtures/people.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

let browser;
let system;
let tenant;

before(async () => {
  [browser, system] = await Promise.all([launch({ ignoreDefaultArgs: BACKGROUND_SWITCHES }), serve()]);
  ({ tenant } = await setUpDemo(browser, system));
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

test('after an absence one digest says what ended and what failed, and is read once', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE, allow: [/net::ERR_/] });
  const api = await signIn(context, system.baseURL, OPERATOR);
  const page = await context.newPage();
  // The page's clocks are the test's: the six minutes are over at once. Nothing tells it meanwhile how late it really is.
  await page.clock.install();
  await page.goto(`/t/${tenant.id}/runs`);
  await live(page).waitFor();
  const front = await hide(page);
  const { run } = await start(api, tenant.id, CAPTURE_ALL);
  await until('the end of the run', async () => hasEnded(await readRun(api, run)), { limit: 120_000 });
  await until('the end in the page', async () => /1 failed/.test(await page.title()));
  await context.setOffline(true);
  await page.clock.fastForward('06:00');
  await front.close();
  await page.bringToFront();

  const digest = page.locator('.ta-banner').filter({ hasText: 'While you were away' });
  await digest.getByText('1 failed, 1 run ended').waitFor();
  await digest.getByRole('link', { name: 'Capture all policies' }).waitFor();
  await context.setOffline(false);
  await live(page).waitFor();
  await looksRight(page, 'away');
  await digest.getByRole('button', { name: 'Open all' }).click();
  await page.getByRole('dialog').getByText('Run completed (partial)').waitFor();
  await page.keyboard.press('Escape');
  await digest.getByRole('button', { name: 'Close' }).click();
  await digest.waitFor({ state: 'detached' });
  await bell(page).waitFor();
});
