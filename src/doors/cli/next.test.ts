import { expect, test } from 'vitest';
import { Fault, type FaultCode, faultTable } from '../../base/index.ts';
import { nextOf } from './next.ts';

test('what whoever threw says goes before everything', () => {
  expect(nextOf(new Fault('conflict', 'no', { detail: { next: 'this' } }), { command: 'skein ps' })).toBe('this');
});

test('every code has a next step, one line, and names the run and the command it is about', () => {
  for (const code of Object.keys(faultTable) as FaultCode[]) {
    const next = nextOf(new Fault(code, 'wrong'), { command: 'skein run', run: 'r_1' });
    expect(next).toMatch(/^\S.*\S$/);
    expect(next).not.toMatch(/\bRUN\b|as the detail says|in the detail\./);
  }
  expect(nextOf(new Fault('conflict', 'no', { detail: { run: 'r_2' } }))).toContain('skein show r_2');
  expect(nextOf(new Fault('not-found', 'no'), { command: 'skein token remove' })).toContain('`skein token` lists');
  expect(nextOf(new Fault('input.invalid', 'no'), { command: 'skein fork' })).toContain('skein fork --help');
});

test.each([
  ['ECONNREFUSED', 'start the server'],
  ['ENOENT', 'start the server'],
  ['ENOTFOUND', 'mend the host'],
  ['28P01', 'name and password'],
  ['3D000', 'createdb'],
  ['CONNECT_TIMEOUT', 'Nobody answers'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'sslrootcert'],
  ['57P01', 'is up'],
])('PostgreSQL, %s', (state, expected) => {
  const fault = new Fault('store.unreachable', 'PostgreSQL, open: no', { detail: { state } });
  expect(nextOf(fault)).toContain(expected);
  expect(nextOf(fault)).toContain('SKEIN_STORE');
});

test('the file of a store is named', () => {
  for (const code of ['store.read-only', 'store.full', 'store.io', 'store.corrupt', 'store.foreign'] as const)
    expect(nextOf(new Fault(code, 'no', { detail: { path: '/srv/site.db' } }))).toContain('/srv/site.db');
});
