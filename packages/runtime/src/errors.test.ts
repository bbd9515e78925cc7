import { describe, expect, it } from 'vitest';
import { assertNever, InvariantError, invariant, OverloadedError, TimeoutError } from './errors.ts';

describe('the named errors', () => {
  it.each([InvariantError, OverloadedError, TimeoutError])('carry their class name and their cause: %o', (Named) => {
    const cause = new Error('the reason');
    const error = new Named('what happened', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(Named.name);
    expect(String(error)).toBe(`${Named.name}: what happened`);
    expect(error.cause).toBe(cause);
  });
});

describe('invariant', () => {
  it('returns when the condition holds', () => {
    expect(invariant('anything true', 'unused')).toBeUndefined();
  });

  it.each([false, 0, '', null, undefined])('throws when the condition is %j', (condition) => {
    expect(() => invariant(condition, 'broken')).toThrow(new InvariantError('broken'));
  });
});

describe('assertNever', () => {
  it('names a short tag', () => {
    expect(() => assertNever('gone' as never)).toThrow(new InvariantError('unexpected value: "gone"'));
  });

  it('quotes neither objects nor long texts', () => {
    expect(() => assertNever({ secret: 'whsec_1' } as never)).toThrow('unexpected value: (object)');
    expect(() => assertNever(['whsec_1'] as never)).toThrow('unexpected value: (object)');
    expect(() => assertNever('s'.repeat(41) as never)).toThrow('unexpected value: (string)');
  });
});
