// Every command from outside, on a real store, with the site down unless it says otherwise.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeProject, type Project } from './project.ts';

let project: Project;
let skein: Project['skein'];
beforeAll(async () => {
  project = makeProject();
  ({ skein } = project);
  // Runs that the readers below look at.
  expect((await skein('run', 'look', '--id', 'looked', '--input', '["geese","knots"]')).code).toBe(0);
  expect((await skein('run', 'pay', '--id', 'gated', '--input', '7', '--detach')).code).toBe(0);
});
afterAll(() => project.close());

describe('run', () => {
  test('line by line where it is piped, then the output', async () => {
    const { code, out } = await skein('run', 'look', '--input', '["geese"]', '--id', 'piped');
    expect(code).toBe(0);
    expect(
      out
        .replaceAll(/^ *[\d.]+ s/gm, '')
        .replaceAll(/\d+ ms/g, 'N ms')
        .split('\n'),
    ).toEqual([
      '  ▸ look@1  piped',
      '  ✗ topics/geese/look  up: busy just now',
      '  ↷ topics/geese/look  healed: retry, 2 tries, N ms',
      '  ✓ topics/geese/look  up  N ms',
      '  ✓ topics  1 of 1  N ms',
      '  ✓ completed  ["GEESE"]',
      '',
      '[',
      '  "GEESE"',
      ']',
      '',
    ]);
  });

  test('one JSON with --json; a plan in a file; input from a file', async () => {
    writeFileSync(join(project.folder, 'input.json'), '"knots"');
    const said = await skein('run', 'plan.yaml', '--input', '@input.json', '--json', '--id', 'from-file');
    expect(said.json()).toMatchObject({ run: 'from-file', outcome: 'completed', output: 'KNOTS' });
  });

  test('the same id is the same run', async () => {
    const said = await skein('run', 'look', '--input', '["other"]', '--id', 'looked', '--json');
    expect(said.json()).toMatchObject({ output: ['GEESE', 'KNOTS'] });
  });

  test('a run that fails ends with 1 and says what to look at', async () => {
    const { code, out } = await skein('run', 'plan.yaml', '--id', 'failing', '--input', '7');
    expect(code).toBe(1);
    expect(out).toMatch(/✗ failed .*\n\n[a-z.-]+: .*\nnext: .*\nskein show failing\n$/);
  });

  test('wrong words', async () => {
    expect(await skein('run', 'nothing')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^workflow.unknown: .*look@1, /),
    });
    const several = await skein('run', 'flows.ts');
    expect(several.err).toContain('next: Name one: flows.ts#look, flows.ts#pay, flows.ts#wait');
    expect(await skein('run', 'look', '--input', '{')).toMatchObject({
      code: 2,
      err: expect.stringContaining('input.not-json'),
    });
    expect(await skein('run', 'look', '--input', '@none')).toMatchObject({ code: 4 });
    expect(await skein('run', 'none.yaml')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/there is no file .*none\.yaml/),
    });
    expect(await skein('run', 'look', '--deadline', 'soon')).toMatchObject({ code: 2 });
    expect(await skein('rum')).toMatchObject({ code: 2, err: expect.stringContaining('(Did you mean run?)') });
  });
});

