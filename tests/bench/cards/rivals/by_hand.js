// The rival that the budgets are about: a card as code that somebody wrote by hand, with a reference to each place that can change, and
// a write only where it did. Nothing is drawn but the cards that changed, once a frame.

import { Order } from './fold.js';
import { Progress } from './by_hand_progress.js';
import { chip, glyph, h, icon, more, setText, text } from './by_hand_dom.js';
import { listen } from './source.js';
import * as words from './words.js';

class Card {
  #state = {};

  constructor(run, { me, tenants }) {
    const tenant = tenants.get(run.tenant_id);
    this.tenant = tenant;
    const [titleId, whatId] = [words.partId(run, 'title'), words.partId(run, 'what')];
    this.icon = icon('', 'card');
    this.title = text();
    this.body = text();
    this.ago = text();
    this.time = h('time', {}, this.ago);
    this.acts = h('span', { class: 'ta-card__acts' });
    this.dismiss = h('button', { class: 'ta-icon-button', type: 'button', 'data-act': 'dismiss' }, glyph('cross'));
    this.acts.append(more(words.moreLabel(run, tenant)), this.dismiss);
    this.lead = h('div', { class: 'ta-card__lead' },
      h('p', { class: 'ta-card__body' }, this.body),
      h('p', { class: 'ta-card__what', id: whatId }, words.what(run), ' ', h('span', { class: 'ta-muted' }, run.target)),
      h('p', { class: 'ta-card__meta' }, h('span', {}, h('bdi', {}, tenant)), h('span', {}, words.startedBy(run, me)), this.time));
    this.foot = h('footer', { class: 'ta-card__foot' }, h('a', {
      class: 'ta-button', 'data-size': 'sm', 'data-act': 'view', href: words.path(run), 'aria-describedby': whatId,
    }, 'View run', icon('arrow', 'flip')));
    this.main = h('div', { class: 'ta-card__main' },
      h('header', { class: 'ta-card__head' },
        h('h3', { class: 'ta-card__title', id: titleId }, this.title),
        h('span', { class: 'ta-unread', role: 'img', 'aria-label': 'Unread' }), this.acts),
      this.lead, this.foot);
    this.article = h('article', {
      class: 'ta-card', 'data-unread': '', 'data-run': words.shortName(run), 'aria-labelledby': `${titleId} ${whatId}`,
    }, this.icon, this.main);
    this.node = h('div', { class: 'ta-stack__item', role: 'listitem' }, this.article);
    this.progress = new Progress(this.main, this.lead);
  }

  draw(run, fold, now) {
    this.run = run;
    if (this.#state.status !== run.status) {
      this.#state.status = run.status;
      this.article.dataset.state = run.status;
      this.icon.firstChild.setAttribute('href', `#ta-i-${run.status}`);
      if (run.status === 'running') this.icon.setAttribute('data-turn', '');
      else this.icon.removeAttribute('data-turn');
      this.#drawAcknowledge(run.status === 'failed' || run.status === 'partial');
      this.title.data = words.title(run);
      this.body.data = words.body(run);
      this.dismiss.setAttribute('aria-label', words.dismissLabel(run, this.tenant));
    }
    this.#drawChip(run);
    this.progress.draw(run, fold, now);
    this.tick(fold, now);
  }

  #drawAcknowledge(isFailure) {
    if (isFailure === (this.acknowledge !== undefined)) return;
    this.acknowledge?.remove();
    this.acknowledge = isFailure ? h('button', {
      class: 'ta-button', 'data-size': 'sm', 'data-kind': 'ghost', 'data-act': 'acknowledge', type: 'button',
    }, 'Acknowledge') : undefined;
    if (isFailure) this.foot.append(this.acknowledge);
  }

  #drawChip(run) {
    const says = run.status === 'running' && run.counts.failed > 0 ? words.failedSoFar(run) : null;
    if (says === this.#state.chip) return;
    this.#state.chip = says;
    if (says === null) {
      this.chip?.remove();
      this.chip = undefined;
    } else if (this.chip === undefined) {
      this.chip = chip('danger', 'cross', says);
      this.acts.before(this.chip);
    } else {
      this.chip.lastChild.firstChild.data = says;
    }
  }

  /** What follows the clock. */
  tick(fold, now) {
    const at = words.ageOf(this.run);
    if (this.#state.at !== at) {
      this.#state.at = at;
      const date = new Date(at);
      this.time.dateTime = date.toISOString();
      this.time.title = words.absolute(date);
    }
    setText(this.ago, words.ago(at, now));
    this.progress.tick(this.run, fold, now);
  }
}

const list = document.getElementById('list');
const cards = new Map();
const order = new Order();
let env;

function draw(keys) {
  const { fold, now } = env;
  const moved = [];
  for (const key of keys) {
    const run = fold.runs.get(key);
    let card = cards.get(key);
    if (card === undefined) {
      card = new Card(run, env);
      card.node.dataset.key = key;
      cards.set(key, card);
    }
    card.draw(run, fold, now());
    if (order.put(key, run)) moved.push(key);
  }
  // From the end, so that the one behind stands where it belongs.
  const places = new Map(moved.length > 0 ? order.keys.map((key, idx) => [key, idx]) : []);
  moved.sort((one, other) => places.get(other) - places.get(one));
  for (const key of moved) {
    const { node } = cards.get(key);
    const behind = cards.get(order.keys[places.get(key) + 1])?.node ?? null;
    // A card that is put where it is, is taken out and put in all the same.
    if (node.parentNode === null || node.nextSibling !== behind) list.insertBefore(node, behind);
  }
}

list.addEventListener('click', (event) => {
  const key = event.target.closest('[data-act=dismiss]')?.closest('[data-key]')?.dataset.key;
  if (key === undefined) return;
  cards.get(key).node.remove();
  cards.delete(key);
  order.remove(key);
});

await listen({
  begin: (context) => {
    env = context;
    draw(context.fold.runs.keys());
  },
  draw,
  tick: (now) => {
    for (const card of cards.values()) card.tick(env.fold, now);
  },
});
