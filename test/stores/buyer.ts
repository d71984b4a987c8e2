/**
 * A worker in a process of its own, whose agent sells: every call is a line in a file, and costs 1. There are two kinds
 * of buyers, and a worker may know one of them alone: then both workers carry runs, whoever is faster.
 */
import { appendFileSync } from 'node:fs';
import { type AnyWorkflow, type Run, workflow } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { openStore } from '../../src/ports/store/index.ts';
import { createPostgresStore } from '../../src/ports/store/postgres.ts';
import { openSite } from '../../src/site/site.ts';

export const CHILDREN = 6;
export const EACH = 6;

/** Between two calls it leaves memory: whoever looks first has it then. */
async function buys(run: Run): Promise<number> {
  let bought = 0;
  for (let i = 0; i < EACH; i++) {
    try {
      await run.ask('buy', i, { key: i });
      bought++;
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'budget.spent') throw thrown;
      return bought;
    }
    await run.wait('rest', { ms: 5 }, { key: i });
  }
  return bought;
}

const buyers = [workflow('buyer', buys), workflow('other', buys)] as const;

export const family = workflow('family', async (run: Run) => {
  const names = Array.from({ length: CHILDREN }, (_, i) => `c${i}`);
  const bought = await run.map('children', names, { itemKey: (name) => name }, (name, inner) =>
    inner.workflow(buyers[names.indexOf(name) % 2]!, undefined),
  );
  return bought.reduce((sum, one) => sum + one, 0);
});

/** What a worker knows: one kind of buyers, or all of them. */
export const known = {
  one: [family, buyers[0]],
  two: [family, buyers[1]],
  all: [family, ...buyers],
} as unknown as Record<'one' | 'two' | 'all', readonly AnyWorkflow[]>;

/** `postgres://...|schema`, or a path. */
export function openAddress(address: string) {
  const [url, schema] = address.split('|') as [string, string | undefined];
  return schema === undefined ? openStore(url) : createPostgresStore({ url, schema });
}

if (process.argv[1] === import.meta.filename) {
  const [address, worker, file, knows] = process.argv.slice(2) as [string, string, string, keyof typeof known];
  const buy = (n: number): number => {
    appendFileSync(file, `${worker}\n`);
    return n;
  };
  await openSite({
    store: await openAddress(address),
    worker,
    workflows: known[knows],
    agents: [functionAgent('shop', { skills: { buy: { price: { money: 1 }, run: buy } } })],
    evictAfterMs: 0,
  });
  process.send?.('ready');
  process.on('disconnect', () => process.exit());
}
