import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { readForms } from '../../http/forms.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import { choices } from './choices.ts';
import { notBlank, whole } from './fields.ts';

/** Seconds of each unit the old token service knows. */
const units = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 } as const;
type Unit = keyof typeof units;

const wanted = z.object({
  user: notBlank('Name of the user.', 'admin'),
  password: z.string().max(1024).meta({ description: 'Password of the user.', example: 'secret' }),
  expiration: whole({ min: 1, max: 1_000_000 }, { description: 'How long it works, in `timeunit`.', example: 1 }),
  timeunit: z
    .preprocess(
      (value) => (typeof value === 'string' ? value.trim().toLowerCase().replace(/s$/, '') : value),
      z.enum(Object.keys(units) as [Unit, ...Unit[]]).optional(),
    )
    .meta({ description: 'Unit of `expiration`, singular or plural.', example: 'hour', default: 'day' }),
});

const wrapped = z.object({ serviceResponse: z.object({ token: z.string() }) }).meta({ id: 'FmeServiceToken' });
const example = '00112233445566778899aabbccddeeff00112233';

/** The token service of older clients: user and password in a form or in the address, the bare token as answer. */
export function addTokenService(scope: FastifyInstance, { engine, clock }: DialectContext): void {
  const { accounts } = engine;
  readForms(scope);
  // The form, the address, or both: a field of the form counts more.
  scope.addHook('preValidation', (request, _reply, done) => {
    request.body = { ...(request.query as object), ...(request.body as object | undefined) };
    done();
  });

  const generate = async (body: z.output<typeof wanted>, address: string): Promise<string> => {
    const principal = await accounts.checkPassword(body.user, body.password, address);
    if (principal === undefined) throw fail('unauthenticated', 'This user and password do not fit.');
    const seconds =
      body.expiration === undefined ? choices.tokenSeconds : body.expiration * units[body.timeunit ?? 'day'];
    const { secret } = await accounts.createToken(principal, {
      name: `fmetoken ${new Date(clock()).toISOString()}`,
      form: 'hex',
      livesMs: seconds * 1000,
    });
    return secret;
  };

  const add = (url: string, id: string, asJson: boolean): void =>
    route(scope, {
      method: 'POST',
      url,
      access: 'public',
      body: wanted,
      doc: {
        id,
        tag: 'Tokens',
        summary: `Make a token from user and password, as ${asJson ? 'JSON' : 'text'}`,
        description: 'For older clients: the fields come in a form or in the address.',
        requestBody: {
          required: false,
          content: {
            'application/x-www-form-urlencoded': { schema: wanted, example: { user: 'admin', password: 'secret' } },
          },
        },
        responses: {
          200: asJson
            ? { description: 'The token.', schema: wrapped, example: { serviceResponse: { token: example } } }
            : { description: 'The token.', content: { 'text/plain': { schema: z.string(), example } } },
        },
        errors: ['unauthenticated', 'too-many-requests'],
      },
      handler: async (request, reply) => {
        const token = await generate(request.body, request.ip);
        reply.header('cache-control', 'no-store');
        return asJson
          ? reply.send({ serviceResponse: { token } })
          : reply.type('text/plain; charset=utf-8').send(token);
      },
    });

  add('/generate', 'fmeGenerateToken', false);
  add('/generate.json', 'fmeGenerateTokenJson', true);
  add('/service/generate', 'fmeServiceGenerateToken', false);
  add('/service/view.json', 'fmeServiceViewToken', true);
}
