import { momentMs } from './calendar.ts';

const SECOND = 1000;
const DAY_SECONDS = 24 * 60 * 60;

/** Longer wishes are cut to this, so that what follows never has to fear an overflow. */
export const LONGEST_RETRY_AFTER_MS = 3650 * DAY_SECONDS * SECOND;

const HTTP_DATE = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

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
  const year = Number(text.slice(12, 16));
  return momentMs({ year, month: text.slice(8, 11), day: Number(text.slice(5, 7)), time: text.slice(17, 25) });
}
