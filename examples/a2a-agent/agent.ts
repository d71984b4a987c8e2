/**
 * An agent that does on demand what an agent can do in A2A: it acts on the beginning of a message's id. The protocol's
 * own conformance suite (a2aproject/a2a-tck) talks to it; its scenarios say what each beginning means.
 */
import { artifactReply, type PartJson, taskReply, messageReply } from '../../src/doors/a2a/index.ts';
import { Fault, type Json, type Run, workflow } from '../../src/index.ts';

type Message = { messageId: string; parts: PartJson[] } & { [name: string]: Json };

const FILE = { filename: 'output.txt', mediaType: 'text/plain' };
const ARTIFACTS: Record<string, PartJson[]> = {
  'tck-artifact-text': [{ text: 'Generated text content' }],
  'tck-artifact-file-url': [{ url: 'https://example.com/output.txt', ...FILE }],
  'tck-artifact-file': [{ raw: Buffer.from('Generated file content').toString('base64'), ...FILE }],
  'tck-artifact-data': [{ data: { key: 'value', count: 42 } }],
  'tck-stream-001': [{ text: 'Stream hello from TCK' }],
  'tck-stream-003': [{ text: 'Stream task lifecycle' }],
  'tck-stream-ordering-001': [{ text: 'Ordered output' }],
  'tck-stream-artifact-text': [{ text: 'Streamed text content' }],
  'tck-stream-artifact-file': [{ raw: Buffer.from('Streamed file content').toString('base64'), ...FILE }],
};
/** Twice the time that the suite waits for a stream. */
const LONG_MS = 4_000;

export const conformance = workflow('conformance', async (run, first: Message): Promise<Json> => {
  let message = first;
  for (let turn = 1; ; turn++) {
    const { messageId } = message;
    if (!messageId.startsWith('tck-input-required') && !isTalk(messageId, turn)) return answer(run, message);
    const more = await run.gate<Message>('more', { key: turn, show: 'Say more.' });
    message = more.value;
  }
});

/** In a talk that has begun, only what completes it ends it. */
function isTalk(messageId: string, turn: number): boolean {
  return turn > 1 && !messageId.startsWith('tck-complete-task');
}

async function answer(run: Run, { messageId }: Message): Promise<Json> {
  const is = (prefix: string): boolean => messageId.startsWith(prefix);
  if (is('tck-message-response')) return messageReply('Direct message response') as never;
  if (is('tck-reject-task')) throw new Fault('agent.refused', 'rejected');
  if (is('test-resubscribe-message-id')) {
    await run.wait('long', { ms: LONG_MS });
    return taskReply({ message: 'Done at last' }) as never;
  }
  if (is('tck-stream-artifact-chunked')) {
    await run.code('first', () => artifactReply({ id: 'chunks', parts: [{ text: 'chunk-1 ' }], last: false }));
    await run.code('second', () =>
      artifactReply({ id: 'chunks', parts: [{ text: 'chunk-2' }], append: true, last: true }),
    );
    return taskReply({}) as never;
  }
  // The longest beginning first: `tck-artifact-file` is the beginning of another.
  const found = Object.keys(ARTIFACTS)
    .toSorted((a, b) => b.length - a.length)
    .find(is);
  if (found !== undefined) {
    await run.code('artifact', () => artifactReply({ id: 'artifact', name: 'artifact', parts: ARTIFACTS[found]! }));
    return taskReply({}) as never;
  }
  return taskReply({ message: 'Hello from TCK' }) as never;
}