describe('reading, with the site down', () => {
  test('ps', async () => {
    const { out, code } = await skein('ps', '--workflow', 'look');
    expect(code).toBe(0);
    expect(out).toMatch(/^RUN +STATE +WORKFLOW +AGE +EVENTS\n/);
    expect(out).toMatch(/^looked +completed +look@1 .* \d+$/m);
    const page = (await skein('ps', '--json', '--limit', '1')).json<{ runs: unknown[]; next: string }>();
    expect(page.runs).toHaveLength(1);
    expect((await skein('ps', '--json', '--limit', '1', '--after', page.next)).json()).not.toEqual(page);
    expect((await skein('ps', '--status', 'odd')).code).toBe(2);
  });

  test('show: the graph, a step, what waits', async () => {
    const { out } = await skein('show', 'looked');
    expect(out).toMatch(/^look@1 {2}looked +completed · /);
    expect(out).toMatch(/^ {3}✓ geese\/look +up ✗ {2}up {2}healed: retry +\d+ ms$/m);
    expect(out).toMatch(/^ output {2}\["GEESE","KNOTS"\]$/m);
    expect((await skein('show', 'looked', '--json')).json()).toMatchObject({
      run: 'looked',
      outcome: 'completed',
      gates: [],
    });
    const step = (await skein('show', 'looked', 'topics/geese/look')).out;
    expect(step).toMatch(/✗ up .* busy just now\n {2}✓ up .* GEESE\noutput\n {2}GEESE/);
    expect(await skein('show', 'looked', 'geese')).toMatchObject({
      code: 4,
      err: expect.stringContaining('Did you mean topics/geese/look?'),
    });
    expect(await skein('show', 'none')).toMatchObject({ code: 4, err: expect.stringContaining('`skein ps` lists') });
  });

  test('tail and journal', async () => {
    expect((await skein('tail', 'looked')).out).toMatch(/▸ look@1 {2}looked\n[^]*✓ completed/);
    const lines = (await skein('tail', 'looked', '--json', '--after', '20')).out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_line, i) => 21 + i));
    const journal = (
      await skein('journal', 'looked', '--type', 'attempt', '--step', 'topics/geese', '--json')
    ).out.trim();
    expect(journal.split('\n').map((line) => JSON.parse(line))).toMatchObject([
      { type: 'attempt.begun', agent: 'up' },
      { type: 'attempt.ended', fault: { code: 'agent.busy' } },
      { type: 'attempt.begun', agent: 'up' },
      { type: 'attempt.ended', data: 'GEESE' },
    ]);
    expect((await skein('journal', 'looked', '--limit', '2')).out.split('\n')).toHaveLength(3);
    expect((await skein('tail', 'gated', '--no-follow')).out).toContain('▸ pay@1');
  });

  test('tail of the whole site: lines that say whose they are, every event with --json, from any place on', async () => {
    const told = await skein('tail', '--no-follow', '--workflow', 'look');
    expect(told.code).toBe(0);
    const ofLooked = told.out.split('\n').filter((line) => /^\d\d:\d\d:\d\d {2}looked /.test(line));
    expect(ofLooked[0]).toMatch(/looked +▸ look@1$/);
    expect(ofLooked.at(-1)).toMatch(/looked +✓ completed {2}\["GEESE","KNOTS"\]$/);
    expect(told.out).not.toContain('gated');
    expect(Math.max(...told.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const lines = (await skein('tail', '--json', '--no-follow')).out.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { id: string; run: string; seq: number });
    const looked = events.filter(({ run }) => run === 'looked');
    expect(looked.map(({ seq }) => seq)).toEqual(looked.map((_event, i) => i));
    const rest = await skein('tail', '--json', '--no-follow', '--after', events[7]!.id);
    expect(rest.out.trim().split('\n')).toEqual(lines.slice(8));
    // In the middle of a run its lines still know what was before.
    const middle = await skein('tail', '--no-follow', '--after', looked.at(-6)!.id);
    expect(middle.out).toMatch(/looked +✓ topics {2}2 of 2/);
    expect(await skein('tail', '--no-follow', '--after', 'soon')).toMatchObject({ code: 2 });
    expect(await skein('tail', 'looked', '--after', 'soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('skein journal RUN'),
    });
    expect(await skein('tail', '--no-follow', '--after', '0-9999999')).toMatchObject({ code: 5 });
  });

  test('verify, replay, diff', async () => {
    expect((await skein('verify', 'looked')).out).toMatch(/^✓ looked: \d+ events, as they were written\n$/);
    expect((await skein('replay', 'looked')).out).toMatch(/^✓ looked: \d+ turns, \d+ events decided again, equal\n$/);
    expect(await skein('diff', 'looked', 'looked')).toMatchObject({ code: 0, out: 'looked and looked are equal\n' });
    const differs = await skein('diff', 'looked', 'gated', '--json');
    expect(differs.code).toBe(1);
    expect(differs.json()).toMatchObject({ equal: false });
  });

  test('a store that is not there is not made', async () => {
    const said = await skein('ps', '--store', 'nowhere/site.db');
    expect(said).toMatchObject({ code: 4, err: expect.stringContaining('next: Start a run with `skein run`') });
    expect(existsSync(join(project.folder, 'nowhere'))).toBe(false);
    writeFileSync(join(project.folder, 'odd.db'), 'this is no database, and never was one');
    expect(await skein('ps', '--store', 'odd.db', '--json')).toMatchObject({ code: 6, out: '' });
  });

  test('a journal that was changed is found', async () => {
    const copy = join(project.folder, 'copy.db');
    expect((await skein('backup', 'copy.db')).code).toBe(0);
    const db = new DatabaseSync(copy);
    const [table] = db.prepare("select name from sqlite_master where type='table' and sql like '%header%'").all();
    db.exec(`update ${String(table!['name'])} set header = replace(header, '"up"', '"pu"')`);
    db.close();
    const said = await skein('verify', 'looked', '--store', 'copy.db');
    expect(said).toMatchObject({ code: 1, out: expect.stringMatching(/✗ looked: .*\n {2}at \d+ {2}header: /) });
    expect((await skein('replay', 'looked', '--store', 'copy.db')).code).toBe(6);
  });
});

