// Typing in the search of the app's page of cards while events arrive: the longest task.

import { setTimeout as pause } from 'node:timers/promises';

import { open } from './measure.mjs';
import { APP_SHIPPED } from './subjects.mjs';

const FIELD = 'main input[type=search]';
const WORDS = 'contoso capture';
const EVERY_MS = 120;
const BUDGET_MS = 50;

export async function measureTyping(browser, server, log) {
  const look = { ...APP_SHIPPED, prepare: (page) => page.waitForSelector('main h1, main h2, main .ta-card') };
  const stand = await open(browser, server, look, log);
  try {
    const { page, errors } = stand;
    if ((await page.$(FIELD)) === null) {
      console.log('typing in search: skipped, this build has no page /notifications with a search field');
      return;
    }
    await page.focus(FIELD);
    const first = await page.evaluate(() => performance.now());
    const sent = server.feeder.begin();
    let isOver = false;
    sent.then(() => { isOver = true; });
    let n = 0;
    while (!isOver) {
      // The words, and then backwards to nothing.
      const at = n % (2 * WORDS.length);
      await page.keyboard.press(at < WORDS.length ? WORDS[at].replace(' ', 'Space') : 'Backspace');
      n += 1;
      await pause(EVERY_MS);
    }
    const tasks = (await page.evaluate(() => window.probe.longTasks)).filter(({ startTime }) => startTime >= first);
    const longest = Math.max(0, ...tasks.map(({ duration }) => duration));
    const says = tasks.length === 0 ? `no task over ${BUDGET_MS} ms` : `${tasks.length} tasks over ${BUDGET_MS} ms, the longest ${longest.toFixed(0)} ms`;
    console.log(`typing in search, ${log.begin.runs.length} runs, ${n} keys: ${says}${errors.length > 0 ? `; errors: ${errors[0]}` : ''}`);
  } finally {
    await stand.close();
  }
}
