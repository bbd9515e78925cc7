import type { Policy } from './policy.ts';
import type { Range, World } from './world.ts';

/** How a receiver behaves. `slow`: it keeps requests until it is told how to answer. */
export type Manner = 'up' | 'down' | 'gone' | 'throttled' | 'slow';

export const ANSWERS = { up: 200, down: 500, gone: 410, throttled: 429 } as const;

/** What steps depend on besides the world. */
export interface Setting {
  readonly policy: Policy;
  readonly manner: Manner;
  /** From when all was last seen at rest until the present, on the database clock: steps happen somewhere in it. */
  readonly now: Range;
  /** The end of a claim that begins now. */
  readonly claimMs: number;
  /** How often workers said that they could not write a result, by event: on a starved machine Postgres may be out of reach. */
  readonly faults: ReadonlyMap<string, number>;
}

/** Something that Hooklane may do by itself. */
export interface Step {
  /** Who does it: a delivery, by its event, an operation, or who suspends. */
  readonly actor: string;
  /** It will be done sooner or later: while there is such a step, the world is not at rest. */
  readonly must: boolean;
  /** While the receiver keeps its manners, whatever else is done leads to the same, before or after it. */
  readonly silent: boolean;
  readonly to: World;
}
