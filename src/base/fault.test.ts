import { expect, test } from 'vitest';
import { errorText, Fault, faultToData, toFault } from './index.ts';

test('a fault with a detail that JSON cannot carry is still plain data', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  for (const detail of [cycle, { big: 1n }, { when: new Date(0), fn: () => 1 }]) {
    const data = faultToData(new Fault('step.failed', 'no', { detail }));
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  }
});

test('whatever is thrown has a text', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
  const nobody = new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error('no');
      },
    },
  );
  expect(toFault(nobody, 'step.failed')).toMatchObject({ code: 'step.failed' });
  const odd = Object.assign(new Error('x'), { message: { not: 'text' } });
  for (const thrown of [undefined, null, 1n, Symbol('s'), hostile, odd, Object.create(null), () => 1])
    expect(typeof errorText(thrown)).toBe('string');
});
