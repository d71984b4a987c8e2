/** The local functions that workflows as data call by name. */
import { digest } from '../skills.ts';

export const simFunctions: Record<string, (input: never) => unknown> = {
  digest: (input) => digest(['code', input]),
  async slowly(input) {
    for (let i = 0; i < 5; i++) await Promise.resolve();
    return digest(['slowly', input]);
  },
};
