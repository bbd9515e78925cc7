import { describe, expect, it } from 'vitest';
import { dispatch, EVENT_ID, headersOver, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import type { PingSubject } from './profile.ts';
import { socket } from './socket.ts';

const SECRET = 'whsec_h4fk4iWceEsgYw/JbT9Feg98sgSFYsAy';
const BODY = '{"type":"alert:created"}';

describe('the socket profile', () => {
  it('signs time and body with the text of the secret (a vector of ours)', () => {
    expect(headersOver('socket', BODY, { keys: [keyOf(SECRET)], timestamp: 1_732_230_833 })).toEqual({
      'x-webhook-signature': 't=1732230833,s=jrLKVcFKb3BVHMhcTMpilHqgjcR1qE9xui8W76n18hw=',
    });
  });

  it('is not signed with what is in the secret in base64, though one implementer reads it so (a vector of ours)', () => {
    const decoded = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const other = { kind: 'hmac', text: decoded, bytes: decoded } as const;
    const theirs = headersOver('socket', BODY, { keys: [other], timestamp: 1_732_230_833 })['x-webhook-signature'];
    expect(theirs).toBe('t=1732230833,s=xbS/Vj9taT6DS3bZdjq1uxhY0X5nQP2sHMk16xQ37q0=');
  });

  it('wraps the payload as it was published, under the name that Socket gives the event', () => {
    expect(sent('socket', dispatch({ type: 'pull-request.scan', payload: '[1.0]' }))).toEqual({
      headers: { 'content-type': 'application/json' },
      body:
        `{"type":"pull-request:scan","eventId":"${EVENT_ID}@1","schemaType":"pull-request@1",` +
        '"timestamp":"2026-02-03T04:05:06.789Z","data":[1.0]}',
    });
  });

  it('pings with the id of the webhook', () => {
    expect(socket.ping({ id: WEBHOOK_ID } as PingSubject)).toEqual({ webhook_id: 'wh_01kw0016csfan8qeycsk6csk6c' });
  });
});
