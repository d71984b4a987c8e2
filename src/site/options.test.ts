// What plain JavaScript can get wrong, with nobody beside it that reads types: a word says so, where it was written.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { skill, workflow, type Run } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openSite } from './site.ts';

const said = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'fine';
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('input.invalid');
    return (error as Fault).message;
  }
};
const site = (options: unknown) => () => openSite(options as never);
const flow =
  (...given: unknown[]) =>
  () =>
    (workflow as (...args: unknown[]) => unknown)(...given);
const agent = (options: unknown) => () => functionAgent('ada', options as never);
const fn = (): number => 1;
const made = (more: object) => ({ ...functionAgent('bob', { skills: { pay: fn } }), ...more });

test.each<[string, () => unknown, string]>([
  ['a site', site({ agnets: [] }), `openSite has no option 'agnets' (did you mean 'agents'?)`],
  ['a list', site({ agents: {} }), `openSite: 'agents' is an object, and must be a list`],
  ['not at all', site({ agents: [undefined] }), 'what was given as an agent is no open agent'],
  ['declared', site({ agents: [{ name: 'ada', llm: 'a/b', skills: [] }] }), `'ada' is no open agent`],
  ['no flow', site({ workflows: [fn] }), 'what a site is to run is no workflow'],
  ['nested', site({ routing: { chose: 'fixed' } }), `openSite: routing has no option 'chose' (did you mean 'choose'?)`],
  [
    'rules',
    site({ routing: { rules: [{ name: 'a', use: ['x'], when: { keyword: ['a'] } }] } }),
    `openSite: routing.rules.0.when.keyword: nothing is called so here (did you mean 'keywords'?)`,
  ],
  [
    'two things',
    site({ routing: { rules: [{ name: 'a', use: ['x'], when: { label: 'a', domain: 'law' } }] } }),
    'openSite: routing.rules.0.when: label, domain: a condition says one thing; join several with `all`',
  ],
  [
    'within not',
    site({ routing: { rules: [{ name: 'a', use: ['x'], when: { not: { lable: 'a' } } }] } }),
    `openSite: routing.rules.0.when.not.lable: nothing is called so here (did you mean 'label'?)`,
  ],
  [
    'a preference',
    site({ routing: { rules: [{ name: 'a', prefer: 'cheap' }] } }),
    'openSite: routing.rules.0.prefer: `balanced`, `quality`',
  ],
  ['nobody', site({ routing: { rules: [{ name: 'a', use: [] }] } }), 'openSite: routing.rules.0.use: names none'],
  ['health', site({ health: { inRows: 1 } }), `openSite: health has no option 'inRows' (did you mean 'inRow'?)`],
  ['a share', site({ health: { share: 2 } }), "'share' is 2, and must be a share from 0 to 1"],
  ['no wait', site({ health: { firstMs: 1_000, maxMs: 1 } }), "'firstMs' is 1000, longer than 'maxMs' (1)"],
  ['no place', site({ agents: [made({ limits: { atOnce: 0 } })] }), "`limits.atOnce` of agent 'bob' is 0, and must be"],
  ['no call', site({ agents: [made({ limits: { perMinute: 0.5 } })] }), '0.5, and must be a whole number from 1'],
  ['no number', site({ agents: [made({ limits: { perMinute: Number.NaN } })] }), "`limits.perMinute` of agent 'bob'"],
  ['functions', site({ functions: { sum: 1 } }), `the function 'sum' of openSite is 1, and must be a function`],
  ['a workflow', flow('a', { retries: 3 }, fn), `workflow 'a' has no option 'retries'; it has version, input`],
  ['its version', flow('a', { version: 2 }, fn), `workflow 'a': 'version' is 2, and must be a text`],
  [
    'its input',
    flow('a', { input: { n: 'number' } }, fn),
    `workflow 'a': 'input' is an object, and must be a zod schema`,
  ],
  ['its code', flow('a', {}), `the code of workflow 'a' is undefined, and must be a function`],
  ['its budget', flow('a', { budget: { cents: 1 } }, fn), `the budget of workflow 'a' is not understood: 'cents'`],
  ['too much', flow('a', { budget: { money: 1e308 } }, fn), `'money' is 1e+308, and must be a number from 0 to 9007`],
  [
    'a price',
    agent({ skills: { pay: { run: fn, price: { money: Infinity } } } }),
    "'money' is Infinity, and must be a number from 0",
  ],
  ['its beat', agent({ skills: { pay: { run: fn, beatMs: 0 } } }), "'beatMs' is 0, and must be a number of ms above 0"],
  ['its places', agent({ skills: { pay: fn }, limits: { atOnce: -1 } }), "'atOnce' is -1, and must be a whole number"],
  ['an agent', agent({ skill: {} }), `functionAgent 'ada' has no option 'skill' (did you mean 'skills'?)`],
  ['nothing', agent({}), "`skills` of functionAgent 'ada' is undefined, and must be an object"],
  ['no function', agent({ skills: { pay: {} } }), "`run` of skill 'pay' of agent 'ada' is undefined"],
  ['its effect', agent({ skills: { pay: { run: fn, effect: 'idempotnt' } } }), `(did you mean 'idempotent'?)`],
  [
    'its words',
    agent({ skills: { pay: { run: fn, timeoutMs: 3 } } }),
    `skill 'pay' of agent 'ada' has no option 'timeoutMs'`,
  ],
  [
    'a skill',
    () => skill('pay', { out: z.string() } as never),
    `skill 'pay' has no option 'out' (did you mean 'output'?)`,
  ],
])('%s', async (_name, work, message) => expect(await said(work)).toContain(message));

