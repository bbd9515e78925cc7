import { describe, expect, it } from 'vitest';
import { dispatch, headersOver, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import { infraaudit } from './infraaudit.ts';
import type { PingSubject } from './profile.ts';

const SECRET = 'whsec_xxxxxxxxxxxxxxxxxxxxxxxx';

describe('the infraaudit profile', () => {
  it('signs with the whole text of the secret (a vector of ours)', () => {
    const body = '{"event":"ping","data":{"webhook_id":"wh_abc123","message":"Webhook endpoint verified"}}';
    expect(headersOver('infraaudit', body, { keys: [keyOf(SECRET)] })).toEqual({
      'x-infraaudit-signature': 'sha256=b3c70fe7e39fde6b65a6589acf7b7776848e821785862eed77936e6191d0e1b5',
    });
  });

  it('takes the text also of a secret that others would decode', () => {
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const [decodable] = [headersOver('infraaudit', 'x', { keys: [keyOf(secret)] })];
    const text = { kind: 'hmac', text: Buffer.from(secret), bytes: Buffer.alloc(0) } as const;
    expect(decodable).toEqual(headersOver('infraaudit', 'x', { keys: [text] }));
  });

  it('wraps the payload as it was published', () => {
    const { body, headers } = sent('infraaudit', dispatch({ type: 'drift.detected', payload: '{"n": 1.50}' }));
    expect(body).toBe(
      '{"event":"drift.detected","timestamp":"2026-02-03T04:05:06.789Z","webhook_id":"wh_01kw0016csfan8qeycsk6csk6c",' +
        '"delivery_id":"del_01kw000nanesk8exw8h248h248","data":{"n": 1.50}}',
    );
    expect(headers).toEqual({ 'content-type': 'application/json' });
  });

  it('pings as its documentation shows', () => {
    expect(infraaudit.ping({ id: WEBHOOK_ID } as PingSubject)).toEqual({
      webhook_id: 'wh_01kw0016csfan8qeycsk6csk6c',
      message: 'Webhook endpoint verified',
    });
  });
});
