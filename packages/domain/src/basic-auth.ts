import type { Problem } from './errors.ts';

/** A user name and password that a receiver asks for (RFC 7617). */
export interface BasicAuth {
  username: string;
  password: string;
}

export const USERNAME_CHARS = 256;
export const PASSWORD_CHARS = 1024;

/** What is wrong with them; messages never repeat a value. */
export function basicAuthProblems({ username, password }: BasicAuth): Problem[] {
  const problems: Problem[] = [];
  if (!/^[^:\p{Cc}\p{Surrogate}]+$/u.test(username) || username.length > USERNAME_CHARS) {
    const message = `must be 1 to ${USERNAME_CHARS} characters without colons and control characters`;
    problems.push({ field: 'auth.username', message });
  }
  if (!/^[^\p{Cc}\p{Surrogate}]*$/u.test(password) || password.length > PASSWORD_CHARS) {
    const message = `must be at most ${PASSWORD_CHARS} characters without control characters`;
    problems.push({ field: 'auth.password', message });
  }
  return problems;
}

/** The value of `authorization`; in UTF-8. */
export function basicAuthorization({ username, password }: BasicAuth): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
