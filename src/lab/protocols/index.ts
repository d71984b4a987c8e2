/**
 * Protocols that others propose, with the same face as the core's: usable on a step once they are added, and measured
 * beside the core (`skein lab swarm`). None of them is recommended: none has won a bench here.
 */
import { addProtocol, type Protocol } from '../../flow/index.ts';
import { confidence } from './confidence.ts';
import { deliberation } from './deliberate.ts';
import { functional } from './functional.ts';
import { perceptual } from './perceptual.ts';
import { roundtable } from './roundtable.ts';
import { selforg } from './selforg.ts';

export { inputsOf, readOutputs } from './functional.ts';
export { openRunner, type RunnerOptions } from './runner.ts';

export const labProtocols: readonly Protocol[] = [
  roundtable,
  deliberation,
  selforg,
  confidence,
  functional,
  perceptual,
] as Protocol[];

/** Before runs that name them are worked or replayed. Again does nothing. */
export function addLabProtocols(): void {
  for (const protocol of labProtocols) addProtocol(protocol);
}
