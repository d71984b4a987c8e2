/**
 * A refund: the money is reserved at once (reversible), a person with the right approves or denies, and only then
 * is it paid. Denied, what was reserved is undone; approved, it is paid once, whatever happens.
 */
import { functionAgent, openSite, workflow } from '../../src/index.ts';
import { check } from '../check.ts';

interface Order {
  id: string;
  cents: number;
}

const refund = workflow('refund', async (run, order: Order) => {
  await run.effect('reserve', order);
  await run.gate('approval', { right: 'refund:approve', show: order });
  return run.effect<string>('pay', order, { gate: 'approval' });
});

const reserved = new Set<string>();
const paid = new Map<string, number>();
const bank = functionAgent('bank', {
  skills: {
    reserve: {
      effect: 'reversible',
      run: (order: Order) => void reserved.add(order.id),
      undo: ({ input }) => void reserved.delete((input as unknown as Order).id),
    },
    pay: {
      effect: 'idempotent',
      keyed: true,
      run(order: Order, { key }) {
        if (!paid.has(key)) paid.set(key, order.cents);
        return `paid ${order.cents / 100} for ${order.id}`;
      },
    },
  },
});

const boss = { id: 'maria', rights: ['refund:approve'] };
const intern = { id: 'tom', rights: [] };
const site = await openSite({ workflows: [refund], agents: [bank] });

const good = await site.start(refund, { id: 'o-1', cents: 1200 });
await good.untilAsked('approval');
await site.approve(good.run, 'approval', { by: intern });
await new Promise((resolve) => setTimeout(resolve, 50));
const stillWaits = (await site.gates(good.run)).length === 1;
await site.approve(good.run, 'approval', { by: boss });
const answer = await good.output();

const bad = await site.start(refund, { id: 'o-2', cents: 990_000 });
await bad.untilAsked('approval');
await site.deny(bad.run, 'approval', { by: boss, reason: 'far too much' });
const denied = await bad.result();
await site.stop();

console.log('a refund with approval and undo');
check('the word of one without the right did not count, and the run went on waiting', stillWaits);
check('approved, it was paid once', answer === 'paid 12 for o-1' && paid.size === 1);
check('denied, the run failed and says so', denied.fault?.code === 'gate.denied');
check('what was reserved for the denied one was undone', !reserved.has('o-2') && reserved.has('o-1'));
