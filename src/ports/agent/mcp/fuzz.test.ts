// A server may say anything: its values and errors become outputs and faults, and nothing is thrown that is neither.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EFFECT_CLASSES } from '../../../model/index.ts';
import { Fault, type Json } from '../../../base/index.ts';
import { argumentsOf, errorOf, outputOf } from './content.ts';
import { skillOf } from './effects.ts';
import { faultFromMeta, faultOfCall } from './faults.ts';
import { loadLibrary } from './library.ts';

const anyTool = fc.record({
  name: fc.string(),
  description: fc.option(fc.string(), { nil: undefined }),
  inputSchema: fc.oneof(
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(fc.string(), fc.jsonValue()) }),
    fc.jsonValue(),
  ),
  outputSchema: fc.jsonValue(),
  annotations: fc.oneof(fc.jsonValue(), fc.constant(undefined)),
});

test('any tool that is listed is a skill with a known effect class', () => {
  fc.assert(
    fc.property(anyTool, fc.constantFrom('take' as const, 'ignore' as const), (tool, how) => {
      expect(EFFECT_CLASSES).toContain(skillOf(tool as never, undefined, how).effect);
    }),
    { numRuns: 500 },
  );
});

test('any input is arguments or a refusal', () => {
  fc.assert(
    fc.property(anyTool, fc.jsonValue(), (tool, input) => {
      try {
        expect(typeof argumentsOf(tool as never, input as Json)).toBe('object');
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Fault);
      }
    }),
    { numRuns: 500 },
  );
});

test('any result is an output, and any error words', () => {
  const block = fc.oneof(fc.record({ type: fc.constant('text'), text: fc.string() }), fc.record({ type: fc.string() }));
  const result = fc.record(
    { content: fc.array(block), structuredContent: fc.jsonValue(), _meta: fc.dictionary(fc.string(), fc.jsonValue()) },
    { requiredKeys: ['content'] },
  );
  fc.assert(
    fc.property(anyTool, result, (tool, given) => {
      outputOf(tool as never, given as never);
      expect(errorOf(given as never).length).toBeGreaterThan(0);
      faultFromMeta(given._meta);
    }),
    { numRuns: 500 },
  );
});

test('whatever a call ends with is a fault', async () => {
  const library = await loadLibrary();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.integer().map((code) => new library.ProtocolError(code, 'no')),
        fc.jsonValue(),
      ),
      (thrown) => {
        expect(faultOfCall('server', 'tool', thrown, library)).toBeInstanceOf(Fault);
      },
    ),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const fault = faultFromMeta({ 'dev.skein/fault': given });
      if (fault !== undefined) expect(fault).toBeInstanceOf(Fault);
    }),
  );
});
