import type { OrgId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { JsonSchema, SchemaDraft, SchemaJudge, SchemaRef } from '@hooklane/engine';
import { OverloadedError } from '@hooklane/runtime';
import type { Answer, Ask } from './asks.ts';
import { CheckThread } from './check-thread.ts';
import { FairAsks } from './fair-asks.ts';

export interface SchemaJudgeOptions {
  /** The schema behind an id; null when there is none any more. */
  load: (schema: SchemaRef) => Promise<JsonSchema | null>;
  /** The thread failed, or took too long. */
  onFault: (error: unknown) => void;
  /** ms. Default 2,000: a hundred times what the largest schema and payload need. */
  answerWithinMs?: number;
  /** An org whose schema took too long is refused for so long, ms: others use the same thread. Default 10,000. */
  pauseMs?: number;
  /** Milliseconds since some moment. */
  clock?: () => number;
  /** See {@link CheckThread}. */
  entry?: URL;
}

export interface ClosableSchemaJudge extends SchemaJudge {
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Judges in a thread of its own: to compile a schema takes up to a fifth of a second, and schemas as well as payloads come
 * from strangers. What is asked at the same time goes there together, orgs in turn; what makes the thread fail is found by
 * asking again one by one.
 */
export function createSchemaJudge(options: SchemaJudgeOptions): ClosableSchemaJudge {
  return new ThreadJudge(options);
}

class ThreadJudge implements ClosableSchemaJudge {
  readonly #options: SchemaJudgeOptions;
  readonly #thread: CheckThread;
  readonly #asks: FairAsks;
  /** By what was asked and for whom: a draft that takes too long keeps nobody from publishing. */
  readonly #pausedUntil = new Map<string, number>();

  constructor(options: SchemaJudgeOptions) {
    this.#options = options;
    const { answerWithinMs = 2_000, entry } = options;
    this.#thread = new CheckThread({ answerWithinMs, ...(entry && { entry }) });
    this.#asks = new FairAsks({ ask: (asks) => this.#thread.ask(asks.map(copied)), clock: () => this.#now() });
  }

  async examine(orgId: OrgId, { schema, examples }: SchemaDraft) {
    const ask: Ask = { kind: 'examine', schema: JSON.stringify(schema), examples: JSON.stringify(examples) };
    return (await this.#ask(ask, orgId)) ?? [];
  }

  async check(ref: SchemaRef, payload: Buffer) {
    const ask = { kind: 'check', id: ref.id, payload } as const;
    const known = await this.#ask(ask, ref.orgId);
    if (known !== null) return known;
    const schema = await this.#options.load(ref);
    // Deleted meanwhile: the event will be found stale, and held against what is there now.
    if (schema === null) return [];
    return (await this.#ask({ ...ask, schema: JSON.stringify(schema) }, ref.orgId)) ?? [];
  }

  async close(): Promise<void> {
    await this.#asks.drain();
    await this.#thread.close();
  }

  async #ask(ask: Ask, orgId: OrgId): Promise<Answer> {
    const asking = `${ask.kind} ${orgId}`;
    if ((this.#pausedUntil.get(asking) ?? 0) > this.#now()) throw new DomainError('schema_timeout');
    try {
      return await this.#asks.submit(orgId, ask);
    } catch (error) {
      if (error instanceof OverloadedError) throw error;
      this.#options.onFault(error);
      this.#pause(asking);
      throw new DomainError('schema_timeout', undefined, { cause: error });
    }
  }

  #pause(asking: string): void {
    const now = this.#now();
    for (const [paused, until] of this.#pausedUntil) if (until <= now) this.#pausedUntil.delete(paused);
    this.#pausedUntil.set(asking, now + (this.#options.pauseMs ?? 10_000));
  }

  #now(): number {
    return (this.#options.clock ?? performance.now.bind(performance))();
  }
}

/** Only the bytes of the payload: those of the whole request around it would go along. */
function copied(ask: Ask): Ask {
  return ask.kind === 'check' ? { ...ask, payload: new Uint8Array(ask.payload) } : ask;
}
