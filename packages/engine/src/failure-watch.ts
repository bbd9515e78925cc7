import type { FreezeRule, HostCounts, OrgId, WebhookId } from '@hooklane/domain';
import { AT_ONCE_MS, FAILING_AT_MOST_MS, healthSign, suspensionsFrozen } from '@hooklane/domain';
import type { AttemptRecord, DueStore } from './due-work.ts';

/** The freeze began or ended, and what was known then. */
export interface FreezeChange extends HostCounts {
  what: 'frozen' | 'thawed';
}

/** What the store knows of how long webhooks have failed. */
export interface FailureRuns {
  /** Since the first failure of the run that the webhook is in, on the clock of the store, ms; null: it is in none. */
  lastedMs(webhookId: WebhookId): Promise<number | null>;
}

export interface FailureWatchPorts {
  rule: FreezeRule;
  /** Milliseconds of any origin, never set back. */
  clock: () => number;
  observe: (change: FreezeChange) => void;
}

/** Of one org there: whoever fails at the hosts of others must not pass for them. */
interface HostHealth {
  host: string;
  orgId: OrgId;
  /** Null: its last attempt succeeded. */
  failingSinceMs: number | null;
  lastAtMs: number;
}

/** A host that fails, or works, and those who say so. */
interface Sight {
  /** Since when, of the one who was struck first; null: it works. */
  failingSinceMs: number | null;
  orgs: ReadonlySet<OrgId>;
}

/** How long a worker that started among failures waits to hear of enough hosts before it judges any of them. */
const EARLY_MS = 30_000;

/** Hosts that are remembered; the one longest not heard of is forgotten first. */
const REMEMBERED = 20_000;

/** Sees by the attempts of this worker whether so many hosts fail at once that it must be us. */
export class FailureWatch {
  readonly #ports: FailureWatchPorts;
  /** By host and org. Whoever was heard of last comes last. */
  readonly #hosts = new Map<string, HostHealth>();
  readonly #sinceMs: number;
  /** Some were failing before this worker began. */
  #hasInherited = false;
  #wasFrozen = false;

  constructor(ports: FailureWatchPorts) {
    this.#ports = ports;
    this.#sinceMs = ports.clock();
  }

  /** A failure of a host that this worker never heard of from this org: whether it is news, only the store can tell. */
  isUnheardFailure(record: Noted): boolean {
    return signOf(record) === 'failure' && !this.#hosts.has(keyOf(record));
  }

