import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { ModelCommand } from './command.ts';

/** How often a kind of command is drawn beside the others, and what is drawn. */
export interface Kind {
  readonly weight: number;
  readonly commands: Arbitrary<ModelCommand>;
}

export type Kinds = Readonly<Record<string, Kind>>;

/** One of however many there are by then. */
export const pick = fc.nat(99);
export const hurried = fc.boolean();
