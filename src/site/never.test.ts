/** Words that no step could ever be done with are refused at once, not waited for in silence. */
import { expect, test } from 'vitest';
import { functionAgent } from '../ports/agent/index.ts';
import { openSite } from './site.ts';
import { type Run, workflow } from '../author/index.ts';

test.each<[string, (run: Run) => unknown]>([
  ['a width that is no number', (run) => run.map('m', [1], { itemKey: String, width: NaN }, (x, r) => r.ask('s', x))],
  ['a wait that names no time', (run) => run.wait('w', {} as { ms: number })],
  ['turns that are no number', (run) => run.loop('l', { from: 0, maxTurns: NaN }, (x) => x + 1)],
])(
  '%s',
  async (_, body) => {
    const flow = workflow('flow', (run) => body(run));
    const site = await openSite({ workflows: [flow], agents: [functionAgent('a', { skills: { s: () => 1 } })] });
    const { outcome, fault } = await (await site.start(flow)).result();
    expect([outcome, fault?.code]).toEqual(['failed', 'input.invalid']);
    await site.stop();
  },
  3_000,
);
