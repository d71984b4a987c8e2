/** A server of a page: the client as native modules, as a browser takes them, and one page that works with it. */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const SRC = join(import.meta.dirname, '../../src');

/** A desk for one person: it starts a run, tells what happens, asks, and shows what it came to. */
const PAGE = `<!doctype html>
<title>desk</title>
<button id="start">start</button>
<button id="approve" hidden>approve</button>
<ol id="events"></ol>
<ol id="site"></ol>
<p id="output"></p>
<script type="module">
  import { createClient } from './src/client/index.ts';
  const at = (id) => document.getElementById(id);
  const line = (id, text) => at(id).append(Object.assign(document.createElement('li'), { textContent: text }));
  window.open = ({ url, token, patienceMs }) => {
    const client = createClient({ url, token, patienceMs });
    window.client = client;
    (async () => {
      for await (const { run, event } of client.watch()) line('site', run + ' ' + event.type);
    })().catch((error) => line('site', String(error.code ?? error)));
    at('start').onclick = async () => {
      const run = await client.start('pay', undefined, { goal: 'from a page' });
      at('approve').onclick = () => run.approve('ok', { reason: 'looks right' });
      (async () => {
        for await (const { seq, event } of run.events()) {
          line('events', seq + ' ' + event.type);
          at('approve').hidden = (await run.gates()).length === 0;
        }
      })();
      at('output').textContent = JSON.stringify(await run.output());
    };
  };
</script>
`;

export interface Pages {
  origin: string;
  close(): Promise<void>;
}

export async function servePages(): Promise<Pages> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
    const file = /^\/src\/((?:\w[\w-]*\/)*\w[\w-]*\.ts)$/.exec(path)?.[1];
    if (file === undefined) return response.writeHead(404).end();
    response.setHeader('content-type', 'text/javascript');
    response.end(stripTypeScriptTypes(readFileSync(join(SRC, file), 'utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
