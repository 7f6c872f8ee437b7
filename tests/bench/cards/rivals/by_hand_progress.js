// The middle of a card by hand: bar, counts, rate, legend, sum and note. It is built when its kind changes and written into otherwise.

import { glyph, h, setText, text } from './by_hand_dom.js';
import * as words from './words.js';

const kindOf = (run) => (run.status === 'failed' && run.counts.processed > 0 ? 'failed at work' : run.status);

export class Progress {
  #nodes = [];
  #kind;
  #label;

  /** Stands in `main`, behind `lead`. */
  constructor(main, lead) {
    this.main = main;
    this.lead = lead;
  }

  draw(run) {
    const kind = kindOf(run);
    const { attempt } = run;
    if (this.#kind !== kind || this.attempt !== attempt) {
      [this.#kind, this.attempt] = [kind, attempt];
      for (const node of this.#nodes) node.remove();
      this.bar = this.legend = this.count = this.rate = this.left = this.#label = undefined;
      this.#nodes = this.#build(run);
      this.lead.after(...this.#nodes);
    }
    if (this.bar !== undefined) this.#drawBar(run);
    if (this.count !== undefined) setText(this.count, words.doneOf(run));
  }

  #build(run) {
    switch (this.#kind) {
      case 'queued':
        return [h('p', { class: 'ta-card__note' }, glyph('clock'), h('span', {}, h('b', {}, 'Waits for a slot'), ', ', words.sinceClock(run)))];
      case 'running': {
        this.count = text();
        this.left = text();
        this.line = h('p', { class: 'ta-progress__line' }, h('span', { class: 'ta-progress__count' }, this.count),
          h('span', { class: 'ta-progress__left' }, this.left));
        return [this.#frame(this.line)];
      }
      case 'partial': {
        this.count = text();
        const line = h('p', { class: 'ta-progress__line' }, h('span', { class: 'ta-progress__count' }, this.count),
          h('span', { class: 'ta-muted ta-nowrap' }, words.took(run)));
        return [this.#frame(line), note(run)];
      }
      case 'failed at work':
        return [this.#frame(), note(run)];
      case 'failed':
        return [note(run)];
      case 'completed':
        return [h('p', { class: 'ta-card__sum' }, words.sum(run), ' ', h('span', { class: 'ta-muted' }, words.took(run)))];
      case 'cancelled':
        return [h('p', { class: 'ta-card__sum' }, words.shownOf(run).split('|').at(-1))];
      default:
        return [];
    }
  }

  #frame(...line) {
    this.bar = h('div', { class: 'ta-bar', role: 'img' });
    this.legend = h('ul', { class: 'ta-legend' });
    this.segments = new Map();
    return h('div', { class: 'ta-progress' }, this.bar, ...line, this.legend);
  }

  #drawBar(run) {
    const label = words.barLabel(run);
    if (label === this.#label) return;
    this.#label = label;
    this.bar.setAttribute('aria-label', label);
    const parts = words.parts(run.counts);
    for (const [part] of this.segments) {
      if (parts.every(([name]) => name !== part)) this.#dropSegment(part);
    }
    let [before, beforeWord] = [null, null];
    for (const entry of parts) {
      const [part, n] = entry;
      let segment = this.segments.get(part);
      if (segment === undefined) {
        segment = { node: h('i', { 'data-part': part }) };
        if (part !== 'remaining') segment.item = h('li', { 'data-part': part }, text());
        this.segments.set(part, segment);
        if (before === null) this.bar.prepend(segment.node);
        else before.after(segment.node);
        if (segment.item !== undefined) {
          if (beforeWord === null) this.legend.prepend(segment.item);
          else beforeWord.after(segment.item);
        }
      }
      if (segment.n !== n) {
        segment.n = n;
        segment.node.style.setProperty('--n', n);
        if (segment.item !== undefined) segment.item.firstChild.data = words.partWords(entry);
      }
      [before, beforeWord] = [segment.node, segment.item ?? beforeWord];
    }
  }

  #dropSegment(part) {
    const { node, item } = this.segments.get(part);
    node.remove();
    item?.remove();
    this.segments.delete(part);
  }

  /** Rate and time left follow the clock. */
  tick(run, fold, now) {
    if (this.left === undefined) return;
    const { perMinute, range } = fold.pace(run, now);
    setText(this.left, words.left(range));
    if (perMinute === null) {
      this.rate?.remove();
      this.rate = undefined;
      return;
    }
    if (this.rate === undefined) {
      this.rate = h('span', { class: 'ta-muted ta-nowrap' }, text());
      this.line.firstChild.after(this.rate);
    }
    setText(this.rate.firstChild, `${words.number(perMinute)} per min`);
  }
}

function note(run) {
  return h('p', { class: 'ta-card__note', title: run.error.message }, h('span', {}, h('b', {}, run.error.message)));
}
