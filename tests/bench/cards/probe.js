// Runs in every page before its own scripts: long tasks, the memory of WebAssembly, and what is on screen. Not bundled, no modules.

(() => {
  const probe = { longTasks: [], memories: [] };
  window.probe = probe;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) probe.longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });

  const keep = (result) => {
    for (const value of Object.values((result.instance ?? result).exports)) if (value instanceof WebAssembly.Memory) probe.memories.push(value);
    return result;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...given) => original.apply(WebAssembly, given).then(keep);
  }
  probe.wasmBytes = () => probe.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

  probe.cards = () => [...document.getElementsByClassName('ta-card')];
  const textOf = (card, selector) => card.querySelector(selector)?.textContent ?? '';

  /** What `shownOf` of words.js gives for a run, from the screen. */
  probe.shown = (card) => {
    const isActive = card.dataset.state === 'running' || card.dataset.state === 'partial';
    const sum = card.querySelector('.ta-card__sum');
    const aside = sum?.querySelector('.ta-muted')?.textContent ?? '';
    const words = sum?.textContent ?? '';
    return [
      card.dataset.state, textOf(card, '.ta-card__title'), isActive ? textOf(card, '.ta-progress__count') : '',
      [...card.querySelectorAll('.ta-legend > li')].map((item) => item.textContent).join(' '),
      (aside === '' ? words : words.slice(0, words.length - aside.length)).trim(),
    ].join('|');
  };

  /** Compares all cards that are drawn with what they should show. */
  probe.compare = (expected) => {
    const [stale, seen] = [[], new Set()];
    for (const card of probe.cards()) {
      const name = card.dataset.run;
      seen.add(name);
      const shown = probe.shown(card);
      if (shown !== expected[name]) stale.push({ name, shown, expected: expected[name] });
    }
    return { nDrawn: seen.size, stale, missing: Object.keys(expected).filter((name) => !seen.has(name)) };
  };

  /**
   * Waits for the final state, looking after each frame from a time on. Looks at one card until that one is right, so that looking costs
   * nothing; then at all. Gives when it was there, by the clock of the day.
   *
   * @param sentinel  the run of the last event  @param all  whether every run has to be drawn
   */
  probe.waitForEnd = ({ expected, sentinel, all, fromMs, limitMs }) => new Promise((resolve) => {
    let card;
    const now = () => performance.timeOrigin + performance.now();
    const isRight = () => {
      if (!card?.isConnected) card = document.querySelector(`.ta-card[data-run="${sentinel}"]`);
      if (card === null && all) return false;
      if (card !== null && probe.shown(card) !== expected[sentinel]) return false;
      const { stale, missing } = probe.compare(expected);
      return stale.length === 0 && (!all || missing.length === 0);
    };
    const look = () => {
      const channel = new MessageChannel();
      // After the frame was drawn: a listener for the frame itself may be called before the page's own.
      channel.port1.onmessage = () => {
        const at = now();
        if (isRight()) resolve({ at });
        else if (at > limitMs) resolve({ at: null });
        else requestAnimationFrame(look);
      };
      channel.port2.postMessage(null);
    };
    setTimeout(() => requestAnimationFrame(look), Math.max(0, fromMs - now()));
  });

  /** Nodes of the cards, and their words without what depends on the moment. */
  probe.anatomy = () => {
    const moment = 'time, .ta-progress__left, .ta-nowrap, .ta-card__sum .ta-muted, .ta-card__note';
    let [nElements, nNodes] = [0, 0];
    const words = {};
    for (const card of probe.cards()) {
      const walker = document.createTreeWalker(card, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      let said = '';
      for (let node = card; node !== null; node = walker.nextNode()) {
        if (node.nodeType === Node.ELEMENT_NODE) nElements += 1;
        else if (node.data === '') continue;
        else if (node.parentElement.closest(moment) === null) said += node.data;
        nNodes += 1;
      }
      const attributes = [...card.querySelectorAll('[aria-label], [href], [title]')].filter((node) => !node.matches(moment));
      said += attributes.map((node) => ['aria-label', 'href', 'title'].map((name) => node.getAttribute(name) ?? '').join()).join(' ');
      words[card.dataset.run] = said;
    }
    const n = probe.cards().length;
    return { n, elements: nElements / n, nodes: nNodes / n, words };
  };
})();
