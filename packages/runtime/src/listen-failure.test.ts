import { expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { listenFailure } from './listen-failure.ts';

const HEALTH = { port: 8081, variable: 'HOOKLANE_HEALTH_PORT' };

it.each([
  ['EADDRINUSE', 'port 8081 is in use: set HOOKLANE_HEALTH_PORT to a free one'],
  ['EACCES', 'port 8081 is not for this user: set HOOKLANE_HEALTH_PORT to one above 1023'],
])('%s becomes a sentence for whoever chose the port', (code, sentence) => {
  const failure = listenFailure(Object.assign(new Error('listen'), { code }), HEALTH);
  expect(failure).toBeInstanceOf(ConfigError);
  expect((failure as ConfigError).problems).toEqual([sentence]);
});

it('anything else stays what it is', () => {
  const error = Object.assign(new Error('listen'), { code: 'EADDRNOTAVAIL' });
  expect([listenFailure(error, HEALTH), listenFailure('x', HEALTH)]).toEqual([error, 'x']);
});
