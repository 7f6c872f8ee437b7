// Who is measured: where it stands, and how its cards are brought on screen.

/** The app's page of cards: what is shipped, drawn as far as it is near the screen. */
export const CENTRE = '/notifications';
/** A page with little on it, for the drawer, which is the place of the rivals too. */
const BEHIND = '/t/1/policies';
const LIST = '.ta-centre__list';

/**
 * Says of the list that it is as high as all of its cards, so that it is drawn whole: it has no switch for that, and needs none but here.
 */
function everythingIsNear() {
  const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'clientHeight');
  Object.defineProperty(Element.prototype, 'clientHeight', {
    get() {
      return this.matches('.ta-centre__list') ? 1_000_000 : get.call(this);
    },
  });
}

/** Opens the drawer by a click that leaves pointer and focus outside of the list, which would hold it still. */
async function openDrawer(page, nRuns) {
  await page.waitForSelector('.ta-bell');
  await page.waitForSelector('.ta-stack .ta-card');
  await page.evaluate(() => document.querySelector('.ta-bell').click());
  await all(page, nRuns);
}

const all = (page, nRuns) => page.waitForFunction((n) => document.getElementsByClassName('ta-card').length >= n, nRuns);

/** A heading of the app says how many failed, also of those that are not drawn. */
const counted = (page) => page.evaluate(() => {
  const heading = document.querySelector('.ta-centre__title h3');
  return heading === null ? 0 : Number.parseInt(heading.textContent.replaceAll(/[^\d]/g, ''), 10);
});

export const APP_ALL = { name: 'app, all drawn', path: BEHIND, script: everythingIsNear, prepare: openDrawer, counted, drawsAll: true, isApp: true };
export const APP_SHIPPED = {
  name: 'app, as shipped', path: CENTRE, prepare: (page) => page.waitForSelector(`${LIST} .ta-card`), counted, drawsAll: false, isApp: true,
};

const rival = (name, file) => ({ name, path: `/rival/${file}`, prepare: all, counted: async () => 0, drawsAll: true, isApp: false });

export const BY_HAND = rival('by hand', 'by_hand');
export const RIVALS = [BY_HAND, rival('React, a render a frame', 'react'), rival('React + sonner', 'sonner'), rival('React + react-toastify', 'toastify')];
