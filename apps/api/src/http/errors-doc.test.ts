import { readFileSync } from 'node:fs';
import type { ErrorCode } from '@hooklane/domain';
import { ERRORS } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';

const DOC = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it('has exactly the codes there are, each with its status, title and description', () => {
    expect(rowsOf(DOC)).toEqual((Object.keys(ERRORS) as ErrorCode[]).map(rowOf));
  });
});

function rowsOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('| `'));
}

function rowOf(code: ErrorCode): string {
  const { status, title, description } = ERRORS[code];
  return `| \`${code}\` | ${status} | ${title} | ${description} |`;
}
