import { z } from 'zod';

/** What one environment variable may hold: text in, a value out. `.optional()` makes the variable optional. */
export type EnvSchema<T> = z.ZodType<T, string>;

/** A whole number in decimal, both bounds included. Defaults: the safe integers. */
export function integer(bounds: { min?: number; max?: number } = {}): EnvSchema<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds;
  return parsed(`expected an integer${rangeText(bounds)}`, (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** A decimal number from 0 to 1. */
export function ratio(): EnvSchema<number> {
  return parsed('expected a number from 0 to 1, such as 0.05', (text) => {
    return /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(text) ? Number(text) : undefined;
  });
}

/** `name=value` of headers, comma separated; values may hold `=`. Names come back in lower case. */
export function headerFields(): EnvSchema<Readonly<Record<string, string>>> {
  return parsed('expected headers as name=value, separated by commas', (text) => {
    const fields = list()
      .parse(text)
      .map((item) => /^([!#$%&'*+.^_`|~0-9a-z-]+)=([\x20-\x7e]+)$/i.exec(item));
    if (fields.includes(null)) return undefined;
    return Object.freeze(Object.fromEntries(fields.map((field) => [field?.[1]?.toLowerCase(), field?.[2]])));
  });
}

/** `true` or `1`, `false` or `0`; nothing else, so that `no` is not taken for true. */
export function boolean(): EnvSchema<boolean> {
  const values = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  return parsed('expected true, false, 1 or 0', (text) => values.get(text));
}

/** An absolute URL with one of the protocols (`'https:'` or `'https'`), returned as it was written. */
export function url(protocols: readonly string[]): EnvSchema<string> {
  const names = protocols.map((protocol) => protocol.replace(/:$/, ''));
  return parsed(`expected a URL starting with ${names.map((name) => `${name}://`).join(' or ')}`, (text) => {
    const isAllowed = URL.canParse(text) && names.some((name) => text.toLowerCase().startsWith(`${name}://`));
    return isAllowed ? text : undefined;
  });
}

/** Comma separated; blanks around the items and empty items are dropped. */
export function list(): EnvSchema<readonly string[]> {
  return parsed('expected items separated by commas', (text) => {
    const items = text.split(',').map((item) => item.trim());
    return Object.freeze(items.filter((item) => item !== ''));
  });
}

const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/**
 * `500ms`, `15s`, `5m`, `1h`, `3d` → milliseconds. A number alone is refused: whoever writes 30 means seconds as often as
 * milliseconds. A value beyond 24.8 days does not fit a Node timer.
 */
export function durationMs(): EnvSchema<number> {
  return parsed('expected a duration such as 500ms, 15s, 5m, 1h or 3d', (text) => {
    const [, amount = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
    const ms = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
    return Number.isSafeInteger(ms) ? ms : undefined;
  });
}

/** A duration of one or more whole days, in milliseconds. What is kept by the day cannot be kept for less. */
export function wholeDaysMs(): EnvSchema<number> {
  return parsed('expected whole days such as 1d or 30d', (text) => {
    const ms = durationMs().safeParse(text).data ?? 0;
    return ms > 0 && ms % DAY_MS === 0 ? ms : undefined;
  });
}

/** The message never quotes the text: the variable may be a secret. */
function parsed<T>(expected: string, parse: (text: string) => T | undefined): EnvSchema<T> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

function rangeText({ min, max }: { min?: number; max?: number }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
}
