import { expect, test } from 'vitest';
import { testTerminal } from './fixtures/terminal.ts';
import { unlessStopped, untilStopped } from './stopping.ts';

test('the first Ctrl-C is a wish, the second ends the process with 130', () => {
  const terminal = testTerminal();
  const exits: number[] = [];
  using stopping = untilStopped(terminal, (code) => exits.push(code));
  terminal.stop();
  expect([stopping.asked, exits]).toEqual([true, []]);
  terminal.stop();
  expect(exits).toEqual([130]);
});

test('what fails by itself still fails; what fails for being stopped does not', async () => {
  const terminal = testTerminal();
  using stopping = untilStopped(terminal, () => {});
  const failing = () => Promise.reject(new Error('its own'));
  await expect(unlessStopped(stopping, failing)).rejects.toThrow('its own');
  terminal.stop('SIGTERM');
  expect(await unlessStopped(stopping, failing)).toBe(false);
});
