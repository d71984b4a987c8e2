/**
 * A site in a process of its own, to be killed with its log as it stands: errands under way, all in the
 * log and nothing in the file. Says on stdout the signed heads of its runs, again and again. arg: the path
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errand, workflows } from '../../src/lab/kill/flows.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import { createSiteKey, signHead } from '../../src/site/audit/index.ts';
import { openSite } from '../../src/site/site.ts';
import { localAgents } from './local.ts';

const store = createSqliteStore({ path: process.argv[2]!, growLogMb: 0, checkpointMb: 1000 });
const site = await openSite({ store, workflows, agents: localAgents().agents, evictAfterMs: 50 });
const { key } = createSiteKey();
for (let n = 0; n < 12; n++) {
  await site.start(errand, { n }, { id: `errand-${n}` });
  // Half of them wait for their signal when the end comes.
  if (n % 2 === 0) await site.signal(`errand-${n}`, 'word', `word ${n}`, { id: `word-${n}` });
}
for (;;) {
  const heads = [];
  for (const { stream } of await store.list({ limit: 100 })) heads.push(await signHead(store, stream, key, Date.now()));
  writeSync(1, `${JSON.stringify({ publicKey: key.publicKey, heads })}\n`);
  await sleep(20);
}
