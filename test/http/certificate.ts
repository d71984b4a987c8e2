/** A certificate for tests, made on the spot: self-signed, for localhost, good for an hour. */
import { generateKeyPairSync, sign } from 'node:crypto';

export function makeCertificate(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsa = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
  const name = sequence(set(sequence(Buffer.from('0603550403', 'hex'), tag(0x0c, Buffer.from('localhost')))));
  const time = (ms: number) =>
    tag(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
  const valid = sequence(time(Date.now() - 60_000), time(Date.now() + 3_600_000));
  const names = sequence(tag(0x82, Buffer.from('localhost')), tag(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = tag(0xa3, sequence(sequence(Buffer.from('0603551d11', 'hex'), tag(0x04, names))));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const version = tag(0xa0, tag(0x02, Buffer.from([2])));
  const body = sequence(version, tag(0x02, Buffer.from([1])), ecdsa, name, valid, name, key, extensions);
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const text = sequence(body, ecdsa, signature).toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

/** DER: a tag, a length, the content. */
function tag(number: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([number, ...size]), content]);
}
const sequence = (...parts: Buffer[]): Buffer => tag(0x30, Buffer.concat(parts));
const set = (part: Buffer): Buffer => tag(0x31, part);
