import { InvalidArgumentError } from 'commander';

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`);
  };
}

/** `name=value`, gathered. */
export function pairs(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('name=value is expected.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** ISO 8601, or so long ago: `15m`, `2h`, `3d`. */
export function moment(text: string): string {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== '') return new Date(Date.now() - Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError(
      'a time such as 2026-01-02T03:04:05Z, or an age such as 15m, 2h or 3d, is expected.',
    );
  }
  return date.toISOString();
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
