import { Fault } from '../../base/index.ts';
import type { Append } from './port.ts';

/** Refuses a group that no store may begin to write (a mistake of the caller's, not a lost race). */
export function checkGroup(appends: readonly Append[]): void {
  for (const { stream, record, expectedHead, create } of appends) {
    if (record !== undefined && record.seq !== expectedHead) {
      throw new Fault(
        'input.invalid',
        `an append to ${stream} expects head ${expectedHead}, but its record begins at ${record.seq}`,
      );
    }
    if (create !== undefined && expectedHead !== 0) {
      throw new Fault('input.invalid', `an append that makes ${stream} must expect head 0, not ${expectedHead}`);
    }
  }
}
