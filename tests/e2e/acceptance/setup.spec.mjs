// The doors: the one-time link, the first account, signing out and in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { OPERATOR } from '../fixtures/people.mjs';
import { serve } from '../fixtures/serve.mjs';

/** Who is not signed in is told so by these answers, which the browser writes into its console. */
const REFUSED = /console: Failed to load resource: the server responded with a status of (401|403)/;

let browser;
let system;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

/** The page of a tenant's policies, with its rows. */
async function policiesStand(page) {
  await page.waitForURL(/\/t\/\d+\/policies$/);
  await page.getByRole('heading', { name: 'Policies', level: 1 }).waitFor();
  await page.getByText('62 policies', { exact: false }).first().waitFor();
  await page.getByText('in 2 families', { exact: false }).first().waitFor();
  const rows = page.getByRole('table').getByRole('row').filter({ has: page.getByRole('cell') });
  await rows.nth(61).waitFor();
  assert.equal(await rows.count(), 62);
  await page.getByRole('button', { name: 'Contoso (demo)' }).waitFor();
}

async function signInBy(page, { name, password }) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('the link leads to the set-up, and the first account lands in the policies of the demo tenant', async (t) => {
  const page = await browser.page(t, { allow: [REFUSED] });
  await page.goto(system.setupLink);
  await page.getByRole('heading', { name: 'Set up tenant-atlas' }).waitFor();
  await page.getByText('Contoso (demo)').first().waitFor();

  await page.getByLabel('Name').fill(OPERATOR.name);
  const password = page.getByLabel('Password');
  await password.fill('too short');
  await page.getByRole('button', { name: 'Create account' }).click();
  const why = page.getByText('9 characters; it takes at least 12.');
  await why.waitFor();
  assert.equal(await password.getAttribute('aria-invalid'), 'true');
  const described = (await password.getAttribute('aria-describedby')) ?? '';
  const texts = await page.evaluate((ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent), described);
  assert.match(texts.join(' '), /9 characters; it takes at least 12\./, 'the field is described by what is wrong with it');

  await password.fill(OPERATOR.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await policiesStand(page);
  assert.equal(new URL(page.url()).hash, '', 'the token has left the address');

  await page.reload();
  await policiesStand(page);
});

test('a link that was used says so plainly, and leads to the sign-in', async (t) => {
  const page = await browser.page(t, { allow: [REFUSED] });
  await page.goto(system.setupLink);
  await page.getByRole('heading', { name: 'This link has been used or has expired' }).waitFor();
  await page.getByRole('link', { name: 'Go to sign-in' }).click();
  await page.getByRole('heading', { name: 'Sign in to tenant-atlas' }).waitFor();
});

test('a set-up address without its token says what is missing', async (t) => {
  const page = await browser.page(t, { baseURL: system.baseURL, allow: [REFUSED] });
  await page.goto('/setup');
  await page.getByRole('heading', { name: 'This page needs a link' }).waitFor();
});

test('a wrong password is refused without saying which half was wrong, and the right one leads to the page that was asked for', async (t) => {
  const page = await browser.page(t, { baseURL: system.baseURL, allow: [REFUSED] });
  await page.goto('/t/1/policies?family=deviceConfigurations');
  await page.getByRole('heading', { name: 'Sign in to tenant-atlas' }).waitFor();
  await signInBy(page, { name: OPERATOR.name, password: 'not the password' });
  await page.getByText('Name or password is wrong.').waitFor();
  await signInBy(page, { name: 'nobody', password: OPERATOR.password });
  await page.getByText('Name or password is wrong.').waitFor();

  await signInBy(page, OPERATOR);
  await page.waitForURL(/\/t\/1\/policies\?family=deviceConfigurations$/);
  const rows = page.getByRole('table').getByRole('row').filter({ has: page.getByRole('cell') });
  await rows.nth(25).waitFor();
  assert.equal(await rows.count(), 26);

  await page.reload();
  await rows.nth(25).waitFor();
  assert.match(page.url(), /\/t\/1\/policies\?family=deviceConfigurations$/);
});

test('signing out leads to the sign-in, and leaves nothing of the page behind', async (t) => {
  const page = await browser.page(t, { baseURL: system.baseURL, allow: [REFUSED] });
  await page.goto('/signin');
  await signInBy(page, OPERATOR);
  await policiesStand(page);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByText(`Signed in as ${OPERATOR.name}`).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).or(page.getByRole('menuitem', { name: 'Sign out' })).click();
  await page.getByRole('heading', { name: 'Sign in to tenant-atlas' }).waitFor();
  assert.equal(await page.getByRole('table').count(), 0);

  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in to tenant-atlas' }).waitFor();
  assert.equal(await page.getByRole('table').count(), 0, 'the back button brings nothing back either');
});
