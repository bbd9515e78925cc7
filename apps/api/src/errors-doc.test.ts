import { readFileSync } from 'node:fs';
import type { ErrorCode } from '@hooklane/domain';
import { ERRORS } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';

const DOC = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const [used = '', toCome = ''] = DOC.split('## Codes to come');

/** Nothing answers these yet: whoever makes one reachable moves its row up. */
const TO_COME: ErrorCode[] = ['payload_invalid', 'delivery_pending', 'rate_limited', 'wait_timeout'];

describe('docs/errors.md', () => {
  it('has exactly the codes there are, each with its status, title and description', () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(rowsOf(used)).toEqual(codes.filter((code) => !TO_COME.includes(code)).map(rowOf));
    expect(rowsOf(toCome)).toEqual(TO_COME.map(rowOf));
  });
});

function rowsOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('| `'));
}

function rowOf(code: ErrorCode): string {
  const { status, title, description } = ERRORS[code];
  return `| \`${code}\` | ${status} | ${title} | ${description} |`;
}
