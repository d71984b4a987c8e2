/** A worker process of the first example: carries runs on until it is told to stop, or killed. */
import { openSite } from '../../src/index.ts';
import { agentsWith, report, TOPICS } from './swarm.ts';

const [store, ledger, run] = process.argv.slice(2) as [string, string, string];
const site = await openSite({ store, workflows: [report], agents: agentsWith(ledger) });
const handle = await site.start(report, TOPICS, { id: run });
const { outcome, output } = await handle.result();
process.stdout.write(`${JSON.stringify({ outcome, output })}\n`);
await site.stop();
