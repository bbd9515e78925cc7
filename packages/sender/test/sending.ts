import type { SendReport, SendRequest } from '@hooklane/engine';
import { createAddressPolicy } from '../src/address-policy.ts';
import { createResolver } from '../src/resolver.ts';
import type { HttpSender, SenderOptions } from '../src/sender.ts';
import { createSender } from '../src/sender.ts';

export const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** A sender that may reach loopback, unless the test says otherwise. */
export function testSender(options: Partial<SenderOptions> = {}): HttpSender {
  return createSender({
    policy: createAddressPolicy({ allowNetworks: LOOPBACK }),
    resolver: createResolver({ servers: ['127.0.0.1:9'] }),
    userAgent: 'Hooklane-Test',
    allowUnverified: true,
    ...options,
  });
}

export function requestTo(url: string, rest: Partial<SendRequest> = {}): SendRequest {
  const headers = { 'content-type': 'application/json', 'webhook-id': 'evt_1' };
  return { url, headers, body: Buffer.from('{"hello":"world"}'), timeoutMs: 5_000, ...rest };
}

/** The outcome in one word or two, for tables: `accepted 200`, `unreachable connection_reset`, `timed-out headers`. */
export function inWords({ outcome }: SendReport): string {
  if (outcome.kind === 'timed-out') return `timed-out ${outcome.phase}`;
  if (outcome.kind === 'unreachable') return `unreachable ${outcome.code}`;
  if (outcome.kind === 'blocked') return 'blocked';
  return `${outcome.kind} ${outcome.status}`;
}
