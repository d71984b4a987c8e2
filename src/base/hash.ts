import { hash } from 'node:crypto';

/** SHA-256 of a text, in 43 characters of base64url. The one hash of journals, inputs and payloads. */
export function hashText(text: string): string {
  return hash('sha256', text, 'base64url');
}
