import { describe, expect, test } from 'vitest';
import { edits } from '../lab/edits/index.ts';
import { type Deaths, type Edit, play } from '../lab/trial/index.ts';

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

describe('code edited, and a crash at every append', () => {
  test.each(edits.map((edit) => [edit.name, edit] as const))('%s', async (_name, edit) => {
    const { commits } = await play(edit);
    expect(commits.v1).toBeGreaterThan(0);
    const patient: Edit = { ...edit, drift: edit.drift ?? 'redo' };
    for (const when of ['before', 'after'] as const) {
      for (let commit = 1; commit <= commits.v1; commit++) await crashed(patient, { v1: { commit, when } });
      for (let commit = 1; commit <= commits.v2; commit++) await crashed(patient, { v2: { commit, when } });
    }
  });
});

async function crashed(edit: Edit, deaths: Deaths): Promise<void> {
  const played = await play(edit, deaths);
  expect({ deaths, ended: played.ended }).toEqual({ deaths, ended: true });
  if (edit.output !== undefined) expect([edit.output, ...(edit.orOutputs ?? [])]).toContainEqual(played.state.output);
  for (const [key, times] of played.world.worked)
    if (/pay|book|mail|shout/.test(key)) expect({ deaths, key, times }).toEqual({ deaths, key, times: 1 });
  expect(played.trial.troubles).toEqual([]);
}
