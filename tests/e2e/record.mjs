// Records the event logs that the gallery plays (tests/data/logs): what the server sends to one reader, from the snapshot on. All times
// are moved so that each log begins at the same moment. Run it again when the wire has changed:
//
//   TENANT_ATLAS_XTASK=target/debug/xtask node tests/e2e/record.mjs

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ROOT, launch } from './fixtures/browser.mjs';
import { CAPTURE_ALL, CAPTURE_POLICY, hasEnded, readRun, start } from './fixtures/cards.mjs';
import { setUpDemo } from './fixtures/demo.mjs';
import { OPERATOR, signIn } from './fixtures/people.mjs';
import { portalOf } from './fixtures/portal.mjs';
import { serve } from './fixtures/serve.mjs';
import { until } from './fixtures/wait.mjs';

/** As in `src/gallery/player.rs`. */
const BEGINS = Date.parse('2026-01-15T14:02:07Z');
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Records while `play` runs. A block of the file: a comment with the milliseconds since the snapshot, then the frame as it came. */
async function record(context, api, baseURL, name, play) {
  const { body: snapshot } = await api.get('/api/snapshot');
  const begun = Date.parse(snapshot.server_time);
  const cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  const over = new AbortController();
  const stream = await fetch(`${baseURL}/api/events?after=${snapshot.id}`, { headers: { cookie }, signal: over.signal });
  const blocks = [`: 0\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}`];
  const heard = (async () => {
    let rest = '';
    for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + part).split('\n\n');
      rest = frames.pop();
      for (const frame of frames.filter((one) => one.includes('data:'))) blocks.push(`: ${Date.now() - begun}\n${frame}`);
    }
  })().catch((error) => { if (!over.signal.aborted) throw error; });
  await play();
  // Seals come within a second of what they seal, and a pulse every ten.
  const n = blocks.length;
  await until('a pulse after the end', () => blocks.slice(n).some((block) => block.includes('event: pulse')), { limit: 15_000 });
  over.abort();
  await heard;
  const move = (moment) => new Date(Date.parse(moment) - begun + BEGINS).toISOString();
  const folder = path.join(ROOT, 'tests/data/logs');
  await mkdir(folder, { recursive: true });
  const text = `${blocks.join('\n\n')}\n\n`.replaceAll(MOMENT, move);
  await writeFile(path.join(folder, `${name}.sse`), text);
  console.log(`${name}: ${blocks.length} frames, ${text.length} bytes`);
}

const [browser, system] = await Promise.all([launch(), serve()]);
try {
  const { tenant, policies } = await setUpDemo(browser, system);
  const context = await browser.browser.newContext({ baseURL: system.baseURL });
  const api = await signIn(context, system.baseURL, OPERATOR);
  const ended = (run) => until('the end of the run', async () => hasEnded(await readRun(api, run)), { limit: 120_000 });

  await record(context, api, system.baseURL, 'capture', async () => {
    const refused = policies.find(({ name }) => name.startsWith("WIN - Directors'"));
    const single = await start(api, tenant.id, CAPTURE_POLICY, refused.id);
    const all = await start(api, tenant.id, CAPTURE_ALL);
    await ended(single.run);
    await ended(all.run);
  });

  const portal = await portalOf(system, tenant);
  const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, idx) => from + idx);
  const sync = (ids, status, sequence, more = () => ({})) => portal.announce(ids.map((id) => ({
    run_type: 'users_sync', run_id: id, operation: 'Nightly sync', status, sequence, started_by: { name: OPERATOR.name }, ...more(id),
  })));
  const pause = () => new Promise((done) => { setTimeout(done, 700); });
  await record(context, api, system.baseURL, 'portal', async () => {
    await sync(numbers(1, 12), 'queued', 1);
    await pause();
    await sync(numbers(1, 12), 'running', 2, () => ({ counts: { total: 40, processed: 0 } }));
    await pause();
    await sync(numbers(1, 6), 'running', 3, (id) => ({ counts: { total: 40, processed: 6 * id, succeeded: 6 * id } }));
    await pause();
    await sync([3], 'failed', 4, () => ({ error: { code: 'quota', message: 'No licences are left.' } }));
    await sync([5], 'partial', 4, () => ({ counts: { total: 40, processed: 40, succeeded: 37, failed: 3 }, error: { code: 'some', message: '3 people have no mailbox.' } }));
    await sync([6], 'cancelled', 4);
    await sync([1, 2, 4], 'completed', 4, () => ({ counts: { total: 40, processed: 40, succeeded: 40 } }));
    await pause();
    await portal.announce([{ run_type: 'licence_audit', run_id: 1, operation: 'Licence audit', status: 'waiting_for_approval', sequence: 1, target: '312 licences', started_by: { name: OPERATOR.name } }]);
    await sync(numbers(7, 12), 'completed', 4, () => ({ counts: { total: 40, processed: 40, succeeded: 40 } }));
  });
} finally {
  await browser.close();
  await system.stop();
}