describe('acting, with the site down', () => {
  test('approve with another value, heard at the next run', async () => {
    const word = await skein('approve', 'gated', '--edit', '12', '--by', 'rosa', '--reason', 'less');
    const heard = 'it will be heard at the next `skein up`, or by `skein run pay --id gated`';
    expect(word).toMatchObject({ code: 0, out: expect.stringContaining(heard) });
    expect((await skein('run', 'pay', '--id', 'gated', '--json')).json()).toMatchObject({ output: 'paid 12' });
    const answer = (await skein('journal', 'gated', '--type', 'gate.answered', '--json')).json();
    expect(answer).toMatchObject({ choice: 'edit', by: { id: 'rosa' }, reason: 'less' });
    expect(await skein('approve', 'gated')).toMatchObject({
      code: 5,
      err: expect.stringContaining('waits for no answer now'),
    });
  });

  test('deny', async () => {
    await skein('run', 'pay', '--id', 'denied', '--input', '7', '--detach');
    // Nobody has worked on it yet: there is no gate to answer.
    expect((await skein('deny', 'denied')).code).toBe(5);
    const going = project.begin('run', 'pay', '--id', 'denied');
    await going.until('waits for a person');
    expect((await skein('deny', 'denied', 'allow', '--reason', 'no')).out).toContain(
      'a `skein run` at this store hears it now',
    );
    const { code, out } = await going.ended;
    expect(code).toBe(1);
    expect(out).toContain('gate.denied');
  });

  test('signal', async () => {
    await skein('run', 'wait', '--id', 'waiting', '--detach');
    expect((await skein('signal', 'waiting', 'go', '--data', '{"n":1}', '--id', 's1')).code).toBe(0);
    expect((await skein('run', 'wait', '--id', 'waiting', '--json')).json()).toMatchObject({ output: { n: 1 } });
    expect(await skein('signal', 'waiting', 'go')).toMatchObject({
      code: 5,
      err: expect.stringContaining('hears no signal'),
    });
  });

  test('cancel', async () => {
    await skein('run', 'wait', '--id', 'unwanted', '--detach');
    expect((await skein('cancel', 'unwanted', '--reason', 'by mistake', '--json')).json()).toMatchObject({
      cancelling: true,
    });
    expect(await skein('run', 'wait', '--id', 'unwanted', '--json')).toMatchObject({ code: 1 });
    expect((await skein('show', 'unwanted', '--json')).json()).toMatchObject({ outcome: 'cancelled' });
    expect((await skein('cancel', 'unwanted')).code).toBe(5);
  });

  test('fork', async () => {
    const forked = (await skein('fork', 'looked', '--redo', 'topics', '--id', 'again', '--json')).json<{
      next: string;
    }>();
    expect(forked).toMatchObject({ run: 'again', forkOf: 'looked', next: 'skein run look --id again' });
    expect((await skein('run', 'look', '--id', 'again', '--json')).json()).toMatchObject({
      output: ['GEESE', 'KNOTS'],
    });
    expect((await skein('diff', 'looked', 'again')).out).toContain('forkOf: - | {"run":"looked"');
    expect((await skein('fork', 'looked', '--agent', 'wrong')).code).toBe(2);
  });
});

test('agents', async () => {
  expect((await skein('agents')).out).toBe(
    'AGENT  SKILL  EFFECT             PRICE\n' +
      'up     look   pure               free\n' +
      'up     pay    idempotent, keyed  0.5 money\n',
  );
  expect((await skein('agents', '--skill', 'pay', '--json')).json()).toMatchObject({
    agents: [{ agent: 'up', name: 'pay' }],
  });
});

