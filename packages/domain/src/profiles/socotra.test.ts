import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dispatch, headersOver, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import type { PingSubject } from './profile.ts';
import { socotra } from './socotra.ts';

describe('the socotra profile', () => {
  it('signs the body in hex, which is an assumption (a vector of ours)', () => {
    const signature = createHmac('sha256', 'a secret').update('{}').digest('hex');
    expect(headersOver('socotra', '{}', { keys: [keyOf('a secret')] })).toEqual({ 'socotra-signature': signature });
  });

  it('sends the event as the vendor’s API shows it, around the payload as it was published', () => {
    expect(sent('socotra', dispatch({ type: 'policy.quote.issue', payload: '{"n": 12.50}' }))).toEqual({
      headers: { 'content-type': 'application/json' },
      body:
        '{"locator":"01KW00048HE8H86CT48H248H24","requestId":"req_1","timestamp":"2026-02-03T04:05:06.789Z",' +
        '"type":"policy.quote.issue","data":{"n": 12.50}}',
    });
  });

  it('pings with the id of the webhook', () => {
    expect(socotra.ping({ id: WEBHOOK_ID } as PingSubject)).toEqual({ webhook_id: 'wh_01kw0016csfan8qeycsk6csk6c' });
  });
});
