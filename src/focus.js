// The focus stays where the reader is when a control turns into another one: a button that becomes a link.

const CONTROL = 'a[href], button:not(:disabled)';

document.addEventListener('click', (event) => {
  const place = event.target.closest?.('[data-turns]');
  // Only for the keyboard: a pointer has its place elsewhere, and a focus that it did not ask for would be in its way.
  if (!place || event.detail !== 0) return;
  new MutationObserver((_, observer) => {
    const focused = document.activeElement;
    if (place.contains(focused)) return;
    if (focused === document.body) place.querySelector(CONTROL)?.focus();
    if (document.activeElement !== document.body) observer.disconnect();
  }).observe(place, { childList: true, subtree: true });
});
