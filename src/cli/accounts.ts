import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { makePassword } from '../engine/passwords.ts';
import { fail } from '../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { type Principal, type Role, roles, type Scope, scopes } from '../model/principal.ts';
import { type Client, type ClientOptions, findClient } from './client.ts';
import { createQuietLog } from './log.ts';
import { exitCodes, type Output, show } from './output.ts';
import { readPassword } from './password.ts';
import { programVersion } from './version.ts';

export interface TokenOptions extends ClientOptions {
  name: string;
  /** Whose token it is; the default is `admin`. */
  for: string;
  scope: readonly string[];
  /** Days until it expires; absent: never. */
  expiresInDays?: number;
}

export interface UserOptions extends ClientOptions {
  /** Of a new user. */
  role?: readonly string[];
  group?: readonly string[];
  /** Read the password from standard input. */
  passwordStdin: boolean;
}

// Who is at the keyboard of the machine that holds the data folder may do everything with it.
const atKeyboard: Principal = { name: 'admin', roles: ['admin'], groups: [] };
const DAY = 86_400_000;

/** Creates an API token and shows its secret, once. */
export async function createToken(options: TokenOptions, config: Config, output: Output): Promise<number> {
  const wanted = options.scope.map((scope) => oneOf<Scope>('--scope', scope, scopes));
  const expiresAt = options.expiresInDays === undefined ? undefined : Date.now() + options.expiresInDays * DAY;
  const client = findClient(config, options);
  const made = client
    ? await client.send('POST', '/tokens', {
        body: {
          name: options.name,
          user: options.for,
          ...(wanted.length > 0 ? { scopes: wanted } : {}),
          ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
        },
      })
    : { body: await createTokenHere() };
  const token = field(made.body, 'token') ?? field(made.body, 'secret');
  show(output, made.body, String(token));
  output.note(`This is the token of ${options.for}; it is not shown again. Send it as: Authorization: Bearer <token>`);
  return exitCodes.done;

  async function createTokenHere(): Promise<JsonObject> {
    return withStore(config, async ({ accounts }) => {
      const { token, secret } = await accounts.createToken(atKeyboard, {
        name: options.name,
        user: options.for,
        ...(wanted.length > 0 ? { scopes: wanted } : {}),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      return { id: token.id, name: token.name, user: token.user, token: secret };
    });
  }
}

/** Adds a user. The password is read or drawn; a drawn one is shown, once. */
export async function addUser(name: string, options: UserOptions, config: Config, output: Output): Promise<number> {
  const given = options.role?.length ? options.role : ['user'];
  const wanted = given.map((role) => oneOf<Role>('--role', role, roles));
  const { password, drawn } = await choosePassword(name, options, output);
  const user = { name, password, roles: wanted, groups: [...(options.group ?? [])] };
  const client = findClient(config, options);
  if (client) await client.send('POST', '/users', { body: user });
  else await withStore(config, ({ accounts }) => accounts.createUser(atKeyboard, user));
  return tellPassword(output, name, `User ${name} (${wanted.join(', ')}) is added.`, drawn);
}

/** Sets a new password. */
export async function setPassword(name: string, options: UserOptions, config: Config, output: Output): Promise<number> {
  const { password, drawn } = await choosePassword(name, options, output);
  const client: Client | undefined = findClient(config, options);
  if (client) await client.send('PATCH', `/users/${encodeURIComponent(name)}`, { body: { password } });
  else await withStore(config, ({ accounts }) => accounts.updateUser(atKeyboard, name, { password }));
  return tellPassword(output, name, `User ${name} has a new password.`, drawn);
}

async function choosePassword(
  name: string,
  options: UserOptions,
  output: Output,
): Promise<{ password: string; drawn?: string }> {
  const password = await readPassword(options.passwordStdin, name, output);
  if (password !== undefined) return { password };
  const drawn = makePassword();
  return { password: drawn, drawn };
}

function tellPassword(output: Output, name: string, text: string, drawn: string | undefined): number {
  const document = { name, ...(drawn === undefined ? {} : { password: drawn }) };
  show(output, document, drawn === undefined ? text : `${text} Password, shown only now: ${drawn}`);
  return exitCodes.done;
}

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found) return found;
  throw fail('invalid-input', `${flag} ${text} is not known. Accepted: ${known.join(', ')}.`);
}

const field = (body: Json, name: string): Json | undefined => (isJsonObject(body) ? body[name] : undefined);

type Engine = Awaited<ReturnType<typeof createApp>>['engine'];

// Only when no server runs: the parts of the app are made but not started, so nothing listens and no job is claimed.
async function withStore<T>(config: Config, use: (engine: Engine) => Promise<T>): Promise<T> {
  const app = await createApp({
    config,
    log: createQuietLog(),
    version: programVersion(),
    environment: {},
    onFatal() {},
  });
  try {
    return await use(app.engine);
  } finally {
    await app.stop(5_000);
  }
}
