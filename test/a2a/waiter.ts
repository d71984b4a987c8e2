// A worker whose call waits for a push that comes to another process of its store:
// `node waiter.ts STORE AGENT TOKEN KEYFILE PUSHES`; prints its run.
import { workflow } from '../../src/author/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import { loadSiteKey } from '../../src/site/audit/index.ts';
import { createPushes } from '../../src/site/pushes.ts';
import { openSite } from '../../src/site/site.ts';

const [store = '', url = '', token = '', keyFile = '', door = ''] = process.argv.slice(2);
/** No look of its own within any test's time. */
const NEVER_MS = 600_000;

const pushes = createPushes();
pushes.open(door, loadSiteKey(keyFile));
const agent = await createA2aAgent({
  name: 'far',
  url,
  token: () => token,
  skills: [{ name: 'long', effect: 'pure' }],
  pushes: {
    address: (about) => pushes.address(about),
    watch(about) {
      const watch = pushes.watch(about);
      return { ...watch, wait: (_ms, signal) => watch.wait(NEVER_MS, signal) };
    },
  },
});
const calls = workflow('calls', (run) => run.ask('long', 'x'));
const site = await openSite({ store, worker: 'waiter', agents: [agent], workflows: [calls], pushes });
const { run } = await site.start(calls);
process.stdout.write(`${run}\n`);
