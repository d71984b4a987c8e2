import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createTrialClock } from '../../lab/trial/index.ts';
import { createToken, openTokenFile } from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-tokens-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const fresh = () => join(dir, `${++files}`, 'tokens.json');

describe('the token file', () => {
  test('is made with 256 bits for the operator, readable by its owner alone, and found again', () => {
    const path = fresh();
    const clock = createTrialClock();
    const file = openTokenFile(path, clock);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Buffer.from(file.operator().slice(4), 'base64url').length).toBe(32);
    expect(openTokenFile(path, clock).operator()).toBe(file.operator());
    expect(file.find(file.operator())).toMatchObject({ principal: { id: 'operator', rights: ['*'] } });
    expect(readdirSync(join(path, '..'))).toEqual(['tokens.json']);
  });
  test('holds what was made for others only as a hash', () => {
    const file = openTokenFile(fresh(), createTrialClock());
    const token = file.add({ name: 'ci', rights: ['run:start'], audience: ['http'] });
    expect(readFileSync(file.path, 'utf8')).not.toContain(token.slice(4));
    expect(file.find(token)).toMatchObject({ principal: { id: 'ci', rights: ['run:start'] }, audience: ['http'] });
    expect(file.list().map(({ name }) => name)).toEqual(['operator', 'ci']);
    expect(() => file.add({ name: 'ci', rights: [] })).toThrow(/already/);
    file.remove('ci');
    expect(file.find(token)).toBeUndefined();
  });
  test('rotates: the old token ends after its grace', async () => {
    const clock = createTrialClock();
    const file = openTokenFile(fresh(), clock);
    const old = file.operator();
    const token = file.rotate('operator', { graceMs: 10 });
    expect(file.operator()).toBe(token);
    expect(file.find(old)?.untilMs).toBe(clock.nowMs() + 10);
    await clock.jump(10);
    const again = file.rotate('operator', { graceMs: 0 });
    expect([file.find(old), file.find(token)]).toEqual([undefined, undefined]);
    expect(file.find(again)?.untilMs).toBeUndefined();
  });
  test('shows what another process changed in it', async () => {
    const clock = createTrialClock();
    const here = openTokenFile(fresh(), clock);
    const old = here.operator();
    openTokenFile(here.path, clock).rotate('operator', { graceMs: 0 });
    await clock.jump(1_000);
    expect(here.find(old)).toBeUndefined();
  });
  test('is refused when others may read it or it is something else, without a word of what is in it', () => {
    const path = fresh();
    const { operator } = openTokenFile(path, createTrialClock());
    const token = operator();
    chmodSync(path, 0o644);
    expect(() => openTokenFile(path, createTrialClock())).toThrow(/chmod 600/);
    chmodSync(path, 0o600);
    writeFileSync(path, `{"format": "skein-tokens/1", "tokens": ["${token}"]}`);
    expect(() => openTokenFile(path, createTrialClock())).toThrow(/holds no tokens of Skein/);
    writeFileSync(path, createToken());
    expect(() => openTokenFile(path, createTrialClock())).toThrow(/it is no JSON/);
  });
});
