import type { Problem } from '@hooklane/domain';

/** What the thread is asked. Everything is text or bytes: it is copied from one thread to the other. */
export type Ask =
  | { kind: 'examine'; schema: string; examples: string }
  /** `schema` is left out where the thread may know it by its id. */
  | { kind: 'check'; id: string; schema?: string; payload: Uint8Array };

/** Null: the thread does not know the schema. */
export type Answer = Problem[] | null;

/** Answered in their order, by one message: the first of them, and as many more as there is time for. */
export interface Asked {
  asks: Ask[];
}

export interface Answered {
  /** One at least. Those that are missing were not begun. */
  answers: Answer[];
  /** How long the last of them took. */
  lastMs: number;
}

/** Said once, when the thread is able to answer. */
export const READY = 'ready';
