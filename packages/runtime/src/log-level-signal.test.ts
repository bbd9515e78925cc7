import { afterEach, expect, it } from 'vitest';
import { toggleDebugOnSignal } from './log-level-signal.ts';
import { createLogger } from './logger.ts';

let end = () => {};
afterEach(() => end());

it('SIGUSR2 turns debugging on and off again, and says so', () => {
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ name: 'test', level: 'warn', destination });
  end = toggleDebugOnSignal(logger);

  logger.debug('not yet');
  process.emit('SIGUSR2');
  logger.debug('now');
  process.emit('SIGUSR2');
  logger.info('no more');

  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    'warn log.level_changed',
    'debug now',
    'warn log.level_changed',
  ]);
});
