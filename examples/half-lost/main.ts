/**
 * A swarm that loses half its agents while it works: some fall silent, some fail, some are taken away. The work
 * moves to those that are left, and the journal says how each failure was healed.
 */
import { Fault, functionAgent, openSite, workflow } from '../../src/index.ts';
import { check, sleep } from '../check.ts';

const AGENTS = 8;
const ITEMS = 200;
let lost = false;

const sweep = workflow('sweep', async (run, items: number) =>
  run.map(
    'items',
    Array.from({ length: items }, (_, i) => i),
    { itemKey: (i) => i, width: 16 },
    (i, inner) => inner.ask<string>('look', i, { timeoutMs: 300, retry: { firstMs: 5 } }),
  ),
);

/** Of eight: two fail from then on, one falls silent, one is taken away. */
const swarm = Array.from({ length: AGENTS }, (_, n) =>
  functionAgent(`agent-${n}`, {
    skills: {
      look: {
        price: { money: n < 4 ? 1 : 2 },
        async run(i: number) {
          await sleep(4);
          if (lost && n < 2) throw new Fault('agent.failed', `agent-${n} is broken`);
          if (lost && n === 2) await new Promise<never>(() => {});
          return `item ${i} seen`;
        },
      },
    },
  }),
);

const site = await openSite({ workflows: [sweep], agents: swarm });
const handle = await site.start(sweep, ITEMS);
await sleep(60);
lost = true;
site.agents.remove('agent-3');
const seen = await handle.output();
const healed: Record<string, number> = {};
let escalated = 0;
for await (const { event } of site.watch(handle.run)) {
  if (event.type === 'fault.healed') healed[event.by] = (healed[event.by] ?? 0) + 1;
  if (event.type === 'fault.escalated') escalated++;
}
await site.stop();

console.log('a swarm that loses half its agents');
check(`all ${ITEMS} items were seen`, seen.length === ITEMS && seen.every((line, i) => line === `item ${i} seen`));
check(`failures were healed: ${JSON.stringify(healed)}`, Object.values(healed).reduce((a, b) => a + b, 0) > 0);
check('none was left without a way', escalated === 0);
