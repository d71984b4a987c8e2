// A project in a folder of its own, and the command line called in it: with the arguments, the terminal and the exit
// code of a person's call, in this process to be quick; or as a process of its own, to be left, killed and drained.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../src/doors/cli/call.ts';
import { testTerminal } from '../../src/doors/cli/fixtures/terminal.ts';

const root = join(import.meta.dirname, '../..');
export const MAIN = join(root, 'src/doors/cli/main.ts');

export interface Said {
  code: number | null;
  out: string;
  err: string;
  json: <T = Record<string, unknown>>() => T;
}

export interface Project {
  folder: string;
  env: Record<string, string | undefined>;
  skein(...args: string[]): Promise<Said>;
  /** A command that goes on; `until` resolves when its output holds the text. */
  begin(...args: string[]): Going;
  close(): void;
}

export interface Going {
  child: ChildProcess;
  until(text: string): Promise<void>;
  /** What it said on standard error so far. */
  err(): string;
  ended: Promise<Said>;
}

const CONFIG = `import { defineConfig } from '${join(root, 'src/index.ts')}';
export default defineConfig({ workflows: ['flows.ts', 'plan.yaml'], agents: ['agents.ts'], http: { port: 0 } });
`;
const AGENTS = `import { Fault, functionAgent } from '${join(root, 'src/index.ts')}';
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export const agents = [
  // One agent, busy at first: what is seen does not hang on who is chosen.
  functionAgent('up', { skills: {
    look: async (topic: string, call) => {
      if (call.attempt === 1) throw new Fault('agent.busy', 'busy just now', { afterMs: 5 });
      await sleep(Number(process.env.LOOK_MS ?? 5));
      return topic.toUpperCase();
    },
    pay: { effect: 'idempotent', keyed: true, price: { money: 0.5 }, run: (n: number) => 'paid ' + n },
  } }),
];
`;
const FLOWS = `import { workflow } from '${join(root, 'src/index.ts')}';
export const look = workflow('look', async (run, topics: string[]) =>
  run.map('topics', topics, { itemKey: (t) => t, width: 2 }, (topic, r) => r.ask<string>('look', topic, { retry: { tries: 2, firstMs: 5 } })));
export const pay = workflow('pay', async (run, amount: number) => {
  const answer = await run.gate<number>('allow', { show: amount });
  return run.effect<string>('pay', answer.value ?? amount);
});
export const wait = workflow('wait', async (run) => run.signal('go'));
`;
const PLAN = `name: planned
steps:
  found: { ask: look, with: '\${input}', retry: { tries: 2 } }
output: '\${steps.found}'
`;

export function makeProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'skein cli '));
  mkdirSync(folder, { recursive: true });
  const files = { 'skein.config.ts': CONFIG, 'agents.ts': AGENTS, 'flows.ts': FLOWS, 'plan.yaml': PLAN };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, SKEIN_STORE: undefined };
  const all = (args: readonly string[]): string[] => ['--no-warnings', MAIN, ...args];
  return {
    folder,
    env,
    async skein(...args) {
      const terminal = testTerminal({ folder, environment: env });
      const code = await runCommandLine(args, terminal, '0.0.0');
      return said(code, terminal.text, terminal.errors);
    },
    begin(...args) {
      const child = spawn(process.execPath, all(args), { cwd: folder, env });
      return going(child);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function going(child: ChildProcess): Going {
  let out = '';
  let err = '';
  const looks = new Set<() => void>();
  child.stdout?.on('data', (part: Buffer) => {
    out += part.toString();
    for (const look of looks) look();
  });
  child.stderr?.on('data', (part: Buffer) => (err += part.toString()));
  const ended = new Promise<Said>((resolve) => {
    child.once('close', (code) => {
      resolve(said(code, out, err));
      for (const look of looks) look();
    });
  });
  return {
    child,
    ended,
    err: () => err,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (out.includes(text)) resolve();
          else if (child.exitCode !== null) reject(new Error(`it ended without '${text}':\n${out}\n${err}`));
          else return;
          looks.delete(look);
        };
        looks.add(look);
        look();
      }),
  };
}

function said(code: number | null, out: string, err: string): Said {
  return { code, out, err, json: () => JSON.parse(out === '' ? err : out) as never };
}
