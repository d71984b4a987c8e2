/** A planted bug: what a later change could bring in, and the suite must catch. */
import type { CheckId } from '../sim/finding.ts';
import type { Plant } from '../sim/nodes.ts';

export interface Tooth {
  id: string;
  /** What is wrong, in a sentence. */
  bug: string;
  /** The checks of which at least one should find it: where another does too, it is caught all the same. */
  by: readonly CheckId[];
  /** Fresh for every seed. */
  plant(): Plant;
}