test('backup and restore', async () => {
  await skein('run', 'wait', '--id', 'kept', '--detach');
  const made = (await skein('backup', 'backups.db', '--json')).json<{ bytes: number }>();
  expect(made.bytes).toBeGreaterThan(1_000);
  expect(await skein('backup', 'backups.db')).toMatchObject({
    code: 5,
    err: expect.stringContaining('is there already'),
  });
  await skein('cancel', 'kept');
  await skein('run', 'wait', '--id', 'kept', '--json');
  const put = (await skein('restore', 'backups.db', '--json')).json<{ runs: string[]; kept: string }>();
  expect(put.runs).toContain('kept');
  expect(readdirSync(join(project.folder, '.skein')).some((name) => name.includes('before-restore'))).toBe(true);
  expect((await skein('show', 'kept', '--json')).json()).not.toHaveProperty('outcome');
  await skein('signal', 'kept', 'go', '--data', '1');
  expect((await skein('run', 'wait', '--id', 'kept', '--json')).json()).toMatchObject({
    outcome: 'completed',
    output: 1,
  });
});

test('a file that is no backup changes nothing; a damaged store is put aside for one', async () => {
  await skein('run', 'wait', '--id', 'stays', '--detach');
  expect((await skein('backup', 'good.db')).code).toBe(0);
  const said = await skein('restore', 'plan.yaml');
  expect(said).toMatchObject({ code: 6, err: expect.stringContaining('next: Nothing was changed.') });
  expect((await skein('show', 'stays')).code).toBe(0);
  const store = join(project.folder, '.skein/site.db');
  writeFileSync(store, 'this is no database any more, and was one before it was damaged');
  expect((await skein('show', 'stays')).err).toContain('skein restore BACKUP');
  expect((await skein('restore', 'good.db')).code).toBe(0);
  expect((await skein('show', 'stays')).code).toBe(0);
  await skein('cancel', 'stays');
});

test('up works what is started beside it, serves HTTP, and drains at SIGTERM', async () => {
  const other = "import { workflow } from 'SKEIN';\nexport default { workflows: [workflow('stranger', () => 1)] };\n";
  writeFileSync(
    join(project.folder, 'other.config.ts'),
    other.replace('SKEIN', join(import.meta.dirname, '../../src/index.ts')),
  );
  expect((await skein('backup', 'for-up.db')).code).toBe(0);
  const up = project.begin('up', '--json');
  await up.until('"up"');
  expect(await skein('restore', 'for-up.db')).toMatchObject({
    code: 5,
    err: expect.stringContaining('Stop the site first'),
  });
  const said = await skein('run', 'look', '--input', '["up"]', '--json', '--id', 'at-the-site');
  expect(said.json()).toMatchObject({ output: ['UP'] });
  const claims = (await skein('journal', 'at-the-site', '--type', 'run.claimed', '--json')).json<{ worker: string }>();
  expect(claims.worker).not.toMatch(/^run_/);
  await skein('run', 'wait', '--id', 'held', '--detach');
  expect((await skein('signal', 'held', 'go')).out).toContain('the site is up and hears it now');
  expect((await skein('tail', 'held')).out).toContain('completed');
  // One that the site does not know: nobody takes it, and that is said.
  const lonely = project.begin('run', 'stranger', '--config', 'other.config.ts', '--id', 'lonely');
  await expect.poll(() => lonely.err(), { timeout: 15_000 }).toContain('no worker has taken it yet');
  lonely.child.kill('SIGINT');
  expect((await lonely.ended).code).toBe(130);
  up.child.kill('SIGTERM');
  const { code, out, err } = await up.ended;
  expect(code).toBe(0);
  expect(err).toContain('stopped');
  const facts = (JSON.parse(out) as { up: { http: string; tokens: string } }).up;
  expect(facts.http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(existsSync(facts.tokens)).toBe(true);
}, 60_000);

test('tail of the whole site follows until Ctrl-C, and says where to go on', async () => {
  const tail = project.begin('tail', '--after', 'start');
  await tail.until('looked');
  expect((await skein('run', 'look', '--input', '["tailed"]', '--id', 'tailed')).code).toBe(0);
  await tail.until('✓ completed  ["TAILED"]');
  tail.child.kill('SIGINT');
  const { code, err } = await tail.ended;
  expect(code).toBe(130);
  const [, after] = /skein tail --after (\S+)/.exec(err)!;
  expect((await skein('tail', '--no-follow', '--after', after!)).out).toBe('');
}, 60_000);

test('a command of the laboratory that finds something broken has a failing exit code, as a process', async () => {
  const { ended } = project.begin('lab', 'teeth', '--only', 'no such bug');
  const { code, out } = await ended;
  expect(out).toContain('0 planted');
  expect(code).toBe(1);
});
