import { closeSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/** Lines that are only ever added. What is counted must have been synced: neither may be lost with a process. */
export interface Ledger {
  /** In the kernel when this returns: it survives our own end. */
  append(record: object): void;
  /** On the disk when this resolves, with all that was appended before; callers at one time share one fdatasync. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

export function openLedger(file: string): Ledger {
  const fd = openSync(file, 'a', 0o600);
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function start(): Promise<void> {
    running = sync(fd).finally(() => {
      running = null;
    });
    return running;
  }

  /** A sync under way may have begun before the caller's line: the next one has it. */
  function synced(): Promise<void> {
    if (running === null) return start();
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  }

  return {
    append: (record) => void writeSync(fd, `${JSON.stringify(record)}\n`),
    synced,
    async close() {
      await synced();
      closeSync(fd);
    },
  };
}

export function readLedger<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
