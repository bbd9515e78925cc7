import type { Suspended } from '../acts.ts';
import type { DoneFault } from '../conductor.ts';
import type { FaultKind } from '../plan.ts';
import type { PlannedWebhook } from '../receivers-plan.ts';
import type { ProducerRecord, ReceiverRecord } from '../records.ts';
import type { Told } from '../scrapes.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Sample } from '../watch.ts';
import type { LoggedLine } from '../worker-log.ts';

/** All that is known of a run: two ledgers, one snapshot, and what was done to it. Times are ms since 1970. */
export interface Evidence {
  readonly seconds: number;
  /** What a machine that is too busy can break by itself shall not count. */
  readonly allowsBusy: boolean;
  /** Traffic began; faults and receivers that misbehave came at `calmUntil`. */
  readonly begunAt: number;
  readonly calmUntil: number;
  /** How many faults there should have been. */
  readonly planned: number;
  /** What could have happened. */
  readonly kinds: readonly FaultKind[];
  readonly faults: readonly DoneFault[];
  readonly webhooks: ReadonlyArray<PlannedWebhook & { readonly uuid: string }>;
  readonly producer: readonly ProducerRecord[];
  readonly receiver: readonly ReceiverRecord[];
  readonly database: Snapshot;
  readonly samples: readonly Sample[];
  /** How often the tables were held against one another in the course of the run, and what did not match. */
  readonly snapshots: number;
  readonly imbalances: readonly string[];
  /** What the metrics of the processes say, the reaper's own comparison of the tables among it. */
  readonly told: Told;
  readonly suspensions: readonly Suspended[];
  readonly resent: number;
  /** What the workers say of their attempts. */
  readonly logged: readonly LoggedLine[];
  /** Files in which a secret stands in clear. */
  readonly leaks: readonly string[];
  /** Processes that ended although nobody ended them. */
  readonly ownEnds: readonly string[];
}
