import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, Fault } from '../../base/index.ts';
import { agentContract, type AgentLab } from './contract.ts';
import { type ProcessDeclaration, readAgentDeclaration } from './declare.ts';
import type { Agent, AgentCall } from './port.ts';
import { open } from './process/index.ts';
import { hasBubblewrap } from './process/sandbox.ts';

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};

const script = join(import.meta.dirname, 'fixtures', 'process-agent.ts');
const bubblewrap = await hasBubblewrap();
const agents: Agent[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-process-'));
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close?.();
  rmSync(folder, { recursive: true, force: true });
});

const names = ['echo', 'count', 'fail', 'fault', 'hang', 'say', 'die', 'babble', 'flood', 'grow', 'spin', 'offspring'];
const more = ['environment', 'read', 'write', 'reach', 'grandchild', 'stay', 'beat'];

async function start(given: Partial<ProcessDeclaration> = {}, env: Record<string, string> = {}): Promise<Agent> {
  const declaration = readAgentDeclaration({
    name: 'p',
    process: [process.execPath, '--no-warnings', script],
    skills: [
      ...[...names, ...more].map((name) => ({ name, effect: 'pure' })),
      { name: 'pay', effect: 'reversible', keyed: true },
      { name: 'send' },
    ],
    reads: [script],
    ...given,
  }) as ProcessDeclaration;
  const agent = await open(declaration, { env: { PATH: process.env['PATH'], ...env }, clock, folder });
  agents.push(agent);
  return agent;
}

function ask(agent: Agent, skill: string, more: Partial<AgentCall> = {}): Promise<unknown> {
  const signal = new AbortController().signal;
  const call = { run: 'r', step: 's', attempt: 1, skill, input: null, labels: [], effect: 'pure', key: 'k', signal };
  return Promise.resolve(agent.call({ deadlineMs: undefined, ...call, ...more } as AgentCall)).then((r) => r.output);
}

for (const sandbox of ['none', 'require'] as const) {
  // Without bubblewrap these say that they were skipped, and why.
  describe.skipIf(sandbox === 'require' && !bubblewrap)(
    `process agent, sandbox: ${sandbox}${sandbox === 'none' || bubblewrap ? '' : ' (bubblewrap is not installed here)'}`,
    () => {
      test.for(agentContract)('$name', { timeout: 30_000 }, async (row) => {
        const book = join(folder, 'book');
        mkdirSync(book);
        const lab: AgentLab = {
          open: () => start({ sandbox, env: { BOOK: book }, writes: [book] }),
          paid: (key) => (existsSync(join(book, key)) ? 1 : 0),
          close: async () => {},
        };
        await row.run(lab);
      });

      test.for(['offspring', 'grandchild'])('an abort ends the process with its %s', async (skill) => {
        const agent = await start({ sandbox });
        const controller = new AbortController();
        const before = sleepers();
        const hanging = ask(agent, skill, {
          signal: controller.signal,
          say: () => controller.abort(new Fault('step.cancelled', 'enough')),
        });
        await expect(hanging).rejects.toThrow('enough');
        await expect.poll(() => sleepers().filter((pid) => !before.includes(pid)), { timeout: 10_000 }).toEqual([]);
      });

      /** A site in a process of its own, when its agent has said that it is at work. */
      async function siteWith(skill: string) {
        const declaration = {
          name: 'p',
          process: [process.execPath, '--no-warnings', script, folder],
          skills: [{ name: skill, effect: 'pure' }],
          reads: [script],
          sandbox,
        };
        const keeper = join(import.meta.dirname, 'fixtures', 'process-keeper.ts');
        const site = spawn(process.execPath, ['--no-warnings', keeper, JSON.stringify(declaration), folder, skill]);
        await once(site.stdout, 'data');
        return site;
      }

      test('a site that is killed takes it along', { timeout: 30_000 }, async () => {
        const site = await siteWith('stay');
        expect(processesOf(folder).length).toBeGreaterThan(1);
        site.kill('SIGKILL');
        await expect.poll(() => processesOf(folder), { timeout: 10_000 }).toEqual([]);
      });

      test.runIf(process.platform === 'linux')(
        'a site that is killed takes along what left for a session of its own',
        { timeout: 30_000 },
        async () => {
          const before = sleepers();
          const mine = (): string[] => sleepers().filter((pid) => !before.includes(pid));
          const site = await siteWith('leave');
          await expect.poll(() => mine().length, { timeout: 10_000 }).toBe(1);
          site.kill('SIGKILL');
          await expect.poll(mine, { timeout: 10_000 }).toEqual([]);
        },
      );

      test('more memory than it may hold ends it', { timeout: 30_000 }, async () => {
        const agent = await start({ sandbox, memoryMb: 200 });
        await expect(ask(agent, 'grow')).rejects.toThrow(/held \d+ MB of memory; it may hold 200/);
      });

      test('more processor time than it may use ends it', { timeout: 30_000 }, async () => {
        const agent = await start({ sandbox, cpuSeconds: 1 });
        await expect(ask(agent, 'spin')).rejects.toThrow(/its process (was ended by|ended with)/);
      });
    },
  );
}

