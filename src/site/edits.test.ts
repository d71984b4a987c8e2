import { describe, expect, test } from 'vitest';
import { edits } from '../lab/edits/index.ts';
import { type Edit, play } from '../lab/trial/index.ts';

describe('code edited with a run in flight', () => {
  test.each(edits.map((edit) => [edit.name, edit] as const))('%s', async (_name, edit) => {
    const played = await play(edit);
    expect(played.ended).toBe(true);
    if (edit.again !== undefined) expect(played.again.toSorted()).toEqual(edit.again.toSorted());
    if (edit.output !== undefined) {
      expect(played.state.fault).toBeUndefined();
      expect(played.state.output).toEqual(edit.output);
    }
    expect(played.trial.troubles).toEqual([]);
    await edit.check?.(played);
  });
});

describe('code edited after a crash at every append', () => {
  test.each(edits.map((edit) => [edit.name, edit] as const))('%s', async (_name, edit) => {
    const { commits } = await play(edit);
    expect(commits).toBeGreaterThan(0);
    for (let commit = 1; commit <= commits; commit++)
      for (const when of ['before', 'after'] as const)
        await crashed({ ...edit, drift: edit.drift ?? 'redo' }, commit, when);
  });
});

async function crashed(edit: Edit, commit: number, when: 'before' | 'after'): Promise<void> {
  const at = { commit, when };
  const played = await play(edit, at);
  expect({ at, ended: played.ended }).toEqual({ at, ended: true });
  if (edit.output !== undefined) expect([edit.output, ...(edit.orOutputs ?? [])]).toContainEqual(played.state.output);
  for (const [key, times] of played.world.worked)
    if (/pay|book|mail|shout/.test(key)) expect({ at, key, times }).toEqual({ at, key, times: 1 });
  expect(played.trial.troubles).toEqual([]);
}