  /** `lastedMs`: how long a host that was not heard of before has been failing. Default: since now. */
  note(record: Noted, lastedMs = 0): void {
    const sign = signOf(record);
    if (sign === 'none') return;
    const { orgId, destination } = record.claim;
    const { host } = destination;
    const nowMs = this.#ports.clock();
    this.#hasInherited ||= lastedMs > 0;
    const key = keyOf(record);
    const known = this.#hosts.get(key);
    const since = known === undefined ? nowMs - lastedMs : (known.failingSinceMs ?? nowMs);
    this.#hosts.delete(key);
    this.#hosts.set(key, { host, orgId, failingSinceMs: sign === 'failure' ? since : null, lastAtMs: nowMs });
    if (this.#hosts.size <= REMEMBERED) return;
    const [oldest] = this.#hosts.keys();
    if (oldest !== undefined) this.#hosts.delete(oldest);
  }

  /** Whether nobody is to be suspended now: it is frozen, or a worker that has just started cannot tell yet whether it is. */
  withholds(): boolean {
    if (this.isFrozen()) return true;
    const { clock, rule } = this.#ports;
    return this.#hasInherited && this.#byHost().size < rule.minHosts && clock() - this.#sinceMs <= EARLY_MS;
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
    const sights = [...this.#byHost().values()].flatMap((healths) => sightOf(healths, nowMs) ?? []);
    const begunMs = sights.flatMap(({ failingSinceMs }) => failingSinceMs ?? []);
    // Who has just started did not see how it began: it may have been a freeze that the worker before it was in.
    const saw = nowMs - this.#sinceMs > AT_ONCE_MS;
    const struck = saw ? begunMs.filter((ms) => nowMs - ms <= AT_ONCE_MS).length : mostAtOnce(begunMs);
    return { struck, ...sumOf(sights) };
  }

  #byHost(): Map<string, HostHealth[]> {
    const hosts = new Map<string, HostHealth[]>();
    for (const health of this.#hosts.values()) {
      const others = hosts.get(health.host);
      if (others === undefined) hosts.set(health.host, [health]);
      else others.push(health);
    }
    return hosts;
  }
}

/**
 * A host fails when nobody got through since it began to fail for somebody. Null: it has failed for so long that it is
 * its own fault, or nothing was heard of it lately.
 */
function sightOf(healths: readonly HostHealth[], nowMs: number): Sight | null {
  const worked = healths.filter(
    ({ failingSinceMs, lastAtMs }) => failingSinceMs === null && nowMs - lastAtMs <= AT_ONCE_MS,
  );
  const workedAtMs = Math.max(...worked.map(({ lastAtMs }) => lastAtMs));
  const failed = healths.filter(
    ({ failingSinceMs: ms }) => ms !== null && ms > workedAtMs && nowMs - ms <= FAILING_AT_MOST_MS,
  );
  if (failed.length > 0) {
    return { failingSinceMs: Math.min(...failed.map(({ failingSinceMs: ms }) => ms ?? nowMs)), orgs: orgsOf(failed) };
  }
  return worked.length > 0 ? { failingSinceMs: null, orgs: orgsOf(worked) } : null;
}

function orgsOf(healths: readonly HostHealth[]): Set<OrgId> {
  return new Set(healths.map(({ orgId }) => orgId));
}

type Noted = Pick<AttemptRecord, 'claim' | 'sent'>;

function keyOf({ claim }: Pick<Noted, 'claim'>): string {
  return `${claim.orgId} ${claim.destination.host}`;
}

function signOf({ claim, sent }: Noted): ReturnType<typeof healthSign> {
  return sent === null ? 'none' : healthSign(sent.report.outcome, claim.origin);
}

/** The largest number of those that began within minutes of one another, whenever that was. */
function mostAtOnce(begunMs: readonly number[]): number {
  const inOrder = begunMs.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [n, ms] of inOrder.entries()) {
    while (ms - (inOrder[first] ?? ms) >= AT_ONCE_MS) first++;
    most = Math.max(most, n - first + 1);
  }
  return most;
}

/** Others: than the org that fails at most hosts. */
function sumOf(sights: readonly Sight[]): Omit<HostCounts, 'struck'> {
  const failing = sights.filter(({ failingSinceMs }) => failingSinceMs !== null);
  const worst = mostFrequent(failing.flatMap(({ orgs }) => [...orgs]));
  const isOthers = ({ orgs }: Sight) => orgs.size > (worst !== null && orgs.has(worst) ? 1 : 0);
  const othersFailing = failing.filter(isOthers).length;
  const others = sights.filter(isOthers).length;
  return {
    failing: failing.length,
    working: sights.length - failing.length,
    othersFailing,
    othersWorking: others - othersFailing,
  };
}

function mostFrequent(orgs: readonly OrgId[]): OrgId | null {
  const counts = new Map<OrgId, number>();
  let most: OrgId | null = null;
  for (const org of orgs) {
    counts.set(org, (counts.get(org) ?? 0) + 1);
    if (most === null || (counts.get(org) ?? 0) > (counts.get(most) ?? 0)) most = org;
  }
  return most;
}

/**
 * Notes what is recorded, before it is: the record itself may be what suspends. A host that fails and was never heard of here
 * may have been broken for days, and after a restart all that are broken are such: the store is asked how long. Where it does
 * not answer, the next failure asks again.
 */
export function watchFailures(
  due: Pick<DueStore, 'record'>,
  watch: FailureWatch,
  runs: FailureRuns,
): Pick<DueStore, 'record'> {
  async function noteUnheard(record: AttemptRecord): Promise<void> {
    try {
      watch.note(record, (await runs.lastedMs(record.claim.webhookId)) ?? 0);
    } catch {
      // What it is about is recorded, or fails to be, right after this: that is where it shows.
    }
  }

  return {
    record(record) {
      if (watch.isUnheardFailure(record)) return noteUnheard(record).then(() => due.record(record));
      watch.note(record);
      return due.record(record);
    },
  };
}
