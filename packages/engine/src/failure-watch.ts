import type { FreezeRule, HostCounts, OrgId } from '@hooklane/domain';
import { AT_ONCE_MS, FAILING_AT_MOST_MS, healthSign, suspensionsFrozen } from '@hooklane/domain';
import type { AttemptRecord, DueStore } from './due-work.ts';

/** The freeze began or ended, and what was known then. */
export interface FreezeChange extends HostCounts {
  what: 'frozen' | 'thawed';
}

export interface FailureWatchPorts {
  rule: FreezeRule;
  /** Milliseconds of any origin, never set back. */
  clock: () => number;
  observe: (change: FreezeChange) => void;
}

interface HostHealth {
  /** Null: its last attempt succeeded. */
  failingSinceMs: number | null;
  lastAtMs: number;
  /** Whose attempt it was. */
  orgId: OrgId;
}

/** Hosts that are remembered; the one longest not heard of is forgotten first. */
const REMEMBERED = 20_000;

/** Sees by the attempts of this worker whether so many hosts fail at once that it must be us. */
export class FailureWatch {
  readonly #ports: FailureWatchPorts;
  /** Whoever was heard of last comes last. */
  readonly #hosts = new Map<string, HostHealth>();
  #wasFrozen = false;

  constructor(ports: FailureWatchPorts) {
    this.#ports = ports;
  }

  note({ claim, sent }: Pick<AttemptRecord, 'claim' | 'sent'>): void {
    const sign = sent === null ? 'none' : healthSign(sent.report.outcome, claim.origin);
    if (sign === 'none') return;
    const { host } = claim.destination;
    const nowMs = this.#ports.clock();
    const since = this.#hosts.get(host)?.failingSinceMs ?? nowMs;
    this.#hosts.delete(host);
    this.#hosts.set(host, { failingSinceMs: sign === 'failure' ? since : null, lastAtMs: nowMs, orgId: claim.orgId });
    if (this.#hosts.size <= REMEMBERED) return;
    const [oldest] = this.#hosts.keys();
    if (oldest !== undefined) this.#hosts.delete(oldest);
  }

  /** Judged anew by what is known now. */
  isFrozen(): boolean {
    const counts = this.#counts();
    const isFrozen = suspensionsFrozen(counts, this.#ports.rule, this.#wasFrozen);
    if (isFrozen !== this.#wasFrozen) this.#ports.observe({ what: isFrozen ? 'frozen' : 'thawed', ...counts });
    this.#wasFrozen = isFrozen;
    return isFrozen;
  }

  #counts(): HostCounts {
    const nowMs = this.#ports.clock();
    const orgs = new Map<OrgId, OrgCounts>();
    for (const host of this.#hosts.values()) {
      const counts = orgs.get(host.orgId) ?? { failing: 0, struck: 0, working: 0 };
      orgs.set(host.orgId, counts);
      countHost(counts, host, nowMs);
    }
    return sumOf([...orgs.values()]);
  }
}

type OrgCounts = Pick<HostCounts, 'failing' | 'struck' | 'working'>;

function countHost(counts: OrgCounts, { failingSinceMs, lastAtMs }: HostHealth, nowMs: number): void {
  if (failingSinceMs === null) counts.working += Number(nowMs - lastAtMs <= AT_ONCE_MS);
  else {
    counts.failing += Number(nowMs - failingSinceMs <= FAILING_AT_MOST_MS);
    counts.struck += Number(nowMs - failingSinceMs <= AT_ONCE_MS);
  }
}

function sumOf(orgs: readonly OrgCounts[]): HostCounts {
  const sum = { failing: 0, struck: 0, working: 0 };
  let worst: OrgCounts = sum;
  for (const org of orgs) {
    sum.failing += org.failing;
    sum.struck += org.struck;
    sum.working += org.working;
    if (worst === sum || org.failing > worst.failing) worst = org;
  }
  return { ...sum, othersFailing: sum.failing - worst.failing, othersWorking: sum.working - worst.working };
}

/** Notes what is recorded, before it is: the record itself may be what suspends. */
export function watchFailures(due: Pick<DueStore, 'record'>, watch: FailureWatch): Pick<DueStore, 'record'> {
  return {
    record(record) {
      watch.note(record);
      return due.record(record);
    },
  };
}
