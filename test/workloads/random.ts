/** Workflows drawn by chance, under agents that fail by chance, on workers that die by chance. */
import { createSeededChance, Fault, type SeededChance } from '../../src/base/index.ts';
import { type Run, workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { type Lab, sleep, type Workload } from './lab.ts';

type Part = (run: Run) => Promise<unknown>;

const swallow = (work: Promise<unknown>) => work.catch((fault: Error) => ({ failed: fault.message }));

/** The same seed draws the same code. */
function draw(chance: SeededChance, depth: number, name: string): Part {
  const kinds = ['ask', 'ask', 'code', 'random', 'effect', 'wait'];
  if (depth > 0) kinds.push('sequence', 'sequence', 'map', 'loop', 'all', 'any', 'settled', 'both');
  const kind = chance.pick(kinds);
  const inner = (i: number) => draw(chance, depth - 1, `${name}${i}`);
  const n = chance.int(100);
  const label = chance.yes(0.3) ? { labels: [chance.pick(['a', 'b', 'c'])] } : {};
  switch (kind) {
    case 'ask':
      return (run) => swallow(run.ask('work', n, { name, retry: { firstMs: 1, maxMs: 1 }, ...label }));
    case 'effect':
      return (run) => swallow(run.effect(n % 2 === 0 ? 'keyed' : 'book', n, { name }));
    case 'code':
      return (run) => run.code(name, () => n);
    case 'random':
      return (run) => run.random(name);
    case 'wait':
      return async (run) => {
        await run.wait(name, { ms: n % 4 });
        return n;
      };
    case 'sequence': {
      const parts = [inner(0), inner(1), inner(2)];
      return async (run) => {
        const all: unknown[] = [];
        for (const part of parts) all.push(await part(run));
        return all;
      };
    }
    case 'both': {
      const [a, b] = [inner(0), inner(1)];
      return (run) => Promise.all([a(run), b(run)]);
    }
    case 'map': {
      const part = inner(0);
      return (run) => run.map(name, [1, 2, 3], { itemKey: (i) => i, width: 1 + (n % 3) }, (_, inside) => part(inside));
    }
    case 'loop': {
      const part = inner(0);
      return (run) =>
        run.loop(name, { from: 0, maxTurns: 1 + (n % 4) }, async (turn, inside) => (await part(inside), turn + 1));
    }
    default: {
      const branches = { x: inner(0), y: inner(1) };
      if (kind === 'all') return (run) => run.all(name, branches);
      if (kind === 'any') return (run) => run.any(name, branches);
      return (run) => run.settled(name, branches);
    }
  }
}

export function randomWorkload(seed: number): Workload {
  const name = `chance ${seed}`;
  return {
    name,
    about: 'drawn by chance',
    async run(lab: Lab) {
      const chance = createSeededChance(seed);
      const part = draw(chance, 3, 's');
      const luck = chance.split('luck');
      const flow = workflow('chance', { budget: luck.yes(0.3) ? { calls: 8 } : undefined }, async (run) => {
        const made = await part(run);
        if (seed % 5 === 0) throw new Error('in the end');
        return JSON.stringify(made) ?? null;
      });
      const act = async (n: number) => {
        if (luck.yes(0.3)) await sleep(luck.int(4));
        if (luck.yes(0.2)) throw new Fault('agent.busy', 'busy', { afterMs: 1 });
        if (luck.yes(0.1)) throw new Fault('agent.failed', 'failed');
        return n;
      };
      const agents = () =>
        ['one', 'two'].map((agent) =>
          functionAgent(agent, {
            skills: {
              work: act,
              keyed: {
                effect: 'idempotent',
                keyed: true,
                run: act,
                // Its failures do not say that nothing happened.
                reconcile: () => ({ happened: luck.yes(0.5), output: 1 }),
              },
              book: {
                effect: 'reversible',
                run: act,
                undo: () => {
                  if (luck.yes(0.3)) throw new Error('not now');
                },
                reconcile: () => ({ happened: luck.yes(0.5), output: 1 }),
              },
            },
          }),
        );
      let site = await lab.open([flow], agents());
      const { run } = await site.start(flow);
      for (let deaths = luck.int(4); deaths > 0; deaths--) {
        await sleep(luck.int(12));
        lab.kill(site);
        site = await lab.open([flow], agents());
      }
      await site.handle(run).result({ signal: AbortSignal.timeout(10_000) });
      return [run];
    },
  };
}
