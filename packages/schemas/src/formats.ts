import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';

const NAMES = [
  'date',
  'time',
  'date-time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
  'json-pointer',
] as const;

/** Longer texts are of none of them; the patterns behind some take quadratic time. */
const LONGEST = 2_048;

/** The formats that are checked. All others are notes to the reader. */
export const FORMATS: Readonly<Record<string, Format>> = Object.fromEntries(
  NAMES.map((name) => [name, bounded(testOf(fullFormats[name]))]),
);

function bounded(test: (text: string) => boolean): (text: string) => boolean {
  return (text) => text.length <= LONGEST && test(text);
}

function testOf(format: Format): (text: string) => boolean {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return format;
  const validate = typeof format === 'object' && 'validate' in format ? format.validate : undefined;
  if (validate instanceof RegExp) return (text) => validate.test(text);
  if (typeof validate === 'function') return validate as (text: string) => boolean;
  throw new TypeError('a format without a test');
}
