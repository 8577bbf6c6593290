import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { streamOf, takeStreams } from '../../../http/bodies.ts';
import { readForms } from '../../../http/forms.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import { readBean } from '../bean-validation.ts';
import { choices } from '../choices.ts';
import { discardFiles, type Incoming, receiveBody, receiveFiles, takeFiles } from '../receive-files.ts';
import { findWorkspace } from '../workspaces.ts';
import { type ServiceResponse, sendEnvelope } from './envelope.ts';
import { service } from './root.ts';
import { addressOf, type UploadAddress } from './upload-address.ts';
import { uploadDocs } from './upload-docs.ts';
import { uploadFields } from './upload-fields.ts';
import { folderOf, listingOf, storeUploads, type UploadFolder, uploadResponse } from './upload-folder.ts';

const NAME = 'fmedataupload';
const options = z.object(uploadFields);
const query = z.looseObject(uploadFields);

/** Takes files for jobs to come, each user's in folders of its own (reference section 10.3). */
export const dataUpload = service(
  'fme-data-upload',
  `/${NAME}`,
  async (scope, context) => {
    const docs = uploadDocs(`/${NAME}`);
    const common = { url: '/*', query, upload: true } as const;

    route(scope, {
      ...common,
      method: 'GET',
      access: { scope: 'files:read' },
      doc: docs.GET,
      handler: async (request, reply) => {
        const { folder, read } = await open(request, context, addressOf(request, 'read'));
        const listing = await listingOf(context, caller(request), folder, read.opt_pathlevel);
        return send(request, reply, uploadResponse(folder, listing, read.opt_fullpath ?? false));
      },
    });

    await scope.register(async (forms) => {
      forms.removeAllContentTypeParsers();
      readForms(forms);
      await takeFiles(forms, context);
      route(forms, {
        ...common,
        method: 'POST',
        access: { scope: 'files:write' },
        doc: docs.POST,
        handler: async (request, reply) => {
          const address = addressOf(request, 'read');
          const early = await open(request, context, address);
          if (!request.isMultipart()) {
            const { folder, read } = early;
            const listing = await listingOf(context, caller(request), folder, read.opt_pathlevel);
            return send(request, reply, uploadResponse(folder, listing, read.opt_fullpath ?? false));
          }
          const incoming = await receiveFiles(request, context);
          try {
            // The form of the answer, and all else, may be told in fields beside the files.
            request.body = Object.fromEntries(incoming.fields);
            const { folder, read } = await open(request, context, address, early.folder);
            const stored = await store(request, context, folder, incoming, read.opt_extractarchive);
            return send(request, reply, uploadResponse(folder, stored, read.opt_fullpath ?? false));
          } finally {
            await discardFiles(context, incoming.files);
          }
        },
      });
    });

    await scope.register(async (raw) => {
      raw.removeAllContentTypeParsers();
      takeStreams(raw);
      route(raw, {
        ...common,
        method: 'PUT',
        access: { scope: 'files:write' },
        doc: docs.PUT,
        handler: async (request, reply) => {
          if (/^multipart\//i.test(request.headers['content-type'] ?? ''))
            throw fail('unsupported-media-type', 'The body of a PUT is the file itself; send a form with POST.');
          const address = addressOf(request, 'file');
          const source = streamOf(request);
          request.body = undefined;
          const { folder, read } = await open(request, context, address);
          const file = await receiveBody(source, address.file!, context);
          const incoming: Incoming = { files: [file], failed: [], fields: new Map() };
          const stored = await store(request, context, folder, incoming, read.opt_extractarchive);
          return send(request, reply, uploadResponse(folder, stored, read.opt_fullpath ?? false));
        },
      });
    });
  },
  { format: choices.uploadFormat },
);

/** Clients of uploads read JSON without asking for it. */
const send = (request: FastifyRequest, reply: FastifyReply, response: ServiceResponse): FastifyReply =>
  sendEnvelope(request, reply, response, choices.uploadFormat);

const store = (
  request: FastifyRequest,
  context: DialectContext,
  folder: UploadFolder,
  incoming: Incoming,
  extract = false,
) => storeUploads(request, context, folder, incoming, { extract });

/**
 * The folder a request means, and what else it says; values in the form count more than those in the address. Checked
 * before the body is read, so that nobody sends much for nothing. `before`: what the same request was given then.
 */
async function open(
  request: FastifyRequest,
  context: DialectContext,
  address: UploadAddress,
  before?: UploadFolder,
): Promise<{ folder: UploadFolder; read: z.output<typeof options> }> {
  const principal = caller(request);
  const read = readBean(
    options,
    lowerCased({ ...(request.query as object), ...(request.body as object | undefined) }),
    'query',
  );
  const workflow = await findWorkspace(context, principal, address);
  const named = read.opt_namespace ?? address.session;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const session = named ?? before?.session ?? (isRead ? undefined : randomBytes(8).toString('hex'));
  const folder = folderOf(workflow.path, session, address.below);
  if (!isRead) context.engine.shared.requireWrite(principal, folder.place);
  return { folder, read };
}

/** Names of control values count in any case. */
const lowerCased = (values: object): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
