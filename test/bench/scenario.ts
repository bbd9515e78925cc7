import type { Defer } from './stage.ts';

/** Flat; its names are what `--json` writes. An object only under `rates`, per rate. */
export type Figures = Readonly<Record<string, number | string | Readonly<Record<string, object>>>>;

export interface BenchContext {
  readonly tell: (line: string) => void;
  readonly defer: Defer;
  /** What is measured in all, set-up and warm-up on top. */
  readonly seconds: number;
  /** How often each figure is measured; the median counts. */
  readonly rounds: number;
  /** The sizes that the targets are meant for, which take many minutes; else a fifth or less. */
  readonly full: boolean;
  readonly profiles: string | null;
  /** Both, as figures have them. */
  readonly told: { readonly seconds: number; readonly rounds: number };
}

/** One measurement, from nothing to its figures. */
export interface Scenario {
  /** One line for the usage. */
  readonly what: string;
  /** Where `--seconds` is not given. */
  readonly seconds: number;
  run(context: BenchContext): Promise<Figures>;
}
