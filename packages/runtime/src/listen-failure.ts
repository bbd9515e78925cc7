import { ConfigError } from './config.ts';

/** What is in the way when a port cannot be had, for the person who has to choose another; any other error as it is. */
export function listenFailure(error: unknown, { port, variable }: { port: number; variable: string }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return new ConfigError([`port ${port} is in use: set ${variable} to a free one`]);
  if (code === 'EACCES')
    return new ConfigError([`port ${port} is not for this user: set ${variable} to one above 1023`]);
  return error;
}
