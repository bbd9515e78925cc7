const SECOND = 1000;
const DAY_SECONDS = 24 * 60 * 60;

/** Longer wishes are cut to this, so that what follows never has to fear an overflow. */
export const LONGEST_RETRY_AFTER_MS = 3650 * DAY_SECONDS * SECOND;

const HTTP_DATE = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** What the sum in {@link dayNumber} comes to on 1970-01-01. */
const FIRST_OF_1970 = 1970 * 365 + 477 + 1;

/**
 * A `Retry-After` header as a wait in ms from `nowMs`: whole seconds or a date (RFC 9110 §10.2.3; of the date forms
 * only IMF-fixdate, the one senders must use). Undefined when it is absent, in the past or not understood; at most
 * {@link LONGEST_RETRY_AFTER_MS}.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * SECOND : waitUntil(text, nowMs);
  if (waitMs === undefined || !(waitMs >= 0)) return undefined;
  return Math.min(waitMs, LONGEST_RETRY_AFTER_MS);
}

function waitUntil(text: string, nowMs: number): number | undefined {
  const date = parseHttpDate(text);
  return date === undefined ? undefined : date - nowMs;
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` → ms since 1970. The name of the day is not held against the date. */
function parseHttpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  const days = dayNumber(Number(text.slice(12, 16)), MONTHS.indexOf(text.slice(8, 11)), Number(text.slice(5, 7)));
  const seconds = secondOfDay(Number(text.slice(17, 19)), Number(text.slice(20, 22)), Number(text.slice(23, 25)));
  return days === undefined || seconds === undefined ? undefined : (days * DAY_SECONDS + seconds) * SECOND;
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, `month` from 0; undefined when there is no such day. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  const leapDay = isLeapYear(year) ? 1 : 0;
  const daysInMonth = (MONTH_DAYS[month] ?? 0) + (month === 1 ? leapDay : 0);
  if (day < 1 || day > daysInMonth) return undefined;
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) + (month > 1 ? leapDay : 0);
  const daysBeforeMonth = MONTH_DAYS.slice(0, month).reduce((sum, days) => sum + days, 0);
  return year * 365 + leapDays + daysBeforeMonth + day - FIRST_OF_1970;
}

/** 60 is the leap second. */
function secondOfDay(hour: number, minute: number, second: number): number | undefined {
  return hour < 24 && minute < 60 && second <= 60 ? hour * 3600 + minute * 60 + second : undefined;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
