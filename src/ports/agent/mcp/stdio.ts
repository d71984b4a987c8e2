/**
 * A server that is a process of ours, one JSON message a line.
 *
 * T1  A line is read once: what a message is, and whether it is one, the library judges as for every way.
 * T2  Told to go by the end of its input, a process that stays is ended.
 * T3  Nobody makes us hold more than MAX_LINE_BYTES of one line; who tries is ended.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { McpLibrary } from './library.ts';

export const MAX_LINE_BYTES = 10 * 2 ** 20;
/** Between the end of its input, the word to end, and its end. */
const LEAVE_MS = 2_000;
const LINE_END = 10;

export interface StdioOptions {
  command: readonly string[];
  env: Record<string, string>;
  cwd: string | undefined;
}

/** By `pid` and `stderr` the library knows what kind of way this is. */
export interface StdioTransport extends Transport {
  readonly pid: number | null;
  readonly stderr: null;
}

type Server = ChildProcessByStdio<Writable, Readable, null>;

export function createStdioTransport({ SdkError, SdkErrorCode }: McpLibrary, options: StdioOptions): StdioTransport {
  const [command = '', ...args] = options.command;
  let child: Server | undefined;

  const transport: StdioTransport = {
    stderr: null,
    get pid() {
      return child?.pid ?? null;
    },
    start: () =>
      new Promise((resolve, reject) => {
        // What a server prints besides is its own: it may hold secrets, and no journal of ours takes it.
        const stdio = ['pipe', 'pipe', 'ignore'] satisfies ['pipe', 'pipe', 'ignore'];
        const { env, cwd } = options;
        const started = spawn(command, args, { env, cwd, stdio, windowsHide: true });
        child = started;
        const tell = (error: Error): void => transport.onerror?.(error);
        started.once('spawn', resolve);
        started.on('error', (error) => {
          reject(error);
          tell(error);
        });
        started.on('close', () => {
          child = undefined;
          transport.onclose?.();
        });
        started.stdin.on('error', tell);
        started.stdout.on('error', tell);
        const read = createLines(hear);
        const take = (piece: Buffer): void => {
          try {
            read(piece);
          } catch (thrown) {
            // What else it says is heard by nobody.
            started.stdout.off('data', take).resume();
            tell(thrown as Error);
            void transport.close();
          }
        };
        started.stdout.on('data', take);
      }),
    send: (message) =>
      new Promise((resolve, reject) => {
        if (child === undefined) return reject(new SdkError(SdkErrorCode.NotConnected, 'Not connected'));
        // Its end is heard too: what waits to be written fails with the pipe.
        child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      const leaving = child;
      if (leaving === undefined) return;
      const gone = new Promise<void>((resolve) => void leaving.once('close', () => resolve()));
      leaving.stdin.end();
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (await within(gone)) return;
        leaving.kill(signal);
      }
      await within(gone);
    },
  };

  /** Servers print what is no message, too. */
  function hear(line: string): void {
    if (!line.startsWith('{')) return;
    let message: JSONRPCMessage;
    try {
      message = JSON.parse(line) as JSONRPCMessage;
    } catch {
      return;
    }
    try {
      transport.onmessage?.(message);
    } catch (thrown) {
      transport.onerror?.(thrown as Error);
    }
  }
  return transport;
}

async function within(gone: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), LEAVE_MS).unref()));
  const left = await Promise.race([gone.then(() => true), late]);
  clearTimeout(timer);
  return left;
}

/** Pieces of a stream as lines. Throws when one has no end (T3). */
function createLines(hear: (line: string) => void): (piece: Buffer) => void {
  let begun: Buffer[] = [];
  let bytes = 0;
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, from)) {
      let line: string;
      if (begun.length === 0) line = piece.toString('utf8', from, end);
      else {
        line = Buffer.concat([...begun, piece.subarray(from, end)]).toString('utf8');
        begun = [];
        bytes = 0;
      }
      from = end + 1;
      hear(line.trim());
    }
    if (from === piece.length) return;
    bytes += piece.length - from;
    if (bytes > MAX_LINE_BYTES) throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
    begun.push(from === 0 ? piece : piece.subarray(from));
  };
}
