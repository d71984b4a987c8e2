import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  configSchema,
  injectorOf,
  loadConfig,
  loadParts,
  openConfigured,
  openExistingStore,
  readConfig,
} from './index.ts';
import { openStore } from '../../ports/store/index.ts';
import { routingOf } from './open.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const load = (environment: Record<string, string> = {}, more: { store?: string; file?: string } = {}) =>
  loadConfig({ folder, environment, ...more });

test('without a file the defaults hold, seen from the folder', async () => {
  const settings = await load();
  expect(settings).toMatchObject({ file: undefined, store: join(folder, '.skein', 'site.db') });
  expect(settings.config.http).toEqual({ host: '127.0.0.1', port: 7717 });
});

test('the caller is over the environment, the environment over the file', async () => {
  write('skein.config.yaml', 'store: a.db\nhttp: { port: 1 }\n');
  expect((await load()).store).toBe(join(folder, 'a.db'));
  const over = await load({ SKEIN_STORE: 'b.db', SKEIN_HTTP_PORT: '2', SKEIN_WORKER: 'w' });
  expect(over.store).toBe(join(folder, 'b.db'));
  expect(over.config).toMatchObject({ http: { port: 2, host: '127.0.0.1' }, worker: { name: 'w', graceMs: 5_000 } });
  expect((await load({ SKEIN_STORE: 'b.db' }, { store: 'c.db' })).store).toBe(join(folder, 'c.db'));
  expect((await load({ SKEIN_STORE: 'postgres://h/d' })).store).toBe('postgres://h/d');
});

test('a path in the file is seen from the file, wherever it is called from', async () => {
  mkdirSync(join(folder, 'inner'));
  write('inner/skein.config.json', '{ "store": "kept/site.db" }');
  const settings = await load({ SKEIN_CONFIG: 'inner/skein.config.json' });
  expect(settings.store).toBe(join(folder, 'inner', 'kept', 'site.db'));
});

test('every mistake is named with its place', async () => {
  write('skein.config.yaml', 'stor: a.db\nhttp:\n  port: many\nagents: [7]\n');
  const told = await load().catch((fault: Error) => fault.message);
  const at = join(folder, 'skein.config.yaml');
  expect(told).toContain('3 mistakes');
  expect(told).toContain(`${at}:3:9 http.port: Invalid input: expected number, received string`);
  expect(told).toContain(`${at}:4:10 agents.0: an agent`);
  expect(told).toContain(
    `${at}:1:7 stor: nothing is called so here (did you mean 'store'?); there are: store, workflows`,
  );
});

test.each([
  ['worker: { durabilty: step }', "worker.durabilty: nothing is called so here (did you mean 'durability'?)"],
  [
    'http: { tls: { certFil: a, keyFile: b } }',
    "http.tls.certFil: nothing is called so here (did you mean 'certFile'?)",
  ],
  ['routing: { rules: [{ name: x, avid: [a] }] }', "rules.0.avid: nothing is called so here (did you mean 'avoid'?)"],
  ['a2a: { publish: [{ workflw: x }] }', "publish.0.workflw: nothing is called so here (did you mean 'workflow'?)"],
  ['health: { firstMs: 1000, maxMs: 1 }', 'health.firstMs: is longer than `maxMs`: no wait is'],
  ['faults: { rules: [{ at: agents, kind: slow, everyMs: 10 }] }', 'rules.0.everyMs: says nothing without a `forMs`'],
  ['http: 7', 'http: expected object, received number, or expected false'],
  ['agents: [{ name: m, llm: a/b, skils: [{ name: q }] }]', "'skils' is no word here (did you mean 'skills'?)"],
])('a slip of the pen in %s', async (text, expected) => {
  write('skein.config.yaml', `${text}\n`);
  await expect(load().then(({ config }) => loadParts(config, folder))).rejects.toThrow(expected);
});

