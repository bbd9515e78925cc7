import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { failureOutcome } from './failure-outcome.ts';
import { BlockedAddressError, NameNotResolvedError } from './guarded-connect.ts';

describe('failure outcome', () => {
  it.each([
    ['ECONNREFUSED', 'connection_refused'],
    ['ECONNRESET', 'connection_reset'],
    ['EPIPE', 'connection_reset'],
    ['ENETUNREACH', 'network_unreachable'],
    ['EHOSTUNREACH', 'network_unreachable'],
    ['ETIMEDOUT', 'network_unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_error'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_error'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_error'],
    ['CERT_HAS_EXPIRED', 'tls_error'],
    ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'tls_error'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_error'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_error'],
    ['EPROTO', 'tls_error'],
    ['UND_ERR_HEADERS_OVERFLOW', 'protocol_error'],
    ['ERR_ASSERTION', 'protocol_error'],
    ['EMFILE', 'network_error'],
    ['UND_ERR_DESTROYED', 'network_error'],
  ])('calls %s %s', (code, unreachable) => {
    expect(failureOutcome(withCode(code))).toEqual({ kind: 'unreachable', code: unreachable });
  });

  it('tells a receiver that hung up from one that answered out of turn', () => {
    expect(failureOutcome(withCode('UND_ERR_SOCKET', 'other side closed'))).toMatchObject({ code: 'connection_reset' });
    expect(failureOutcome(withCode('UND_ERR_SOCKET', 'bad upgrade'))).toMatchObject({ code: 'protocol_error' });
  });

  it('listens to the last of several addresses', () => {
    const error = new AggregateError([withCode('ETIMEDOUT'), withCode('ECONNREFUSED')], 'none answered');
    expect(failureOutcome(error)).toEqual({ kind: 'unreachable', code: 'connection_refused' });
  });

  it('does not take the refusal of a DNS server for that of the receiver', () => {
    expect(failureOutcome(new NameNotResolvedError('ECONNREFUSED'))).toMatchObject({ code: 'dns_error' });
  });

  it('passes on why an address is blocked', () => {
    expect(failureOutcome(new BlockedAddressError('why'))).toEqual({ kind: 'blocked', reason: 'why' });
  });

  it('takes an error it does not know for the network, so that no receiver can break the sender', () => {
    expect(failureOutcome(new Error('odd'))).toEqual({ kind: 'unreachable', code: 'network_error' });
    expect(failureOutcome(new errors.HTTPParserError('odd'))).toEqual({ kind: 'unreachable', code: 'protocol_error' });
  });

  it.each([new TypeError('a bug'), withCode('UND_ERR_INVALID_ARG'), 'not even an error'])(
    'makes no outcome of a bug of ours: %s',
    (error) => {
      expect(failureOutcome(error)).toBeNull();
    },
  );
});

function withCode(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}
