// A page of policies that was open before the server had read their list from Graph stayed empty until it was reloaded: nothing
// in the stream tells of the list.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { launch } from '../fixtures/browser.mjs';
import { setUp } from '../fixtures/people.mjs';
import { DEMO, control, startStandin } from '../fixtures/programs.mjs';
import { serve } from '../fixtures/serve.mjs';

const SECRET = 'the-secret-of-this-spec';

test('a page that is open before the list was read shows it by itself', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tenant-atlas-list-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const standin = await startStandin({ secret: SECRET });
  t.after(() => standin.stop());
  const graph = control(standin.url);
  await writeFile(path.join(folder, 'secret'), `${SECRET}\n`);
  await writeFile(path.join(folder, 'config.toml'), `[[tenant]]
name = "Late"
directory_id = "${DEMO.directoryId}"
client_id = "${DEMO.clientId}"
client_secret_file = "secret"
login_base = "${standin.url}"
graph_base = "${standin.url}"
`);
  const gate = await graph.gate({ path: '^/beta/deviceManagement/configurationPolicies', nth: [1] });
  const [browser, system] = await Promise.all([
    launch(), serve({ options: ['--no-demo', '--config', path.join(folder, 'config.toml')] }),
  ]);
  t.after(() => browser.close());
  t.after(() => system.stop());
  const context = await browser.context(t, { baseURL: system.baseURL });
  await setUp(context, system.setupLink);
  const page = await context.newPage();
  await page.goto('/');
  await page.waitForURL(/\/policies$/);
  await gate.reached();
  await page.getByText('No policies known yet').waitFor();

  await gate.release();
  const rows = page.getByRole('table').getByRole('row').filter({ has: page.getByRole('cell') });
  await rows.first().waitFor();
  assert.equal(await page.getByText('No policies known yet').count(), 0);
});
