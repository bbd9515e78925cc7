import { expect, it } from 'vitest';
import { describeError } from './describe-error.ts';

it('follows causes, but not for ever', () => {
  const error = new Error('its own cause');
  error.cause = error;
  const text = JSON.stringify(describeError(error));
  expect(text.split('"message":"its own cause"')).toHaveLength(7);
});

it('shows some of the errors of an AggregateError, whose own message is often empty', () => {
  const refused = Array.from({ length: 9 }, () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
  const described = describeError(Object.assign(new AggregateError(refused, 'as Node makes it:'), { message: '' }));
  expect(described).toMatchObject({ type: 'AggregateError', message: '' });
  expect(described.errors).toHaveLength(5);
  expect(described.errors?.[0]).toMatchObject({ message: 'connect', code: 'ECONNREFUSED' });
});

it('turns a numeric code into text and drops codes of other types', () => {
  expect(describeError(Object.assign(new Error('x'), { code: 7 })).code).toBe('7');
  expect(describeError(Object.assign(new Error('x'), { code: { secret: 1 } }))).not.toHaveProperty('code');
});

it.each([
  ['a text', { type: 'string', message: 'a text' }],
  [undefined, { type: 'undefined', message: 'undefined' }],
  [null, { type: 'object', message: 'null' }],
  [{ password: 'pw' }, { type: 'object', message: 'a thrown object' }],
])('describes the thrown value %j, which is no Error', (thrown, described) => {
  expect(describeError(thrown)).toEqual(described);
});

it('leaves out what a query library says of its parameters, and keeps the cause', () => {
  const cause = new Error('duplicate key');
  const error = Object.assign(new Error('Failed query: insert\nparams: secret', { cause }), {
    query: 'q',
    params: ['s'],
  });
  const described = describeError(error);
  expect(JSON.stringify(described)).not.toContain('secret');
  expect(described).toMatchObject({ message: 'a query failed', cause: { message: 'duplicate key' } });
});
