// Where the app's main thread spends its own time over a round: functions by self time. Of the build that ships the functions of
// WebAssembly have no names; give the folder of one that has (`--app`). What the browser does by itself (style, layout, paint) is `(program)`.

import { setTimeout as pause } from 'node:timers/promises';

import { open } from './measure.mjs';
import { APP_ALL } from './subjects.mjs';

const MOST = 40;

export async function profile(browser, server, log) {
  const { page, session, close } = await open(browser, server, APP_ALL, log);
  try {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: 200 });
    await session.send('Profiler.start');
    await server.feeder.begin();
    await pause(100);
    const { profile: taken } = await session.send('Profiler.stop');
    if (process.env.SAVE_PROFILE) (await import('node:fs')).writeFileSync(process.env.SAVE_PROFILE, JSON.stringify(taken));
    const nodes = new Map(taken.nodes.map((node) => [node.id, node]));
    const times = new Map();
    taken.samples.forEach((id, idx) => {
      const { functionName, url } = nodes.get(id).callFrame;
      // Without the digests of crates.
      const name = `${functionName.replaceAll(/\[[\da-f]{16}\]/g, '') || '(anonymous)'}${url.endsWith('.wasm') ? '' : ` ${url.split('/').at(-1)}`}`;
      times.set(name, (times.get(name) ?? 0) + taken.timeDeltas[idx]);
    });
    const whole = [...times.values()].reduce((sum, time) => sum + time, 0);
    console.log(`${page.url()}, ${log.begin.runs.length} runs, all drawn: self time of ${log.events.length} events, µs an event and share`);
    for (const [name, time] of [...times].sort((one, other) => other[1] - one[1]).slice(0, MOST)) {
      console.log(`${(time / log.events.length).toFixed(1).padStart(8)}  ${((100 * time) / whole).toFixed(1).padStart(5)} %  ${name}`);
    }
  } finally {
    await close();
  }
}
