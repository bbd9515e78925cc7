import { limitOf } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import { rateHeaders } from './rate-headers.ts';

const ORG = { name: 'org-requests', limit: limitOf(100), remaining: 40, resetMs: 600 };
const KEY = { name: 'key-requests', limit: limitOf(5), remaining: 0, resetMs: 9_001 };

describe('the headers of rate limits', () => {
  it('are none without limits', () => {
    expect(rateHeaders([], 0)).toEqual({});
  });

  it('tell each limit, and the one closest to its end the old way too', () => {
    expect(rateHeaders([ORG, KEY], 1_700_000_000_500)).toEqual({
      'ratelimit-policy': '"org-requests";q=100;w=1, "key-requests";q=5;w=1',
      ratelimit: '"org-requests";r=40;t=1, "key-requests";r=0;t=10',
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1700000010',
    });
    expect(rateHeaders([KEY, ORG], 0)).toMatchObject({ 'x-ratelimit-limit': '5' });
  });
});
