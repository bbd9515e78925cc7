import type { Problem } from '@hooklane/domain';

/** What the thread is asked. Everything is text or bytes: it is copied from one thread to the other. */
export type Ask =
  | { kind: 'examine'; schema: string; examples: string }
  /** `schema` is left out where the thread may know it by its id. */
  | { kind: 'check'; id: string; schema?: string; payload: Uint8Array };

/** Null: the thread does not know the schema. */
export type Answer = Problem[] | null;

/** Answered in their order, by one message. */
export interface Asked {
  asks: Ask[];
}

export interface Answered {
  answers: Answer[];
}

/** Said once, when the thread is able to answer. */
export const READY = 'ready';
