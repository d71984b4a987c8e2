/** A batch that cannot be put into words is the trouble of its run, not of the process and not of its neighbours. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { createSecureChance } from './clock.ts';
import { openSite } from './site.ts';

test('a record that cannot be made costs its run this hold on it; it is taken up again, and its neighbours go on', async () => {
  const chance = createSecureChance();
  const told: (string | undefined)[] = [];
  const struck = Promise.withResolvers<void>();
  let armed = false;
  let calls = 0;
  const flow = workflow('flow', (run, which: string) => run.ask('s', which));
  const s = async (which: string): Promise<string> => {
    // The good one writes nothing while the trap is open: it must be the other that falls in.
    if (which === 'good') await struck.promise;
    else if (calls++ === 0) armed = true;
    return which;
  };
  const site = await openSite({
    workflows: [flow],
    agents: [functionAgent('a', { skills: { s } })],
    onTrouble(run) {
      told.push(run);
      struck.resolve();
    },
    chance: {
      next: () => chance.next(),
      // Asked for when payloads are written down: there a text that is too long would throw.
      hex(n) {
        if (!armed || n !== 12) return chance.hex(n);
        armed = false;
        throw new RangeError('Invalid string length');
      },
    },
  });
  const good = await site.start(flow, 'good', { id: 'good' });
  await expect.poll(async () => (await site.state('good')).steps.get('s')?.attempts?.length).toBe(1);
  const bad = await site.start(flow, 'bad', { id: 'bad' });
  expect([await good.output(), await bad.output()]).toEqual(['good', 'bad']);
  expect(calls).toBe(2);
  expect(told).toEqual(['bad']);
  await site.stop();
});

test('an answer that no record could hold is no answer, and is not asked for again and again', async () => {
  let calls = 0;
  // Small in memory, and seven times as long in a record.
  const s = (): string => {
    calls++;
    return '\u0001'.repeat(2 ** 26 + 1);
  };
  const flow = workflow('flow', (run) => run.ask('s', 1));
  const site = await openSite({ workflows: [flow], agents: [functionAgent('a', { skills: { s } })] });
  const { outcome, fault } = await (await site.start(flow)).result();
  expect([outcome, fault?.code, calls]).toEqual(['failed', 'output.invalid', 1]);
  await site.stop();
});
