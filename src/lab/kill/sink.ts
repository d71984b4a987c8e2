/**
 * A keyed sink in a process of its own: works a key once, counts how often it was asked, keeps every
 * work in a file before it answers. Run with the file and the most ms that an answer takes; says its
 * port on stdout.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededChance } from '../../base/index.ts';
import type { SinkWork } from './sink-client.ts';

if (process.argv[1] === import.meta.filename) {
  const [file, slowestMs, address] = process.argv.slice(2);
  const port = await startSink({ file: file!, slowestMs: Number(slowestMs), address });
  process.stdout.write(`${port}\n`);
}

export interface SinkOptions {
  file: string;
  slowestMs: number;
  address?: string;
}

export async function startSink({ file, slowestMs, address = '127.0.0.1' }: SinkOptions): Promise<number> {
  const works = new Map<string, SinkWork>(readWorks(file).map((work) => [work.key, work]));
  const out = openSync(file, 'a');
  const chance = createSeededChance('sink');

  async function work(request: IncomingMessage): Promise<number> {
    const key = decodeURIComponent(String(request.headers['idempotency-key']));
    let what = '';
    for await (const chunk of request) what += String(chunk);
    await sleep(chance.int(slowestMs + 1));
    const known = works.get(key);
    if (known !== undefined) known.asked++;
    else {
      works.set(key, { key, what, asked: 1 });
      writeSync(out, `${JSON.stringify({ key, what, asked: 1 })}\n`);
    }
    // The work is done; the word of it may take its time, and may reach nobody.
    await sleep(chance.int(slowestMs + 1));
    return works.size;
  }

  const server = createServer((request, response) => {
    if (request.url === '/works') return void response.end(JSON.stringify([...works.values()]));
    work(request).then(
      (count) => response.end(String(count)),
      () => response.destroy(),
    );
  });
  server.on('close', () => closeSync(out));
  await new Promise<void>((ready) => server.listen(0, address, ready));
  return (server.address() as AddressInfo).port;
}

function readWorks(file: string): SinkWork[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as SinkWork);
}
