/**
 * Audits one stream: is this journal the one that was written?
 *
 * Without any key, an edit, deletion or reorder of records shows in the chain, and a changed payload in
 * its hash. Whoever can write the store can also write the chain anew from the place of an edit on, or
 * cut the end off: that shows only against a head that was signed before and kept elsewhere. Not covered:
 * a stream's listing facts (needs, meta, time of making) and letters, which no chain holds, and a
 * snapshot other than the one that a checkpoint was signed with.
 */
import { Fault, hashText } from '../../base/index.ts';
import { chainNext, chainStart, type EncodedRecord } from '../../model/index.ts';
import type { Store, StreamInfo } from '../../ports/store/index.ts';
import { type Finding, type FindingKind, MAX_FINDINGS } from './findings.ts';
import { checkPayloads, createErasures } from './payloads.ts';
import { isSealed, parseCheckpoint, type SignedHead } from './sign.ts';

export interface VerifyOptions {
  /** A head of this stream that was signed earlier and kept elsewhere. */
  signedHead?: SignedHead;
  /** The site's key; without it a signature is only held against the key that it names. */
  publicKey?: string;
}

const PAGE = 500;

export async function verifyStream(store: Store, stream: string, options: VerifyOptions = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  const find = (kind: FindingKind, seq: number, detail: string): void => {
    if (findings.length < MAX_FINDINGS) findings.push({ kind, seq, detail });
  };
  const { signedHead, publicKey } = options;
  const signed = checkSignedHead(stream, signedHead, publicKey, find);
  const info = await store.info(stream);
  if (info === null) {
    if (signedHead !== undefined) find('missing', 0, 'the stream is not there');
    return findings;
  }
  const base = await checkBase(store, stream, publicKey, find);
  const walk = createWalk(base.seq, base.hash, find);
  // The signed head may stand where compaction cut.
  if (signed?.seq === base.seq && signed.hash !== base.hash)
    find('rewritten', base.seq, 'the hash is not the one that was signed');
  let signedSeen = signed === undefined || signed.seq <= base.seq;
  for (let from = base.seq; ;) {
    const page = await readPage(store, stream, from, find);
    for (const record of page) {
      walk.take(record);
      if (signedSeen || record.seq + record.count < signed!.seq) continue;
      signedSeen = true;
      if (record.seq + record.count !== signed!.seq || record.hash !== signed!.hash)
        find('rewritten', signed!.seq, 'the journal is not the one whose head was signed');
    }
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined || last.seq + last.count <= from) break;
    from = last.seq + last.count;
  }
  walk.end();
  checkHead(info, walk, find);
  if (!signedSeen)
    find('truncated', info.head, `there were ${signed!.seq} events when the head was signed, now ${walk.next}`);
  return findings;
}

type Find = (kind: FindingKind, seq: number, detail: string) => void;

/** The signed head when it may be relied on. */
function checkSignedHead(
  stream: string,
  signed: SignedHead | undefined,
  publicKey: string | undefined,
  find: Find,
): SignedHead | undefined {
  if (signed === undefined) return undefined;
  if (signed.stream === stream && isSealed(signed, publicKey)) return signed;
  find('signature', signed.seq, 'the signed head does not hold: another stream, another key, or changed');
  return undefined;
}

/** Where the records begin: at the start, or after what a checkpoint sums up. */
async function checkBase(
  store: Store,
  stream: string,
  publicKey: string | undefined,
  find: Find,
): Promise<{ seq: number; hash: string }> {
  const checkpoint = await store.checkpoint(stream);
  if (checkpoint === null) return { seq: 0, hash: chainStart(stream) };
  const { seq, hash, text } = checkpoint;
  const signed = parseCheckpoint(text);
  if (signed === null) find('checkpoint', seq, 'the text is not a signed checkpoint');
  else if (signed.stream !== stream || signed.seq !== seq || signed.headHash !== hash)
    find('checkpoint', seq, 'what was signed is another checkpoint');
  else if (!isSealed(signed, publicKey)) find('signature', seq, "the checkpoint's signature does not hold");
  else {
    const snapshot = await store.snapshot(stream);
    if (snapshot === null || snapshot.seq < seq) find('snapshot', seq, 'no snapshot stands for what was compacted');
    else if (snapshot.seq === seq && hashText(snapshot.state) !== signed.stateHash)
      find('snapshot', seq, 'the state is not the one that was signed');
  }
  return { seq, hash };
}

async function readPage(store: Store, stream: string, from: number, find: Find): Promise<EncodedRecord[]> {
  try {
    return await store.read(stream, { from, limit: PAGE });
  } catch (error) {
    if (!(error instanceof Fault) || (error.code !== 'journal.broken' && error.code !== 'store.corrupt')) throw error;
    find(error.code === 'journal.broken' ? 'gap' : 'unreadable', Number(error.detail?.seq ?? from), error.message);
    return [];
  }
}

interface Walk {
  /** The event after the last one seen. */
  next: number;
  hash: string;
  epoch: number;
  take(record: EncodedRecord): void;
  end(): void;
}

function createWalk(start: number, hash: string, find: Find): Walk {
  const erasures = createErasures();
  const walk: Walk = {
    next: start,
    hash,
    epoch: 0,
    take(record) {
      const { seq, count, epoch, header } = record;
      if (seq !== walk.next) find('gap', walk.next, `event ${walk.next} should follow, the record begins at ${seq}`);
      if (chainNext(walk.hash, header) !== record.hash)
        find('header', seq, 'the header does not fit its hash and the record before it');
      if (epoch < walk.epoch) find('columns', seq, `epoch ${epoch} after ${walk.epoch}`);
      checkPayloads(record, erasures, find);
      walk.hash = record.hash;
      walk.next = seq + count;
      walk.epoch = epoch;
    },
    end() {
      erasures.settle(start, find);
    },
  };
  return walk;
}

function checkHead(info: StreamInfo, walk: Walk, find: Find): void {
  if (info.head !== walk.next)
    find('head', info.head, `the stream's row says ${info.head} events, the records end at ${walk.next}`);
  else if (info.hash !== walk.hash) find('head', info.head, "the stream's row has another hash than its last record");
  if (info.epoch < walk.epoch)
    find('head', info.head, `the stream's row says epoch ${info.epoch}, its records ${walk.epoch}`);
}
