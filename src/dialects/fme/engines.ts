/** Engines as clients see them: servers that run jobs, each called by its host and process. */

/** Host of a server as leases call it, `host:pid:…`; empty without one. */
export const engineHost = (server: string | undefined): string => server?.split(':', 1)[0] ?? '';

export const engineName = (server: string | undefined): string => {
  const [host, process] = server?.split(':', 2) ?? [];
  return host === undefined ? '' : process === undefined ? host : `${host}_${process}`;
};

/** The begin of the names that leases give the server of that engine. */
export const serverOf = (engine: string): string => engine.replace(/_(\d+)$/, ':$1');
