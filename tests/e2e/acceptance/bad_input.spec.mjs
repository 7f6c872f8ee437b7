// What is wrong from the outside: credentials, an unreachable Graph, a port, a folder, a config file, a body. Each gives a clear
// message that says what to do, and loses nothing.

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { CAPTURE_ALL, cardOf, hasEnded, pathOf, readRun, start } from '../fixtures/cards.mjs';
import { setUp, signIn } from '../fixtures/people.mjs';
import { DEMO, runServer, startStandin } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';
import { until } from '../fixtures/wait.mjs';

const SECRET = 'the-right-secret-of-this-spec';
const NOWHERE = 'http://127.0.0.1:9';

let browser;
let folder;
let standin;
let system;

function tenant({ name, directoryId, clientId, secretFile, base }) {
  return `[[tenant]]
name = "${name}"
directory_id = "${directoryId}"
client_id = "${clientId}"
client_secret_file = "${secretFile}"
login_base = "${base}"
graph_base = "${base}"
`;
}

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tenant-atlas-bad-'));
  standin = await startStandin({ secret: SECRET });
  await writeFile(path.join(folder, 'right'), `${SECRET}\n`);
  await writeFile(path.join(folder, 'wrong'), 'not-the-secret\n');
  await writeFile(path.join(folder, 'config.toml'), [
    tenant({ name: 'Wrong secret', directoryId: DEMO.directoryId, clientId: DEMO.clientId, secretFile: 'wrong', base: standin.url }),
    tenant({ name: 'Wrong directory', directoryId: '11111111-2222-3333-4444-555555555555', clientId: DEMO.clientId, secretFile: 'right', base: standin.url }),
    tenant({ name: 'Unreachable', directoryId: '21111111-2222-3333-4444-555555555555', clientId: DEMO.clientId, secretFile: 'right', base: NOWHERE }),
  ].join('\n'));
  [browser, system] = await Promise.all([
    launch(), serve({ options: ['--no-demo', '--config', path.join(folder, 'config.toml')] }),
  ]);
  const context = await browser.browser.newContext();
  await setUp(context, system.setupLink);
  await context.close();
});
after(async () => {
  await browser?.close();
  await system?.stop();
  await standin?.stop();
  await rm(folder, { recursive: true, force: true });
});

for (const { name, says } of [
  { name: 'Wrong secret', says: /secret/i },
  { name: 'Wrong directory', says: /directory|tenant/i },
  { name: 'Unreachable', says: /reach|connect|network/i },
]) {
  test(`${name}: the page of the policies and the run that was started say what to do`, async (t) => {
    const context = await browser.context(t, { baseURL: system.baseURL });
    const api = await signIn(context, system.baseURL);
    const { tenants } = (await api.get('/api/me')).body;
    const { id } = tenants.find((one) => one.name === name);
    const error = await until('the list failed', async () => (await api.get(`/api/tenants/${id}/policies`)).body.list_error, { limit: 60_000 });
    assert.match(error.message, says);
    assert.doesNotMatch(JSON.stringify(error), new RegExp(`${SECRET}|not-the-secret`));
    t.diagnostic(`${error.code}: ${error.message}`);

    const page = await context.newPage();
    await page.goto(`/t/${id}/policies`);
    await page.getByText('The list could not be read from Graph.').first().waitFor();
    await page.getByText(error.message).first().waitFor();

    const { run } = await start(api, id, CAPTURE_ALL);
    await cardOf(page, run).getByRole('heading', { name: 'Run failed' }).waitFor({ timeout: 90_000 });
    const ended = await readRun(api, run);
    assert.ok(hasEnded(ended));
    assert.match(ended.error.message, says);
    await cardOf(page, run).getByText(ended.error.message).waitFor();
    await page.goto(pathOf(run));
    await page.getByText('Failed', { exact: true }).first().waitFor();
    await page.getByRole('main').getByText(ended.error.message).first().waitFor();
  });
}

test('bodies that do not fit are answered by a problem that says what does not', async (t) => {
  const context = await browser.context(t, { baseURL: system.baseURL });
  const api = await signIn(context, system.baseURL);
  const { tenants } = (await api.get('/api/me')).body;
  const runs = `/api/tenants/${tenants[0].id}/runs`;
  const json = { 'content-type': 'application/json' };
  for (const { data, headers, status, code } of [
    { data: '{"operation":', headers: json, status: 400, code: 'bad_request' },
    { data: '[]', headers: json, status: 400, code: 'bad_request' },
    { data: '{"operation":5}', headers: json, status: 400, code: 'bad_request' },
    { data: '{"operation":"policy.erase_all"}', headers: json, status: 422, code: 'invalid_value' },
    { data: '{"operation":"policy.capture_snapshot"}', headers: json, status: 422, code: 'invalid_value' },
    { data: 'operation=policy.capture_all', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415, code: 'json_only' },
    { data: `{"operation":"${'x'.repeat(3_000_000)}"}`, headers: json, status: 413, code: 'too_large' },
  ]) {
    const answer = await api.post(runs, data, headers);
    assert.equal(answer.status, status, data.slice(0, 60));
    assert.equal(answer.body.code, code, data.slice(0, 60));
    assert.equal(answer.body.status, status);
    assert.ok((answer.body.detail ?? answer.body.title).length > 10, JSON.stringify(answer.body));
  }
  const { status, body } = await api.get('/api/nowhere');
  assert.equal(status, 404);
  assert.equal(body.code, 'no_such_path');
  assert.equal((await api.put(runs, {})).status, 405);
  const { body: none } = await api.get(runs);
  assert.deepEqual(none.rows.filter(({ operation }) => operation !== CAPTURE_ALL), [], 'none of these made a run');
});

