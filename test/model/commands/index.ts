import type { Arbitrary } from 'fast-check';
import type { ModelCommand } from './command.ts';
import type { Kinds } from './kinds.ts';
import { machineryKinds } from './machinery.ts';
import { publishKinds } from './publish.ts';
import { receiverKinds } from './receivers-change.ts';
import { webhookKinds } from './webhooks.ts';

const KINDS: Kinds = { ...publishKinds, ...receiverKinds, ...webhookKinds, ...machineryKinds };

/** Each of them must have been executed for a run to prove anything. */
export const COMMAND_NAMES: readonly string[] = Object.keys(KINDS);

/** What fast-check draws from: all equally often, so the heavier ones are there several times. */
export function commandArbitraries(): Arbitrary<ModelCommand>[] {
  return Object.values(KINDS).flatMap(({ weight, commands }) => Array.from({ length: weight }, () => commands));
}
