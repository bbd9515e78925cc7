import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { DomainError } from '@hooklane/domain';

type Headers = Pick<IncomingMessage, 'headers' | 'httpVersion'>;

/** Why a request is refused whatever it asks for; null: it is not. */
export function headersRefusal({ headers, httpVersion }: Headers): DomainError | null {
  const { host, expect, 'content-encoding': encoding, 'transfer-encoding': transfer = 'chunked' } = headers;
  if (host === undefined && httpVersion === '1.1')
    return new DomainError('malformed_request', 'It has no Host header.');
  if (expect !== undefined && !/^100-continue$/i.test(expect)) return new DomainError('expectation_failed');
  // Node takes chunks apart, and hands on whatever else was done to them.
  const isPlain = (encoding === undefined || encoding === 'identity') && /^chunked$/i.test(transfer);
  return isPlain ? null : new DomainError('unsupported_media_type');
}

/** Why a body is refused by its `Content-Type`; null: it says UTF-8, or nothing else. */
export function charsetRefusal(headers: IncomingHttpHeaders): DomainError | null {
  return OTHER_CHARSET.test(headers['content-type'] ?? '') ? new DomainError('unsupported_media_type') : null;
}

const OTHER_CHARSET = /;\s*charset\s*=(?!\s*"?utf-?8"?\s*(?:;|$))/i;
