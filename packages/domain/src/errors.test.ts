import { describe, expect, it } from 'vitest';
import { DomainError, ERRORS } from './errors.ts';

describe('the error table', () => {
  it.each(Object.entries(ERRORS))('tells %s in one sentence, with a status that is an error', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(entry.title).toMatch(/^[A-Z][^.]*\.$/);
    expect(entry.description.length).toBeGreaterThan(20);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
  });

  it('has no two codes of one title', () => {
    const titles = Object.values(ERRORS).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('DomainError', () => {
  it('carries what the caller is told', () => {
    const problems = [{ field: 'url', message: 'The scheme must be https.' }];
    const error = new DomainError('url_not_allowed', 'The webhook has a bad URL.', { problems });
    expect(error).toMatchObject({ code: 'url_not_allowed', detail: 'The webhook has a bad URL.', problems });
    expect(error.message).toBe('url_not_allowed: The webhook has a bad URL.');
    expect(error.name).toBe('DomainError');
  });

  it('takes the title for a detail that is not given', () => {
    const error = new DomainError('not_found');
    expect(error.detail).toBe(ERRORS.not_found.title);
    expect(error.problems).toBeUndefined();
    expect('cause' in error).toBe(false);
  });

  it('keeps what was caught for the log', () => {
    const cause = new Error('connect ECONNREFUSED');
    expect(new DomainError('unavailable', undefined, { cause }).cause).toBe(cause);
  });
});
