import { describe, expect, it } from 'vitest';
import type { Logger } from './logger.ts';
import { createLogger } from './logger.ts';

const SECRET = 'do-not-print-me';

describe('a line', () => {
  it('is JSON with the level by name, an ISO time, the service and the process', () => {
    const [line] = linesOf((logger) => logger.info({ webhook: 'wh_1' }, 'suspended'));
    expect(line).toMatchObject({
      level: 'info',
      service: 'worker',
      pid: process.pid,
      webhook: 'wh_1',
      msg: 'suspended',
    });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is not written below the level', () => {
    expect(linesOf((logger) => logger.debug('detail'))).toEqual([]);
  });
});

describe('redaction', () => {
  const keys = ['authorization', 'cookie', 'secret', 'secrets', 'password', 'signature', 'headers'];

  it.each(keys)('replaces %s at the top, one level below, and in the bindings of a child', (key) => {
    const sensitive = { [key]: { value: SECRET } };
    const lines = linesOf((logger) => {
      logger.info({ ...sensitive, kept: 1 });
      logger.info({ webhook: { ...sensitive, kept: 1 } });
      logger.child(sensitive).info('from a child');
      logger.child({ request: sensitive }).info('from a child');
    });
    expect(JSON.stringify(lines)).not.toContain(SECRET);
    expect(lines[0]).toMatchObject({ [key]: '[redacted]', kept: 1 });
    expect(lines[1]).toMatchObject({ webhook: { [key]: '[redacted]', kept: 1 } });
    expect(lines[2]).toMatchObject({ [key]: '[redacted]' });
    expect(lines[3]).toMatchObject({ request: { [key]: '[redacted]' } });
  });

  it('sees what a serializer returns for a request', () => {
    const serializers = { req: () => ({ method: 'POST', headers: { authorization: SECRET } }) };
    const [line] = linesOf((logger) => logger.child({}, { serializers }).info({ req: {} }));
    expect(line?.['req']).toEqual({ method: 'POST', headers: '[redacted]' });
  });

  it('leaves alone what has nothing sensitive, dates and URLs too', () => {
    const [line] = linesOf((logger) => logger.info({ at: new Date(0), url: new URL('https://example.com/a') }));
    expect(line).toMatchObject({ at: '1970-01-01T00:00:00.000Z', url: 'https://example.com/a' });
  });

  it('leaves the object of the caller as it was', () => {
    const record = { webhook: { secret: SECRET } };
    linesOf((logger) => logger.info(record));
    expect(record).toEqual({ webhook: { secret: SECRET } });
  });
});

describe('an error', () => {
  it.each([
    ['as the record', (logger: Logger, error: Error) => logger.error(error)],
    ['under err', (logger: Logger, error: Error) => logger.error({ err: error })],
    ['under any other key', (logger: Logger, error: Error) => logger.error({ reason: error })],
    ['in the bindings of a child', (logger: Logger, error: Error) => logger.child({ err: error }).error('failed')],
  ])('%s is printed with its named fields only', (_, log) => {
    const error = Object.assign(new TypeError('broken', { cause: new Error('deeper') }), {
      code: 'E42',
      request: { body: SECRET },
    });
    const [line] = linesOf((logger) => log(logger, error));
    const described = line?.['err'] ?? line?.['reason'];
    expect(described).toMatchObject({
      type: 'TypeError',
      message: 'broken',
      code: 'E42',
      cause: { message: 'deeper' },
    });
    expect(Object.keys(described as object).sort()).toEqual(['cause', 'code', 'message', 'stack', 'type']);
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });
});

function linesOf(log: (logger: Logger) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  log(createLogger({ name: 'worker', level: 'info', destination }));
  return lines;
}
