// React + react-toastify: a toast for each run, changed by its id as the library's documentation says, at most once a frame.

import { createRoot } from 'react-dom/client';
import { ToastContainer, toast } from 'react-toastify';

import { Card, Environment, clockStore } from './card.jsx';
import { keyOf } from './fold.js';
import { listen } from './source.js';

let env;
const shown = new Set();

const dismiss = (run) => toast.dismiss(keyOf(run));

function draw(keys) {
  for (const key of keys) {
    const run = env.fold.runs.get(key);
    const content = <Environment value={env}><Card run={run} ondismiss={dismiss} /></Environment>;
    if (shown.has(key)) {
      toast.update(key, { render: content });
    } else {
      shown.add(key);
      toast(content, { toastId: key });
    }
  }
}

await listen({
  begin: (context) => {
    env = { ...context, clock: clockStore(context.now) };
    const plain = { autoClose: false, closeButton: false, closeOnClick: false, draggable: false, hideProgressBar: true };
    createRoot(document.getElementById('list')).render(<ToastContainer {...plain} position="bottom-right" />);
    requestAnimationFrame(() => draw(context.fold.runs.keys()));
  },
  draw,
  tick: () => env.clock.tick(),
});
