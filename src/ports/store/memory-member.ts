/** A worker's place at a memory store. */
import { Fault } from '../../base/index.ts';
import { checkGroup } from './check.ts';
import type { Power } from './memory-power.ts';
import { infoOf, type MemoryState, type Place, type Stream, wake } from './memory-state.ts';
import type { AppendResult, ClaimRequest, Delivered, Membership, StreamInfo } from './port.ts';

export function createMemoryMembership(state: MemoryState, place: Place, power: Power): Membership {
  /** A worker that acts is alive again; one that is dead or has left acts no more. */
  function act(): void {
    if (place.state === 'dead')
      throw new Fault('site.stopped', `the worker ${place.worker} has no place at the store any more`);
    place.state = 'alive';
  }

  function take(stream: Stream): StreamInfo {
    state.give(stream, place);
    stream.epoch++;
    return infoOf(stream);
  }

  /** Streams that may be claimed, in order; some may come up more than once. */
  function* claimable({ stream, nowMs, holds }: ClaimRequest): Iterable<Stream> {
    if (stream !== undefined) {
      const found = state.streams.get(stream);
      if (found === undefined) return;
      if (found.owner === null || isGone(found.owner) || isStray(found, holds)) yield found;
      return;
    }
    for (const other of state.places) {
      if (isGone(other)) yield* other.streams;
    }
    if (holds !== undefined) yield* [...place.streams].filter((own) => isStray(own, holds));
    // A copy: whoever takes one changes the queue.
    for (const letter of Array.from(state.unowned.due(nowMs))) yield state.streams.get(letter.stream)!;
  }

  function isGone(other: Place): boolean {
    return other !== place && other.state !== 'alive';
  }

  function isStray(stream: Stream, holds: ClaimRequest['holds']): boolean {
    return stream.owner === place && holds !== undefined && !holds(stream.stream);
  }

  /** Dead places that hold nothing are forgotten. */
  function sweep(): void {
    for (const other of state.places)
      if (other.state === 'dead' && other.streams.size === 0) state.places.delete(other);
  }

  return {
    worker: place.worker,
    async commit(appends, barrier) {
      act();
      checkGroup(appends);
      if (barrier) power.settle();
      const results: AppendResult[] = [];
      let others = false;
      for (const append of appends) {
        if (!barrier) power.note(append);
        const result = state.append(place, append);
        results.push(result);
        if (result.ok && (append.send !== undefined || append.release === true)) others = true;
      }
      if (others) wake(state, place);
      return results;
    },
    async claim(request) {
      act();
      power.settle();
      const { has, format, limit } = request;
      const claimed = new Map<Stream, StreamInfo>();
      for (const stream of claimable(request)) {
        if (claimed.size >= limit) break;
        if (stream.status !== 'open' || stream.format > format || claimed.has(stream)) continue;
        if (has !== null && stream.needs !== '' && !has.includes(stream.needs)) continue;
        claimed.set(stream, take(stream));
      }
      sweep();
      return [...claimed.values()];
    },
    async due(nowMs, limit) {
      act();
      const due: Delivered[] = [];
      for (const { stream, id, dueMs, body } of place.queue.due(nowMs)) {
        if (due.length >= limit) break;
        due.push({ stream, id, dueMs, body });
      }
      return due;
    },
    async nextDueMs() {
      act();
      const own = place.queue.first()?.dueMs ?? Infinity;
      const any = state.unowned.first()?.dueMs ?? Infinity;
      const next = Math.min(own, any);
      return next === Infinity ? null : next;
    },
    watch(call) {
      place.watchers.add(call);
      return () => place.watchers.delete(call);
    },
    async leave() {
      if (place.state === 'dead') return;
      place.state = 'dead';
      place.watchers.clear();
      sweep();
      wake(state, place);
    },
  };
}
