import { expect, test } from 'vitest';
import { staleReferences } from '../../scripts/reference.ts';

test('the references in docs/ are what the code says (else: node scripts/reference.ts)', () => {
  expect(staleReferences()).toEqual([]);
});
