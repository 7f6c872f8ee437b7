// React + sonner: a toast for each run, changed by its id as the library's documentation says, at most once a frame.

import { createRoot } from 'react-dom/client';
import { Toaster, toast } from 'sonner';

import { Card, Environment, clockStore } from './card.jsx';
import { keyOf } from './fold.js';
import { listen } from './source.js';

let env;

const dismiss = (run) => toast.dismiss(keyOf(run));

function draw(keys) {
  for (const key of keys) {
    const run = env.fold.runs.get(key);
    toast.custom(() => <Environment value={env}><Card run={run} ondismiss={dismiss} /></Environment>, { id: key, duration: Infinity });
  }
}

await listen({
  begin: (context) => {
    env = { ...context, clock: clockStore(context.now) };
    // All of them: no failure may be behind a limit.
    createRoot(document.getElementById('list')).render(<Toaster expand visibleToasts={100_000} position="bottom-right" />);
    requestAnimationFrame(() => draw(context.fold.runs.keys()));
  },
  draw,
  tick: () => env.clock.tick(),
});
