/** Workflows as data: maps, loops, grafted plans and nesting; and that long ones stay linear. */
import { describe, expect, test } from 'vitest';
import { checkPlan, parsePlan } from '../author/index.ts';
import { stateToText } from '../model/index.ts';
import { type Doing, NEVER, playPlan, type PlayOptions } from './play.ts';

const fail = (): never => {
  throw new Error('no');
};
const echo: Doing = (input) => input ?? 'done';
const functions: Record<string, Doing> = {
  echo,
  fail,
  say: (_, { step }) => step,
  twice: (n) => Number(n) * 2,
  never: () => NEVER,
};

function run(yaml: string, options: Omit<PlayOptions, 'plan'> = {}) {
  return playPlan({
    ...options,
    functions: { ...functions, ...options.functions },
    plan: parsePlan(`name: test\n${yaml}`),
  });
}

describe('map', () => {
  test('branches that end in one turn: the join is decided once, and what comes after it is not heard', () => {
    const items = "map: '[1, 2, 3]', key: item, steps: { a: { code: echo, if: 'false' } }";
    const any = run(`steps: { all: { ${items}, need: any } }`);
    expect(any.ended).toMatchObject({ outcome: 'completed', output: [null] });
    expect(any.events('branch.ended').map((event) => event.branch)).toEqual(['1']);
    expect(any.events('join.frozen')).toMatchObject([{ inputs: ['1'] }]);
  });

  test('each item has a scope of its own, named by its key', () => {
    const play = run(
      `
steps:
  base: { code: echo, with: 10 }
  all:
    map: input.items
    key: item.id
    after: base
    width: 2
    steps:
      double: { code: twice, with: '\${item.n}' }
      sum: { code: echo, with: '\${steps.double + steps.base + index}' }
output: '\${steps.all}'`,
      {
        input: {
          items: [
            { id: 'x', n: 1 },
            { id: 'y', n: 2 },
            { id: 'z/1', n: 3 },
          ],
        },
      },
    );
    expect(play.ended).toMatchObject({ outcome: 'completed', output: [12, 15, 18] });
    expect(play.events('step.asked').map((e) => e.step)).toContain('all/z%2f1/sum');
    expect(play.state.settledIn.size).toBe(1);
    expect(play.state.steps.size).toBe(2);
  });

  test('no more than `width` items are open at once', () => {
    const play = run(`steps: { all: { map: '[1,2,3,4,5]', key: item, width: 2, steps: { x: { code: never } } } }`);
    expect(play.state.open).toEqual(new Set(['all', 'all/1/x', 'all/2/x']));
    play.give({ in: 'ran', step: 'all/1/x', data: 1 });
    expect([...play.state.open]).toEqual(['all', 'all/2/x', 'all/3/x']);
  });

  test('a key that is there twice, or is none, is a fault that says so', () => {
    const twice = run(`steps: { all: { map: '["a","b","a"]', key: item, steps: { x: { code: say } } } }`);
    expect(twice.state.fault).toMatchObject({
      code: 'step.repeated',
      message: "items 0 and 2 of map 'all' have the same key 'a'",
    });
    const none = run(`steps: { all: { map: '[[1]]', key: item, steps: { x: { code: say } } } }`);
    expect(none.state.fault?.message).toContain("the key of item 0 of map 'all' is [1]");
  });

  test('a failing item fails the map; with `need` the others are enough', () => {
    const yaml = (need: string) => `
steps:
  all:
    map: '[1,2,3]'
    key: item
    ${need}
    steps:
      bad: { code: fail, if: item == 2 }
      good: { code: echo, if: item != 2, with: '\${item}' }
    output: '\${steps.good}'
output: '\${steps.all}'`;
    expect(run(yaml('')).ended).toMatchObject({ outcome: 'failed', fault: 'step.failed' });
    expect(run(yaml('need: { atLeast: 2 }')).ended).toMatchObject({ outcome: 'completed', output: [1, 3] });
    expect(run(yaml('need: settled')).ended?.output).toMatchObject([
      { ok: true, value: 1 },
      { ok: false },
      { ok: true, value: 3 },
    ]);
  });

  test('an empty list is done at once', () => {
    const play = run(`steps: { all: { map: input, key: item, steps: { x: { code: say } } } }`, { input: [] });
    expect(play.ended).toMatchObject({ outcome: 'completed', output: [] });
  });

  test('10,000 items are linear', () => {
    const timeOf = (count: number) => {
      const items = Array.from({ length: count }, (_, i) => i);
      const startMs = cpuMs();
      const play = run(`steps: { all: { map: input, key: item, steps: { x: { code: echo, with: '\${item}' } } } }`, {
        input: items,
      });
      expect(play.ended?.output).toHaveLength(count);
      return cpuMs() - startMs;
    };
    timeOf(500);
    const [few, many] = [timeOf(2000), timeOf(10_000)];
    console.log(`map: 2000 items ${few.toFixed()} ms, 10000 items ${many.toFixed()} ms`);
    // Five times the work: linear is 5, quadratic 25.
    expect(many / few).toBeLessThan(15);
  });
});

