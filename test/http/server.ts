/** A site with its HTTP door in a process of its own: it is killed and started again on the same file and port. */
import { workflow } from '../../src/author/index.ts';
import { createHttpDoor } from '../../src/doors/http/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { openSite } from '../../src/site/site.ts';

const [store, tokenFile, port] = process.argv.slice(2) as [string, string, string];

/** It ticks a while, then waits for the word to go on: it is never over before it was killed as often as wanted. */
const ticker = workflow('ticker', async (run, { spells, ticks }: { spells: number; ticks: number }) => {
  let sum = 0;
  for (let spell = 0; spell < spells; spell++) {
    for (let i = 0; i < ticks; i++) sum += await run.ask<number>('tick', i, { key: `${spell}.${i}` });
    await run.signal(`go ${spell}`);
  }
  return sum;
});
const clockwork = functionAgent('clockwork', {
  skills: { tick: (i: number) => new Promise((resolve) => setTimeout(() => resolve(i), 5)) },
});

const site = await openSite({ store, workflows: [ticker], agents: [clockwork] });
const door = await createHttpDoor(site, { tokenFile, port: Number(port) });
const { port: bound } = await door.listen();
process.stdout.write(`${bound}\n`);
