// What the command line says when something is wrong: every error ends with a next step that fits it.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeProject, type Project } from './project.ts';

let project: Project;
let skein: Project['skein'];
beforeAll(async () => {
  project = makeProject();
  ({ skein } = project);
  expect((await skein('run', 'look', '--id', 'looked', '--input', '["geese","knots"]')).code).toBe(0);
});
afterAll(() => project.close());

/** The last line of what was said on standard error. */
async function nextOf(...args: string[]): Promise<string> {
  const { err, code } = await skein(...args);
  expect(code).not.toBe(0);
  const [, last] = /\nnext: (.*)\n$/.exec(err) ?? [];
  return last ?? `none: ${err}`;
}

describe('every error ends with a next step', () => {
  test('called wrongly, also with --json', async () => {
    expect(await skein('ps', '--sttus')).toMatchObject({
      code: 2,
      err:
        "input.invalid: unknown option '--sttus' (Did you mean --status?)\n" +
        'next: `skein ps --help` shows its arguments and options, with an example.\n',
    });
    const said = await skein('ps', '--sttus', '--json');
    expect(JSON.parse(said.err)).toMatchObject({ fault: { code: 'input.invalid', next: expect.any(String) } });
    expect(await nextOf('rum')).toBe('`skein --help` lists its commands.');
    expect(await nextOf('agents', 'ad')).toBe('`skein agents --help` lists its commands: add, remove, test.');
    expect(await nextOf('lab')).toContain('sim, teeth, kill');
    expect(await nextOf('lab', 'sim', '--nope')).toBe(
      '`skein lab sim --help` shows its arguments and options, with an example.',
    );
    expect(await nextOf('ps', '--limit', 'x')).toContain('skein ps --help');
    expect((await skein('ps', '--help')).code).toBe(0);
  });

  test('bad JSON: how it is written', async () => {
    expect(await nextOf('run', 'look', '--input', '{topics')).toContain('Names and texts are in double quotes');
    expect(await nextOf('run', 'look', '--input', 'geese')).toContain(`--input '"text"'`);
    expect(await nextOf('run', 'look', '--input', '')).toContain('Nothing came');
  });

  test('an input of a wrong type: which member, what was wanted, where it says so', async () => {
    writeFileSync(
      join(project.folder, 'typed.yaml'),
      'name: typed\ninput: { type: object, properties: { topic: { type: string } }, required: [topic] }\n' +
        "steps:\n  found: { ask: look, with: '${input.topic}' }\n",
    );
    const said = await skein('run', 'typed.yaml', '--input', '{"topic":7}', '--id', 'misfit');
    expect(said.code).toBe(2);
    expect(said.err).toMatch(
      /topic: Invalid input: expected string, received number\nnext: It takes .*"topic":.*`input`/,
    );
    // Nothing was begun.
    expect((await skein('show', 'misfit')).code).toBe(4);
    expect((await skein('run', 'look', '--input', '7')).out).toMatch(
      /run.map 'topics' goes over is 7, and must be a list[^]*\nnext: Give the run a list/,
    );
  });

  test('PostgreSQL: nothing listens, nobody of that name', async () => {
    expect(await nextOf('ps', '--store', 'postgres://127.0.0.1:1/skein')).toMatch(
      /^Nothing listens there: start the server .*--store, SKEIN_STORE or `store` in skein.config/,
    );
    expect(await nextOf('run', 'look', '--store', 'postgres://127.0.0.1:1/skein')).toContain('start the server');
    expect(await nextOf('ps', '--store', 'postgres://nobody.invalid/skein')).toContain('mend the host');
  });

  test('PostgreSQL that says nothing is given up within seconds', async () => {
    const silent: Server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const began = performance.now();
    expect(await nextOf('ps', '--store', `postgres://127.0.0.1:${port}/skein`)).toContain('Nobody answers there');
    expect(performance.now() - began).toBeLessThan(15_000);
    silent.close();
  }, 30_000);

  test('the port is taken', async () => {
    const holder: Server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    writeFileSync(join(project.folder, 'taken.config.yaml'), `http: { port: ${port} }\n`);
    const said = await skein('up', '--config', 'taken.config.yaml');
    expect(said).toMatchObject({ code: 5 });
    expect(said.err).toMatch(new RegExp(`port ${port}: something else listens there\\nnext: .*SKEIN_HTTP_PORT`));
    holder.close();
  }, 30_000);

  test('a store that is none, a folder that may not be written', async () => {
    writeFileSync(join(project.folder, 'none.db'), 'this is no database, and never was one');
    expect(await nextOf('ps', '--store', 'none.db')).toContain('skein restore BACKUP');
    expect((await skein('ps', '--store', 'mysql://somewhere')).err).toContain(
      'use memory:, sqlite:path, a path, or postgres://',
    );
  });

  // Root may write everywhere.
  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', async () => {
    const folder = join(project.folder, 'shut');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    expect(await nextOf('run', 'look', '--store', 'shut/site.db', '--input', '[]')).toContain('Let this user write');
    expect(await nextOf('init', 'shut/project', '--skein', 'x')).toContain('Let this user write');
    chmodSync(folder, 0o700);
  });
});

