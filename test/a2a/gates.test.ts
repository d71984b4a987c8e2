// What an agent asks in the middle of a task waits for a person here, and the answer goes to that same task.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { serveA2a } from '../../src/doors/a2a/index.ts';
import { createToken, tokenList } from '../../src/doors/guard/index.ts';
import { createA2aAgent, type A2aSkillWord } from '../../src/ports/agent/a2a/index.ts';
import { createNet } from '../../src/ports/net/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { start } from './start.ts';

const TEST_MS = 30_000;
let folder = '';
const opened: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-a2a-gates-'));
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const shouts = workflow('shouts', (run, text: string) => run.ask('shout', text));
const pays = workflow('pays', (run, text: string) => run.effect('shout', text));

async function serverUrl(): Promise<string> {
  const server = await start('server');
  opened.push(() => server.kill());
  return server.said;
}

async function siteAt(
  url: string,
  word: Partial<A2aSkillWord> = { effect: 'pure' },
  { store = 'site.db', token = '' } = {},
): Promise<Site> {
  const skills = [{ name: 'shout', ...word }];
  const agent = await createA2aAgent({ name: 'loud', url, token: token === '' ? undefined : () => token, skills });
  const site = await openSite({ store: join(folder, store), agents: [agent], workflows: [shouts, pays] });
  opened.push(() => site.stop({ graceMs: 0 }));
  return site;
}

test(
  'a task that asks is a gate: through a stop of the site, more than once, to the same task',
  { timeout: TEST_MS },
  async () => {
    const url = await serverUrl();
    const first = await siteAt(url);
    const { run } = await first.start(shouts, 'ask');
    const gate = await first.handle(run).untilAsked('shout');
    expect(gate).toMatchObject({ asks: 'input', show: { message: 'Which seat?', wants: 'input' } });
    await first.stop();
    const second = await siteAt(url);
    const [same] = await second.gates(run);
    expect(same).toEqual(gate);
    await second.edit(run, 'shout', '?');
    // Asked in the same words: another question, of the same task.
    await expect
      .poll(async () => (await second.gates(run)).map(({ show }) => (show as { key: string }).key), {
        timeout: TEST_MS,
      })
      .not.toEqual([(gate.show as { key: string }).key]);
    await second.handle(run).untilAsked('shout');
    const [again] = await second.gates(run);
    expect((again!.show as { task: string }).task).toBe((gate.show as { task: string }).task);
    await second.edit(run, 'shout', 'at 12A');
    expect(await second.handle(run).output()).toBe('AT 12A #1');
    expect(await replay(second.store, run)).toMatchObject({ equal: true });
  },
);

test(
  'a task that wants to be let in is approved when somebody has seen to it, or denied',
  { timeout: TEST_MS },
  async () => {
    const site = await siteAt(await serverUrl());
    const { run } = await site.start(shouts, 'login');
    const gate = await site.handle(run).untilAsked('shout');
    expect(gate).toMatchObject({ asks: 'input', show: { message: 'Log in at the desk', wants: 'authentication' } });
    await site.approve(run, 'shout');
    expect(await site.handle(run).output()).toBe('APPROVE #1');
    const other = await site.start(shouts, 'login');
    await other.untilAsked('shout');
    await site.deny(other.run, 'shout');
    expect(await other.result()).toMatchObject({ outcome: 'failed', fault: { code: 'input.required' } });
  },
);

test(
  'an effect whose call was lost with us is found at its question, and not sent again',
  { timeout: TEST_MS },
  async () => {
    const url = await serverUrl();
    const word = { effect: 'reversible', undo: 'shout' } as const;
    const first = await siteAt(url, word);
    const { run } = await first.start(pays, 'ask after 800');
    await sleep(300);
    await first.stop({ graceMs: 0 });
    const second = await siteAt(url, word);
    // Until the agent has said what it knows, whether it happened is unknown.
    await expect
      .poll(() => second.gates(run), { timeout: TEST_MS })
      .toMatchObject([{ asks: 'input', show: { message: 'Which seat?' } }]);
    await second.edit(run, 'shout', 'at 3C');
    expect(await second.handle(run).output()).toBe('AT 3C #1');
  },
);

/** What the agent itself says of the task that a gate is about. */
async function stateThere(url: string, show: unknown): Promise<string> {
  const { task } = show as { task: string };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: task } });
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
  const answer = await fetch(`${url}/rpc`, { method: 'POST', headers, body });
  const { result } = (await answer.json()) as { result: { status: { state: string } } };
  return result.status.state;
}

const CANCELED = 'TASK_STATE_CANCELED';

