import type { z } from 'zod';
import { invariant } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** One row of the table: where a setting comes from and what it may be. */
export interface Setting {
  /** Name of the environment variable. */
  env: string;
  /** Takes the text of the variable; one that accepts undefined makes the setting optional. See `env-schemas.ts`. */
  schema: z.ZodType<unknown, string | undefined>;
  /** One sentence for the operator. */
  description: string;
  /** As it would stand in the environment. */
  default?: string;
  /** The value is never quoted. */
  secret?: boolean;
}

export type Settings = Readonly<Record<string, Setting>>;
export type Env = Readonly<Record<string, string | undefined>>;
export type ConfigOf<S extends Settings> = { readonly [Key in keyof S]: z.output<S[Key]['schema']> };

export interface SettingDescription {
  env: string;
  description: string;
  default: string | undefined;
  required: boolean;
  secret: boolean;
}

export interface ConfigDefinition<S extends Settings> {
  /**
   * Reads all settings, frozen. An empty variable counts as unset. Variables named `HOOKLANE_*` that are neither in the
   * table nor in `alsoKnown` (what the other processes read from the same file) are problems: a misspelt limit would
   * otherwise stay at its default unnoticed. Throws a ConfigError that holds all problems at once.
   */
  read(env: Env, alsoKnown?: Iterable<string>): ConfigOf<S>;
  /** The table for the documentation, in the order written. */
  describe(): SettingDescription[];
}

/** The environment is wrong; every problem is a line for the person who has to mend it. No secret is quoted. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`wrong configuration: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** Throws an InvariantError if two settings share a variable or a default does not fit its own schema. */
export function defineConfig<const S extends Settings>(settings: S): ConfigDefinition<S> {
  const rows = Object.values(settings);
  const names = new Set(rows.map((setting) => setting.env));
  invariant(names.size === rows.length, 'two settings read the same environment variable');
  for (const setting of rows) checkDefault(setting);
  return {
    read: (env, alsoKnown = []) => readSettings(settings, env, new Set([...names, ...alsoKnown])),
    describe: () => rows.map(describeSetting),
  };
}

function checkDefault(setting: Setting): void {
  if (setting.default === undefined) return;
  invariant(setting.schema.safeParse(setting.default).success, `${setting.env}: the default does not fit the schema`);
}

function readSettings<S extends Settings>(settings: S, env: Env, known: ReadonlySet<string>): ConfigOf<S> {
  const values: Record<string, unknown> = {};
  const problems = unknownNames(env, known);
  for (const [key, setting] of Object.entries(settings)) {
    const text = textOf(setting, env);
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) values[key] = parsed.data;
    else problems.push(problemOf(setting, text, parsed.error));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // Each value came out of the schema of its own key: what the compiler cannot follow through the loop.
  return Object.freeze(values) as ConfigOf<S>;
}

function unknownNames(env: Env, known: ReadonlySet<string>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('HOOKLANE_') && env[name] !== '' && env[name] !== undefined && !known.has(name))
    .map((name) => {
      const near = nearestName(name, known);
      return `${name} is not a known variable${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}

function textOf(setting: Setting, env: Env): string | undefined {
  const text = env[setting.env];
  return text === undefined || text === '' ? setting.default : text;
}

const MAX_QUOTED = 80;

function problemOf(setting: Setting, text: string | undefined, error: z.ZodError): string {
  if (text === undefined) return `${setting.env} is required: ${setting.description}`;
  const expected = error.issues.map((issue) => issue.message).join(', ');
  const got = setting.secret ? 'the value given (secret, not shown)' : JSON.stringify(text.slice(0, MAX_QUOTED));
  return `${setting.env}: ${expected}, got ${got}`;
}

function describeSetting(setting: Setting): SettingDescription {
  return {
    env: setting.env,
    description: setting.description,
    default: setting.default,
    required: setting.default === undefined && !setting.schema.safeParse(undefined).success,
    secret: setting.secret ?? false,
  };
}
