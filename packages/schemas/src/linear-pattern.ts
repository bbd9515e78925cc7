import { RE2JS } from 're2js';

/** A pattern whose search takes time in proportion to the text, whatever either of them is. */
export interface LinearPattern {
  test(text: string): boolean;
  /** Steps of its program, which is what it takes in memory: repetitions are written out. */
  readonly steps: number;
  /** Its text: Ajv tells patterns apart by it. */
  toString(): string;
}

/**
 * The pattern of a JSON Schema, on the engine of RE2: backtracking would let a pattern of twenty characters keep a
 * processor for years. Throws for what RE2 does not have: look-around and back-references.
 */
export function linearPattern(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => compiled.test(text), steps: compiled.programSize(), toString: () => `/${pattern}/u` };
}
