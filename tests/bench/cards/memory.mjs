// Memory of the app after 20,000 and after 100,000 events over 20,000 runs: it has to be the same.
//
// Each run speaks once in the first 20,000 events and four times in the rest, so at both moments as many are active, failed and ended.

import { setTimeout as pause } from 'node:timers/promises';

import { Writer } from './log.mjs';
import { memory, open } from './measure.mjs';
import { APP_SHIPPED } from './subjects.mjs';
import { print } from './table.mjs';

const N_RUNS = 20_000;
const N_PASSES = 5;
/** The runs of the first picture: the app has to have cards. */
const N_FIRST = 10;
const PER_SECOND = 2_500;
const SETTLE_MS = 3_000;

export async function measureMemory(browser, server) {
  const log = longLog();
  const stand = await open(browser, server, APP_SHIPPED, log);
  const rows = [['after', 'wasm MB', 'JS heap MB', 'DOM nodes', 'cards drawn']];
  try {
    const note = async (what) => {
      await pause(SETTLE_MS);
      const { heapBytes, wasmBytes, nodes } = await memory(stand);
      const nDrawn = await stand.page.evaluate(() => window.probe.cards().length);
      rows.push([what, ...[wasmBytes, heapBytes].map((bytes) => (bytes / 1024 / 1024).toFixed(2)), String(nodes), String(nDrawn)]);
    };
    for (let pass = 0; pass < N_PASSES; pass += 1) {
      const events = log.events.slice(pass * N_RUNS, (pass + 1) * N_RUNS);
      await server.feeder.begin(events);
      await note(`${((pass + 1) * N_RUNS).toLocaleString('en')} events`);
    }
    console.log(`${N_RUNS.toLocaleString('en')} runs, a tenth of them failed, ${PER_SECOND.toLocaleString('en')} events a second, on the page /notifications`);
    print(rows);
    for (const error of stand.errors) console.log(`! ${error}`);
    const again = server.calls().filter((call) => call.endsWith('/api/snapshot'));
    if (again.length > 0) console.log(`! the picture was taken anew ${again.length} times`);
  } finally {
    await stand.close();
  }
}

function longLog() {
  const writer = new Writer(20);
  const status = (idx, pass) => (idx % 50 === 0 ? 'running' : (idx + pass) % 10 === 1 ? 'failed' : 'completed');
  for (let idx = 0; idx < N_FIRST; idx += 1) writer.add('running', -60_000);
  const begin = { runs: writer.runs.map((run) => ({ ...run })), heads: new Map(writer.heads), position: writer.position };
  const events = [];
  for (let pass = 0; pass < N_PASSES; pass += 1) {
    for (let idx = 0; idx < N_RUNS; idx += 1) {
      const run = writer.runs[idx] ?? writer.first(idx);
      const at = (idx * 1_000) / PER_SECOND;
      events.push({ ...writer.again(run, status(idx, pass), at), due: at });
    }
  }
  return { begin, events };
}
