import { describe, expect, it } from 'vitest';
import type { EnvSchema } from './env-schemas.ts';
import { boolean, durationMs, headerFields, integer, list, ratio, url } from './env-schemas.ts';

describe('integer', () => {
  it.each([
    ['1', 1],
    ['65535', 65_535],
    ['007', 7],
  ])('reads %j as %j', (text, value) => expect(integer({ min: 1, max: 65_535 }).parse(text)).toBe(value));

  it.each(['0', '65536', '1.5', '1e3', '0x10', ' 1', '1 ', 'abc', '99999999999999999999'])('refuses %j', (text) => {
    expect(problemsOf(integer({ min: 1, max: 65_535 }), text)).toEqual(['expected an integer from 1 to 65535']);
  });

  it('tells the bounds it has', () => {
    expect(problemsOf(integer(), 'x')).toEqual(['expected an integer']);
    expect(problemsOf(integer({ min: 2 }), '1')).toEqual(['expected an integer, at least 2']);
    expect(problemsOf(integer({ max: 2 }), '3')).toEqual(['expected an integer, at most 2']);
    expect(integer({ min: -5 }).parse('-5')).toBe(-5);
  });
});

describe('ratio', () => {
  it.each([
    ['0', 0],
    ['0.05', 0.05],
    ['1', 1],
    ['1.0', 1],
  ])('reads %j as %j', (text, value) => expect(ratio().parse(text)).toBe(value));

  it.each(['', '-0.1', '1.01', '5%', '.5', '1e-3', 'NaN'])('refuses %j', (text) => {
    expect(problemsOf(ratio(), text)).toEqual(['expected a number from 0 to 1, such as 0.05']);
  });
});

describe('headerFields', () => {
  it('reads names in lower case, and values with all that is visible in them', () => {
    const fields = headerFields().parse('Authorization=Bearer a=b==, x-tenant=7');
    expect(fields).toEqual({ authorization: 'Bearer a=b==', 'x-tenant': '7' });
    expect(headerFields().parse('')).toEqual({});
  });

  it.each(['authorization', '=x', 'a b=c', 'a=ü', 'a=b\nc=d'])('refuses %j, which it does not quote', (text) => {
    expect(problemsOf(headerFields(), text)).toEqual(['expected headers as name=value, separated by commas']);
  });
});

describe('boolean', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %j as %j', (text, value) => expect(boolean().parse(text)).toBe(value));

  it.each(['yes', 'no', 'TRUE', ' true'])('refuses %j', (text) => {
    expect(problemsOf(boolean(), text)).toEqual(['expected true, false, 1 or 0']);
  });
});

describe('url', () => {
  const schema = url(['postgres:', 'postgresql']);

  it.each(['postgres://u:p@db:5432/hooklane', 'POSTGRESQL://db/x', 'postgres:///x?host=/run'])(
    'returns %j as it was written',
    (text) => expect(schema.parse(text)).toBe(text),
  );

  it.each(['mysql://db', 'db:5432', 'postgres:db', 'postgres://a:b:c', 'postgresx://db'])('refuses %j', (text) => {
    expect(problemsOf(schema, text)).toEqual(['expected a URL starting with postgres:// or postgresql://']);
  });
});

describe('list', () => {
  it('splits at commas and drops blanks and empty items', () => {
    expect(list().parse(' 10.0.0.0/8, ,fd00::/8,')).toEqual(['10.0.0.0/8', 'fd00::/8']);
  });
});

describe('durationMs', () => {
  it.each([
    ['500ms', 500],
    ['15s', 15_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['3d', 259_200_000],
    ['0s', 0],
  ])('reads %j as %j', (text, value) => expect(durationMs().parse(text)).toBe(value));

  it.each(['30', '1.5h', '-1s', '5 m', '5M', 'm', '1h30m', '999999999999d'])(
    'refuses %j and names the form',
    (text) => {
      expect(problemsOf(durationMs(), text)).toEqual(['expected a duration such as 500ms, 15s, 5m, 1h or 3d']);
    },
  );
});

function problemsOf(schema: EnvSchema<unknown>, text: string): string[] | undefined {
  return schema.safeParse(text).error?.issues.map((issue) => issue.message);
}
