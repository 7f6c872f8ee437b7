// Where a rival gets its runs: the snapshot, then the stream. What came is told once a frame, as the keys that changed; the seconds of
// the server's clock are told as they pass.

import { Fold } from './fold.js';

/** Calls `begin(fold, me, tenants)`, then `draw(keys)` once a frame with changes, and `tick(now)` once a second. */
export async function listen({ begin, draw, tick }) {
  const fold = new Fold();
  const snapshot = await (await fetch('/api/snapshot')).json();
  for (const run of snapshot.runs) fold.take(run);
  let offset = Date.parse(snapshot.server_time) - performance.now();
  const now = () => performance.now() + offset;
  const tenants = new Map(snapshot.tenants.map(({ tenant }) => [tenant.id, tenant.name]));
  begin({ fold, me: snapshot.person.id, tenants, now });

  let changed = new Set();
  let isDue = false;
  const note = (key) => {
    if (key === undefined) return;
    changed.add(key);
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      const keys = changed;
      [changed, isDue] = [new Set(), false];
      draw(keys);
    });
  };
  const stream = new EventSource(`/api/events?after=${snapshot.id}`);
  const clock = (event) => { offset = Date.parse(JSON.parse(event.data).server_time) - performance.now(); };
  stream.addEventListener('hello', clock);
  stream.addEventListener('pulse', clock);
  stream.addEventListener('run', (event) => note(fold.take(JSON.parse(event.data))));
  stream.addEventListener('progress', (event) => note(fold.progress(JSON.parse(event.data))));
  setInterval(() => tick(now()), 1_000);
}
