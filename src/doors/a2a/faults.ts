/** Faults in A2A's words: one table for all three bindings. */
import { type Fault, faultTable, toFault } from '../../base/index.ts';
import type { A2aLibrary } from './library.ts';

export type ToA2aError = (thrown: unknown) => Error;

export function createToA2aError({ errors }: A2aLibrary, onTrouble: (thrown: unknown) => void): ToA2aError {
  return (thrown) => {
    if (thrown instanceof errors.A2AError) return thrown;
    const fault = toFault(thrown, 'internal');
    const options = { message: `${fault.message}. ${faultTable[fault.code].todo}`, metadata: { code: fault.code } };
    switch (fault.code) {
      case 'not-found':
      case 'workflow.unknown':
        return new errors.TaskNotFoundError(options);
      case 'input.invalid':
      case 'input.not-json':
      case 'input.too-large':
      case 'address.refused':
        return new errors.RequestMalformedError(options);
      case 'rights.missing':
      case 'conflict':
      case 'payload.erased':
        return new errors.UnsupportedOperationError(options);
      case 'internal':
        // What an unforeseen error says may hold anything: it is for the site's own log.
        onTrouble(thrown);
        return new Error('something unforeseen went wrong');
      default:
        return wordsOf(fault);
    }
  };
}

function wordsOf(fault: Fault): Error {
  return new Error(`${fault.code}: ${fault.message}. ${faultTable[fault.code].todo}`);
}
