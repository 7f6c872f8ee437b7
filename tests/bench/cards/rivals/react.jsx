// React with one render a frame: the list is rendered anew, and of the cards those whose run is another one.

import { useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';

import { Card, Environment, clockStore } from './card.jsx';
import { Order, keyOf } from './fold.js';
import { listen } from './source.js';

const order = new Order();
const listeners = new Set();
let rows = [];
let env;

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

function publish() {
  rows = order.keys.map((key) => env.fold.runs.get(key));
  for (const listener of listeners) listener();
}

const dismiss = (run) => {
  order.remove(keyOf(run));
  publish();
};

function List() {
  const shown = useSyncExternalStore(subscribe, () => rows);
  return shown.map((run) => <div className="ta-stack__item" role="listitem" key={keyOf(run)}><Card run={run} ondismiss={dismiss} /></div>);
}

function draw(keys) {
  for (const key of keys) order.put(key, env.fold.runs.get(key));
  publish();
}

await listen({
  begin: (context) => {
    env = { ...context, clock: clockStore(context.now) };
    draw(context.fold.runs.keys());
    createRoot(document.getElementById('list')).render(<Environment value={env}><List /></Environment>);
  },
  draw,
  tick: () => env.clock.tick(),
});
