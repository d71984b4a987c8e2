/**
 * People in the loop, over days: a draft waits for an editor, who changes it; then for three days of silence; then
 * for a signal from outside. The worker is killed in between. A test site's clock makes the days pass at once.
 */
import { functionAgent, workflow } from '../../src/index.ts';
import { openTestSite } from '../../src/lab/testing/index.ts';
import { check } from '../check.ts';

const DAY_MS = 86_400_000;

const article = workflow('article', async (run, topic: string) => {
  const draft = await run.ask<string>('write', topic);
  const { value: edited, by } = await run.gate<string>('edit', { right: 'edit', show: draft });
  await run.wait('objections', { ms: 3 * DAY_MS });
  const when = await run.signal<string>('publish');
  return { edited, by, when };
});

const writer = functionAgent('writer', { skills: { write: (topic: string) => `A draft on ${topic}.` } });
const desk = await openTestSite({ workflows: [article], agents: [writer] });
const from = desk.clock.nowMs();

void desk.site.start('article', 'geese', { id: 'a-1' });
await desk.settle();
await desk.advance(5 * DAY_MS);
await desk.crash();
await desk.site.edit('a-1', 'edit', 'A better draft on geese.', { by: { id: 'eve', rights: ['edit'] } });
await desk.settle();
await desk.crash();
await desk.advance(3 * DAY_MS);
await desk.settle();
await desk.site.signal('a-1', 'publish', 'on Monday');
const result = await desk.run(article, undefined, { id: 'a-1' });
const days = (desk.clock.nowMs() - from) / DAY_MS;
await desk.stop();

console.log('people in the loop, over days');
check(`${days.toFixed(1)} days passed and two workers died`, days >= 8);
check(
  'what the editor made of the draft is what went on',
  JSON.stringify(result.output) === '{"by":"eve","edited":"A better draft on geese.","when":"on Monday"}',
);
