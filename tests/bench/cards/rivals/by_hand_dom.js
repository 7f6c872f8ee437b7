// The few functions that somebody who writes DOM code by hand has.

const SVG = 'http://www.w3.org/2000/svg';

export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const attribute in attributes) element.setAttribute(attribute, attributes[attribute]);
  element.append(...children);
  return element;
}

export const text = (words = '') => document.createTextNode(words);

/** Writes only what is new: a write makes the browser lay the line out again. */
export function setText(node, words) {
  if (node.data !== words) node.data = words;
}

export function icon(id, role) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'ta-icon');
  svg.setAttribute('data-role', role);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#ta-i-${id}`);
  svg.append(use);
  return svg;
}

export const glyph = (id) => icon(id, '');

/** The button of a menu, closed. */
export function more(label) {
  const button = h('button', { class: 'ta-icon-button', type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'aria-label': label },
    glyph('more'), h('span', { class: 'ta-visually-hidden', role: 'status' }));
  return h('div', { class: 'ta-menu__place' }, button);
}

export function chip(tone, id, words) {
  return h('span', { class: 'ta-chip', 'data-tone': tone }, glyph(id), h('bdi', {}, words));
}
