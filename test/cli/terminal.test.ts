// Sessions at a real terminal (a pty), recorded as the text that stands on it: progress, Ctrl-C, faults.
import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { going, MAIN, makeProject, type Project } from './project.ts';
import { screenOf } from './screen.ts';

const COLUMNS = 80;
/** util-linux; other systems have another `script`. */
const hasPty = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

let project: Project;
beforeAll(() => {
  project = makeProject();
});
afterAll(() => project.close());

function atTerminal(command: string, environment: Record<string, string> = {}) {
  const line = `stty cols ${COLUMNS} rows 24; exec "${process.execPath}" --no-warnings "${MAIN}" ${command}`;
  const env = { ...project.env, TERM: 'xterm', ...environment };
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: project.folder, env });
  return { ...going(child), press: (keys: string) => child.stdin.write(keys) };
}

const CTRL_C = '\u0003';

/** What stands there, times left out, and the echo of Ctrl-C. */
const shown = (text: string): string[] =>
  screenOf(text.replaceAll('^C', ''), COLUMNS)
    .map((line) =>
      line
        .replaceAll(/ +[\d.]+ (ms|s)$/g, ' T')
        .replaceAll(/(·) [\d.]+ (ms|s)$/g, '$1 T')
        .trimEnd(),
    )
    .join('\n')
    .trim()
    .split('\n');

describe.skipIf(!hasPty)('at a terminal', () => {
  test('a run is drawn anew in place, and what is left stays readable', async () => {
    const { ended } = atTerminal(`run look --id drawn --input '["geese","knots"]'`, { LOOK_MS: '250' });
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(out.split('look@1').length).toBeGreaterThan(3);
    expect(shown(out)).toEqual([
      expect.stringMatching(/^look@1 {2}drawn +completed · T$/),
      ' ✓ topics        2 of 2 T',
      '   ✓ geese/look  up ✗  up  healed: retry T',
      '   ✓ knots/look  up ✗  up  healed: retry T',
      ' 3 settled · 2 healed',
      '',
      '[',
      '  "GEESE",',
      '  "KNOTS"',
      ']',
    ]);
  });

  test('Ctrl-C leaves the run, says where it goes on, and it does', async () => {
    const { until, press, ended } = atTerminal('run pay --id left --input 3');
    await until('waits for a person');
    press(CTRL_C);
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(shown(out)).toEqual([
      expect.stringMatching(/^pay@1 {2}left +running · T$/),
      ' ? allow     waits for a person T',
      '   skein approve left allow',
      ' 0 settled · 1 for a person',
      ' Ctrl-C leaves it',
      'left left. Nobody works on it now. It goes on with: skein run pay --id left',
      'follow it: skein tail left',
    ]);
    expect((await project.skein('approve', 'left')).code).toBe(0);
    const again = await project.skein('run', 'pay', '--id', 'left', '--json');
    expect(again.json()).toMatchObject({ outcome: 'completed', output: 'paid 3' });
  });

  test('Ctrl-C while agents work: their answers are waited for, and kept', async () => {
    const { until, press, ended } = atTerminal(`run look --id busy --input '["geese"]'`, { LOOK_MS: '1500' });
    // The second call: the first one fails at once, and a worker that stops begins none.
    await until('up ✗  up …');
    press(CTRL_C);
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(out).toContain('waiting for the calls that are out');
    const { steps } = (await project.skein('show', 'busy', '--json')).json<{
      steps: { step: string; output: unknown }[];
    }>();
    expect(steps.find(({ step }) => step === 'topics/geese/look')).toMatchObject({ output: 'GEESE' });
  });

  test('Ctrl-C where a site is up: the run goes on there', async () => {
    const up = project.begin('up', '--json');
    await up.until('"up"');
    const { until, press, ended } = atTerminal('run wait --id far');
    await until('Ctrl-C leaves it');
    press(CTRL_C);
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(shown(out).slice(-2)).toEqual(['left far. It goes on at the site.', 'follow it: skein tail far']);
    await project.skein('signal', 'far', 'go', '--data', '1');
    expect((await project.skein('tail', 'far')).out).toMatch(/✓ completed {2}1\n$/);
    up.child.kill('SIGTERM');
    expect((await up.ended).code).toBe(0);
  }, 30_000);

  test('Ctrl-C leaves a tail, and says how to follow again', async () => {
    await project.skein('run', 'wait', '--id', 'tailed', '--detach');
    const { until, press, ended } = atTerminal('tail tailed');
    await until('Ctrl-C leaves it');
    press(CTRL_C);
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(shown(out).at(-1)).toBe('left tailed; follow it again: skein tail tailed');
  });

  test('colour where it is wanted, none with NO_COLOR', async () => {
    const { out } = await atTerminal('ps', { NO_COLOR: '' }).ended;
    // oxlint-disable-next-line no-control-regex
    expect(out).toMatch(/\u001b\[\d+m/);
    // oxlint-disable-next-line no-control-regex
    expect((await atTerminal('ps').ended).out).not.toMatch(/\u001b\[\d+m/);
  });

  test('a fault: what, and what to do', async () => {
    const { code, out } = await atTerminal('show nobody').ended;
    expect(code).toBe(4);
    expect(shown(out)).toEqual(['not-found: there is no run nobody', 'next: `skein ps` lists the runs of this store.']);
  });
});
