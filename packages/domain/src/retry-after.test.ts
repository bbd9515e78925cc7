import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

describe('seconds', () => {
  it.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    ['  30\t', 30_000],
    ['007', 7000],
  ])('reads %j', (value, waitMs) => expect(parseRetryAfter(value, NOW)).toBe(waitMs));

  it.each(['999999999999', '9'.repeat(400)])('cuts a huge number down to ten years', (value) => {
    expect(parseRetryAfter(value, NOW)).toBe(LONGEST_RETRY_AFTER_MS);
  });
});

describe('dates', () => {
  it.each([
    ['Sun, 22 Nov 2026 10:00:00 GMT', 0],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 10:00:00 GMT', 86_400_000],
    ['Thu, 29 Feb 2028 00:00:00 GMT', Date.UTC(2028, 1, 29) - NOW],
  ])('reads %s', (value, waitMs) => expect(parseRetryAfter(value, NOW)).toBe(waitMs));

  it('cuts a date far away down to ten years', () => {
    expect(parseRetryAfter('Fri, 31 Dec 9999 23:59:59 GMT', NOW)).toBe(LONGEST_RETRY_AFTER_MS);
  });

  it('agrees with the clock of the language on every date', () => {
    const sendable = fc.date({ min: new Date(0), max: new Date(LONGEST_RETRY_AFTER_MS), noInvalidDate: true });
    fc.assert(
      fc.property(sendable, (date) => {
        const whole = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseRetryAfter(date.toUTCString(), 0)).toBe(whole);
      }),
      { numRuns: 10_000 },
    );
  });

  it.each([1600, 1700, 1900, 2000, 2100, 2400])('knows whether %i has a 29 February', (year) => {
    const now = Date.UTC(year, 1, 28);
    const leap = new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29;
    expect(parseRetryAfter(`Sun, 29 Feb ${year} 00:00:00 GMT`, now)).toBe(leap ? 86_400_000 : undefined);
    expect(parseRetryAfter(`Sun, 01 Mar ${year} 00:00:00 GMT`, now)).toBe(Date.UTC(year, 2, 1) - now);
  });
});

describe('what is not understood', () => {
  it.each([
    undefined,
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    '１２',
    '1, 2',
    'Sun, 22 Nov 2026 09:59:59 GMT',
    'Sun, 31 Feb 2027 00:00:00 GMT',
    'Sun, 00 Jan 2027 00:00:00 GMT',
    'Sun, 22 Nov 2027 24:00:00 GMT',
    'Sun, 22 Nov 2027 10:60:00 GMT',
    'Sun, 22 Nov 2027 10:00:61 GMT',
    'Sun, 22 Foo 2027 10:00:00 GMT',
    'Xyz, 22 Nov 2027 10:00:00 GMT',
    'Sun, 22 Nov 2027 10:00:00 CET',
    'sun, 22 nov 2027 10:00:00 gmt',
    'Sunday, 22-Nov-27 10:00:00 GMT',
    'Sun Nov 22 10:00:00 2027',
    '2027-11-22T10:00:00Z',
  ])('is left aside: %j', (value) => expect(parseRetryAfter(value, NOW)).toBeUndefined());

  it('never throws, and never gives a wait that is not between 0 and the limit', () => {
    const digitsAndLetters = fc.string({ unit: fc.constantFrom(...'0123456789 ,:.-+eSunNovGMT\0') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), digitsAndLetters), (value) => {
        const waitMs = parseRetryAfter(value, NOW) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(LONGEST_RETRY_AFTER_MS);
      }),
      { numRuns: 10_000 },
    );
  });
});