describe('a step that is not there', () => {
  test.each([
    ['show', 'looked', 'topics/geese/lok'],
    ['why', 'looked', 'topics/geese/lok'],
    ['approve', 'looked', 'topics/geese/lok'],
    ['deny', 'looked', 'topics/geese/lok'],
    ['journal', 'looked', '--step', 'topics/geese/lok'],
    ['outcome', 'looked', 'topics/geese/lok', 'right'],
    ['drift', 'looked', 'topics/geese/lok', 'keep'],
    ['fork', 'looked', '--redo', 'topics/geese/lok'],
  ])('%s', async (...args) => {
    expect(await skein(...args)).toMatchObject({
      code: 4,
      err:
        "not-found: run looked has no step 'topics/geese/lok'\n" +
        'next: Did you mean topics/geese/look? Its steps: skein show looked\n',
    });
  });

  test('one that is there, with nothing in that part of the journal', async () => {
    const said = await skein('journal', 'looked', '--step', 'topics/geese/look', '--after', '9999');
    expect(said).toMatchObject({ code: 0, err: expect.stringContaining('no event of looked matches') });
  });

  test('one that is there and waits for nothing is told as such', async () => {
    expect(await skein('approve', 'looked', 'topics/geese/look')).toMatchObject({
      code: 5,
      err: expect.stringContaining('waits for no answer now'),
    });
  });

  test('a run that is not there, in every command that takes one', async () => {
    for (const args of [
      ['show'],
      ['tail'],
      ['journal'],
      ['faults'],
      ['why', 's'],
      ['verify'],
      ['replay'],
      ['fork'],
      ['cancel'],
      ['approve'],
      ['deny'],
      ['signal', 's'],
      ['drift', 's', 'keep'],
      ['outcome', 's', 'right'],
    ]) {
      const [command, ...rest] = args as [string, ...string[]];
      expect(await skein(command, 'nobody', ...rest)).toMatchObject({
        code: 4,
        err: 'not-found: there is no run nobody\nnext: `skein ps` lists the runs of this store.\n',
      });
    }
  });

  test('a signal that nobody waits for is kept, and that is said', async () => {
    await skein('run', 'wait', '--id', 'waiting', '--detach');
    expect((await skein('signal', 'waiting', 'gone')).out).toContain("no step waits for 'gone' now, and it is kept");
  });
});

