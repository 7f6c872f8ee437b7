// The stack of cards gives way to the control that has the focus: first to the other corner, then to just below the bar, then away,
// and the bell keeps its counts. Beside the app, since all of it is about where things are on the screen.

const SIDES = ['end', 'start', 'top'];
/** Of the stack itself, and of what lies over it. */
const GIVES_NO_WAY = 'body, html, main, .ta-stack *, .ta-centre *, .ta-menu *';

/** A stack that grows may come to be over the control. */
const grows = new ResizeObserver(giveWay);

function giveWay() {
  const stack = document.querySelector('.ta-stack');
  if (!stack) return;
  grows.observe(stack);
  const focused = document.activeElement;
  const below = Math.max(0, Math.ceil(document.querySelector('.ta-top')?.getBoundingClientRect().bottom ?? 0));
  stack.style.setProperty('--below-bar', `${below}px`);
  stack.dataset.side = !focused || focused.matches(GIVES_NO_WAY) ? 'end' : (SIDES.find((side) => isClear(side, stack, focused, below)) ?? 'away');
}

/** Whether the stack would be beside the control. */
function isClear(side, { offsetWidth, offsetHeight }, focused, below) {
  const control = focused.getBoundingClientRect();
  const isAtRight = (side === 'start') === (document.documentElement.dir === 'rtl');
  const x = isAtRight ? innerWidth - offsetWidth : 0;
  const y = side === 'top' ? below : innerHeight - offsetHeight;
  return control.right <= x || control.left >= x + offsetWidth || control.bottom <= y || control.top >= y + offsetHeight;
}

for (const name of ['focusin', 'focusout', 'scroll']) document.addEventListener(name, giveWay, { passive: true, capture: true });
window.addEventListener('resize', giveWay);
