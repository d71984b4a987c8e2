/** What code lets fall harms no process; a stray of somebody else's still does. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const face = pathToFileURL(join(import.meta.dirname, '..', 'index.ts')).href;

function runScript(body: string): { code: number | null; out: string; err: string } {
  const folder = mkdtempSync(join(tmpdir(), 'skein-stray-'));
  const file = join(folder, 'script.ts');
  writeFileSync(file, `import { functionAgent, openSite, workflow } from '${face}';\n${body}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 15_000 });
  rmSync(folder, { recursive: true, force: true });
  return { code: status, out: stdout.trim(), err: stderr };
}

const site = `
const agent = functionAgent('bad', { skills: { bad: () => { throw new Error('bad'); }, drop: async () => {
  void Promise.reject(new Error('let fall by an agent'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  return 'dropped';
} } });
const told: string[] = [];
const open = (flow: any) => openSite({ workflows: [flow], agents: [agent], onTrouble: (run, fault) => void told.push(fault?.message ?? '') });
`;

test('asks nobody awaits, helpers nobody awaits, agents that let things fall', () => {
  const { code, out, err } = runScript(`${site}
const flow = workflow('careless', async (run) => {
  void run.ask('bad', 1);
  void run.any('none', { x: (r) => r.ask('bad') });
  const helper = async () => { await run.ask('bad', 2, { key: 2 }); };
  const first = helper();
  run.ask('bad', 3, { key: 3 }).then(() => 'never');
  await run.all('j', { x: async (r) => { void r.ask('bad', 4).then(() => 1); await r.wait('w', { ms: 20 }); } });
  const dropped = await run.ask('drop');
  return [dropped, await first.catch(() => 'caught late')];
});
const running = await open(flow);
const handle = await running.start(flow);
console.log(JSON.stringify(await handle.output()), told.includes('let fall by an agent'));
await running.stop();
`);
  expect(err).toBe('');
  expect({ code, out }).toEqual({ code: 0, out: '["dropped","caught late"] true' });
});

test('a rejection that is no run of ours ends the process, as it would without us', () => {
  const { code, err } = runScript(`${site}
const running = await open(workflow('w', (run) => run.wait('w', { ms: 5_000 })));
void Promise.reject(new Error('of somebody else'));
await new Promise((resolve) => setTimeout(resolve, 2_000));
`);
  expect(code).not.toBe(0);
  expect(err).toContain('of somebody else');
});