test('after kill -9 of the worker show and ps tell the same, and what comes next', async () => {
  project.env['LOOK_MS'] = '60000';
  const going = project.begin('run', 'look', '--id', 'orphan', '--input', '["geese"]');
  await going.until('busy just now');
  project.env['LOOK_MS'] = undefined;
  const stateInPs = async () =>
    (await skein('ps', '--json'))
      .json<{ runs: { run: string; state: string }[] }>()
      .runs.find((row) => row.run === 'orphan')!.state;
  const stateInShow = async () => (await skein('show', 'orphan', '--json')).json<{ state: string }>().state;
  expect([await stateInPs(), await stateInShow()]).toEqual(['working', 'working']);
  going.child.kill('SIGKILL');
  await going.ended;
  expect([await stateInPs(), await stateInShow()]).toEqual(['no worker', 'no worker']);
  const { out } = await skein('show', 'orphan');
  expect(out).toMatch(/^look@1 {2}orphan +no worker · /);
  expect(out).toContain('1 left open');
  expect(out).toContain('next   it goes on with the next `skein up`');
}, 30_000);

test('what is piped is not cut', async () => {
  const long = 'goose '.repeat(40).trim();
  const input = JSON.stringify([long]);
  const run = await project.begin('run', 'look', '--id', 'long', '--input', input).ended;
  const whole = long.toUpperCase();
  expect(run.out).toContain(`✓ completed  ["${whole}"]`);
  for (const command of ['journal', 'tail', 'show']) {
    const { out } = await project.begin(command, 'long').ended;
    expect(out).toContain(command === 'tail' ? `topics/${long}/look` : whole);
    expect(out).not.toContain('…');
  }
  expect((await project.begin('tail', '--no-follow').ended).out).toContain(whole);
  expect((await project.begin('ps').ended).out).not.toContain('…');
}, 60_000);

test('check tells all kinds of mistakes in one go', async () => {
  const files = {
    'all.config.yaml':
      "stoer: x.db\nworkflows: [nothere.ts, all.yaml, broken.ts]\nagents: [agents.ts, { name: m, llm: 'a/b', skils: [] }]\n",
    'all.yaml': 'name: all\nsteps:\n  a: { aks: do }\n  b: { ask: look, after: [c] }\n',
    'broken.ts': 'export const x = ;\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project.folder, name), text);
  const { code, out } = await skein('check', '--config', 'all.config.yaml');
  expect(code).toBe(1);
  for (const part of [
    "stoer: nothing is called so here (did you mean 'store'?)",
    'there is no file',
    'broken.ts cannot be loaded',
    "'skils' is no word here (did you mean 'skills'?)",
    "'aks' is no word here (did you mean 'ask'?)",
    "there is no step 'c'",
    '6 mistakes',
  ])
    expect(out).toContain(part);
  const told = (await skein('check', '--config', 'all.config.yaml', '--json')).json<{
    mistakes: unknown[];
    wrong: number;
  }>();
  expect(told.wrong).toBe(6);
  for (const mistake of told.mistakes)
    expect(mistake).toMatchObject({ next: expect.any(String), code: expect.any(String) });
});

test('a site that is killed while a run is followed: that is said within seconds, and so is that one is back', async () => {
  // However long the others take to start, the step is open when the site dies.
  project.env['LOOK_MS'] = '120000';
  const up = project.begin('up', '--json');
  await up.until('"up"');
  const run = project.begin('run', 'look', '--id', 'left-alone', '--input', '["geese"]');
  await run.until('busy just now');
  const tail = project.begin('tail', 'left-alone');
  await tail.until('busy just now');
  up.child.kill('SIGKILL');
  await up.ended;
  for (const { err } of [run, tail])
    await expect.poll(err, { timeout: 20_000 }).toContain('no worker is up: it goes on at the next `skein up`');
  // Longer than it takes to look twice who is there.
  project.env['LOOK_MS'] = '6000';
  const again = project.begin('up', '--json');
  await expect.poll(run.err, { timeout: 20_000 }).toContain('a worker is up again');
  expect((await run.ended).code).toBe(0);
  await tail.ended;
  again.child.kill('SIGTERM');
  await again.ended;
  project.env['LOOK_MS'] = undefined;
}, 120_000);
