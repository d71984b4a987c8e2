/**
 * One process at work: a line of JSON in, lines of JSON out, one exchange at a time.
 *
 * P1  An exchange ends with the line that has its id and an answer; `say` lines before it are pieces, and `beat` lines
 *     signs of life.
 * P2  Whatever goes wrong (abort, silence, too much output or memory, a line that is no JSON) ends the process with
 *     its whole group: what it was about to do must not go on behind our back. So does our own death (sandbox.ts).
 * P3  It sees of our environment what is named, and nothing else but the mark it is known by (sandbox.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Fault, type Json } from '../../../base/index.ts';
import { bearersOf, familyOf, residentBytes } from './family.ts';
import { type Launch, LEASH_FD, LEASH_MARK } from './sandbox.ts';

export interface WorkerLimits {
  memoryBytes: number;
  outputBytes: number;
}

export interface Exchange {
  line: { id: number; [member: string]: Json | undefined };
  signal: AbortSignal;
  say?: (piece: string) => void;
  beat?: () => void;
}

export interface ProcessWorker {
  readonly alive: boolean;
  exchange(exchange: Exchange): Promise<Record<string, unknown>>;
  kill(): void;
  readonly ended: Promise<void>;
}

/** What a process said on stderr is told when it fails: its end. */
const STDERR_CHARS = 2_000;
const MEMORY_LOOK_MS = 200;

export function startWorker(
  agent: string,
  launch: Launch,
  cwd: string,
  env: Record<string, string>,
  limits: WorkerLimits,
): ProcessWorker {
  const mark = launch.leash === true ? randomUUID() : undefined;
  const child: ChildProcess = spawn(launch.file, launch.args, {
    cwd,
    env: mark === undefined ? env : { ...env, [LEASH_MARK]: mark },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(launch.leash === true ? ['pipe' as const] : [])],
  });
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
  let open:
    | { exchange: Exchange; done: (said: Record<string, unknown>) => void; failed: (why: Fault) => void }
    | undefined;
  let rest = '';
  let bytes = 0;
  let stderr = '';
  let alive = true;
  /** Killed, and not seen to be gone yet. */
  let doomed = false;

  function kill(): void {
    if (child.pid === undefined) return;
    // Also those that left the group for one of their own, or were left by who started them.
    const family = [...familyOf(child.pid), ...(mark === undefined ? [] : bearersOf(`${LEASH_MARK}=${mark}`))];
    signal(-child.pid);
    for (const pid of family) signal(pid);
  }

  function fail(fault: Fault): void {
    doomed = true;
    const failed = open?.failed;
    open = undefined;
    failed?.(fault);
    kill();
  }

  function died(why: string): void {
    if (!alive) return;
    alive = false;
    clearInterval(watching);
    const said = stderr.trim() === '' ? '' : `; it said: ${stderr.trim()}`;
    fail(new Fault('agent.failed', `agent '${agent}': its process ${why}${said}`, { retry: 'same' }));
    onEnded();
  }

  function hear(line: string): void {
    if (line.trim() === '') return;
    let said: Record<string, unknown> | null;
    try {
      said = JSON.parse(line) as Record<string, unknown> | null;
    } catch {
      said = null;
    }
    if (typeof said !== 'object' || said === null || Array.isArray(said))
      return fail(
        new Fault('agent.failed', `agent '${agent}' wrote a line that is no JSON object: ${line.slice(0, 200)}`, {
          retry: 'elsewhere',
        }),
      );
    if (open === undefined || said['id'] !== open.exchange.line.id) return;
    if (typeof said['say'] === 'string') return open.exchange.say?.(said['say']);
    if (said['beat'] === true && !('output' in said) && !('fault' in said)) return open.exchange.beat?.();
    const { done } = open;
    open = undefined;
    done(said);
  }

  child.stdout!.setEncoding('utf8');
  child.stdout!.on('data', (text: string) => {
    bytes += Buffer.byteLength(text);
    if (bytes > limits.outputBytes) {
      const why = `agent '${agent}' said more than ${limits.outputBytes} bytes; raise maxOutputBytes, or ask for less`;
      return fail(new Fault('agent.failed', why, { retry: 'elsewhere' }));
    }
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) hear(line);
  });
  child.stderr!.setEncoding('utf8');
  child.stderr!.on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARS);
  });
  // A write to one that is gone: its end says more.
  child.stdin!.on('error', () => {});
  child.stdio[LEASH_FD]?.on('error', () => {});
  child.on('error', (error) => died(`did not start: ${error.message}`));
  // What it started must not outlive it; then its pipes close, with all that it said.
  child.on('exit', () => kill());
  child.on('close', (code, by) => died(by === null ? `ended with ${code}` : `was ended by ${by}`));

  function look(): void {
    if (!alive || child.pid === undefined) return;
    const held = residentBytes(familyOf(child.pid));
    if (held <= limits.memoryBytes) return;
    const why = `agent '${agent}' held ${Math.ceil(held / 2 ** 20)} MB of memory; it may hold ${limits.memoryBytes / 2 ** 20}`;
    fail(new Fault('agent.failed', why, { retry: 'elsewhere' }));
  }
  const watching = setInterval(look, MEMORY_LOOK_MS);
  watching.unref();

  return {
    get alive() {
      return alive && !doomed;
    },
    ended,
    kill() {
      doomed = true;
      kill();
    },
    exchange(exchange) {
      return new Promise((done, failed) => {
        if (!alive || doomed)
          return failed(new Fault('agent.failed', `agent '${agent}': its process is gone`, { retry: 'same' }));
        bytes = 0;
        const aborted = (): void => fail(exchange.signal.reason as Fault);
        const end = (): void => exchange.signal.removeEventListener('abort', aborted);
        open = {
          exchange,
          done: (said) => {
            end();
            done(said);
          },
          failed: (why) => {
            end();
            failed(why);
          },
        };
        if (exchange.signal.aborted) return aborted();
        exchange.signal.addEventListener('abort', aborted, { once: true });
        child.stdin!.write(`${JSON.stringify(exchange.line)}\n`);
      });
    },
  };
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