test(
  'a question that nobody answers ends its task there: denied, cancelled, too late',
  { timeout: TEST_MS },
  async () => {
    const url = await serverUrl();
    const site = await siteAt(url);
    const gateOf = async (run: string) => (await site.handle(run).untilAsked('shout')).show;
    const denied = await site.start(shouts, 'ask');
    const first = await gateOf(denied.run);
    expect(await stateThere(url, first)).toBe('TASK_STATE_INPUT_REQUIRED');
    await site.deny(denied.run, 'shout');
    expect(await denied.result()).toMatchObject({ outcome: 'failed' });
    await expect.poll(() => stateThere(url, first)).toBe(CANCELED);
    const cancelled = await site.start(shouts, 'login');
    const second = await gateOf(cancelled.run);
    await site.cancel(cancelled.run, 'no more');
    await expect.poll(() => stateThere(url, second)).toBe(CANCELED);
    const late = await site.start(shouts, 'ask', { deadlineMs: Date.now() + 1_500 });
    const third = await gateOf(late.run);
    expect(await late.result()).toMatchObject({ outcome: 'failed', fault: { code: 'deadline.passed' } });
    await expect.poll(() => stateThere(url, third)).toBe(CANCELED);
  },
);

test(
  'a site that is stopped right after a denial has told the agent; one that comes later tells it, too',
  {
    timeout: TEST_MS,
  },
  async () => {
    const url = await serverUrl();
    const first = await siteAt(url);
    const one = await first.start(shouts, 'ask');
    const other = await first.start(shouts, 'login');
    const { show } = await one.untilAsked('shout');
    const { show: kept } = await other.untilAsked('shout');
    await first.deny(one.run, 'shout');
    await one.result();
    await first.stop();
    expect(await stateThere(url, show)).toBe(CANCELED);
    // The agent of another process: it knows the task by the question alone.
    const second = await siteAt(url);
    await second.deny(other.run, 'shout');
    await expect.poll(() => stateThere(url, kept)).toBe(CANCELED);
  },
);

test('an agent that is away when its question is denied is told when it is back', { timeout: TEST_MS }, async () => {
  const far = await siteAt(await serverUrl(), { effect: 'pure' }, { store: 'far.db' });
  const token = createToken();
  const serve = (port = 0) =>
    serveA2a({
      site: far,
      clock: realClock,
      net: createNet(),
      version: '1.0.0',
      publish: [{ workflow: 'shouts' }],
      tokens: tokenList([{ token, principal: { id: 'near', rights: ['*'] } }]),
      port,
    });
  const serving = await serve();
  const agent = await createA2aAgent({
    name: 'far',
    url: serving.url,
    token: () => token,
    skills: [{ name: 'shouts', effect: 'pure' }],
  });
  const asks = workflow('asks', (run, text: string) => run.ask('shouts', text));
  const near = await openSite({ store: join(folder, 'near.db'), agents: [agent], workflows: [asks] });
  opened.push(() => near.stop({ graceMs: 0 }));
  const handle = await near.start(asks, 'ask');
  const { show } = await handle.untilAsked('shouts');
  await serving.close();
  await near.deny(handle.run, 'shouts');
  expect(await handle.result()).toMatchObject({ outcome: 'failed' });
  const again = await serve(Number(new URL(serving.url).port));
  opened.push(() => again.close());
  // And that site cancels the run, which tells the agent that asked it.
  const { task } = show as { task: string };
  await expect
    .poll(async () => (await far.runs()).runs.find(({ run }) => run === task)?.outcome, { timeout: 10_000 })
    .toBe('cancelled');
});

test('a question goes through two sites: asked at one, answered at the other', { timeout: TEST_MS }, async () => {
  const far = await siteAt(await serverUrl(), { effect: 'pure' }, { store: 'far.db' });
  const token = createToken();
  const serving = await serveA2a({
    site: far,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    publish: [{ workflow: 'shouts' }],
    tokens: tokenList([{ token, principal: { id: 'near', rights: ['*'] } }]),
  });
  opened.push(() => serving.close());
  const agent = await createA2aAgent({
    name: 'far',
    url: serving.url,
    token: () => token,
    skills: [{ name: 'shouts', effect: 'pure' }],
  });
  const asks = workflow('asks', (run, text: string) => run.ask('shouts', text));
  const near = await openSite({ store: join(folder, 'near.db'), agents: [agent], workflows: [asks] });
  opened.push(() => near.stop({ graceMs: 0 }));
  for (const [text, wants] of [
    ['ask', 'input'],
    ['login', 'authentication'],
  ] as const) {
    const { run, ...handle } = await near.start(asks, text);
    const gate = await near.handle(run).untilAsked('shouts');
    expect(gate.show).toMatchObject({ wants });
    await near.edit(run, 'shouts', 'at 7B');
    expect(await handle.output()).toMatch(/^AT 7B #\d$/);
  }
});
