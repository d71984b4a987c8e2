/**
 * An agent on the official A2A SDK, called by the official client alone and by a run whose journal is on SQLite. The
 * agent is a process of its own; each side has its own connection to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Message, Role, type Task } from '@a2a-js/sdk';
import { ClientFactory } from '@a2a-js/sdk/client';
import { workflow } from '../../src/author/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import { openSite } from '../../src/site/site.ts';
import { start } from '../../test/a2a/start.ts';
import type { Pair } from './subject.ts';

const chain = workflow('chain', async (run, { calls }: { calls: number }) => {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const startMs = performance.now();
    const said = await run.ask<string>('shout', 'geese', { key: i });
    times.push(performance.now() - startMs);
    if (!said.startsWith('GEESE')) throw new Error(`the agent said ${JSON.stringify(said)}`);
  }
  return times;
});

export async function a2aPair(): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-bench-a2a-'));
  const server = await start('server');
  const agent = await createA2aAgent({ name: 'loud', url: server.said, skills: [{ name: 'shout', effect: 'pure' }] });
  const site = await openSite({ store: join(folder, 'site.db'), agents: [agent], workflows: [chain] });
  const client = await new ClientFactory().createFromUrl(server.said);
  let n = 0;
  return {
    async bare() {
      const message: Message = {
        messageId: `m${n++}`,
        contextId: '',
        taskId: '',
        role: Role.ROLE_USER,
        parts: [{ content: { $case: 'text', value: 'geese' }, metadata: undefined, filename: '', mediaType: '' }],
        metadata: { skill: 'shout' },
        extensions: [],
        referenceTaskIds: [],
      };
      const { artifacts } = (await client.sendMessage({
        tenant: '',
        message,
        configuration: undefined,
        metadata: undefined,
      })) as Task;
      if (artifacts.length !== 1) throw new Error('the agent said something else');
    },
    async ours(calls) {
      return (await site.start(chain, { calls })).output();
    },
    async close() {
      await site.stop();
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
