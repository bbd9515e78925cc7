import type { Api, QueryOf } from './api.ts';
import type {
  ErasureDryRun,
  Pauses,
  Queues,
  ReplayDiverted,
  ResealingDryRun,
  UnsuspendedWebhooks,
  UnsuspendWebhooks,
} from './api-types.ts';
import { begun, counted, perSecond } from './operations.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import type { AuditEntry, DivertedEvent, DryRun, Operation, ResendOptions } from './types.ts';

/** Calls over all orgs. Needs the operator's key. */
export interface Admin {
  /** Resends the diverted events that match, of every org; after an outage of our own, say. */
  replayDiverted(filter: ReplayDiverted['filter'], options?: ResendOptions): Promise<Operation>;
  /** How many `replayDiverted` would send now; nothing is sent. */
  countReplayDiverted(filter: ReplayDiverted['filter']): Promise<DryRun>;
  /** Diverted events of every org, newest first. */
  diverted(query?: QueryOf<'listAllDiverted'>): Promise<Page<DivertedEvent>>;
  /** Who changed what in all orgs, newest first. */
  audit(query?: QueryOf<'listAllAudit'>): Promise<Page<AuditEntry>>;
  operation(id: string): Promise<Operation>;
  /** Operations of every org, newest first. */
  operations(query?: QueryOf<'listAllOperations'>): Promise<Page<Operation>>;
  cancelOperation(id: string): Promise<Operation>;
  /** Deletes an org and then everything that was its. `orgId`: not its slug. Cannot be undone. */
  erase(orgId: string, options?: ResendOptions): Promise<Operation>;
  /** What `erase` would come to now; nothing is deleted. */
  countErase(orgId: string): Promise<ErasureDryRun>;
  /** Seals all secrets with the newest key that seals. */
  reseal(options?: ResendOptions): Promise<Operation>;
  /** How much `reseal` would have to seal now; nothing is. */
  countReseal(): Promise<ResealingDryRun>;
  /** How much there is to do. */
  queues(): Promise<Queues>;
  /** Whose deliveries are paused. */
  pauses(): Promise<Pauses>;
  /** Keeps all deliveries of all orgs waiting, until `resume`. */
  pause(): Promise<Pauses>;
  resume(): Promise<Pauses>;
  /** Ends the suspension of all that match, or with `dryRun` tells which they are. */
  unsuspend(filter: UnsuspendWebhooks['filter'], options?: { dryRun?: boolean }): Promise<UnsuspendedWebhooks>;
}

export function adminOf(api: Api): Admin {
  return {
    replayDiverted: (filter, options) =>
      begun(api('replayDiverted', { params: {}, body: { filter, ...perSecond(options) } })),
    countReplayDiverted: (filter) =>
      counted(api('replayDiverted', { params: {}, body: { filter, dry_run: true }, repeat: 'always' })),
    diverted: (query) => listing(api, 'listAllDiverted', {}).list(query),
    audit: (query) => listing(api, 'listAllAudit', {}).list(query),
    operation: (id) => api('getAnyOperation', { params: { id } }),
    operations: (query) => listing(api, 'listAllOperations', {}).list(query),
    cancelOperation: (id) => api('cancelAnyOperation', { params: { id }, repeat: 'always' }),
    erase: (orgId, options) =>
      begun(api('eraseOrg', { params: {}, body: { org_id: orgId, ...perSecond(options) }, repeat: 'always' })),
    countErase: (orgId) =>
      counted(api('eraseOrg', { params: {}, body: { org_id: orgId, dry_run: true }, repeat: 'always' })),
    reseal: (options) => begun(api('reseal', { params: {}, body: { ...perSecond(options) }, repeat: 'always' })),
    countReseal: () => counted(api('reseal', { params: {}, body: { dry_run: true }, repeat: 'always' })),
    queues: () => api('getQueues', { params: {} }),
    pauses: () => api('getPauses', { params: {} }),
    pause: () => api('pauseAll', { params: {}, repeat: 'always' }),
    resume: () => api('resumeAll', { params: {}, repeat: 'always' }),
    unsuspend: (filter, { dryRun = false } = {}) =>
      api('unsuspendWebhooks', { params: {}, body: { filter, dry_run: dryRun }, repeat: 'always' }),
  };
}
