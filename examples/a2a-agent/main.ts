/**
 * Serves the agent on loopback, to anybody there: `node examples/a2a-agent/main.ts [port] [store]`. With `--once` it
 * only looks whether its card is there, and ends.
 */
import { createNet } from '../../src/ports/net/index.ts';
import { serveA2a } from '../../src/doors/a2a/index.ts';
import { tokenList } from '../../src/doors/guard/index.ts';
import { openSite } from '../../src/index.ts';
import { createSiteKey } from '../../src/site/audit/key.ts';
import { realClock } from '../../src/site/clock.ts';
import { check } from '../check.ts';
import { conformance } from './agent.ts';

const once = process.argv.includes('--once');
const [port = '0', store = 'memory:'] = process.argv.slice(2).filter((word) => word !== '--once');
const site = await openSite({ store, workflows: [conformance] });
const serving = await serveA2a({
  site,
  clock: realClock,
  // The suite's own receiver of push notifications listens here.
  net: createNet({ allow: ['localhost', '127.0.0.1'] }),
  name: 'Skein',
  description: 'An agent that does on demand what an agent can do in A2A.',
  version: '0.1.0',
  publish: [
    {
      workflow: 'conformance',
      description: 'Acts on the beginning of a message id.',
      takes: 'message',
      tags: ['conformance'],
      inputModes: ['*/*'],
    },
  ],
  key: createSiteKey().key,
  tokens: tokenList([]),
  anonymous: { id: 'anybody', rights: ['*'] },
  port: Number(port),
  grpc: {},
  onTrouble: (thrown) => console.error(thrown),
});
console.log(JSON.stringify({ url: serving.url, grpc: serving.grpc }));

async function stop(): Promise<void> {
  await serving.close();
  await site.stop();
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

if (once) {
  const answer = await fetch(`${serving.url}/.well-known/agent-card.json`);
  const card = (await answer.json()) as { name?: string; skills?: unknown[] };
  check(`its card is there: ${card.name ?? 'none'}, ${card.skills?.length ?? 0} skills`, card.name === 'Skein');
  await stop();
}
