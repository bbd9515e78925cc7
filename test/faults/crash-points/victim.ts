import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrashPoint } from '../../composition/crash-points.ts';
import { ARMED, REACHED } from '../../composition/crash-points.ts';
import type { FleetProcess } from '../../support/fleet.ts';
import { until } from '../../support/until.ts';

/** Arms crash points in one process of a fleet and watches it die. */
export interface Victim {
  /** Put this into the environment of the process. */
  readonly env: { readonly CRASH_DIR: string };
  arm(point: CrashPoint): void;
  /** The process must end, and at this very point; then a new one is started with nothing armed, or with the same. */
  diesAndIsReplaced(point: CrashPoint, process: FleetProcess, options?: { armAgain: boolean }): Promise<void>;
  /** Whatever happened: nothing armed, and a process that runs. */
  recover(process: FleetProcess): Promise<void>;
  dispose(): void;
}

export function newVictim(): Victim {
  const folder = mkdtempSync(join(tmpdir(), 'hooklane-crash-'));
  const disarm = () => rmSync(join(folder, ARMED), { force: true });
  const arm = ({ name }: CrashPoint) => {
    rmSync(join(folder, REACHED), { force: true });
    writeFileSync(join(folder, ARMED), name);
  };
  return {
    env: { CRASH_DIR: folder },
    arm,
    async diesAndIsReplaced(point, process, { armAgain } = { armAgain: false }) {
      const { name } = point;
      await until(() => !process.isRunning(), {
        what: `the process to die at ${name}: never reached`,
        timeoutMs: 30_000,
      });
      const reached = readFileSync(join(folder, REACHED), 'utf8');
      if (reached !== name) throw new Error(`It died at ${reached}, not at ${name}`);
      if (armAgain) arm(point);
      else disarm();
      await process.start();
    },
    async recover(process) {
      disarm();
      await process.kill('SIGKILL');
      await process.start();
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
