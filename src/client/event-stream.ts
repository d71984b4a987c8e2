/** Reading server-sent events. */
export interface ServerEvent {
  id?: string;
  event: string;
  data: string;
}

/** Yields what is complete; comments (heartbeats) are told to `heard` like everything else that comes. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => {},
): AsyncGenerator<ServerEvent, void, undefined> {
  const text = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      // A carriage return at the end may be half of a line's end.
      rest += text.decode(value, { stream: true });
      const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
      const blocks = whole.split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop()! + rest.slice(whole.length);
      for (const block of blocks) {
        const event = eventIn(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventIn(block: string): ServerEvent | undefined {
  const event: ServerEvent = { event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const cut = line.indexOf(':');
    if (cut === 0) continue;
    const name = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? '' : line.slice(line[cut + 1] === ' ' ? cut + 2 : cut + 1);
    if (name === 'data') data.push(value);
    else if (name === 'event') event.event = value;
    else if (name === 'id') event.id = value;
  }
  // An id alone is a place to come back to.
  if (data.length === 0) return event.id === undefined ? undefined : { id: event.id, event: 'place', data: '' };
  event.data = data.join('\n');
  return event;
}
