// Who may see and do what: another tenant's run and one that does not exist cannot be told apart, a viewer starts nothing, and
// nobody who is not signed in gets anything.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, CAPTURE_POLICY, pathOf, readPolicies, start } from '../fixtures/cards.mjs';
import { VIEWER, apiOf, setUp, signIn } from '../fixtures/people.mjs';
import { addPerson } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const NOT_YOURS = 'This run does not exist, was removed, or is in a tenant that you cannot see';
const REFUSED = /console: Failed to load resource: the server responded with a status of (401|403)/;
const NOWHERE = 'http://127.0.0.1:9';

let browser;
let system;
let folder;
let demo;
let other;
/** A run of the demo tenant, which the viewer of the other tenant may not see. */
let run;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tenant-atlas-config-'));
  await writeFile(path.join(folder, 'secret'), 'a-secret-that-nobody-accepts\n');
  await writeFile(path.join(folder, 'config.toml'), `[[tenant]]
name = "Fabrikam"
directory_id = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
client_secret_file = "secret"
login_base = "${NOWHERE}"
graph_base = "${NOWHERE}"
`);
  [browser, system] = await Promise.all([
    launch(), serve({ options: ['--config', path.join(folder, 'config.toml')] }),
  ]);
  const context = await browser.browser.newContext();
  const api = await setUp(context, system.setupLink);
  const { tenants } = (await api.get('/api/me')).body;
  demo = tenants.find(({ name }) => name === 'Contoso (demo)');
  other = tenants.find(({ name }) => name === 'Fabrikam');
  const [policy] = await until('a policy', async () => {
    const listed = await readPolicies(api, demo.id);
    return listed.length > 0 && listed;
  });
  run = (await start(api, demo.id, CAPTURE_POLICY, policy.id)).run;
  await context.close();

  const link = await addPerson(system, VIEWER.name, { tenant: other.id, role: 'viewer' });
  const theirs = await browser.browser.newContext();
  await setUp(theirs, link, VIEWER);
  await theirs.close();
});
after(async () => {
  await browser?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function viewer(t) {
  const context = await browser.context(t, { baseURL: system.baseURL, allow: [REFUSED] });
  return { context, api: await signIn(context, system.baseURL, VIEWER) };
}

test('an invited person chooses a password by the link, and sees the tenant that they were given alone', async (t) => {
  const link = await addPerson(system, 'auditor', { tenant: other.id, role: 'auditor' });
  const page = await browser.page(t, { allow: [REFUSED] });
  await page.goto(link);
  await page.getByRole('heading', { name: 'Choose your password' }).waitFor();
  await page.getByText('For auditor.').waitFor();
  await page.getByLabel('Password').fill('a password of their own');
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await page.waitForURL(new RegExp(`/t/${other.id}/policies$`));
  await page.getByText('Fabrikam').first().waitFor();
  assert.equal(await page.getByText('Contoso (demo)').count(), 0);
});

test('a run of another tenant and one that does not exist look the same', async (t) => {
  const { context } = await viewer(t);
  for (const where of [
    pathOf(run), pathOf({ ...run, run_id: 987_654 }), pathOf({ ...run, run_type: 'restore' }), pathOf({ tenant_id: 987_654, run_id: 1 }),
    pathOf({ tenant_id: other.id, run_id: run.run_id }), pathOf({ tenant_id: other.id, run_id: 987_654 }),
  ]) {
    const page = await context.newPage();
    await page.goto(where);
    await page.getByText(NOT_YOURS, { exact: true }).first().waitFor();
    assert.equal(await page.getByText(NOT_YOURS, { exact: true }).count(), 1, where);
    await page.getByRole('link', { name: /^(All runs|Start page)$/ }).first().waitFor();
    await page.close();
  }
});

test('the answers about what is not theirs are the same to the byte, whether it exists or not', async (t) => {
  const { api } = await viewer(t);
  const own = `/api/tenants/${demo.id}`;
  const texts = new Map();
  for (const where of [
    `${own}/runs/bulk_operation/${run.run_id}`, `${own}/runs/bulk_operation/987654`, `${own}/runs/restore/${run.run_id}`,
    `${own}/runs/bulk_operation/${run.run_id}/items`, `${own}/runs`, `${own}/policies`, '/api/tenants/987654/runs',
    '/api/tenants/987654/policies', '/api/tenants/987654/runs/bulk_operation/1',
    `/api/tenants/${other.id}/runs/bulk_operation/${run.run_id}`, `/api/tenants/${other.id}/runs/bulk_operation/987654`,
    `/api/tenants/${other.id}/runs/bulk_operation/987654/items`,
    `/api/events?tenant=${demo.id}`, '/api/events?tenant=987654', `/api/snapshot?tenant=${demo.id}`, '/api/snapshot?tenant=987654',
  ]) {
    const { status, body, text } = await api.get(where);
    assert.equal(status, 403, where);
    assert.equal(body.code, 'not_yours', where);
    texts.set(text, [...(texts.get(text) ?? []), where]);
  }
  assert.equal(texts.size, 1, JSON.stringify([...texts]));
  for (const tenant of [demo.id, 987_654]) {
    const { status, text } = await api.post(`/api/tenants/${tenant}/runs`, { operation: CAPTURE_ALL });
    assert.equal(status, 403);
    assert.ok(texts.has(text), 'a start is answered so too');
  }
  const { body } = await api.get('/api/snapshot');
  assert.deepEqual(body.tenants.map(({ tenant }) => tenant.id), [other.id]);
  assert.deepEqual(body.runs.filter(({ tenant_id }) => tenant_id !== other.id), []);
});

test('a viewer can start nothing, and is told why', async (t) => {
  const { context, api } = await viewer(t);
  const { status, body } = await api.post(`/api/tenants/${other.id}/runs`, { operation: CAPTURE_ALL });
  assert.equal(status, 403);
  assert.equal(body.code, 'role_needed');

  const page = await context.newPage();
  await page.goto(`/t/${other.id}/policies`);
  await page.getByText('Your role here is to look; an operator can capture.').first().waitFor();
  const buttons = page.getByRole('button', { name: /^Capture/ });
  for (let n = 0; n < await buttons.count(); n += 1) assert.equal(await buttons.nth(n).isEnabled(), false);
});

test('nobody who is not signed in gets anything, nor may change anything', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL });
  const api = apiOf(context, system.baseURL);
  for (const where of [
    '/api/me', '/api/me/marks', '/api/tenants', `/api/tenants/${demo.id}/policies`, `/api/tenants/${demo.id}/runs`,
    `/api/tenants/${demo.id}/runs/bulk_operation/${run.run_id}`, '/api/tenants/987654/runs', '/api/snapshot', '/api/events',
  ]) {
    const { status, body } = await api.get(where);
    assert.equal(status, 401, where);
    assert.equal(body.code, 'signed_out', where);
  }
  assert.equal((await api.post(`/api/tenants/${demo.id}/runs`, { operation: CAPTURE_ALL })).status, 401);
});

test('a change from another origin is refused', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL });
  const api = await signIn(context, system.baseURL, VIEWER);
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }, { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }]) {
    const { status, body } = await api.post(`/api/tenants/${other.id}/runs`, { operation: CAPTURE_ALL }, headers);
    assert.equal(status, 403, JSON.stringify(headers));
    assert.equal(body.code, 'cross_origin');
  }
});

test('the tenant switcher leads from one tenant to the other', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL });
  await signIn(context, system.baseURL);
  const page = await context.newPage();
  await page.goto(`/t/${demo.id}/policies`);
  await page.getByRole('banner').getByRole('button', { name: 'Contoso (demo)' }).click();
  await page.getByRole('link', { name: 'Fabrikam' }).or(page.getByRole('menuitem', { name: 'Fabrikam' })).or(page.getByRole('option', { name: 'Fabrikam' })).click();
  await page.waitForURL(new RegExp(`/t/${other.id}/`));
  await page.getByRole('banner').getByRole('button', { name: 'Fabrikam' }).waitFor();
});