test('the server says at its start what is wrong and what to do, and ends with a code that is not zero', async (t) => {
  const app = path.join(path.resolve(import.meta.dirname, '../../..'), 'dist');
  const busy = net.createServer();
  await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
  t.after(() => busy.close());
  const file = path.join(folder, 'a-file');
  await writeFile(file, '');
  const config = async (name, text) => {
    await writeFile(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const good = tenant({ name: 'Good', directoryId: DEMO.directoryId, clientId: DEMO.clientId, secretFile: 'right', base: NOWHERE });
  const table = [
    ['a port that is taken', { listen: `127.0.0.1:${busy.address().port}` }, /in use[\s\S]*--listen/i],
    ['a port that is none', { listen: '127.0.0.1:99999' }, /99999|--listen/],
    ['an address that is not here', { listen: '203.0.113.1:8080' }, /203\.0\.113\.1[\s\S]*--listen/],
    ['a folder that cannot be made', { data: path.join(file, 'data') }, /cannot write to the data folder .*a-file/],
    ['a folder of another server', { data: system.data }, /in use by another server \(process \d+\)/],
    ['a config file that is not there', { config: path.join(folder, 'nowhere.toml') }, /nowhere\.toml.*No such file/s],
    ['a config file that is no TOML', { config: await config('broken.toml', '[[tenant\n') }, /broken\.toml, line 1/],
    ['a field that is misspelt', { config: await config('field.toml', good.replace('client_id', 'clientid')) }, /field\.toml, line \d+.*clientid/s],
    ['a secret in the config file', { config: await config('secret.toml', good.replace('client_secret_file = "right"', `client_secret = "${SECRET}"`)) },
      /a secret does not belong into this file/],
    ['a secret file that is not there', { config: await config('lost.toml', good.replace('"right"', '"lost"')) }, /cannot read the client secret from .*lost/],
    ['a tenant that is named twice', { config: await config('twice.toml', good + good) }, /twice\.toml, line \d+.*named twice/s],
    ['a Graph without TLS', { config: await config('plain.toml', good.replaceAll(NOWHERE, 'http://graph.example')) }, /must begin with https/],
  ];
  for (const [n, [what, own, says]] of table.entries()) {
    const options = { listen: '127.0.0.1:0', data: path.join(folder, `data-${n}`), app, ...own };
    const { code, signal, output } = await runServer(['serve', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])]);
    assert.equal(signal, null, `${what}: it ends by itself: ${output}`);
    assert.notEqual(code, 0, `${what}: ${output}`);
    assert.match(output, says, what);
    assert.doesNotMatch(output, /panicked|RUST_BACKTRACE/, what);
    assert.doesNotMatch(output, new RegExp(SECRET), `${what}: the secret is not printed`);
  }
});

test('a folder that may not be written to is named', { skip: process.getuid() === 0 && 'root may write everywhere' }, async () => {
  const closed = path.join(folder, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o500);
  const { code, output } = await runServer(['serve', '--listen', '127.0.0.1:0', '--data', path.join(closed, 'data')]);
  assert.notEqual(code, 0);
  assert.match(output, /cannot write to the data folder/);
});

test('commands about people say what is wrong with them', async () => {
  const data = ['--data', system.data];
  for (const { args, says } of [
    { args: ['user', 'add', 'somebody', '--tenant', '987654', '--role', 'viewer', ...data], says: /tenant.*987654|987654.*tenant/is },
    { args: ['user', 'add', 'somebody', '--tenant', '1', '--role', 'king', ...data], says: /a role is one of viewer, auditor/ },
    { args: ['user', 'reset', 'nobody-of-that-name', ...data], says: /nobody-of-that-name/ },
    { args: ['user', 'add', 'somebody', '--tenant', '1', '--role', 'viewer', '--data', path.join(folder, 'no-data')], says: /no-data/ },
  ]) {
    const { code, output } = await runServer(args);
    assert.notEqual(code, 0, output);
    assert.match(output, says);
  }
});
