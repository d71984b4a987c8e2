/** The network harness: nodes, cuts, healing, cleaning up. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createNetwork, whyNoNetwork } from './netns.ts';

const exec = promisify(execFile);
const why = await whyNoNetwork();
if (why !== null) console.warn(`skipped: ${why}`);

const LISTEN = `require('net').createServer((s) => { s.on('error', () => {}); s.pipe(s); }).listen(7000, '0.0.0.0', () => console.log('ready'))`;
const ask = (host: string): string =>
  `const s = require('net').connect({ host: '${host}', port: 7000 }); s.setTimeout(400, () => { console.log('silence'); process.exit(); });` +
  `s.on('error', (e) => { console.log(e.code); process.exit(); }); s.on('data', (d) => { console.log(String(d)); process.exit(); }); s.write('hello');`;

test.skipIf(why !== null)(
  'nodes reach each other; cut nodes are silent; the host is outside',
  async () => {
    const network = await createNetwork(['server', 'a', 'b']);
    try {
      const { server, a, b } = network.nodes;
      const echo = server.spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((ready) => echo.stdout!.once('data', ready));
      const from = (node: typeof a): Promise<string> => node.run(process.execPath, '-e', ask(server.address));
      expect(await from(a)).toBe('hello\n');
      await network.cut('a');
      expect(await from(a)).toBe('silence\n');
      expect(await from(b)).toBe('hello\n');
      await network.heal('a');
      expect(await from(a)).toBe('hello\n');
      await network.cutWay('server', 'b');
      expect(await from(b)).toBe('silence\n');
      expect(await from(a)).toBe('hello\n');
      await network.heal('b');
      expect(await from(b)).toBe('hello\n');
      // The host itself has no way in: nothing of the network shows up in its own namespace.
      expect((await exec('ip', ['-o', 'addr'])).stdout).not.toContain(server.address.replace(/\d+$/, ''));
      echo.kill('SIGKILL');
    } finally {
      await network.close();
    }
    expect((await exec('ip', ['netns', 'list'])).stdout).not.toContain(network.nodes.a.namespace);
  },
  30_000,
);
