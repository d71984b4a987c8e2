/** A worker process of the first example: begins a run and works on it until somebody kills it. */
import { openSite } from '../../src/index.ts';
import { postAgent, report, thinkers } from './swarm.ts';

const [store, ledger, run] = process.argv.slice(2) as [string, string, string];
/** Long enough to be killed between what the sink did and what it says. */
const ANSWERS_AFTER_MS = 20_000;
const agents = [...thinkers, postAgent(ledger, ANSWERS_AFTER_MS)];
const site = await openSite({ store, workflows: [report], agents });
const handle = await site.start(report, undefined, { id: run });
await handle.result();
await site.stop();
