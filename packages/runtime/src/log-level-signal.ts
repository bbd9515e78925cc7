import type { Logger } from './logger.ts';

/**
 * SIGUSR2 makes a running process log everything down to `debug`, the next one what it was told to at its start: who looks for a fault that
 * shows now must not have to restart what has it. Returns what ends it.
 */
export function toggleDebugOnSignal(logger: Pick<Logger, 'level' | 'warn'>): () => void {
  const configured = logger.level;
  const toggle = () => {
    logger.level = logger.level === 'debug' ? configured : 'debug';
    // Below this nothing would show that it worked.
    logger.warn({ log_level: logger.level }, 'log.level_changed');
  };
  process.on('SIGUSR2', toggle);
  return () => void process.off('SIGUSR2', toggle);
}
