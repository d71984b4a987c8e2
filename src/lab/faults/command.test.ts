/** What `skein lab faults` takes. */
import { expect, test } from 'vitest';
import { faultsCommand } from './command.ts';

test.each(['2', '0', '-1', 'often'])('a rate is a share: not %s', async (rate) => {
  const command = faultsCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await expect(command.parseAsync(['--rate', rate], { from: 'user' })).rejects.toThrow(/a share: above 0, at most 1/);
});
