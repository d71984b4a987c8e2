/** What an audit may find in a stream. */

export type FindingKind =
  /** The stream, or all of it, is not there. */
  | 'missing'
  /** Records do not follow one another: some are gone, doubled or in another order. */
  | 'gap'
  /** A header was changed after it was written (or its hash was). */
  | 'header'
  /** What stands beside the header (seq, count, epoch) says other than the header. */
  | 'columns'
  /** A text that cannot be read. */
  | 'unreadable'
  /** A payload is not the one that its header promises. */
  | 'payload'
  /** A payload is gone and no `payload.erased` says so. */
  | 'payload-gone'
  /** A `payload.erased` says it is gone, and it is there. */
  | 'payload-left'
  /** The stream's row says another head or a lower epoch than its records. */
  | 'head'
  /** The journal is shorter than a signed head says. */
  | 'truncated'
  /** The journal is another than the one that the signed head was made of. */
  | 'rewritten'
  /** A signature that does not hold. */
  | 'signature'
  /** The checkpoint is not what was signed, or does not fit the records after it. */
  | 'checkpoint'
  /** The snapshot is not the state that the checkpoint was signed with. */
  | 'snapshot';

export interface Finding {
  kind: FindingKind;
  /** The event at or near which it is. */
  seq: number;
  detail: string;
}

/** An audit stops looking after so many. */
export const MAX_FINDINGS = 1000;
