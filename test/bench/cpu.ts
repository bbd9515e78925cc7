import { readdirSync, readFileSync } from 'node:fs';

/** CPU that a process and all that it started have used, ms; what ended counts too once its parent has seen it. */
export function cpuMsOf(pid: number): number {
  const all = readAll();
  return sumOf(pid, all) * TICK_MS;
}

/** Bytes of memory that a process holds. */
export function rssOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Linux counts in hundredths of a second wherever Node runs. */
const TICK_MS = 10;

interface Stat {
  readonly parent: number;
  /** Its own and that of its ended children, in ticks. */
  readonly ticks: number;
}

function readAll(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(name) : null;
    if (stat !== null) stats.set(Number(name), stat);
  }
  return stats;
}

function readStat(pid: string): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program is in brackets and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return null;
  }
}

function sumOf(pid: number, stats: ReadonlyMap<number, Stat>): number {
  let sum = stats.get(pid)?.ticks ?? 0;
  for (const [child, { parent }] of stats) if (parent === pid) sum += sumOf(child, stats);
  return sum;
}