/** Processes `sleep 600` of anybody. */
function sleepers(): string[] {
  return running((command) => command.startsWith('sleep\u0000600'));
}

/** Those that were told of this folder. */
function processesOf(mine: string): string[] {
  return running((command) => command.includes(mine));
}

function running(isMeant: (command: string) => boolean): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return isMeant(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    } catch {
      return false;
    }
  });
}

test('it dies in a call: the call fails, and the next has a new process', async () => {
  const agent = await start({ limits: { atOnce: 1 } });
  expect(await ask(agent, 'count')).toBe(1);
  expect(await ask(agent, 'count')).toBe(2);
  await expect(ask(agent, 'die')).rejects.toMatchObject({ code: 'agent.failed', retry: 'same' });
  expect(await ask(agent, 'count')).toBe(1);
});

test('one that dies at every call is started ever less often', async () => {
  const agent = await start({ limits: { atOnce: 1 } });
  for (let i = 0; i < 3; i++) await expect(ask(agent, 'die')).rejects.toMatchObject({ code: 'agent.failed' });
  await expect(ask(agent, 'echo')).rejects.toMatchObject({ code: 'agent.busy', afterMs: expect.any(Number) as number });
});

test('it says pieces before its answer; a line that is no JSON, too many bytes and silence are faults', async () => {
  const agent = await start({ maxOutputBytes: 100_000, limits: { timeoutMs: 1_000 } });
  const heard: string[] = [];
  expect(await ask(agent, 'say', { say: (piece) => heard.push(piece) })).toBe('one two');
  expect(heard).toEqual(['one ', 'two']);
  await expect(ask(agent, 'babble')).rejects.toThrow('no JSON object: this is no JSON');
  await expect(ask(agent, 'flood')).rejects.toThrow('said more than 100000 bytes');
  await expect(ask(agent, 'hang')).rejects.toMatchObject({ code: 'step.timeout' });
});

test('it gives signs of life', async () => {
  const agent = await start({ skills: [{ name: 'beat', effect: 'pure', beatMs: 500 }] });
  expect(agent.skills).toMatchObject([{ name: 'beat', beatMs: 500 }]);
  let beats = 0;
  expect(await ask(agent, 'beat', { beat: () => beats++ })).toBe('alive');
  expect(beats).toBe(2);
});

test('of our environment it sees what is named', async () => {
  const agent = await start({ passEnv: ['GIVEN'], env: { OWN: '1' } }, { GIVEN: 'yes', API_KEY: 'secret' });
  const seen = (await ask(agent, 'environment')) as Record<string, string>;
  expect(seen).toMatchObject({ GIVEN: 'yes', OWN: '1', HOME: '/tmp' });
  expect(JSON.stringify(seen)).not.toContain('secret');
});

test('a command that is not there is said, and a skill that declares no effect is irreversible', async () => {
  await expect(start({ process: ['no-such-command-here'] })).rejects.toThrow("no command 'no-such-command-here'");
  const agent = await start();
  expect(agent.skills.find((skill) => skill.name === 'send')).toMatchObject({
    effect: 'irreversible',
    undeclared: true,
  });
});

describe.skipIf(!bubblewrap)(`in bubblewrap${bubblewrap ? '' : ' (it is not installed here)'}`, () => {
  test('it has no network unless that is granted', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    expect(await ask(await start(), 'reach', { input: port })).toBe('no way');
    expect(await ask(await start({ network: true }), 'reach', { input: port })).toBe('reached');
    server.close();
  });

  test('it reads its folder but not our store and secrets, and writes only where it may', async () => {
    mkdirSync(join(folder, '.skein'));
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, '.skein', 'key'), 'secret');
    for (const name of ['.env', '.env.production', '.git']) writeFileSync(join(folder, name), 'secret');
    writeFileSync(join(folder, 'data'), 'data');
    const agent = await start({ writes: ['out'] });
    expect(await ask(agent, 'read', { input: join(folder, 'data') })).toBe('data');
    expect(await ask(agent, 'read', { input: join(folder, '.skein', 'key') })).toBe(null);
    // Of a worktree .git is a file.
    for (const name of ['.env', '.env.production', '.git'])
      expect(await ask(agent, 'read', { input: join(folder, name) })).toBe(null);
    expect(await ask(agent, 'read', { input: join(process.env['HOME'] ?? '/root', '.profile') })).toBe(null);
    expect(await ask(agent, 'write', { input: join(folder, 'other') })).toBe(false);
    expect(await ask(agent, 'write', { input: join(folder, 'out', 'mine') })).toBe(true);
    expect(existsSync(join(folder, 'out', 'mine'))).toBe(true);
    expect(agent.limits).toMatchObject({ sandbox: 'bubblewrap' });
  });
});
