import { apiConfig } from '@hooklane/api';
import { canarySettings, cliSettings } from '@hooklane/cli';
import { reaperSettings } from '@hooklane/reaper';
import type { SettingDescription } from '@hooklane/runtime';
import { databaseSettings, defineConfig } from '@hooklane/runtime';
import { standaloneSettings } from '@hooklane/standalone';
import { workerSettings } from '@hooklane/worker';

/** What each process reads. */
export const PROCESSES: Readonly<Record<string, readonly SettingDescription[]>> = {
  api: apiConfig.describe(),
  worker: defineConfig(workerSettings).describe(),
  reaper: defineConfig(reaperSettings).describe(),
  'npm start': defineConfig(standaloneSettings).describe(),
  'command line': defineConfig(cliSettings).describe(),
  canary: defineConfig(canarySettings).describe(),
  migrate: defineConfig({ databaseUrl: databaseSettings.databaseUrl }).describe(),
};

/** Variables of `docker-compose.yml` alone: it makes the URLs of them. */
export const COMPOSE_ONLY: readonly { env: string; description: string }[] = [
  { env: 'POSTGRES_PASSWORD', description: 'Of the Postgres that docker-compose.yml starts.' },
  { env: 'REDIS_PASSWORD', description: 'Of the Redis that docker-compose.yml starts.' },
];

export interface Variable extends SettingDescription {
  readBy: string[];
}

/** Each variable once; what nobody can start without comes first. */
export function allVariables(): Variable[] {
  const byName = new Map<string, Variable>();
  for (const [process, settings] of Object.entries(PROCESSES)) {
    for (const setting of settings) {
      const known = byName.get(setting.env);
      if (known === undefined) byName.set(setting.env, { ...setting, readBy: [process] });
      else known.readBy.push(process);
    }
  }
  const all = [...byName.values()];
  return [...all.filter((one) => one.required), ...all.filter((one) => !one.required)];
}

/** For the README. */
export function configurationTable(): string {
  const rows = allVariables().map(({ env, readBy, description, required, default: text }) => [
    `\`${env}\``,
    defaultCell(required, text),
    readBy.join(', '),
    description,
  ]);
  return [['variable', 'default', 'read by', 'meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function defaultCell(required: boolean, text: string | undefined): string {
  if (required) return '**required**';
  return text ? `\`${text}\`` : 'none';
}

/** For shells, compose and node alike. */
function quoted(text: string): string {
  return /^[\w./:,-]*$/.test(text) ? text : `"${text}"`;
}

/** The whole of `.env.example`. */
export function envExample(): string {
  const required = allVariables().filter((one) => one.required);
  const optional = allVariables().filter((one) => !one.required);
  return `${[HEAD, ...required.map(requiredLines), ...COMPOSE_ONLY.map(composeLines), OPTIONAL, ...optional.map(optionalLines)].join('\n\n')}\n`;
}

const HEAD = `# Copy to .env and fill in what is empty. Read by docker compose, and by node --env-file=.env.
# It holds secrets: keep it out of git (.gitignore does) and readable by you alone (chmod 600).
# Durations are numbers with a unit: 500ms, 15s, 5m, 1h, 3d.`;

const OPTIONAL = '# All below may stay as it is: what is commented out is the default.';

/** How each secret is made. Hexadecimal where the value becomes part of a URL. */
const MADE_BY: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://user:password@host:5432/database (docker-compose.yml makes its own)',
  REDIS_URL: 'redis://:password@host:6379 (docker-compose.yml makes its own)',
  HOOKLANE_SEALING_KEYS:
    'echo "a:$(openssl rand -base64 32)" (keep a copy: without it, what is sealed cannot be opened)',
  HOOKLANE_OPERATOR_KEY: 'openssl rand -hex 32',
  POSTGRES_PASSWORD: 'openssl rand -hex 32',
  REDIS_PASSWORD: 'openssl rand -hex 32',
};

function requiredLines({ env, description }: Variable): string {
  return lines([description, hint(env)], `${env}=`);
}

function composeLines({ env, description }: { env: string; description: string }): string {
  return lines([description, hint(env)], `${env}=`);
}

function optionalLines({ env, description, default: text }: Variable): string {
  return lines([description, hint(env)], `#${env}=${quoted(text ?? '')}`);
}

function hint(env: string): string | null {
  const way = MADE_BY[env];
  if (way === undefined) return null;
  return way.includes('://') ? `Form: ${way}` : `Made by: ${way}`;
}

function lines(comments: readonly (string | null)[], assignment: string): string {
  const written = comments.filter((comment) => comment !== null).map((comment) => `# ${comment}`);
  return [...written, assignment].join('\n');
}
