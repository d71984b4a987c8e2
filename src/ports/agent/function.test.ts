import { describe, expect, test } from 'vitest';
import { Fault } from '../../base/index.ts';
import { agentContract, type AgentLab } from './contract.ts';
import { functionAgent } from './function.ts';

function createLab(): AgentLab {
  const payments = new Map<string, number>();
  return {
    open: async () =>
      functionAgent('tester', {
        skills: {
          echo: (input) => input,
          fail: () => {
            throw new Error('no');
          },
          fault: () => {
            throw new Fault('agent.busy', 'later', { afterMs: 5 });
          },
          hang: (_input, call) =>
            new Promise((_, reject) =>
              call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
            ),
          pay: {
            effect: 'reversible',
            keyed: true,
            run: (_input, call) => void payments.set(call.key, 1),
            reconcile: ({ key }) => ({ happened: payments.get(key) === 1 }),
            undo: ({ key }) => void payments.delete(key.slice('undo:'.length)),
          },
        },
      }),
    paid: (key) => payments.get(key) ?? 0,
    close: async () => {},
  };
}

describe('function agent', () => {
  test.for(agentContract)('$name', async (row) => {
    const lab = createLab();
    await row.run(lab);
    await lab.close();
  });

  test('a skill says nothing of its effect: it is pure, and free', () => {
    const agent = functionAgent('a', { skills: { think: () => 1 } });
    expect(agent.skills).toEqual([
      { name: 'think', description: undefined, effect: 'pure', keyed: undefined, price: { money: 0, tokens: 0 } },
    ]);
  });

  test('what the work cost is said by the skill', async () => {
    const agent = functionAgent('a', {
      skills: { write: { run: () => 'four', cost: (text: string) => ({ tokens: text.length }) } },
    });
    expect(await agent.call({ skill: 'write' } as never)).toEqual({ output: 'four', cost: { tokens: 4 } });
  });
});
