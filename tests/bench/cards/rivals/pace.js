// How fast a run goes and how long it may still take: src/feed/progress.rs in JavaScript.

const [WINDOW_MS, MAX_SAMPLES, SAMPLE_EVERY_MS, MIN_ITEMS, MIN_STRETCH_MS] = [60_000, 128, 500, 3, 2_000];

export class Samples {
  points = [];
  total = 0;

  push(at, counts) {
    this.total = counts.total;
    const processed = counts.processed ?? 0;
    const { points } = this;
    const last = points.at(-1);
    if (last !== undefined) {
      if (at <= last[0] || processed < last[1]) return;
      const before = points.at(-2);
      if (before !== undefined && at - before[0] < SAMPLE_EVERY_MS) points.pop();
    }
    points.push([at, processed]);
    while (points.length > MAX_SAMPLES || this.#firstIsTooOld(at, processed)) points.shift();
  }

  #firstIsTooOld(at, processed) {
    const [first, second] = this.points;
    if (second === undefined) return false;
    return at - first[0] > WINDOW_MS && at - second[0] >= WINDOW_MS / 2 && processed - second[1] >= MIN_ITEMS;
  }

  /** {perMinute, range}: null where it is not known. */
  pace(now) {
    const unknown = { perMinute: null, range: null };
    const [first, last] = [this.points[0], this.points.at(-1)];
    if (first === undefined) return unknown;
    const [nItems, stretch] = [last[1] - first[1], last[0] - first[0]];
    if (nItems < MIN_ITEMS || stretch < MIN_STRETCH_MS) return unknown;
    const perMs = nItems / stretch;
    const silent = now - last[0];
    if (silent > 10_000 && silent > 5 / perMs) return unknown;
    const doubt = Math.min(0.6, Math.max(0.1, 1 / Math.sqrt(nItems)));
    const atRate = (factor) => Math.max(0, Math.round((this.total - last[1]) / (perMs * factor)) - silent);
    const perMinute = Math.round(perMs * 60_000);
    return { perMinute: perMinute > 0 ? perMinute : null, range: [atRate(1 + doubt), atRate(1 - doubt)] };
  }
}
