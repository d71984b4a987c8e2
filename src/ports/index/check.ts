import { Fault } from '../../base/index.ts';

export function checkDims(dims: number, vector: Float32Array): void {
  if (vector.length !== dims)
    throw new Fault('input.invalid', `a vector of ${vector.length} dimensions was given to an index of ${dims}`);
}
