/** A process that works the tower from where its journal is, and says how far it has come. */
import { openSite } from '../../src/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import { slippingAgents } from './agents.ts';
import { hanoi } from './solve.ts';

const REPORT_EVERY = 1_024;
const PANEL = 8;
const RUN = 'tower';

const [, , path, disksText, error, correlated, seed] = process.argv;
const disks = Number(disksText);
const agents = slippingAgents(PANEL, { error: Number(error), correlated: Number(correlated), seed: Number(seed) });
const rssMb = (): number => Math.round(process.memoryUsage.rss() / 1e6);
const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const flow = hanoi(agents, (turn) => {
  if (turn.moves % REPORT_EVERY === 0) say({ moves: turn.moves, rssMb: rssMb() });
});

const store = createSqliteStore({ path: path!, cacheMb: 16 });
const site = await openSite({ store, workflows: [flow] });
// The same id is the same run: it is taken up where its journal ends.
const handle = await site.start(flow, { disks }, { id: RUN });
const turn = await handle.output();
say({ done: turn, rssMb: rssMb() });
await site.stop();
await store.close();