test('of a configuration with mistakes the rest can be had', async () => {
  write(
    'skein.config.yaml',
    'stor: a.db\nstore: b.db\nagents: [7, { name: m, llm: a/b, skills: [{ name: q }] }]\nworker: 3\n',
  );
  const { settings, mistakes } = await readConfig({ folder, environment: {} });
  expect(mistakes?.message).toContain('3 mistakes');
  expect(settings.store).toBe(join(folder, 'b.db'));
  expect(settings.config.agents).toMatchObject([{ name: 'm' }]);
});

test('what cannot be read is a fault that says what to do', async () => {
  write('skein.config.yaml', 'a: [1\n');
  await expect(load()).rejects.toMatchObject({ code: 'input.invalid' });
  write('skein.config.json', '{}');
  await expect(load()).rejects.toThrow(/keep one, or name one with --config/);
  await expect(load({}, { file: 'none.yaml' })).rejects.toMatchObject({ code: 'not-found' });
  write('empty.mjs', 'export const a = 1;');
  await expect(load({}, { file: 'empty.mjs' })).rejects.toThrow(/exports no configuration/);
  write('broken.mjs', 'throw new Error("too bad");');
  await expect(load({}, { file: 'broken.mjs' })).rejects.toThrow(/broken.mjs cannot be loaded: too bad/);
  await expect(load({ SKEIN_HTTP_PORT: 'many' }, { file: 'skein.config.json' })).rejects.toThrow(/SKEIN_HTTP_PORT/);
});

test('workflows, agents and functions come from files, with the limits of the site', async () => {
  write('plan.yaml', "name: twice\nsteps:\n  a: { ask: double, with: '${input}' }\noutput: '${steps.a}'\n");
  write(
    'agents.mjs',
    "export const a = { name: 'a', skills: [{ name: 'double', effect: 'pure', price: { money: 0, tokens: 0 } }], " +
      'call: (c) => ({ output: c.input * 2 }) };\nexport default [a];\n',
  );
  write('functions.mjs', 'export const half = (n) => n / 2; export const other = 1;');
  write(
    'skein.config.yaml',
    'store: "memory:"\nworkflows: [plan.yaml]\nagents: [agents.mjs]\nfunctions: functions.mjs\n' +
      'limits: { budget: { calls: 9 } }\n',
  );
  const settings = await load();
  const parts = await loadParts(settings.config, settings.folder);
  expect(parts.agents.map((agent) => agent.name)).toEqual(['a']);
  expect(Object.keys(parts.functions)).toEqual(['half']);
  expect(parts.workflows[0]).toMatchObject({ name: 'twice', budget: { calls: 9 } });
  const site = await openConfigured(settings);
  expect(await (await site.start('twice', 21)).output()).toBe(42);
  await site.stop();
});

test('faults at the store go wrong also at a store that is opened already; whoever only asks has none', async () => {
  write('skein.config.yaml', 'faults: { rules: [{ at: store, kind: slow, ms: 1 }] }\n');
  const settings = await load();
  const store = await openStore('memory:');
  const seen = async (works: boolean): Promise<number> => {
    const injector = injectorOf(settings)!;
    const site = await openConfigured(settings, { store, works, injector });
    await site.stop();
    return injector.injected.length;
  };
  expect(await seen(false)).toBe(0);
  expect(await seen(true)).toBeGreaterThan(0);
  // It is its opener's to close.
  expect(await store.workers()).toEqual([]);
  await store.close();
});

test('whoever only reads makes no store', async () => {
  await expect(openExistingStore(await load())).rejects.toMatchObject({ code: 'not-found' });
});

test('every member of the schema says what it is', () => {
  const silent = Object.entries(configSchema.shape).filter(([, member]) => !member.description);
  expect(silent).toEqual([]);
});

