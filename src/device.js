// What this browser does beside the app, and only where its person wants it: shortcuts, notices on the desktop, less space. It presses
// the app's own buttons and follows its links, so it can do nothing that a pointer could not. Its words are those of the language
// in `#words`, its switches are in the dialog `#device` of index.html.

const SHORTCUTS_OFF = 'tenant-atlas:shortcuts-off';
const NOTICES = 'tenant-atlas:desktop-notices';
const COMPACT = 'tenant-atlas:compact';
const LISTS = '.ta-stack, .ta-centre';
const CARD = 'article.ta-card';
const VIEW = '.ta-card__foot [data-act=view], [data-act=open]';
const BUSY = 'input, textarea, select, dialog, [contenteditable], [role=menu]';
// The end of a long list is drawn within this time once it is on screen.
const DRAWN_MS = 200;

const dialog = document.getElementById('device');
const alarm = dialog.querySelector('[role=alert]');
const file = document.getElementById('words');
const words = new Map(file.textContent.split('\n').map((line) => line.split(/=(.*)/, 2)));
// Who comes last takes it away: this script, or the app.
if (document.querySelector('#app[data-boot]')) file.dataset.read = '';
else file.remove();

for (const place of dialog.querySelectorAll('[data-word]')) place.textContent = words.get(place.dataset.word);
for (const place of dialog.querySelectorAll('[data-label]')) place.ariaLabel = words.get(place.dataset.label);

// ── What is kept. Without storage it lasts as long as the page. ──

const choices = {
  shortcuts: { isOn: () => !kept(SHORTCUTS_OFF), turn: (on) => keep(SHORTCUTS_OFF, !on) },
  compact: { isOn: () => kept(COMPACT), turn: turnCompact },
  notices: { isOn: () => kept(NOTICES) && permission() === 'granted', turn: turnNotices },
};
const inPage = new Map();

function kept(name) {
  try {
    return localStorage.getItem(name) !== null;
  } catch {
    return inPage.has(name);
  }
}

function keep(name, on) {
  try {
    if (on) localStorage.setItem(name, 'yes');
    else localStorage.removeItem(name);
  } catch {
    if (on) inPage.set(name, 'yes');
    else inPage.delete(name);
  }
}

showDensity();

for (const button of dialog.querySelectorAll('[role=switch]')) {
  const { isOn, turn } = choices[button.dataset.switch];
  button.addEventListener('click', async () => {
    await turn(!isOn());
    show();
  });
}
document.addEventListener('click', (event) => {
  if (event.target.closest?.('[data-help]')) open();
  // With the keyboard, which the card that goes must not take along.
  if (event.detail === 0) leaveCard(event.target.closest?.('[data-act=dismiss]'));
}, true);

function open() {
  show();
  alarm.hidden = true;
  dialog.showModal();
}

function show() {
  for (const button of dialog.querySelectorAll('[role=switch]')) {
    const on = choices[button.dataset.switch].isOn();
    button.ariaChecked = String(on);
    button.querySelector('span').textContent = words.get(on ? 'On' : 'Off');
  }
}

// ── Density: a word on the root, which styles/tokens.css heeds. ──

function turnCompact(on) {
  keep(COMPACT, on);
  showDensity();
}

function showDensity() {
  const { dataset } = document.documentElement;
  if (kept(COMPACT)) dataset.density = 'compact';
  else delete dataset.density;
}

// ── Shortcuts ──

document.addEventListener('keydown', (event) => {
  const { target } = event;
  const isBusy = event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey;
  if (isBusy || !target.closest || target.closest(BUSY) || !choices.shortcuts.isOn()) return;
  if (press(event.key, target)) event.preventDefault();
});

/** Does what the key is for. */
function press(key, target) {
  const card = target.closest(CARD);
  const isOnList = target.closest(LISTS) !== null;
  switch (key) {
    case 'n': return click(document.querySelector('.ta-bell'));
    case '/': return focus(document.querySelector('main input[type=search]'));
    case '?': return open() ?? true;
    case 'u': return click(latestUndo());
    case 'j': return step(target, 1);
    case 'k': return step(target, -1);
    case 'ArrowDown': return isOnList && step(target, 1);
    case 'ArrowUp': return isOnList && step(target, -1);
    case 'Home': return isOnList && focus(cardsAround(target)[0]);
    case 'End': return isOnList && toEnd(target);
    case 'x': return click(card?.querySelector('[data-act=dismiss], [data-act=sweep]'));
    case 'a': return click(card?.querySelector('[data-act=acknowledge]'));
    case 'o': return click(card?.querySelector(VIEW));
    // On a button of the card it presses the button.
    case 'Enter': return card === target && click(card?.querySelector(VIEW));
    default: return false;
  }
}

function click(element) {
  element?.click();
  return Boolean(element);
}

function focus(element) {
  element?.focus();
  return Boolean(element);
}

/** The cards of the list around an element, or of all lists. */
function cardsAround(element) {
  const list = element.closest(LISTS) ?? document;
  return [...list.querySelectorAll(CARD)];
}

function step(from, by) {
  const cards = cardsAround(from);
  const at = cards.findIndex((card) => card.contains(from));
  return focus(cards[at < 0 ? 0 : Math.min(Math.max(at + by, 0), cards.length - 1)]);
}

function toEnd(target) {
  const last = () => focus(cardsAround(target).at(-1));
  const part = [...document.querySelectorAll('.ta-gap')].at(-1);
  if (part) {
    part.scrollIntoView(false);
    setTimeout(last, DRAWN_MS);
  }
  return last();
}

/** The bar with the most time left came last. */
function latestUndo() {
  const left = (bar) => Number.parseInt(bar.querySelector('.ta-undo__left').textContent, 10) || 0;
  return [...document.querySelectorAll('.ta-undo__button')].reduce((one, other) => (one && left(one) > left(other) ? one : other), null);
}

/** The focus leaves a card that goes: to the next one, or the one before, or to the list's heading. */
function leaveCard(button) {
  const card = button?.closest(CARD);
  if (!card?.contains(document.activeElement)) return;
  const cards = cardsAround(card);
  const at = cards.indexOf(card);
  const heading = card.closest(LISTS).querySelector('h1, h2');
  heading.tabIndex = -1;
  focus(cards[at + 1] ?? cards[at - 1] ?? heading);
}

// ── Notices: one for each failure, however many tabs are open, since the app of one tab alone tells them. ──

window.addEventListener('tenant-atlas:failure', ({ detail }) => {
  if ((!document.hidden && document.hasFocus()) || !choices.notices.isOn()) return;
  const [title, what, target, tenant, href, tag] = detail.split('\u001f');
  let notice;
  try {
    notice = new Notification(`${title}: ${what}`, { body: `${target}\n${tenant}`.trim(), tag });
  } catch {
    // Some browsers show them for service workers alone; the title and the favicon say it as well.
    return;
  }
  notice.addEventListener('click', () => {
    notice.close();
    // Refused where the browser does not see the click behind it.
    window.focus();
    if (href) follow(href);
  });
});

function follow(href) {
  const link = Object.assign(document.createElement('a'), { href });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Not in every browser, and only in a secure context. */
function permission() {
  return window.Notification?.permission;
}

/** Asks the browser for leave, so only after a click that wants it. */
async function turnNotices(on) {
  if (on) await window.Notification?.requestPermission();
  const refused = on && permission() !== 'granted';
  alarm.hidden = !refused;
  if (refused) alarm.textContent = words.get(permission() ? 'DesktopDenied' : 'DesktopMissing');
  keep(NOTICES, on && !refused);
}
