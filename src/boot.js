// Starts the app, and stands guard around it (docs/architecture.md, "The guard"). Every word is in index.html.

const SLOW_MS = 10_000;
const TICK_MS = 1_000;
// Ticks, not a difference of clock times: those jump while the machine sleeps.
const MISSED_BEATS = 10;
// Seconds, in which the banner can be read and the reload stopped.
const RELOAD_AFTER = 10;
// After so many, an earlier reload is forgotten.
const HEALTHY_BEATS = 600;
const RELOADED = 'tenant-atlas:reloaded-by-itself';

const app = document.getElementById('app');
const banner = document.getElementById('stopped');

let running = false;
let ticksWithoutBeat = 0;
let beats = 0;
let lastBeat = new Date();
/** null, 'panic' (for good) or 'beat' (over when beats return). */
let stopped = null;
let countdown = null;

for (const act of document.querySelectorAll('[data-reload]')) {
  act.addEventListener('click', (event) => {
    // A link's own way would drop the fragment, which may hold a set-up token.
    event.preventDefault();
    location.reload();
  });
}

window.addEventListener('tenant-atlas:panic', () => stop('panic', new Date()));
// Traps that no panic hook sees: out of memory, a stack overflow, a call into an app that has already panicked.
window.addEventListener('error', (event) => trap(event.error));
window.addEventListener('unhandledrejection', (event) => trap(event.reason));
window.addEventListener('tenant-atlas:beat', beat);
document.addEventListener('visibilitychange', () => { ticksWithoutBeat = 0; });
new MutationObserver(markTitle).observe(document.querySelector('title'), { childList: true });
setInterval(watch, TICK_MS);
start();

async function start() {
  if (typeof WebAssembly !== 'object') {
    say('unsupported');
    return;
  }
  const slow = setTimeout(say, SLOW_MS, 'slow');
  try {
    const { script, wasm } = document.querySelector('meta[name="tenant-atlas-parts"]').dataset;
    const parts = await import(script);
    await parts.default({ module_or_path: wasm });
    app.removeAttribute('data-boot');
    app.removeAttribute('aria-busy');
    lastBeat = new Date();
    running = true;
  } catch (error) {
    // A panic in the very first drawing comes through here too; the banner has said it already.
    if (stopped === null) {
      console.error(error);
      say('failed', String(error));
    }
  } finally {
    clearTimeout(slow);
  }
}

// In place of the bones; `slow`: over them.
function say(what, reason = '') {
  app.dataset.boot = what;
  if (what !== 'slow') app.removeAttribute('aria-busy');
  for (const message of app.querySelectorAll('[data-say]')) {
    message.hidden = message.dataset.say !== what;
    const place = message.querySelector('[data-reason]');
    if (place) place.textContent = reason;
  }
}

function beat() {
  ticksWithoutBeat = 0;
  lastBeat = new Date();
  beats += 1;
  if (beats === HEALTHY_BEATS) remember(null);
  if (stopped === 'beat') resume();
}

function watch() {
  // A hidden tab draws nothing, and its timers hardly run: no beat proves nothing there.
  if (!running || stopped !== null || document.visibilityState !== 'visible') return;
  ticksWithoutBeat += 1;
  if (ticksWithoutBeat >= MISSED_BEATS) stop('beat', lastBeat);
}

function trap(error) {
  if (error instanceof WebAssembly.RuntimeError) stop('panic', new Date());
}

function stop(why, since) {
  if (stopped !== null) {
    if (why === 'panic') stopped = 'panic';
    return;
  }
  stopped = why;
  banner.querySelector('[data-stopped-at]').textContent = since.toTimeString().slice(0, 8);
  markTitle();
  app.inert = true;
  banner.hidden = false;
  banner.querySelector('[data-reload]').focus();
  if (remembered()) {
    part('again').hidden = false;
  } else {
    count(RELOAD_AFTER);
  }
}

// What is left of an app after a panic may still write a title of its own, so this is called for each change.
function markTitle() {
  const mark = `${banner.dataset.title}: `;
  if (stopped !== null && !document.title.startsWith(mark)) document.title = mark + document.title;
}

function resume() {
  stopped = null;
  clearInterval(countdown);
  document.title = document.title.replace(`${banner.dataset.title}: `, '');
  app.inert = false;
  banner.hidden = true;
  part('countdown').hidden = true;
  part('again').hidden = true;
}

function count(seconds) {
  const wait = banner.querySelector('[data-stopped-wait]');
  const left = banner.querySelector('[data-stopped-seconds]');
  const show = (on) => { part('countdown').hidden = !on; wait.hidden = !on; };
  left.textContent = seconds;
  show(true);
  wait.onclick = () => {
    clearInterval(countdown);
    show(false);
    banner.querySelector('[data-reload]').focus();
  };
  countdown = setInterval(() => {
    seconds -= 1;
    left.textContent = seconds;
    if (seconds > 0) return;
    clearInterval(countdown);
    // Only where it can be remembered: otherwise an app that stops at once would be loaded again for ever.
    if (remember('yes')) location.reload();
    else show(false);
  }, TICK_MS);
}

function part(name) {
  return banner.querySelector(`[data-stopped="${name}"]`);
}

// Without storage, which can be switched off: yes.
function remembered() {
  try {
    return sessionStorage.getItem(RELOADED) !== null;
  } catch {
    return true;
  }
}

function remember(value) {
  try {
    if (value === null) sessionStorage.removeItem(RELOADED);
    else sessionStorage.setItem(RELOADED, value);
    return true;
  } catch {
    return false;
  }
}
