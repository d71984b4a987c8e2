/** What a session's streams said, so that a client whose stream broke can hear the rest (Last-Event-ID). */
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/** A client comes back within seconds; what is older than this many messages of its session is gone. */
export const MESSAGES_KEPT = 256;

export function createEventLog(): EventStore {
  const kept: { id: string; stream: string; message: JSONRPCMessage }[] = [];
  let last = 0;

  function at(id: string): number {
    return kept.findIndex((one) => one.id === id);
  }

  return {
    async storeEvent(stream, message) {
      const id = `${++last}`;
      kept.push({ id, stream, message });
      if (kept.length > MESSAGES_KEPT) kept.shift();
      return id;
    },
    getStreamIdForEventId: async (id) => kept[at(id)]?.stream,
    async replayEventsAfter(id, { send }) {
      const from = at(id);
      const stream = kept[from]?.stream ?? '';
      if (from < 0) return stream;
      for (const one of kept.slice(from + 1))
        // A priming event is empty: there is nothing to say again.
        if (one.stream === stream && Object.keys(one.message).length > 0) await send(one.id, one.message);
      return stream;
    },
  };
}
