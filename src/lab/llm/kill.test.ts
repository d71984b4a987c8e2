import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../ports/store/index.ts';
import { replay } from '../../site/replay.ts';
import { listRuns } from '../../site/runs.ts';
import { type Brain, openLlmServer } from './index.ts';

const brain: Brain = ({ messages }) => {
  const results = messages.filter((one) => one.role === 'tool').length;
  if (results === 0) return { calls: [{ name: 'look_up', input: '{"word":"skein"}' }] };
  if (results === 1) return { calls: [{ name: 'note', input: '{"text":"found"}' }] };
  return { text: 'done' };
};

function work(...args: string[]) {
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'fixtures/worker.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  return { child, said: new Promise<string>((done) => child.once('close', () => done(text))) };
}

test(
  'kill -9 in the middle of a turn: what was answered is not asked again, and replays equal',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-llm-kill-'));
    const path = join(folder, 'site.db');
    const ledger = join(folder, 'ledger');
    // The third turn never comes back to the first worker.
    const server = await openLlmServer({ brain, troubles: [undefined, undefined, 'hang'] });
    try {
      const first = work(path, server.url, ledger);
      await expect.poll(() => server.requests.length, { timeout: 30_000 }).toBe(3);
      first.child.kill('SIGKILL');
      await first.said;
      const second = work(path, server.url, ledger);
      expect(JSON.parse(await second.said)).toMatchObject({ outcome: 'completed', output: 'done' });
      // Three turns; only the one that was under way was asked for twice.
      expect(server.requests.length).toBe(4);
      expect(readFileSync(ledger, 'utf8').trim().split('\n')).toHaveLength(1);
      const store = await openStore(path);
      for (const { run } of (await listRuns(store)).runs)
        expect(await replay(store, run)).toMatchObject({ equal: true });
      expect((await listRuns(store)).runs.map((row) => row.workflow).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        'model-turns',
        'say',
      ]);
      await store.close();
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
