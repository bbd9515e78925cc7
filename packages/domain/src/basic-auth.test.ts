import { describe, expect, it } from 'vitest';
import { basicAuthorization, basicAuthProblems } from './basic-auth.ts';

const fieldsOf = (username: string, password: string) =>
  basicAuthProblems({ username, password }).map((problem) => problem.field);

describe('user name and password', () => {
  it('become the header of RFC 7617, in UTF-8', () => {
    expect(basicAuthorization({ username: 'Aladdin', password: 'open sesame' })).toBe(
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    );
    expect(basicAuthorization({ username: 'test', password: '123£' })).toBe('Basic dGVzdDoxMjPCow==');
  });

  it('may have spaces, colons in the password, and no password at all', () => {
    expect(fieldsOf('a user', 'a: b')).toEqual([]);
    expect(fieldsOf('token', '')).toEqual([]);
    expect(fieldsOf('u'.repeat(256), 'p'.repeat(1024))).toEqual([]);
  });

  it.each([
    ['', 'p', ['auth.username']],
    ['a:b', 'p', ['auth.username']],
    ['a\nb', 'p', ['auth.username']],
    ['u'.repeat(257), 'p', ['auth.username']],
    ['\ud800', '\ud800', ['auth.username', 'auth.password']],
    ['u', 'a\r\nb', ['auth.password']],
    ['u', '\0', ['auth.password']],
    ['u', 'p'.repeat(1025), ['auth.password']],
  ])('are refused when they are %j and %j', (username, password, fields) => {
    expect(fieldsOf(username, password)).toEqual(fields);
  });
});
