/**
 * Runs programs that others wrote: the process behind the agent of runner.ts. It is started in a sandbox with no
 * network; the context of its own that a program gets here keeps programs apart, it does not keep them in.
 */
import { createInterface } from 'node:readline';
import { createContext, Script } from 'node:vm';

/** For one input. */
const TIMEOUT_MS = 200;
/** What one program may take in all is this share of the process's time. */
const ALL_MS = 2_000;

interface Line {
  id: number;
  input: { answers?: unknown[]; say?: { inputs?: unknown[] } };
}

function sourceOf(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { program, answer: said } = answer as Record<string, unknown>;
  return typeof program === 'string' ? program : typeof said === 'string' ? said : undefined;
}

/** A function as text, called with each input in a world of its own, where chance and time are not. */
function run(source: string, inputs: readonly unknown[]): unknown[] {
  const began = performance.now();
  return inputs.map((input) => {
    if (performance.now() - began > ALL_MS) return { fault: 'its time is used up' };
    try {
      // Without a prototype of ours there is no way from the context to our own functions.
      const script = new Script(
        `delete globalThis.Date; delete Math.random; JSON.stringify((${source})(JSON.parse(input)))`,
      );
      const context = createContext(Object.assign(Object.create(null) as object, { input: JSON.stringify(input) }), {
        codeGeneration: { strings: false, wasm: false },
      });
      const text: unknown = script.runInContext(context, { timeout: TIMEOUT_MS });
      return typeof text === 'string' ? { value: JSON.parse(text) as unknown } : { fault: 'it gives nothing' };
    } catch (thrown) {
      return { fault: String(thrown).slice(0, 200) };
    }
  });
}

for await (const text of createInterface({ input: process.stdin })) {
  const { id, input } = JSON.parse(text) as Line;
  const source = sourceOf(input.answers?.[0]);
  const inputs = input.say?.inputs;
  const said =
    source === undefined || !Array.isArray(inputs)
      ? { fault: { code: 'input.invalid', message: 'it takes a program, as text, and `inputs`' } }
      : { output: { outputs: run(source, inputs) } };
  process.stdout.write(`${JSON.stringify({ id, ...said })}\n`);
}
