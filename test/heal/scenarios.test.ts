/** Scenarios of others: the documented example is right, and a file that is none is refused with the place of each mistake. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scenario } from '../../bench/heal/graph.ts';
import { judge } from '../../bench/heal/judge.ts';
import { play } from '../../bench/heal/play.ts';
import { readScenarios } from '../../bench/heal/read.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'skein scenarios '))));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: unknown): Scenario[] {
  const file = join(folder, 'own.json');
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
  return readScenarios(file);
}

test('the example in docs/healing.md is played, and is as it says', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/healing.md'), 'utf8');
  const [scenario] = read(/```json\n(.*?)```/s.exec(page)![1]!);
  const played = await play(scenario!, 1);
  expect(judge(scenario!, played).wrongs).toEqual([]);
  expect(played).toMatchObject({ outcome: 'completed', cost: expect.closeTo(scenario!.expect!.cost!) });
});

test.each<[string, unknown, string]>([
  ['no JSON', '[{', 'it is no JSON'],
  ['nothing', [], 'with at least one'],
  ['no name', [{ graph: { tool: 'a' } }], 'scenarios[0].name: Invalid input'],
  ['no graph', [{ name: 'x' }], 'scenarios[0].graph: '],
  [
    'an unknown effect',
    [{ name: 'x', graph: { seq: [{ tool: 'a', effect: 'free' }] } }],
    'graph.seq[0].effect: Invalid option',
  ],
  [
    'a form that there is not',
    [{ name: 'x', graph: { either: [] } }],
    'one of tool, seq, all, any is missing (it has either)',
  ],
  ['two forms', [{ name: 'x', graph: { tool: 'a', any: [] } }], 'it is tool and any at once'],
  [
    'nobody of that name',
    [{ name: 'x', graph: { tool: 'a' }, failures: [{ agent: 'b' }] }],
    "has an agent 'b': there are a",
  ],
  ['an unknown member', [{ name: 'x', graph: { tool: 'a', price: 1 } }], 'Unrecognized key: "price"'],
  [
    'two classes of one tool',
    [{ name: 'x', graph: { seq: [{ tool: 'a' }, { tool: 'a', effect: 'reversible' }] } }],
    "the tool 'a' is pure here and reversible there",
  ],
  [
    'two sorts of failure',
    [{ name: 'x', graph: { tool: 'a' }, failures: [{ agent: 'a', known: true, atMs: 5 }] }],
    'failures[0]: say one of',
  ],
])('refused: %s', (_, given, why) => {
  expect(() => read(given)).toThrow(why);
});

test('one that goes down under way, and one that flaps for longer than anybody asks', async () => {
  const late: Scenario = {
    name: 'late',
    graph: { seq: [{ tool: 'load', takesMs: 800 }, { any: [{ tool: 'near' }, { tool: 'far', cost: 3 }] }] },
    failures: [{ agent: 'near', atMs: 500 }],
  };
  expect(await play(late, 1)).toMatchObject({ outcome: 'completed', cost: 4 });
  expect(await play({ ...late, failures: [{ agent: 'near', atMs: 900 }] }, 1)).toMatchObject({ cost: 2 });
  const gone: Scenario = { name: 'gone', graph: { seq: [{ tool: 'a' }] }, failures: [{ agent: 'a', calls: 3 }] };
  const played = await play(gone, 1);
  expect(played.outcome).toBe('failed');
  expect(judge(gone, played).wrongs).toEqual([]);
});