test('agents may be declared; what is wrong with one is said by its name', async () => {
  write('skein.config.yaml', "store: 'memory:'\nagents: [{ name: cat, process: [cat], skills: [{ name: echo }] }]\n");
  const settings = await load();
  const { declared, agents } = await loadParts(settings.config, settings.folder);
  expect(agents).toEqual([]);
  expect(declared).toMatchObject([{ name: 'cat', process: ['cat'] }]);
  write('skein.config.yaml', 'agents: [{ name: cat, process: [], skills: [] }]\n');
  const wrong = await load();
  await expect(loadParts(wrong.config, wrong.folder)).rejects.toThrow(/agent 'cat' is not declared well/);
});

test('no door is opened where the file says so', async () => {
  write('skein.config.yaml', 'http: false\n');
  expect((await load()).config.http).toBe(false);
});

describe('routing', () => {
  test('rules of the file decide who is asked', async () => {
    write(
      'agents.mjs',
      "export const agents = ['alice', 'bob'].map((name) => ({ name, skills: [{ name: 'think', effect: 'pure' }], call: () => ({ output: name }) }));",
    );
    write('plan.yaml', "name: one\nsteps:\n  a: { ask: think, with: '${input}' }\noutput: '${steps.a}'\n");
    write(
      'skein.config.yaml',
      'store: "memory:"\nworkflows: [plan.yaml]\nagents: [agents.mjs]\nrouting:\n  choose: fixed\n  rules:\n' +
        '    - { name: law to bob, when: { any: [{ domain: law }, { not: { length: { atLeast: 3 } } }] }, use: [bob] }\n',
    );
    const site = await openConfigured(await load());
    const ask = async (text: string) => (await site.start('one', text)).output();
    expect(await ask('is this clause of the contract legal?')).toBe('bob');
    expect(await ask('x')).toBe('bob');
    expect(await ask('how is the weather today')).toBe('alice');
    await site.stop();
  });

  test('a condition that is none is named with its place', async () => {
    write('skein.config.yaml', 'routing:\n  rules:\n    - { name: a, when: { colour: red } }\n');
    await expect(load()).rejects.toThrow(
      /routing\.rules\.0\.when\.colour: nothing is called so here; there are: keywords/,
    );
  });

  test.each([
    ['{ name: a }', '0: says nothing: name `use`, `avoid` or `prefer`'],
    ['{ name: a, use: [b], when: {} }', '0.when: one of `keywords`'],
    ['{ name: a, use: [b], when: { language: DE } }', '0.when.language: no text is told to be in it; those that are'],
    ['{ name: a, use: [b], when: { domain: laws } }', '0.when.domain: no text is told to be about it; those that are'],
    ['{ name: a, use: [b], when: { length: { atLeast: 2, atMost: 1 } } }', '0.when.length: nothing is at least more'],
    ['{ name: a, use: [b], when: { keywords: [" "] } }', '0.when.keywords.0: holds nothing that could be found'],
    ['{ name: a, use: [b, c], avoid: [c, b, d] }', '0: would `use` only whom it says to `avoid`'],
    ['{ name: a, use: [b] }, { name: a, use: [c] }', "1.name: another rule is named 'a'"],
  ])('a rule that can never hold, or says nothing: %s', async (rule, expected) => {
    write('skein.config.yaml', `routing: { rules: [${rule}] }\n`);
    const told = await load().catch((fault: Error) => fault.message);
    expect(told).toContain('1 mistake:');
    expect(told).toContain(`routing.rules.${expected}`);
  });

  test('the key of an embeddings API is taken from the environment, or asked for', () => {
    const embeddings = { baseUrl: 'http://127.0.0.1:1/v1', model: 'm', dims: 8, keyEnv: 'EMBED_KEY' };
    expect(routingOf({ embeddings }, { EMBED_KEY: 'k' })!.embedder).toMatchObject({ name: 'm@http://127.0.0.1:1/v1' });
    expect(() => routingOf({ embeddings }, {})).toThrow(/EMBED_KEY/);
  });
});
