import { expect, it } from 'vitest';
import { redactUrl } from './redact-url.ts';

it.each([
  ['https://user:pw@example.com:8443/a/b?token=1#frag', 'https://example.com:8443/a/b'],
  ['postgres://hooklane:pw@db:5432/hooklane?sslmode=require', 'postgres://db:5432/hooklane'],
  ['https://[2001:db8::1]/x', 'https://[2001:db8::1]/x'],
  ['whsec_c2VjcmV0', '[not a URL]'],
  ['', '[not a URL]'],
])('shows of %j only %j', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

it('takes a URL object too', () => {
  expect(redactUrl(new URL('https://u@example.com/?a'))).toBe('https://example.com/');
});
