// What was measured, as tables: medians over the rounds, and beside each figure how it stands to the code written by hand.

import { BY_HAND } from './subjects.mjs';

/** As docs/decisions/0008-bench-cards.md: times what code written by hand takes for drawing all. */
const BUDGET = { all: 1.3, aim: 1.1, windowed: 1, windowedFrom: 200 };
const END_MS = 100;
const NODES_SHARE = 0.1;
const MB = 1024 * 1024;

export function median(values) {
  const sorted = values.filter((value) => value !== null && value !== undefined).sort((one, other) => one - other);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '));
}

const mb = (bytes) => (bytes / MB).toFixed(1);

/** @param results  from the subject to its rounds */
export function report({ nRuns, results }) {
  const of = (subject, name) => median(results.get(subject).map((round) => round[name]));
  const base = results.has(BY_HAND) ? of(BY_HAND, 'cpu') : null;
  const rows = [[
    `${nRuns} runs`, 'CPU µs/event', '× by hand', 'script', 'style', 'layout', 'process', 'busy %', 'idle ms/s', 'long tasks', 'over 50, ms', 'longest', 'heap MB',
    'wasm MB', 'nodes', 'cards', 'failures', 'stale', 'end ms',
  ]];
  for (const [subject, rounds] of results) {
    const median_ = (name) => of(subject, name);
    const whole = (name) => median_(name).toFixed(0);
    const failures = Math.min(...rounds.map((round) => Math.max(round.failuresDrawn, round.failuresCounted)));
    const drawn = Math.min(...rounds.map((round) => round.failuresDrawn));
    const ends = rounds.map((round) => round.endMs);
    const worst = ends.includes(null) ? 'never' : Math.max(...ends).toFixed(0);
    rows.push([
      subject.name, whole('cpu'), base === null ? '–' : (median_('cpu') / base).toFixed(2), whole('script'), whole('style'), whole('layout'), whole('process'),
      whole('busy'), whole('idle'), whole('longTasks'), whole('blockedMs'), whole('longestMs'), mb(median_('heapBytes')), mb(median_('wasmBytes')), whole('nodes'),
      whole('nDrawn'), `${failures}${failures === drawn ? '' : ` (${drawn} drawn)`} of ${rounds[0].failures}`,
      String(Math.max(...rounds.map((round) => round.stale))), ends.includes(null) ? worst : `${median(ends).toFixed(0)} (${worst})`,
    ]);
  }
  console.log('');
  print(rows);
  for (const line of [...verdicts(nRuns, results, base), ...sameness(results), ...trouble(results)]) console.log(line);
}

function verdicts(nRuns, results, base) {
  const lines = [];
  for (const [subject, rounds] of results) {
    const ends = rounds.map((round) => round.endMs);
    const nLate = ends.filter((ms) => ms === null || ms > END_MS).length;
    if (nLate > 0) lines.push(`! ${subject.name}: the final state was not there within ${END_MS} ms in ${nLate} of ${rounds.length} rounds`);
    const stale = Math.max(...rounds.map((round) => round.stale));
    if (stale > 0) lines.push(`! ${subject.name}: ${stale} cards are not as they should be at the end, e.g. ${JSON.stringify(rounds.find((round) => round.stale > 0).staleExample)}`);
    if (!subject.isApp || base === null) continue;
    const ratio = median(rounds.map((round) => round.cpu)) / base;
    if (subject.drawsAll) {
      lines.push(`${ratio <= BUDGET.all ? 'kept' : 'MISSED'}: all drawn, ${ratio.toFixed(2)} × by hand; budget ${BUDGET.all}, aim ${BUDGET.aim}`);
    } else if (nRuns >= BUDGET.windowedFrom) {
      lines.push(`${ratio < BUDGET.windowed ? 'kept' : 'MISSED'}: as shipped, ${ratio.toFixed(2)} × by hand; budget below ${BUDGET.windowed} from ${BUDGET.windowedFrom} runs on`);
    }
  }
  return lines;
}

/** Whether all that draw all draw the same: nodes, and the words of each card. */
function sameness(results) {
  const all = [...results].filter(([subject]) => subject.drawsAll);
  const [[first, [{ anatomy: reference }]]] = all;
  const cells = all.map(([subject, [{ anatomy }]]) => {
    const names = Object.keys(reference.words);
    const plain = (text) => text?.replaceAll(/[\d.,]+/g, '#');
    const nOther = names.filter((name) => plain(anatomy.words[name]) !== plain(reference.words[name])).length;
    const share = anatomy.nodes / reference.nodes - 1;
    const flag = Math.abs(share) > NODES_SHARE ? ' NOT WITHIN 10 %' : '';
    return `${subject.name} ${anatomy.nodes.toFixed(1)}${flag}${nOther > 0 ? ` (${nOther} cards with other words)` : ''}`;
  });
  return [`nodes a card, words as in "${first.name}" unless said: ${cells.join(', ')}`];
}

function trouble(results) {
  const lines = [];
  for (const [subject, rounds] of results) {
    const errors = rounds.flatMap((round) => round.errors);
    if (errors.length > 0) lines.push(`! ${subject.name}: ${errors.length} errors on its page, the first: ${errors[0]}`);
    const snapshots = rounds.flatMap((round) => round.calls).filter((call) => call.endsWith('/api/snapshot') || call.endsWith('/api/events'));
    if (snapshots.length > 0) lines.push(`! ${subject.name}: asked again during the rounds: ${snapshots.join(', ')}`);
    const late = Math.max(...rounds.map((round) => round.lateMs));
    if (late > 100) lines.push(`! ${subject.name}: an event left up to ${late.toFixed(0)} ms late: the machine was busy`);
  }
  return lines;
}
