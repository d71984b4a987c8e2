// A server that answers otherwise than it declares: what it says is refused, kept in the journal, and worked elsewhere.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { type Agent, functionAgent } from '../../src/ports/agent/index.ts';
import { createMcpAgent } from '../../src/ports/agent/mcp/index.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';

const opened: Site[] = [];
afterEach(async () => {
  for (const site of opened.splice(0)) await site.stop({ graceMs: 0 });
});

const asks = workflow('asks', (run, skill: string) => run.ask(skill, { a: 1 }, { timeoutMs: 10_000 }));

async function siteOf(...others: Agent[]): Promise<Site> {
  const command = ['node', '--no-warnings', join(import.meta.dirname, 'liar.ts')];
  const liar = await createMcpAgent({ name: 'liar', server: { command }, revision: '2025-11-25' });
  const site = await openSite({ agents: [liar, ...others], workflows: [asks], routing: { choose: 'fixed' } });
  opened.push(site);
  return site;
}

test.each(['lies', 'keeps_back', 'shapeless'])('%s: not taken', async (skill) => {
  const site = await siteOf();
  const handle = await site.start(asks, skill);
  const { outcome, fault } = await handle.result();
  expect([outcome, fault?.code]).toEqual(['failed', 'output.invalid']);
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
  // It is none the worse for the others.
  expect(await (await site.start(asks, 'honest')).output()).toBe(1);
});

test('somebody else does it instead, and the journal says why', async () => {
  const other = functionAgent('other', { skills: { lies: () => 1 } });
  const site = await siteOf(other);
  const { run, ...handle } = await site.start(asks, 'lies');
  expect(await handle.output()).toBe(1);
  const faults: unknown[] = [];
  for await (const { event } of site.watch(run)) if (event.type === 'attempt.ended') faults.push(event.fault?.code);
  expect(faults).toEqual(['output.invalid', undefined]);
});

test.each([
  ['prints', 'prints'],
  ['twice', 'twice'],
  ['odd', 'odd'],
])('%s: what is no answer is passed over', async (skill, output) => {
  const site = await siteOf();
  for (let i = 0; i < 3; i++) expect(await (await site.start(asks, skill)).output()).toBe(output);
});
