// The card in React, for the three rivals that use it: each part that can stay as it is, is remembered.

import { createContext, memo, useContext, useEffect, useRef, useSyncExternalStore } from 'react';

import * as words from './words.js';

export const Environment = createContext(null);

/** The seconds of the server's clock, for what follows it. */
export function clockStore(now) {
  const listeners = new Set();
  return {
    tick: () => {
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    second: () => Math.floor(now() / 1000),
    now,
  };
}

function useNow() {
  const { clock } = useContext(Environment);
  useSyncExternalStore(clock.subscribe, clock.second);
  return clock.now();
}

function Icon({ id, role = '', turn }) {
  return <svg className="ta-icon" data-role={role} data-turn={turn} aria-hidden="true"><use href={`#ta-i-${id}`} /></svg>;
}

export const Card = memo(function Card({ run, ondismiss }) {
  const { me, tenants } = useContext(Environment);
  const tenant = tenants.get(run.tenant_id);
  const [titleId, whatId] = [words.partId(run, 'title'), words.partId(run, 'what')];
  return (
    <article className="ta-card" data-state={run.status} data-unread="" data-run={words.shortName(run)} aria-labelledby={`${titleId} ${whatId}`}>
      <Icon id={run.status} role="card" turn={run.status === 'running' ? '' : undefined} />
      <div className="ta-card__main">
        <header className="ta-card__head">
          <h3 className="ta-card__title" id={titleId}>{words.title(run)}</h3>
          <span className="ta-unread" role="img" aria-label="Unread" />
          {run.status === 'running' && run.counts.failed > 0
            && <span className="ta-chip" data-tone="danger"><Icon id="cross" /><bdi>{words.failedSoFar(run)}</bdi></span>}
          <span className="ta-card__acts">
            <div className="ta-menu__place">
              <button className="ta-icon-button" type="button" aria-haspopup="menu" aria-expanded="false" aria-label={words.moreLabel(run, tenant)}>
                <Icon id="more" /><span className="ta-visually-hidden" role="status" />
              </button>
            </div>
            <button className="ta-icon-button" data-act="dismiss" type="button" aria-label={words.dismissLabel(run, tenant)} onClick={() => ondismiss(run)}>
              <Icon id="cross" />
            </button>
          </span>
        </header>
        <div className="ta-card__lead">
          <p className="ta-card__body">{words.body(run)}</p>
          <p className="ta-card__what" id={whatId}>{words.what(run)} <span className="ta-muted">{run.target}</span></p>
          <p className="ta-card__meta">
            <span><bdi>{tenant}</bdi></span><span>{words.startedBy(run, me)}</span><Ago at={words.ageOf(run)} />
          </p>
        </div>
        <Progress run={run} />
        <Note run={run} />
        <footer className="ta-card__foot">
          <a className="ta-button" data-size="sm" data-act="view" href={words.path(run)} aria-describedby={whatId}>
            View run<Icon id="arrow" role="flip" />
          </a>
          {(run.status === 'failed' || run.status === 'partial')
            && <button className="ta-button" data-size="sm" data-kind="ghost" data-act="acknowledge" type="button">Acknowledge</button>}
        </footer>
      </div>
    </article>
  );
});

const Ago = memo(function Ago({ at }) {
  const now = useNow();
  const date = new Date(at);
  return <time dateTime={date.toISOString()} title={words.absolute(date)}>{words.ago(at, now)}</time>;
});

function Progress({ run }) {
  switch (run.status) {
    case 'running':
      return <div className="ta-progress"><Bar run={run} /><Line run={run} /><Legend run={run} /></div>;
    case 'partial':
      return (
        <div className="ta-progress">
          <Bar run={run} />
          <p className="ta-progress__line">
            <span className="ta-progress__count">{words.doneOf(run)}</span><span className="ta-muted ta-nowrap">{words.took(run)}</span>
          </p>
          <Legend run={run} />
        </div>
      );
    case 'failed':
      return run.counts.processed > 0 && <div className="ta-progress"><Bar run={run} /><Legend run={run} /></div>;
    case 'completed':
      return <p className="ta-card__sum">{words.sum(run)} <span className="ta-muted">{words.took(run)}</span></p>;
    case 'cancelled':
      return <p className="ta-card__sum">{words.shownOf(run).split('|').at(-1)}</p>;
    default:
      return null;
  }
}

function Line({ run }) {
  const { fold } = useContext(Environment);
  const { perMinute, range } = fold.pace(run, useNow());
  return (
    <p className="ta-progress__line">
      <span className="ta-progress__count">{words.doneOf(run)}</span>
      {perMinute !== null && <span className="ta-muted ta-nowrap">{`${words.number(perMinute)} per min`}</span>}
      <span className="ta-progress__left">{words.left(range)}</span>
    </p>
  );
}

function Bar({ run }) {
  const node = useRef(null);
  const parts = words.parts(run.counts);
  // As in the app, which no policy of its page lets write `style` attributes.
  useEffect(() => {
    [...node.current.children].forEach((segment, idx) => segment.style.setProperty('--n', parts[idx][1]));
  }, [parts.join()]);
  return <div className="ta-bar" role="img" aria-label={words.barLabel(run)} ref={node}>{parts.map(([part]) => <i key={part} data-part={part} />)}</div>;
}

function Legend({ run }) {
  return (
    <ul className="ta-legend">
      {words.settled(run).map((entry) => <li key={entry[0]} data-part={entry[0]}>{words.partWords(entry)}</li>)}
    </ul>
  );
}

function Note({ run }) {
  if (run.status === 'queued') {
    return <p className="ta-card__note"><Icon id="clock" /><span><b>Waits for a slot</b>, {words.sinceClock(run)}</span></p>;
  }
  return run.error && <p className="ta-card__note" title={run.error.message}><span><b>{run.error.message}</b></span></p>;
}
