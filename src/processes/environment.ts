import { fail } from '../model/errors.ts';

/** The variable that marks every process of the pool and, by inheritance, what it starts. */
export const markerName = 'MILLRACE_PROCESS';

type Variables = Readonly<Record<string, string | undefined>>;

const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ'];

/** What the docker and podman clients read to find their engine and the registries' credentials. */
const engineVariables = [
  'HOME',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINER_HOST',
  'XDG_RUNTIME_DIR',
];

const defaults: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

function pick(names: readonly string[], from: Variables): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = from[name] ?? defaults[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/**
 * The whole environment of user code: an allow list of the server's variables, its private folder as home and for
 * temporary files, and what the request adds. Nothing else of the server's environment reaches it.
 */
export function cleanEnvironment(
  server: Variables,
  folder: string,
  requested: Record<string, string>,
): Record<string, string> {
  return {
    ...pick(inherited, server),
    HOME: folder,
    TMPDIR: folder,
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...checked(requested),
  };
}

/** The environment of the container command itself; the container's own variables do not pass through it. */
export const engineEnvironment = (server: Variables): Record<string, string> =>
  pick([...inherited, ...engineVariables], server);

/** Refuses names and values no process can be given; the reserved marker is left out. */
export function checked(requested: Record<string, string>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(requested)) {
    if (name === '' || /[=\0]/.test(name)) {
      throw fail('invalid-definition', `An environment variable cannot be named ${JSON.stringify(name)}.`);
    }
    if (value.includes('\0')) {
      throw fail(
        'invalid-definition',
        `The environment variable ${name} holds a NUL character; none can be passed on.`,
      );
    }
    if (name !== markerName) result[name] = value;
  }
  return result;
}
