import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { checkWidth, isLoopback, listen } from './index.ts';

const hello = () => new Response('hello');

describe('listening', () => {
  test('is on loopback, on a free port, until it closes', async () => {
    const { url, close } = await listen(hello);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(url)).text()).toBe('hello');
    await close();
    await expect(fetch(url)).rejects.toThrow();
  });
  test('wider than loopback is refused in the clear, and says what to do', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1'])
      await expect(checkWidth({ host })).rejects.toThrow(/tokens would travel in the clear.*allowWide/);
    await checkWidth({ host: '0.0.0.0', allowWide: true });
    await checkWidth({ host: '0.0.0.0', tls: { cert: '', key: '' } });
    await checkWidth({ host: 'localhost' });
    const { port, close } = await listen(hello, { host: '0.0.0.0', allowWide: true });
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('hello');
    await close();
  });
  test('where something else listens is a fault that says so', async () => {
    const { port, close } = await listen(hello);
    await expect(listen(hello, { port })).rejects.toThrow(`port ${port}: something else listens there`);
    await close();
  });
  test('ends although a caller holds its socket open', async () => {
    const { port, close } = await listen(() => new Response(new ReadableStream()));
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    await new Promise((resolve) => socket.once('data', resolve));
    await close();
    socket.destroy();
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['::2', false],
  ['1::1', false],
  ['::1:1', false],
  ['::11', false],
  ['fe80::1', false],
  ['localhost', false],
])('isLoopback(%s) is %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
