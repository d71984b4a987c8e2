// A site with an A2A door: what is killed in the middle. `node site.ts STORE PORT TOKEN`; prints its address.
import { workflow } from '../../src/author/index.ts';
import { serveA2a } from '../../src/doors/a2a/index.ts';
import { tokenList } from '../../src/doors/guard/index.ts';
import { createNet } from '../../src/ports/net/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { openSite } from '../../src/site/site.ts';

const [store = 'memory:', port = '0', token = ''] = process.argv.slice(2);

const report = workflow('report', async (run, topic: string) => {
  const first = await run.code('first', () => `${topic}: begun by ${process.pid}`);
  await run.wait('a while', { ms: 700 });
  return { first, ended: `by ${process.pid}` };
});
const book = workflow('book', async (run, what: string) => {
  const { value } = await run.gate<string>('seat', { show: `Which seat for ${what}?` });
  return `${what}, seat ${value}`;
});

const site = await openSite({ store, workflows: [report, book] });
const serving = await serveA2a({
  site,
  clock: realClock,
  net: createNet(),
  version: '1.0.0',
  tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
  port: Number(port),
});
process.stdout.write(`${serving.url}\n`);
