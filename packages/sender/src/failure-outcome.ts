import type { Outcome, UnreachableCode } from '@hooklane/domain';
import { errors } from 'undici';
import { TooMuchReadError } from './connection-pool.ts';
import { ProxyError } from './egress-proxy.ts';
import { BlockedAddressError, NameNotResolvedError } from './guarded-connect.ts';

/** What a request came to that got no answer. Null when the error is no doing of receiver or network: a bug of ours. */
export function failureOutcome(error: unknown): Outcome | null {
  if (error instanceof BlockedAddressError) return { kind: 'blocked', reason: error.message };
  const code = unreachableCode(error);
  return code && { kind: 'unreachable', code };
}

function unreachableCode(error: unknown): UnreachableCode | null {
  if (error instanceof NameNotResolvedError) return 'dns_error';
  if (error instanceof ProxyError) return 'proxy_error';
  // Not by its code: undici leaves that undefined for some answers.
  if (error instanceof errors.HTTPParserError || error instanceof TooMuchReadError) return 'protocol_error';
  const code = codeOf(error);
  if (code === undefined) return isBug(error) ? null : 'network_error';
  if (OUR_FAULT.has(code)) return null;
  if (code === 'UND_ERR_SOCKET') return socketFailure(error);
  return BY_CODE.get(code) ?? BY_PATTERN.find(({ pattern }) => pattern.test(code))?.unreachable ?? 'network_error';
}

/** What receivers and networks do comes as an error of node or undici, and those are never plain ones like these. */
function isBug(error: unknown): boolean {
  return !(error instanceof Error) || ['TypeError', 'RangeError', 'ReferenceError'].includes(error.name);
}

/** undici refused to build the request at all. */
const OUR_FAULT = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

const BY_CODE: ReadonlyMap<string, UnreachableCode> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['ECONNABORTED', 'connection_reset'],
  ['EPIPE', 'connection_reset'],
  ['ENETUNREACH', 'network_unreachable'],
  ['EHOSTUNREACH', 'network_unreachable'],
  ['ENETDOWN', 'network_unreachable'],
  ['EHOSTDOWN', 'network_unreachable'],
  // Of several addresses none answered.
  ['ETIMEDOUT', 'network_unreachable'],
  ['UND_ERR_HEADERS_OVERFLOW', 'protocol_error'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'protocol_error'],
  // undici asserts what it expects of an answer (a status of 100 or more): hostile bytes can make it fail.
  ['ERR_ASSERTION', 'protocol_error'],
]);

/** TLS itself, and the verdicts of OpenSSL on a certificate (the list is in the docs of node:tls). */
const BY_PATTERN: readonly { pattern: RegExp; unreachable: UnreachableCode }[] = [
  { pattern: /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$)/, unreachable: 'tls_error' },
  { pattern: /^(CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_)/, unreachable: 'tls_error' },
  {
    pattern:
      /^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|CA_MD_TOO_WEAK|CA_KEY_TOO_SMALL|EE_KEY_TOO_SMALL|UNSPECIFIED)$/,
    unreachable: 'tls_error',
  },
];

/** One code for two things: the other side hung up, or it answered what no client asked for (100, 101). */
function socketFailure(error: unknown): UnreachableCode {
  return error instanceof Error && /^bad /.test(error.message) ? 'protocol_error' : 'connection_reset';
}

/** Where several addresses were tried, the last one speaks: those before it may only have been given up early. */
function codeOf(error: unknown): string | undefined {
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return last instanceof Error && 'code' in last && typeof last.code === 'string' ? last.code : undefined;
}
