/** The site's key: Ed25519. Its public half is the site's id. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../base/index.ts';

export interface SiteKey {
  /** 32 bytes in base64url. */
  readonly publicKey: string;
  /** Signs a text; 64 bytes in base64url. */
  sign(text: string): string;
}

export function createSiteKey(): { key: SiteKey; pem: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: keyOf(privateKey), pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

/** Loads the key in this file, or makes one there that only its owner can read. */
export function loadSiteKey(path: string): SiteKey {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return makeKeyFile(path);
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new Fault('input.invalid', `${path} holds the site's key and others may read it: chmod 600 ${path}`, {
      detail: { path },
    });
  }
  try {
    return keyOf(createPrivateKey(pem));
  } catch (error) {
    throw new Fault('input.invalid', `${path} holds no Ed25519 key`, { cause: error, detail: { path } });
  }
}

/** Written whole under another name first: of several processes that begin at once, one file wins for all. */
function makeKeyFile(path: string): SiteKey {
  const { key, pem } = createSiteKey();
  const part = `${path}.${key.publicKey.slice(0, 8)}.part`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(part, pem, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(part, path);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return loadSiteKey(path);
  } finally {
    rmSync(part, { force: true });
  }
}

function keyOf(privateKey: KeyObject): SiteKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`a key of type ${privateKey.asymmetricKeyType}`);
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: x as string,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  // One signature, one text: base64url has spare bits at the end, and its decoder passes over much.
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return false;
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, bytes);
  } catch {
    return false;
  }
}
