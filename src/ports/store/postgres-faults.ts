/** PostgreSQL's and the network's errors as faults. */
import { Fault, type FaultCode, errorText } from '../../base/index.ts';

/** Errors of the way to the server, by Node and by the client library. */
const WAY = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EADDRNOTAVAIL',
]);

/** By SQLSTATE, or by its first two characters, its class. */
const STATES: Record<string, FaultCode> = {
  '08': 'store.unreachable',
  '57P01': 'store.unreachable',
  '57P02': 'store.unreachable',
  '57P03': 'store.unreachable',
  '57P05': 'store.unreachable',
  '28': 'store.unreachable',
  '3D': 'store.unreachable',
  '40': 'store.busy',
  '53': 'store.busy',
  '55': 'store.busy',
  '57014': 'store.busy',
  '53100': 'store.full',
  '25006': 'store.read-only',
  '58': 'store.io',
  XX001: 'store.corrupt',
  XX002: 'store.corrupt',
  '42501': 'rights.missing',
  '42P01': 'store.foreign',
  '42883': 'store.foreign',
  '3F000': 'store.foreign',
  '22': 'input.invalid',
  '54': 'input.too-large',
};

/** Retrying as it is will not help these, whatever their code allows. */
const NEVER = new Set(['28', '3D']);

/** A certificate that is not to be trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** The connection is of no use any more. */
export function isWayBroken(error: unknown): boolean {
  if (error instanceof Fault) return error.code === 'store.unreachable';
  const code = errorCode(error);
  return (
    WAY.has(code) ||
    STATES[code] === 'store.unreachable' ||
    STATES[code.slice(0, 2)] === 'store.unreachable' ||
    code === '25006'
  );
}

export function postgresFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error;
  const code = errorCode(error);
  const untrusted = CERTIFICATE.test(code);
  const found =
    WAY.has(code) || untrusted ? 'store.unreachable' : (STATES[code] ?? STATES[code.slice(0, 2)] ?? 'store.io');
  const options = NEVER.has(code.slice(0, 2)) || untrusted ? { retry: 'never' as const } : {};
  return new Fault(found, `PostgreSQL, ${doing}: ${errorText(error)}`, {
    ...options,
    detail: { state: code },
    cause: error,
  });
}
