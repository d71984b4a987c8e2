import { describe, expect, test } from 'vitest';
import { Fault } from '../../base/index.ts';
import { agentContract, type AgentLab } from './contract.ts';
import { functionAgent } from './function.ts';
import { hideSecrets } from './hiding.ts';

const SECRET = 'a "quoted" secret';

function createLab(): AgentLab {
  const payments = new Map<string, number>();
  const agent = functionAgent('tester', {
    skills: {
      echo: (input) => input,
      fail: () => {
        throw new Error(`no ${SECRET}`);
      },
      fault: () => {
        throw new Fault('agent.busy', 'later', { afterMs: 5 });
      },
      hang: (_input, call) =>
        new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason as Error))),
      pay: {
        effect: 'reversible',
        keyed: true,
        run: (_input, call) => void payments.set(call.key, 1),
        reconcile: ({ key }) => ({ happened: payments.get(key) === 1 }),
        undo: ({ key }) => void payments.delete(key.slice('undo:'.length)),
      },
    },
  });
  return {
    open: async () => hideSecrets(agent, () => [SECRET]),
    paid: (key) => payments.get(key) ?? 0,
    close: async () => {},
  };
}

describe('an agent whose secrets are hidden', () => {
  test.for(agentContract)('$name', async (row) => {
    const lab = createLab();
    await row.run(lab);
    await lab.close();
  });

  test('in answers at any depth, in faults with their details and causes, in pieces', async () => {
    const pieces: string[] = [];
    const agent = hideSecrets(
      functionAgent('a', {
        skills: {
          say: (_, { say }) => {
            say?.(`so ${SECRET}`);
            return { deep: [{ text: `is ${SECRET}`, [`of ${SECRET}`]: 2 }], plain: 1 };
          },
          clean: () => ({ plain: 1 }),
          fault: () => {
            const cause = new Error(`by ${SECRET}`);
            throw new Fault('agent.refused', `no ${SECRET}`, { detail: { said: [SECRET] }, cause });
          },
        },
      }),
      () => [SECRET],
    );
    const call = (skill: string) => agent.call({ skill, say: (text: string) => pieces.push(text) } as never);
    expect(await call('say')).toMatchObject({ output: { deep: [{ text: 'is [key]', 'of [key]': 2 }], plain: 1 } });
    expect(await call('clean')).toMatchObject({ output: { plain: 1 } });
    expect(pieces).toEqual(['so [key]']);
    await expect(call('fault')).rejects.toMatchObject({
      code: 'agent.refused',
      message: 'no [key]',
      detail: { said: ['[key]'] },
      cause: 'by [key]',
    });
  });
});
