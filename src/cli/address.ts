import { createServer } from 'node:net';
import { fail } from '../model/errors.ts';
import { portOwner } from './port-owner.ts';

/**
 * Sees that the address can be listened on, before anything is opened. Throws `startup` with who has it and the fix.
 * Between this and the real listening another may take it; then the server's own error says so.
 */
export async function checkAddress(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port }, () => probe.close(() => resolve()));
    });
  } catch (error) {
    throw fail('startup', { detail: sentence((error as NodeJS.ErrnoException).code ?? '', host, port), cause: error });
  }
}

function sentence(code: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE': {
      const owner = portOwner(port);
      const by = owner ? ` (by "${owner.name}", pid ${owner.pid})` : '';
      return `Port ${port} is in use${by}. Start with --port ${port === 65_535 ? 8_080 : port + 1}, or set MILLRACE_PORT.`;
    }
    case 'EACCES':
      return `Port ${port} needs the rights of an administrator. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine. Choose another with --host, such as 127.0.0.1 or 0.0.0.0.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${host} is not known. Choose another with --host.`;
    default:
      return `The address ${host}, port ${port}, cannot be listened on (${code}). Choose another with --host and --port.`;
  }
}
