// Who is measured: where it stands, and how its cards are brought on screen.

/** The app's own page of cards, once it has one; until then the drawer is what shows them. */
export const CENTRE = '/notifications';
const PAGE = '/t/1/policies';
const LIST = '.ta-centre__list';

/** Opens the drawer by a click that leaves pointer and focus outside of the list, which would hold it still. */
async function openDrawer(page) {
  await page.waitForSelector('.ta-bell');
  await page.waitForFunction(() => document.querySelector('.ta-stack .ta-card') !== null);
  await page.evaluate(() => document.querySelector('.ta-bell').click());
  await page.waitForSelector(`${LIST} .ta-card`);
}

/** The drawer draws fifty at first, and fifty more as often as it is asked. */
async function showAll(page, nRuns) {
  await openDrawer(page);
  await page.evaluate(async ([list, n]) => {
    const frame = () => new Promise((resolve) => { requestAnimationFrame(() => resolve()); });
    while (document.querySelectorAll(`${list} .ta-card`).length < n) {
      document.querySelector(`${list} .ta-centre__more button`)?.click();
      await frame();
    }
  }, [LIST, nRuns]);
}

/** A heading of the app says how many failed, also of those that are not drawn. */
const counted = (page) => page.evaluate(() => {
  const heading = document.querySelector('.ta-centre__title h3, [data-n-failed]');
  return heading === null ? 0 : Number.parseInt(heading.textContent.replaceAll(/[^\d]/g, ''), 10);
});
const none = async () => 0;

export const APP_ALL = { name: 'app, all drawn', path: PAGE, prepare: showAll, counted, drawsAll: true, isApp: true };
export const APP_SHIPPED = { name: 'app, as shipped', path: PAGE, prepare: openDrawer, counted, drawsAll: false, isApp: true };
export const APP_CENTRE = {
  name: 'app, as shipped', path: CENTRE, prepare: (page) => page.waitForSelector('main .ta-card'), counted, drawsAll: false, isApp: true,
};

const rival = (name, file) => ({
  name, path: `/rival/${file}`, counted: none, drawsAll: true, isApp: false,
  prepare: (page, n) => page.waitForFunction((all) => document.getElementsByClassName('ta-card').length >= all, n),
});

export const BY_HAND = rival('by hand', 'by_hand');
export const RIVALS = [BY_HAND, rival('React, a render a frame', 'react'), rival('React + sonner', 'sonner'), rival('React + react-toastify', 'toastify')];

/** Whether this build of the app has a page of cards of its own. */
export async function hasCentre(browser, server, log) {
  server.feeder.take(log);
  const page = await browser.newPage({ baseURL: server.baseURL });
  try {
    await page.goto(CENTRE);
    await page.waitForSelector('.ta-stack .ta-card, main .ta-card');
    return await page.evaluate(() => document.querySelector('main .ta-card') !== null);
  } finally {
    await page.close();
  }
}
