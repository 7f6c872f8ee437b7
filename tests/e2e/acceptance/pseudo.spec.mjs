// Every page in a language that is a third longer and runs from right to left: nothing is cut, nothing scrolls sideways, and
// no word is written anywhere but in the language's file.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, launch, shot } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, cards, hasEnded, lastPolicy, pathOf, readRun, start } from '../fixtures/cards.mjs';
import { setUpDemo } from '../fixtures/demo.mjs';
import { WIDE } from '../fixtures/looks.mjs';
import { OPERATOR, signIn } from '../fixtures/people.mjs';
import { cut, pseudo, speakPseudo, unmarked } from '../fixtures/pseudo.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const WIDTHS = [320, 760, 1440];

let browser;
let system;
let tenant;
let policies;
let run;
let names;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  ({ tenant, policies } = await setUpDemo(browser, system));
  const context = await browser.browser.newContext({ baseURL: system.baseURL });
  const api = await signIn(context, system.baseURL, OPERATOR);
  ({ run } = await start(api, tenant.id, CAPTURE_ALL));
  run = await until('the end of the run', async () => {
    const now = await readRun(api, run);
    return hasEnded(now) && now;
  }, { limit: 120_000 });
  const { body } = await api.get(`/api/tenants/${tenant.id}/runs/${run.run_type}/${run.run_id}/items`);
  const said = body.rows.flatMap(({ name, family, error }) => [name, family, error?.message, error?.code, error?.request_id]);
  names = [
    ...said, run.error?.message, run.error?.code, tenant.name, 'operator', ...policies.flatMap(({ name, platform }) => [name, platform]),
  ].filter(Boolean).sort((one, other) => other.length - one.length);
  await context.close();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

async function holds(page, name) {
  await page.locator('#app:not([data-boot])').waitFor();
  assert.deepEqual(await unmarked(page, names), [], `${name}: each word comes from the language's file`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 844 });
    const wide = await page.evaluate(() => {
      if (document.documentElement.scrollWidth <= innerWidth) return [];
      const out = [...document.querySelectorAll('body *')].filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        return left < -0.5 || right > innerWidth + 0.5;
      });
      return out.slice(0, 5).map((one) => one.outerHTML.slice(0, 160));
    });
    assert.deepEqual(wide, [], `${name} fits ${width} px`);
    assert.deepEqual(await cut(page), [], `${name}: nothing is cut at ${width} px`);
    await shot(page, `screens/pseudo-${name}-${width}`);
  }
  await page.setViewportSize(WIDE);
}

async function open(t, where) {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE, allow: [/status of (401|403)/] });
  await speakPseudo(context);
  await signIn(context, system.baseURL, OPERATOR);
  const page = await context.newPage();
  await page.goto(where);
  return page;
}

test('the language is longer, and holds all places', async () => {
  const file = await readFile(path.join(ROOT, 'languages/en.properties'), 'utf8');
  const places = (text) => text.match(/\{\}/g)?.length;
  assert.equal(places(pseudo(file)), places(file));
  assert.match(pseudo('ViewRun=View run'), /^ViewRun=⟦View run~{3}⟧$/);
});

test('the pages of runs, of a run and of policies', async (t) => {
  const page = await open(t, '/runs');
  await page.getByRole('table').getByRole('row').nth(1).waitFor();
  await holds(page, 'runs');
  await page.goto(pathOf(run));
  await page.getByRole('table').getByRole('row').nth(1).waitFor();
  await holds(page, 'run');
  await page.goto(`/t/${tenant.id}/policies`);
  await lastPolicy(page).waitFor();
  await holds(page, 'policies');
  await page.goto('/nowhere');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await holds(page, 'not-found');
});

test('the cards, as a stack, in the drawer and on their page', async (t) => {
  const page = await open(t, '/nowhere');
  await cards(page).first().waitFor();
  await holds(page, 'stack');
  await page.locator('.ta-bell').click();
  await page.getByRole('dialog').waitFor();
  await holds(page, 'drawer');
  for (const tab of ['all', 'failed', 'dismissed', 'preferences']) {
    await page.goto(`/notifications?tab=${tab}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await holds(page, `notifications-${tab}`);
  }
});

test('the way in', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL, viewport: WIDE, allow: [/status of (401|403)/] });
  await speakPseudo(context);
  const page = await context.newPage();
  await page.goto('/signin');
  await page.getByRole('button').first().waitFor();
  await holds(page, 'signin');
  await page.goto('/setup#used');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await holds(page, 'setup-used');
});