type Loose = Record<keyof Run, (...given: unknown[]) => Promise<unknown>>;

test.each<[string, (run: Loose) => unknown, string]>([
  ['ask', (run) => run.ask('pay', 1, { retries: 3 }), `run.ask 'pay' has no option 'retries' (did you mean 'retry'?)`],
  ['retry', (run) => run.ask('pay', 1, { retry: { times: 3 } }), `run.ask 'pay': retry has no option 'times'`],
  [
    'effect',
    (run) => run.effect('pay', 1, { effect: 'idempotnt' }),
    `'effect' is "idempotnt", and must be one of pure`,
  ],
  ['a number', (run) => run.ask('pay', 1, 3), `run.ask 'pay' takes an object of options, and was given 3`],
  ['nobody', (run) => run.ask(undefined), 'run.ask names no skill'],
  ['agree', (run) => run.ask('pay', 1, { agree: 'vote' }), 'must be an object whose `by` names a way to agree'],
  ['gate', (run) => run.gate('ok', { rights: 'x' }), `run.gate 'ok' has no option 'rights' (did you mean 'right'?)`],
  ['wait', (run) => run.wait('ok', { seconds: 3 }), `run.wait 'ok' has no option 'seconds'; it has ms, untilMs`],
  ['wait for nothing', (run) => run.wait('ok'), `wait 'ok' names no time`],
  ['signal', (run) => run.signal('go', { timeout: 3 }), `(did you mean 'timeoutMs'?)`],
  ['code', (run) => run.code('sum', 3), `what run.code 'sum' works is undefined, and must be a function`],
  ['map', (run) => run.map('all', 'ab', { itemKey: String }, fn), `what run.map 'all' goes over is "ab"`],
  ['itemKey', (run) => run.map('all', ['a'], { key: 'x' }, fn), "the `itemKey` of run.map 'all' is undefined"],
  ['join', (run) => run.all('both', [run.ask('pay')]), `the branches of 'both' is a list, and must be an object`],
  [
    'branches',
    (run) => run.all('both', { a: run.ask('pay') }),
    `branch 'a' of 'both' is a promise, and must be a function`,
  ],
  [
    'loop',
    (run) => run.loop('on', { form: 1, maxTurns: 2 }, fn),
    `run.loop 'on' has no option 'form' (did you mean 'from'?)`,
  ],
  ['loop without an end', (run) => run.loop('on', undefined, fn), 'give it `until` or `maxTurns`'],
  [
    'a loop whose end is a promise',
    (run) => run.loop('on', { from: 1, until: async () => true }, fn),
    "the `until` of loop 'on' gives a promise, and must answer at once",
  ],
  ['how many', (run) => run.atLeast('two', '2', { a: fn }), `how many of 'two' run.atLeast waits for is "2"`],
  [
    'map join',
    (run) => run.map('all', ['a'], { itemKey: String, join: { atleast: 1 } }, fn),
    `run.map 'all': 'join' is an object, and must be one of all, any, settled, or an object of atLeast`,
  ],
  [
    'weights',
    (run) => run.ask('pay', 1, { prefer: { qualty: 1 } }),
    `prefer has no option 'qualty' (did you mean 'quality'?)`,
  ],
  [
    'no weight',
    (run) => run.ask('pay', 1, { prefer: { quality: 1e308 } }),
    `'quality' is 1e+308, and must be a number`,
  ],
  ['no cost', (run) => run.ask('pay', 1, { cost: 1.7e308 }), `'cost' is 1.7e+308, and must be a number from 0 to`],
  ['a way', (run) => run.ask('pay', 1, { alternatives: [{ ask: 'buy', cost: 1.7e308 }] }), 'expected number to be <='],
  ['no child', (run) => run.workflow(undefined), 'what run.workflow is to run is undefined, and must be a text'],
  ['no name', (run) => run.signal(undefined), `'undefined' is no name`],
  [
    'child',
    (run) => run.workflow('x', 1, { budgets: {} }),
    `run.workflow 'x' has no option 'budgets' (did you mean 'budget'?)`,
  ],
])('run.%s', async (_name, code, message) => {
  const payer = functionAgent('bank', { skills: { pay: fn } });
  const own = await openSite({ agents: [payer], workflows: [workflow('a', (run) => code(run as never))] });
  const { outcome, fault } = await (await own.start('a')).result();
  await own.stop();
  expect(outcome).toBe('failed');
  expect(fault!.message).toContain(message);
});

test('a start is read as closely', async () => {
  const own = await openSite();
  const start = (how: unknown) => () => own.start(workflow('a', fn), 1, how as never);
  expect(await said(start({ idd: 'x' }))).toBe(`the start of 'a' has no option 'idd' (did you mean 'id'?)`);
  expect(await said(start({ priority: 'hgh' }))).toContain(`(did you mean 'high'?)`);
  expect(await said(() => own.start(undefined as never))).toContain('no workflow');
  const typed = (input: z.ZodType) => () => own.start(workflow('typed', { input }, fn), 'x');
  const throws = z.string().transform(() => {
    throw new Error('boom');
  });
  expect(await said(typed(throws))).toBe(`the input of 'typed' does not fit: its schema threw: boom`);
  expect(await said(typed(z.string().refine(async () => true)))).toContain('its schema gives a promise');
  expect(await said(() => own.agents.add({ name: 'x' } as never))).toContain(`'x' is no open agent`);
  await own.stop();
});
