/** Populations are what they say, adversaries do what they are named after, and a seed gives the same figures again. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Protocol, protocolNamed, weighted } from '../../flow/index.ts';
import { addLabProtocols } from '../protocols/index.ts';
import { hasBubblewrap } from '../../ports/agent/process/sandbox.ts';
import { adversariesFor, type AttackName, attacks, createAdversaries } from './attacks.ts';
import { beside } from './beside.ts';
import { createCalibration } from './calibration.ts';
import { questionsOf, work } from './campaign.ts';
import { swarm, swarmCommand } from './command.ts';
import { collisions, populate, type PopulationName, populations, RECORDED_COLLIDE } from './populations.ts';
import { question } from './questions.ts';
import { optionOf } from './voice.ts';

addLabProtocols();
const names = Object.keys(populations) as PopulationName[];
const { voices } = populate('mixed', 't');
const small = { seed: 't', voices, golden: 30, items: 60 };

describe.each(names)('population %s', (name) => {
  const { voices: own } = populate(name, 'p');
  const asked = questionsOf({ seed: 'p', voices: own, golden: 0, items: 3_000 });
  const said = asked.map(({ q, season }) => own.map((voice) => optionOf(voice.answer(q, season, 0))));
  const right = asked.map(({ q }) => q.right);

  test('two that are wrong say the same as often as recorded', () => {
    expect(Math.abs(collisions(said, right) - RECORDED_COLLIDE)).toBeLessThan(0.02);
  });

  test('each is right about as often as it is said to be', () => {
    for (const [v, mean] of populations[name].accuracy.entries()) {
      const share = said.filter((row, i) => row[v] === right[i]).length / said.length;
      expect(Math.abs(share - mean)).toBeLessThan(0.05);
    }
  });
});

test('harder questions are answered worse', () => {
  const shares = [true, false].map((hard) => {
    const some = questionsOf({ ...small, golden: 0, items: 800 }).filter(({ q }) => q.difficulty > 0 === hard);
    const hits = some.flatMap(({ q }) => voices.map((voice) => optionOf(voice.answer(q, 'early', 0)) === q.right));
    return hits.filter(Boolean).length / hits.length;
  });
  expect(shares[0]!).toBeLessThan(shares[1]! - 0.2);
});

describe('adversaries', () => {
  const asked = questionsOf({ ...small, golden: 100, items: 200 });
  const share = (attack: AttackName, season: string): number[] =>
    createAdversaries(attack, 4, voices, 't').map((voice) => {
      const some = asked.filter((one) => one.season === season);
      return some.filter(({ q, season: at }) => optionOf(voice.answer(q, at, 0)) === q.right).length / some.length;
    });

  test('a sleeper is good until the second half, and then never right', () => {
    for (const one of [...share('sleeper', 'exam'), ...share('sleeper', 'early')]) expect(one).toBeGreaterThan(0.7);
    for (const one of share('sleeper', 'late')) expect(one).toBe(0);
  });

  test('a switched model is good in the exam only', () => {
    for (const one of share('switch', 'exam')) expect(one).toBeGreaterThan(0.7);
    for (const one of share('switch', 'early')) expect(one).toBeLessThan(0.4);
  });

  test('clones say one thing, a ring two, a copier what its victim says, a constant always the same', () => {
    const q = question('t', 7);
    const said = (attack: AttackName) =>
      createAdversaries(attack, 6, voices, 't').map((voice) => voice.answer(q, 'early', 0).answer);
    expect(new Set(said('clones')).size).toBe(1);
    expect(new Set(said('ring')).size).toBe(2);
    expect(new Set(said('constant'))).toEqual(new Set(['A']));
    const honest = voices.map((voice) => voice.answer(q, 'early', 0).answer);
    for (const one of said('copier')) expect(honest).toContain(one);
    for (const voice of createAdversaries('inflater', 3, voices, 't'))
      expect(voice.answer(q, 'early', 0).confidence).toBe(1);
  });

  test('a ring praises its own two answers and nothing else', () => {
    const q = question('t', 3);
    const [a, b] = createAdversaries('ring', 2, voices, 't');
    const honest = { answer: String.fromCharCode(65 + q.right), confidence: 1, words: 50 };
    expect(a!.merit(q, b!.answer(q, 'early', 0))).toBeGreaterThan(5);
    expect(a!.merit(q, honest)).toBeLessThan(-5);
  });

  test('are a share of all identities, on top of the honest', () => {
    expect([0, 0.2, 0.5].map((one) => adversariesFor(one, 12))).toEqual([0, 3, 12]);
    expect(Object.keys(attacks)).toHaveLength(7);
  });
});

describe('work', () => {
  const protocols = ['best', 'weighted', 'ranked', 'auto', 'roundtable', 'deliberate', 'selforg', 'confidence'];

  test.each([...protocols, 'majority', 'ahead', 'cascade', 'perceptual'])(
    '%s: the same seed, the same figures',
    (name) => {
      const protocol: Protocol = protocolNamed(name)!;
      const figures = work(protocol, {}, small);
      const again = work(protocol, {}, { ...small, voices: populate('mixed', 't').voices });
      expect(again).toEqual(figures);
      expect(figures.accuracy).toBeLessThanOrEqual(figures.verdicts);
      expect(figures.answers).toBeGreaterThanOrEqual(1);
    },
  );

  test('another seed gives others', () => {
    const other = populate('mixed', 'u').voices;
    expect(work(weighted, {}, { ...small, seed: 'u', voices: other })).not.toEqual(work(weighted, {}, small));
  });

  test('golden questions are no test questions, and come up among the real ones', () => {
    const asked = questionsOf(small);
    expect(asked.filter(({ golden }) => !golden)).toHaveLength(60);
    expect(asked.slice(30).filter(({ golden }) => golden).length).toBeGreaterThanOrEqual(6);
    expect(questionsOf({ ...small, golden: 0 }).some(({ golden }) => golden)).toBe(false);
  });

  test('where half are clones of a constant, weights hold what counting heads loses', () => {
    const all = [...voices, ...createAdversaries('constant', 12, voices, 't')];
    const attacked = { seed: 't', voices: all, golden: 60, items: 150 };
    const others = beside(attacked);
    const { accuracy } = work(weighted, {}, attacked);
    expect(accuracy).toBeGreaterThan(others.majority + 0.3);
    expect(accuracy).toBeLessThanOrEqual(others.oracle);
    expect(others.single).toBeLessThanOrEqual(others.oracle);
    expect(others.random).toBeLessThan(others.single);
  });
});

test.each(['mixed', 'weak', 'star'] as const)('ahead is no surer of %s than it is right', (name) => {
  const figures = work(
    protocolNamed('ahead')!,
    {},
    { seed: 'c', voices: populate(name, 'c').voices, golden: 60, items: 200 },
  );
  // With two hundred questions chance alone makes about .05 of it; by its formula alone it was .72.
  expect(figures.ece!).toBeLessThan(0.15);
});

test('two weak ones that agree do not make the one that is much better look as if it had changed', () => {
  // A cascade hears three: the best and two of 45%, that are wrong alike often.
  const star = { seed: '1', voices: populate('star', '1').voices, golden: 60, items: 600 };
  expect(work(protocolNamed('cascade')!, {}, star).accuracy).toBeGreaterThan(0.84);
});

test('calibration: what is believed against what was so', () => {
  const calibration = createCalibration();
  for (let i = 0; i < 10; i++) calibration.note(0.75, i < 5);
  expect(calibration.ece()).toBeCloseTo(0.25);
  expect(calibration.brier()).toBeCloseTo(0.5 * 0.0625 + 0.5 * 0.5625);
  expect(calibration.baseBrier()).toBeCloseTo(0.25);
});

describe('skein lab swarm', async () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  const given = { population: 'mixed' as const, shares: [0, 0.5], items: 40, golden: 20, seed: 's' };

  test('an attack is a curve over the shares, beside the others', async () => {
    const report = await swarm({ ...given, protocol: 'weighted', attack: 'ring' });
    expect(report.rows.map(({ share, adversaries }) => [share, adversaries])).toEqual([
      [0, 0],
      [0.5, 12],
    ]);
    for (const row of report.rows) expect(row.beside.oracle).toBeGreaterThanOrEqual(row.beside.single);
    expect(await swarm({ ...given, protocol: 'weighted', attack: 'ring' })).toEqual(report);
  });

  test('the last line is one object; a protocol under --least is exit code 1', async () => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const args = ['--protocol', 'best', '--items', '20', '--golden', '10', '--json'];
    await swarmCommand().parseAsync(args, { from: 'user' });
    const report = JSON.parse(lines.at(-1)!) as { rows: { protocol: string; accuracy: number }[] };
    expect(report.rows).toMatchObject([{ protocol: 'best' }]);
    expect(process.exitCode).toBeUndefined();
    await swarmCommand().parseAsync([...args, '--least', '1'], { from: 'user' });
    expect(process.exitCode).toBe(1);
  });

  test.skipIf(!(await hasBubblewrap()))('functional runs its programs in the sandbox', async () => {
    const { rows, skipped } = await swarm({ ...given, protocol: 'functional', attack: 'none' });
    expect(skipped).toEqual([]);
    expect(rows[0]!.judgements).toBeGreaterThan(1);
    expect(rows[0]!.accuracy).toBeGreaterThan(0.4);
  });
});