/** Work done, whoever else is at work on this machine. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

describe('loop', () => {
  test('turns until its condition holds, and carries on what a turn gave', () => {
    const play = run(`
steps:
  grow:
    loop: { n: 1, way: [] }
    until: carry.n >= 20
    steps:
      next: { code: twice, with: '\${carry.n}' }
    output: { n: '\${steps.next}', way: '\${carry.way + [turn]}' }
output: '\${steps.grow}'`);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: { n: 32, way: [1, 2, 3, 4, 5] } });
    expect(play.events('loop.turned')).toHaveLength(5);
    expect(play.events('step.asked').map((e) => e.step)).toContain('grow/5/next');
  });

  test('ends after its most turns; a failing turn fails it', () => {
    expect(
      run(`steps: { l: { loop: 0, turns: 3, steps: { x: { code: echo, with: '\${carry + 1}' } } } }`).ended?.output,
    ).toBe(3);
    expect(run(`steps: { l: { loop: 0, turns: 0, steps: { x: { code: say } } } }`).ended?.output).toBe(0);
    expect(run(`steps: { l: { loop: 0, turns: 3, steps: { x: { code: fail } } } }`).ended?.outcome).toBe('failed');
  });

  test('a loop that only skips comes to an end, and says so', () => {
    const play = run(`steps: { l: { loop: 0, until: carry == 1, steps: { x: { code: say, if: carry == 5 } } } }`);
    expect(play.state.fault?.message).toContain('turned 1000 times without doing anything');
  });

  test('100,000 turns are linear, and memory stays flat', () => {
    const timeOf = (turns: number) => {
      const startMs = cpuMs();
      const play = run(
        `steps: { l: { loop: 0, turns: ${turns}, steps: { x: { code: echo, with: '\${carry + 1}' } } } }`,
      );
      expect(play.ended?.output).toBe(turns);
      expect(stateToText(play.state).length).toBeLessThan(5000);
      return cpuMs() - startMs;
    };
    timeOf(2000);
    const [few, many] = [timeOf(20_000), timeOf(100_000)];
    console.log(`loop: 20000 turns ${few.toFixed()} ms, 100000 turns ${many.toFixed()} ms`);
    // Five times the work: linear is 5, quadratic 25.
    expect(many / few).toBeLessThan(15);
  });

  test('a turn in progress is held in a few hundred bytes, however many there were', () => {
    const at = (turns: number) => {
      const play = run(`steps: { l: { loop: 0, turns: 9999, steps: { x: { code: x, with: '\${carry + 1}' } } } }`, {
        functions: { x: (n) => (Number(n) > turns ? NEVER : n) },
      });
      return stateToText(play.state).length;
    };
    expect(at(900) - at(100)).toBeLessThan(20);
  });
});

test('a chain of 4,000 steps that hangs on a failure is checked at once', () => {
  const steps = Array.from({ length: 4000 }, (_, i) => `  s${i}: { code: echo${i > 1 ? `, after: s${i - 1}` : ''} }`);
  const failed = `  s1: { code: echo, after: [{ step: s0, when: failure }] }`;
  const plan = parsePlan(`name: chain\nsteps:\n${[...steps.slice(0, 1), failed, ...steps.slice(2)].join('\n')}`);
  const startMs = cpuMs();
  expect(checkPlan(plan)).toEqual([]);
  expect(cpuMs() - startMs).toBeLessThan(1500);
});

test('a plan of 5,000 steps is linear', () => {
  const steps = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => `  s${i}: { code: say${i === 0 ? '' : `, after: s${Math.floor(i / 2)}`} }`,
    ).join('\n');
  const plan = parsePlan(`name: wide\nsteps:\n${steps(5000)}`);
  const startMs = cpuMs();
  const play = playPlan({ plan, functions });
  console.log(`5000 steps ${(cpuMs() - startMs).toFixed()} ms`);
  expect(play.ended?.outcome).toBe('completed');
  expect(cpuMs() - startMs).toBeLessThan(3000);
});

describe('plan', () => {
  const outer = `
steps:
  ok: { gate: sre }
  split: { plan: planner, after: ok, with: '\${input}' }
  end: { code: echo, with: '\${steps.split}' }
output: '\${steps.end}'`;

  test('its answer is grafted in, in the scope of the step', () => {
    const play = run(outer, {
      input: 3,
      labels: ['pii'],
      agents: {
        planner: (n) => ({
          steps: {
            a: { code: 'echo', with: n },
            b: { map: '[1, 2]', key: 'item', steps: { c: { code: 'echo', with: '${item * steps.a}' } }, after: 'a' },
            sure: { effect: 'mail', class: 'irreversible', gate: 'ok', after: 'b' },
          },
          output: '${steps.b}',
        }),
        mail: echo,
      },
    });
    play.approve('ok');
    expect(play.ended).toMatchObject({ outcome: 'completed', output: [3, 6] });
    expect(play.story('step.asked')).toContain('step.asked split/b/2/c');
    expect(play.events('plan.grafted')).toHaveLength(1);
    expect(play.state.steps.has('split/a')).toBe(false);
  });

  test('an answer that is no plan goes to another planner; if there is none, it is the fault', () => {
    const planner: Doing = () => ({ steps: { a: { ask: 'x', after: 'b' }, b: { ask: 'x', after: 'a' } } });
    const good: Doing = () => ({ steps: { a: { code: 'say' } } });
    const healed = run(outer, { agents: { planner, 'planner@good': good } }).approve('ok');
    expect(healed.ended).toMatchObject({ outcome: 'completed', output: 'split/a' });
    const failed = run(outer, { agents: { planner } }).approve('ok');
    expect(failed.ended).toMatchObject({ outcome: 'failed', fault: 'output.invalid' });
    expect(failed.state.fault?.message).toContain("these wait for each other: 'a' → 'b' → 'a'");
  });

  test('an answer of more than a thousand steps is none, those inside of steps counted', () => {
    const names = Array.from({ length: 501 }, (_, i) => `s${i}`);
    const steps = Object.fromEntries(names.map((name) => [name, { code: 'say' }]));
    const planner: Doing = () => ({ steps: { ...steps, all: { map: '[1]', key: 'item', steps } } });
    const failed = run(outer, { agents: { planner } }).approve('ok');
    expect(failed.ended).toMatchObject({ outcome: 'failed', fault: 'output.invalid' });
    expect(failed.state.fault?.message).toContain('it has 1003 steps');
  });

  test('a failure inside fails the step', () => {
    const play = run(outer, { agents: { planner: () => ({ steps: { a: { code: 'fail' } } }) } }).approve('ok');
    expect(play.ended).toMatchObject({ outcome: 'failed' });
    expect(play.state.fault?.detail).toMatchObject({ step: 'split/a' });
  });
});

test('maps in loops in maps', () => {
  const play = run(
    `
steps:
  outer:
    map: input
    key: item
    steps:
      rounds:
        loop: '\${item}'
        turns: 2
        steps:
          inner: { map: '[1, 2]', key: item, steps: { x: { code: echo, with: '\${carry + item}' } } }
        output: '\${steps.inner[0] + steps.inner[1]}'
output: '\${steps.outer}'`,
    { input: [10, 100] },
  );
  // (10+1)+(10+2)=23, then (23+1)+(23+2)=49; the same from 100.
  expect(play.ended?.output).toEqual([49, 409]);
});
