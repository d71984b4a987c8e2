/** Agents that are kept in the store, as this door reads and changes them. */
import { Fault } from '../../base/index.ts';
import { openExistingStore, openSettingsStore, type Settings } from '../../site/config/index.ts';
import { createSecureChance, realClock } from '../../site/clock.ts';
import { keptAgents, type Saying } from '../../site/registry/index.ts';
import type { Door, SiteWords } from './door.ts';

type Declared = Awaited<ReturnType<typeof keptAgents>>[number]['declaration'];

/** None where there is no store yet. */
export async function keptDeclarations(settings: Settings, door: Door): Promise<Declared[]> {
  try {
    const store = await openExistingStore(settings);
    try {
      const kept = await keptAgents(store, (fault) => door.note(fault.message));
      return kept.map((one) => one.declaration);
    } finally {
      await store.close();
    }
  } catch (thrown) {
    if (thrown instanceof Fault && (thrown.code === 'not-found' || thrown.code === 'input.invalid')) return [];
    throw thrown;
  }
}

/** To say a word about an agent: the store is made where it is not there yet. */
export async function withSaying<T>(door: Door, words: SiteWords, use: (saying: Saying) => Promise<T>): Promise<T> {
  const store = await openSettingsStore(await door.settings(words));
  try {
    return await use({ store, clock: realClock, chance: createSecureChance() });
  } finally {
    await store.close();
  }
}
