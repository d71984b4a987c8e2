/** What a site signs of its journals: heads, to be kept elsewhere, and the checkpoints that compaction leaves. */
import { canonicalJson, Fault, hashText } from '../../base/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { isSignedBy, type SiteKey } from './key.ts';

interface Signature {
  /** Wall time in ms. */
  at: number;
  key: string;
  sig: string;
}

/** "This stream had so many events, and this hash." Kept elsewhere, it shows a later truncation. */
export interface SignedHead extends Signature {
  what: 'head';
  stream: string;
  seq: number;
  hash: string;
}

/** What stands for the records that compaction dropped. */
export interface SignedCheckpoint extends Signature {
  what: 'checkpoint';
  stream: string;
  /** Events up to and without this one are summed up. */
  seq: number;
  headHash: string;
  /** Hash of the state's text after them, as the snapshot held it. */
  stateHash: string;
}

type Unsigned<T extends Signature> = Omit<T, 'key' | 'sig'>;

function seal<T extends Signature>(key: SiteKey, body: Unsigned<T>): T {
  const keyed = { ...body, key: key.publicKey };
  return { ...keyed, sig: key.sign(canonicalJson(keyed)) } as unknown as T;
}

/** Whether the one who holds `publicKey` (or the key that it names itself) signed exactly this. */
export function isSealed(signed: SignedHead | SignedCheckpoint, publicKey: string = signed.key): boolean {
  const { sig, ...keyed } = signed;
  return keyed.key === publicKey && typeof sig === 'string' && isSignedBy(publicKey, canonicalJson(keyed), sig);
}

export async function signHead(store: Store, stream: string, key: SiteKey, nowMs: number): Promise<SignedHead> {
  const info = await store.info(stream);
  if (info === null) throw new Fault('not-found', `there is no stream ${stream}`);
  return seal<SignedHead>(key, { what: 'head', stream, seq: info.head, hash: info.hash, at: nowMs });
}

/**
 * Drops the records that the stream's snapshot sums up and leaves a signed checkpoint for them. The
 * snapshot must stand at the end of a record (one that came with an append does).
 */
export async function compactStream(
  store: Store,
  stream: string,
  key: SiteKey,
  nowMs: number,
): Promise<SignedCheckpoint> {
  const snapshot = await store.snapshot(stream);
  if (snapshot === null || snapshot.seq === 0)
    throw new Fault('conflict', `${stream} has no snapshot that could stand for its records`);
  const { seq, state } = snapshot;
  const [last] = await store.read(stream, { from: seq - 1, limit: 1 });
  if (last === undefined || last.seq + last.count !== seq) {
    throw new Fault(
      'conflict',
      `the snapshot of ${stream} stands at event ${seq}, where no record ends or all before is compacted`,
    );
  }
  const signed = seal<SignedCheckpoint>(key, {
    what: 'checkpoint',
    stream,
    seq,
    headHash: last.hash,
    stateHash: hashText(state),
    at: nowMs,
  });
  await store.compact(stream, { seq, hash: last.hash, text: JSON.stringify(signed) });
  return signed;
}

/** A checkpoint's text as signed, or null when it is none. */
export function parseCheckpoint(text: string): SignedCheckpoint | null {
  try {
    const signed = JSON.parse(text) as SignedCheckpoint;
    return signed !== null &&
      typeof signed === 'object' &&
      signed.what === 'checkpoint' &&
      JSON.stringify(signed) === text
      ? signed
      : null;
  } catch {
    return null;
  }
}
