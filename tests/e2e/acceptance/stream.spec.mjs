// The live connection: offline and back, silence, a position that is unknown, and a sign-out in another tab.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { CAPTURE_POLICY, cardOf, cards, hasEnded, live, readRun, start } from '../fixtures/cards.mjs';
import { setUpDemo } from '../fixtures/demo.mjs';
import { apiOf, signIn } from '../fixtures/people.mjs';
import { proxy } from '../fixtures/proxy.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const NO_NETWORK = /console: Failed to load resource: net::ERR_/;
const SIGNED_OUT = /console: Failed to load resource: the server responded with a status of 401/;
const REFUSED = "WIN - Directors' laptops, local administrators";

let browser;
let system;
let tenant;
let policies;

before(async () => {
  [browser, system] = await Promise.all([launch(), serve()]);
  ({ tenant, policies } = await setUpDemo(browser, system));
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

async function person(t, options = {}) {
  const context = await browser.context(t, { baseURL: system.baseURL, ...options });
  return { context, api: await signIn(context, system.baseURL) };
}

async function captured(api, name) {
  const policy = policies.find((one) => one.name === name);
  const { run } = await start(api, tenant.id, CAPTURE_POLICY, policy.id);
  return until('the end of the run', async () => {
    const now = await readRun(api, run);
    return hasEnded(now) && now;
  });
}

for (const { what, isOffline, says } of [
  { what: 'a page that loses the connection', isOffline: false, says: /^Reconnecting/ },
  { what: 'a page that loses the network', isOffline: true, says: /^Offline since \d\d:\d\d:\d\d$/ },
]) {
  test(`${what} says so, keeps what it shows, and catches up when it is back`, async (t) => {
    const elsewhere = await person(t);
    const network = await proxy(system.baseURL);
    t.after(() => network.stop());
    const { context, api } = await person(t, { baseURL: network.baseURL, allow: [NO_NETWORK] });
    const page = await context.newPage();
    await page.goto(`/t/${tenant.id}/policies`);
    await live(page).waitFor();
    const before = await captured(api, policies[0].name);
    await cardOf(page, before).getByRole('heading', { name: 'Run completed' }).waitFor();

    network.cut();
    await context.setOffline(isOffline);
    await page.getByText(says).first().waitFor();
    await page.getByText(/nothing of it is thrown away/).first().waitFor();
    await cardOf(page, before).getByText(/^As of \d\d:\d\d:\d\d$/).waitFor();
    const meanwhile = await captured(elsewhere.api, REFUSED);
    assert.equal(await cardOf(page, meanwhile).count(), 0);

    network.mend();
    await context.setOffline(false);
    await cardOf(page, meanwhile).getByRole('heading', { name: 'Run failed' }).waitFor();
    await live(page).waitFor();
    assert.equal(await page.getByText(/nothing of it is thrown away/).count(), 0);
    assert.equal(await cardOf(page, before).getByText(/^As of/).count(), 0);
  });
}

test('a connection that is silent for 20 s is told as old, and as live again with the next frame', async (t) => {
  const { context } = await person(t);
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(`/t/${tenant.id}/policies`);
  await live(page).waitFor();
  await page.clock.fastForward(21_000);
  await page.getByText(/^Nothing heard/).first().waitFor();
  // The server's pulse comes every 10 s, or the page connects anew after 30 s of its own clock.
  await live(page).waitFor({ timeout: 20_000 });
});

test('a session that ends elsewhere shows in each tab, which keeps what it shows', async (t) => {
  const { context, api } = await person(t, { allow: [SIGNED_OUT] });
  const [one, other] = [await context.newPage(), await context.newPage()];
  for (const page of [one, other]) {
    await page.goto(`/t/${tenant.id}/policies`);
    await live(page).waitFor();
  }
  assert.equal((await api.delete('/api/session')).status, 204);
  for (const page of [one, other]) {
    await page.getByText('You are signed out.').first().waitFor();
    await page.getByRole('table').waitFor();
  }

  const me = apiOf(context, system.baseURL);
  assert.equal((await me.get('/api/me')).status, 401);
});

test('after a reload the page goes on where it was, and a start from elsewhere still comes', async (t) => {
  const { context, api } = await person(t);
  const page = await context.newPage();
  await page.goto('/runs');
  await live(page).waitFor();
  const before = await captured(api, policies[1].name);
  await cardOf(page, before).waitFor();
  const shown = await cards(page).count();
  await page.reload();
  await live(page).waitFor();
  await cardOf(page, before).waitFor();
  assert.equal(await cards(page).count(), shown);
  const next = await captured(api, policies[2].name);
  await cardOf(page, next).waitFor();
});

/** The first frames of the stream, until one of this event. */
async function framesUntil(context, event, headers) {
  const cookies = await context.cookies(system.baseURL);
  const cancel = new AbortController();
  const response = await fetch(`${system.baseURL}/api/events`, {
    headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), ...headers }, signal: cancel.signal,
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  let text = '';
  const decoder = new TextDecoder();
  const limit = setTimeout(() => cancel.abort(new Error(`no ${event} within 15 s: ${text}`)), 15_000);
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true });
    if (new RegExp(`^event: ?${event}$`, 'm').test(text)) break;
  }
  clearTimeout(limit);
  return text;
}

test('a position that the server does not know is answered by a reset', async (t) => {
  const { context, api } = await person(t);
  const { body } = await api.get('/api/snapshot');
  const [epoch, position] = body.id.split('-');
  for (const id of ['nonsense', 'zzzz-1', `${epoch}-${Number(position) + 1_000}`]) {
    const text = await framesUntil(context, 'reset', { 'last-event-id': id });
    assert.match(text, /^event: ?hello$/m, 'hello comes first');
    assert.ok(text.indexOf('hello') < text.indexOf('reset'));
  }
});
