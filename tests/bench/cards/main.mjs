// `cargo xtask bench cards`: what a card costs in the page, beside those who draw the same by other means.
//
//   node main.mjs --dist DIR [--quick] [--runs N]… [--rounds N] [--seconds N] [--only PART] [--motion] [--memory] [--profile]
//
// The rounds of all of them are interleaved, so that what else happens on the machine meets all alike.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

import { makeLog } from './log.mjs';
import { measure } from './measure.mjs';
import { measureMemory } from './memory.mjs';
import { profile } from './profile.mjs';
import { bundleRivals } from './rivals.mjs';
import { startServer } from './server.mjs';
import { APP_ALL, APP_SHIPPED, RIVALS } from './subjects.mjs';
import { report } from './table.mjs';
import { measureTyping } from './typing.mjs';

const { values: options } = parseArgs({
  options: {
    dist: { type: 'string' }, quick: { type: 'boolean' }, runs: { type: 'string', multiple: true }, rounds: { type: 'string' }, seconds: { type: 'string' },
    only: { type: 'string' }, motion: { type: 'boolean' }, memory: { type: 'boolean' }, profile: { type: 'boolean' },
  },
});
const SIZES = [50, 200, 1_000];
const PER_SECOND = 500;
const [seconds, idleMs, nRounds] = options.quick ? [2, 600, 1] : [Number(options.seconds ?? 10), 2_000, Number(options.rounds ?? 3)];
const sizes = options.runs?.map(Number) ?? (options.quick ? [200] : SIZES);
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-precise-memory-info',
];

const dist = path.resolve(options.dist);
const server = await startServer({ dist, rivals: await bundleRivals(dist) });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
try {
  if (options.profile) await profile(browser, server, makeLog({ nRuns: sizes.at(-1), perSecond: PER_SECOND, seconds }));
  else if (options.memory) await measureMemory(browser, server);
  else await compare();
} finally {
  await browser.close();
  await server.stop();
}

async function compare() {
  console.log(`Chromium ${browser.version()}; ${PER_SECOND} events a second for ${seconds} s, ${nRounds} rounds, interleaved; CPU is that of the main thread without an idle page's; motion is ${options.motion ? 'on' : 'reduced'}`);
  const logs = new Map(sizes.map((nRuns) => [nRuns, makeLog({ nRuns, perSecond: PER_SECOND, seconds })]));
  const subjects = [APP_ALL, APP_SHIPPED, ...RIVALS].filter(({ name }) => options.only === undefined || name.includes(options.only));
  for (const [nRuns, log] of logs) {
    const results = new Map(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < nRounds; round += 1) {
      for (let idx = 0; idx < subjects.length; idx += 1) {
        const subject = subjects[(idx + round) % subjects.length];
        if (!results.has(subject)) continue;
        const measured = await measure(browser, server, subject, log, { idleMs, hasMotion: options.motion }).catch((error) => {
          // A rival that does not come to draw so many is no reason to measure nobody.
          if (subject.isApp || error.name !== 'TimeoutError') throw error;
          console.log(`! ${subject.name}: ${nRuns} cards were not there in time; left out (${error.message.split('\n')[0]})`);
        });
        if (measured === undefined) {
          results.delete(subject);
          continue;
        }
        results.get(subject).push(measured);
        console.log(`  ${nRuns} runs, round ${round + 1} of ${nRounds}: ${subject.name}, ${measured.cpu.toFixed(0)} µs`);
      }
    }
    if (results.size > 0) report({ nRuns, results });
  }
  await measureTyping(browser, server, makeLog({ nRuns: sizes.at(-1), perSecond: PER_SECOND, seconds }));
}
