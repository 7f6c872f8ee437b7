// A server that stands for the real one: the built app under the policy that ships, the few calls that it makes, and the rivals. One
// stream at a time gets a log's frames, each when it is due.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

import { POLICY } from '../../e2e/fixtures/static.mjs';
import { Feeder } from './feeder.mjs';
import { ME, TENANTS } from './log.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.json': 'application/json',
};
// sonner and react-toastify write their style sheets into the page.
const RIVAL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
const EMPTY_PAGES = { runs: { rows: [] }, policies: { rows: [], total: 0 } };

/** @param dist  the folder of the built app  @param rivals  what `bundleRivals` gave */
export async function startServer({ dist, rivals }) {
  const feeder = new Feeder();
  const asked = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname.startsWith('/api/')) {
      asked.push(`${request.method} ${pathname}`);
      api(request, response, pathname);
      return;
    }
    const [, folder, name] = pathname.split('/');
    if (folder === 'rival') {
      const isScript = name.endsWith('.js');
      const text = isScript ? rivals.scripts.get(path.basename(name, '.js')) : rivals.pages.get(name);
      send(response, text, isScript ? '.js' : '.html', RIVAL_POLICY);
      return;
    }
    const extension = path.extname(pathname);
    const file = path.join(dist, extension === '' ? 'index.html' : path.normalize(pathname));
    const content = await readFile(file).catch(() => undefined);
    send(response, content, extension === '' ? '.html' : extension, POLICY);
  }

  function send(response, content, extension, policy) {
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extension], 'content-security-policy': policy, 'cache-control': 'no-cache' });
    response.end(content);
  }

  function api(request, response, pathname) {
    const marks_rev = 0;
    const me = { person: ME, tenants: TENANTS, marks_rev, build: 'bench', channel: feeder.channel };
    const json = (body) => send(response, JSON.stringify(body), '.json', POLICY);
    const page = /^\/api\/tenants\/\d+\/(runs|policies)$/.exec(pathname)?.[1];
    if (pathname === '/api/me') json(me);
    else if (pathname === '/api/tenants') json({ rows: TENANTS });
    else if (pathname === '/api/snapshot') json(feeder.snapshot());
    else if (pathname === '/api/events') feeder.connect(request, response, { protocol: 1, ...me });
    else if (pathname === '/api/me/marks') json({ rows: [], marks_rev, marks: [], stayed: [] });
    else if (pathname === '/api/me/notifications') json({ rows: [], total: 0 });
    else if (page !== undefined) json(EMPTY_PAGES[page]);
    else response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"status":404,"code":"not_found","title":"Not found"}');
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseURL: `http://127.0.0.1:${server.address().port}`,
    feeder,
    /** The calls since the last time, in their order. */
    calls: () => asked.splice(0),
    stop: () => {
      feeder.stop();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
