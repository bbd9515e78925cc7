/** One guard that is taken out, and the tests that must fall then. */
export interface Mutation {
  readonly name: string;
  /** A file of test/faults, without its ending. */
  readonly test: string;
  /** A pattern of the names of its tests. Default: all. */
  readonly only?: string;
  /** The test runs what is in dist, which must be built anew. Default false. */
  readonly built?: boolean;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Everywhere in the file. Default: the first time. */
  readonly all?: boolean;
}
