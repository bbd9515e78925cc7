import { Webhooks } from '@octokit/webhooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatch, EVENT_ID, headersOver, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import { github } from './github.ts';

const SECRET = "It's a Secret to Everybody";

describe('the github profile', () => {
  it('follows the vector that GitHub publishes, and its sha1, which is ours', () => {
    expect(headersOver('github', 'Hello, World!', { keys: [keyOf(SECRET)] })).toMatchObject({
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      'x-hub-signature': 'sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59',
    });
  });

  it('sends a form as GitHub does, and signs it (a vector of ours)', () => {
    const request = sent('github', dispatch({ payload: '{"zen":"a & b é"}' }), {
      keys: [keyOf(SECRET)],
      contentType: 'form',
    });
    expect(request.body).toBe('payload=%7B%22zen%22%3A%22a+%26+b+%C3%A9%22%7D');
    expect(request.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-hub-signature-256': 'sha256=3989a06c17bcf22a7567037a032f31acbd3e1c86126d587ae07d98d73deeb816',
    });
  });

  it('has the headers of an organization’s webhook', () => {
    expect(sent('github', dispatch({ type: 'issues.opened' })).headers).toEqual({
      'content-type': 'application/json',
      accept: '*/*',
      'x-github-delivery': EVENT_ID,
      'x-github-event': 'issues',
      'x-github-hook-id': '42',
      'x-github-hook-installation-target-id': '7',
      'x-github-hook-installation-target-type': 'organization',
    });
  });

  it('writes the payload as JavaScript would, and once written so leaves it alone', () => {
    const canonical = (payload: string) => sent('github', dispatch({ payload })).body;
    expect(canonical(' {"b": 1.0, "1": 1e3,\n"é":"\\u00e9\\/"}')).toBe('{"1":1000,"b":1,"é":"é/"}');
    expect(canonical('{"__proto__":{"a":1},"x":"\\ud800"}')).toBe('{"__proto__":{"a":1},"x":"\\ud800"}');
    fc.assert(
      fc.property(fc.json(), (payload) => {
        const body = canonical(payload);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
        expect(JSON.parse(body)).toEqual(JSON.parse(payload));
      }),
    );
  });

  it.each(['json', 'form'] as const)(
    'in %s is accepted by Octokit, and refused when one byte has changed',
    async (contentType) => {
      const { body, headers } = sent('github', dispatch({ payload: '{"a":"é"}' }), {
        keys: [keyOf(SECRET)],
        contentType,
      });
      const receiver = new Webhooks({ secret: SECRET });
      const signature = headers['x-hub-signature-256'] ?? '';
      expect(await receiver.verify(body, signature)).toBe(true);
      for (let at = 0; at < body.length; at++) {
        const changed = `${body.slice(0, at)}${body[at] === '0' ? '1' : '0'}${body.slice(at + 1)}`;
        expect(await receiver.verify(changed, signature)).toBe(false);
      }
    },
  );

  it('while a secret is rotated is accepted at the first attempt by holders of the old one, at the next of the new', async () => {
    const keys = [keyOf('the new secret'), keyOf(SECRET)];
    const isAccepted = (secret: string, attempt: number) => {
      const { body, headers } = sent('github', dispatch({}, { attempt }), { keys });
      return new Webhooks({ secret }).verify(body, headers['x-hub-signature-256'] ?? '');
    };
    expect(await Promise.all([1, 2, 3].map((attempt) => isAccepted(SECRET, attempt)))).toEqual([true, false, true]);
    expect(await Promise.all([1, 2, 3].map((attempt) => isAccepted('the new secret', attempt)))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('pings with a sentence and the webhook by its number', () => {
    const subject = { id: WEBHOOK_ID, number: 42, url: 'https://a.example/', events: ['*'], active: true } as const;
    expect(github.ping({ ...subject, contentType: 'form' })).toEqual({
      zen: expect.any(String),
      hook_id: 42,
      hook: {
        type: 'Organization',
        id: 42,
        name: 'web',
        active: true,
        events: ['*'],
        config: { url: 'https://a.example/', content_type: 'form' },
      },
    });
  });
});
