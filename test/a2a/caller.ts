// A site that works a run by way of an A2A agent: what is killed in the middle. `node caller.ts STORE URL RUN TEXT`
import { workflow } from '../../src/author/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import { openSite } from '../../src/site/site.ts';

const [store = 'memory:', url = '', run = 'r', text = ''] = process.argv.slice(2);

const shout = workflow('shout', (running, input: string) => running.ask('shout', input, { retry: { tries: 20 } }));

const agent = await createA2aAgent({ name: 'loud', url, skills: [{ name: 'shout', effect: 'pure' }] });
const site = await openSite({ store, agents: [agent], workflows: [shout] });
process.stdout.write('open\n');
process.stdout.write(`${JSON.stringify(await (await site.start(shout, text, { id: run })).result())}\n`);
await site.stop();
