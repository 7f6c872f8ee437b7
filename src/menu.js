// The keyboard in menus, and what closes them: arrows, Home and End move; Escape, Tab and a press elsewhere close, and the button takes
// the focus back. Beside the app, which draws a menu or does not: a click on its button is what opens and closes it.

const PLACE = '.ta-menu__place';
const ITEMS = '[role^=menuitem]:not(:disabled)';
const CHOSEN = ':is([aria-checked=true], [aria-current])';

const stepped = { ArrowDown: (at, n) => (at + 1) % n, ArrowUp: (at, n) => (at + n - 1) % n, Home: () => 0, End: (at, n) => n - 1 };

/** Of the place of a menu: its button, and the menu while it is open. */
const parts = (place) => [place.querySelector('[aria-haspopup=menu]'), place.querySelector('[role=menu]')];

// What the app puts the focus on when it has opened a menu.
document.addEventListener('focusin', ({ target }) => {
  if (target.matches('[role=menu]')) (target.querySelector(ITEMS + CHOSEN) ?? target.querySelector(ITEMS))?.focus();
});

document.addEventListener('pointerdown', ({ target }) => {
  for (const menu of document.querySelectorAll(`${PLACE} > [role=menu]`)) {
    if (!menu.parentNode.contains(target)) parts(menu.parentNode)[0].click();
  }
});

document.addEventListener('click', ({ target }) => {
  const place = target.closest?.('[role=menu]')?.parentNode;
  if (place) parts(place)[0].focus();
});

// Before the app hears of it: Escape is for the menu, and not for what it stands in.
document.addEventListener('keydown', (event) => {
  const place = event.target.closest?.(PLACE);
  if (!place) return;
  const [button, menu] = parts(place);
  const items = [...(menu?.querySelectorAll(ITEMS) ?? [])];
  const step = stepped[event.key];
  if (!menu) {
    if (event.key !== 'ArrowDown') return;
    button.click();
  } else if (step) {
    items[step(items.indexOf(document.activeElement), items.length)]?.focus();
  } else if (event.key === 'Escape') {
    button.click();
    button.focus();
    event.stopPropagation();
  } else {
    if (event.key === 'Tab') button.click();
    return;
  }
  event.preventDefault();
}, true);
