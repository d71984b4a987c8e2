/** The agents of the errand with a keyed sink in this process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { agentsFor } from '../../src/lab/kill/flows.ts';
import { type Agent, functionAgent } from '../../src/ports/agent/index.ts';

export interface LocalSink {
  agents: Agent[];
  /** What was done, and under which keys. */
  done: Map<string, Set<string>>;
}

export function localAgents(): LocalSink {
  const done = new Map<string, Set<string>>();
  const sender = functionAgent('sender', {
    skills: {
      send: {
        effect: 'idempotent',
        keyed: true,
        run: async ({ what }: { what: string }, { key }) => {
          await sleep(1);
          done.set(what, (done.get(what) ?? new Set()).add(key));
          return done.size;
        },
      },
    },
  });
  return { agents: [...agentsFor('').filter(({ name }) => name !== 'sender'), sender], done };
}
