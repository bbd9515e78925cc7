import type { System, SystemOrg } from './system.ts';

/** Where one run of commands is played: an org of its own on a system that all runs share. */
export interface Scene {
  readonly system: System;
  readonly org: SystemOrg;
  /** How many requests at each path were looked at. */
  readonly checked: Map<string, number>;
  /** How often each kind of command was executed, over all runs. */
  readonly executed: Map<string, number>;
}
