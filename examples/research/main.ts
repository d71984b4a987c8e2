/**
 * Research with a jury: a question is split into parts, each part is researched by whoever can, and a jury of
 * three says which finding is right. One of the jury is always wrong; the verdict and the dissent are in the journal.
 */
import { functionAgent, openSite, skill, workflow } from '../../src/index.ts';
import { check } from '../check.ts';

const research = skill<string, string>('research');
const judge = skill<string[], string>('judge');

const report = workflow('report', async (run, question: string) => {
  const parts = await run.code('split', question, (text) => text.split(' and '));
  const findings = await run.map('parts', parts, { itemKey: (part) => part, width: 2 }, (part, inner) =>
    inner.ask(research, part),
  );
  const best = await run.ask(judge, findings, { agree: { by: 'majority', panel: 3 } });
  return { findings: findings.length, best };
});

const longest = (texts: string[]): string => texts.toSorted((a, b) => b.length - a.length)[0]!;
const jury = [
  functionAgent('ada', { skills: { judge: longest } }),
  functionAgent('bob', { skills: { judge: (texts: string[]) => texts.at(-1) } }),
  functionAgent('cleo', { skills: { judge: longest } }),
];
const library = functionAgent('library', { skills: { research: (part: string) => `what is known of ${part}` } });

const site = await openSite({ workflows: [report], agents: [library, ...jury] });
const handle = await site.start(report, 'the migration of geese and skeins');
const result = await handle.output();
let verdict: { margin: number; against: number } | undefined;
for await (const { event } of site.watch(handle.run))
  if (event.type === 'agree.verdict')
    verdict = { margin: event.margin, against: event.votes.filter((vote) => !vote.for).length };
await site.stop();

console.log('research with a jury');
check('every part was researched', result.findings === 2);
check('the jury chose the finding that two of three chose', result.best === 'what is known of the migration of geese');
check('the vote and the dissent are in the journal', verdict?.against === 1);
