const ownerSetting = 'cluster_name=hooklane-';

/**
 * The command line of a server: durable, reachable from this machine only.
 * It names its owner, so that a later start can tell an orphan from a server in use.
 */
export function serverArguments({ dataDir, port }: { dataDir: string; port: number }): string[] {
  const settings = [
    `${ownerSetting}${process.pid}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=on',
    'synchronous_commit=on',
    'full_page_writes=on',
    'max_connections=200',
    'shared_buffers=256MB',
    'min_wal_size=256MB',
    'max_wal_size=2GB',
    'checkpoint_timeout=15min',
    'log_checkpoints=off',
    // A statement may carry secrets of a tenant: Postgres logs it with each error unless told not to.
    'log_min_error_statement=panic',
    ...(process.env['PGX'] ? process.env['PGX'].split(';') : []),
  ];
  return ['-D', dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

export function isServerOf(command: string, dataDir: string): boolean {
  return command.includes(`/postgres -D ${dataDir} -p `);
}

/** @returns the process id of whoever started the server. */
export function ownerOf(command: string): number | undefined {
  const start = command.indexOf(ownerSetting);
  return start === -1 ? undefined : Number.parseInt(command.slice(start + ownerSetting.length), 10);
}
