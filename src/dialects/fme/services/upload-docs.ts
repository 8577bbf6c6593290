import * as z from 'zod';
import type { OperationDoc } from '../../../http/routes.ts';
import { envelopeDoc } from './docs.ts';
import { SERVICES_TAG } from './root.ts';

const example = {
  statusInfo: { status: 'success' as const },
  session: 'c0ffee01',
  files: {
    path: '$(FME_SHAREDRESOURCE_SYSTEM)/temp/upload/Examples/Hello.fmw/c0ffee01',
    folder: [{ path: '$(FME_SHAREDRESOURCE_SYSTEM)/temp/upload/Examples/Hello.fmw/c0ffee01' }],
    file: [
      {
        name: 'a.gpkg',
        size: 1234,
        path: '$(FME_SHAREDRESOURCE_SYSTEM)/temp/upload/Examples/Hello.fmw/c0ffee01/a.gpkg',
      },
    ],
  },
};

const errors = ['not-found', 'forbidden', 'invalid-input', 'invalid-path', 'too-large'] as const;
const writing = [...errors, 'cross-site', 'conflict', 'unsupported-media-type', 'disk-full', 'overloaded'] as const;
const form = z
  .object({ files: z.array(z.string().meta({ format: 'binary' })) })
  .meta({ id: 'FmeDataUploadForm', description: 'Files in fields of any name, and control values.' });

/** The operations of the upload service. */
export function uploadDocs(prefix: string): Record<'GET' | 'POST' | 'PUT', OperationDoc> {
  const common = {
    tag: SERVICES_TAG,
    path: `${prefix}/{repository}/{workspace}`,
    pathParameters: {
      repository: { description: 'Name of the repository.', example: 'Examples' },
      workspace: { description: 'Name of the workspace.', example: 'Hello.fmw' },
    },
    responses: { 200: envelopeDoc('The files, with the paths that published parameters take.', example) },
  };
  return {
    GET: {
      ...common,
      id: 'fmeListUploads',
      summary: 'List uploaded files',
      description: "Those of one folder (`opt_namespace`), or all of the caller's for the workspace.",
      errors,
    },
    POST: {
      ...common,
      id: 'fmeUploadFiles',
      summary: 'Upload files for jobs to come',
      description:
        'They are kept for a day (the setting uploadHours), seen by their user alone. A form without files answers ' +
        'with the folder for them.',
      requestBody: {
        required: false,
        content: { 'multipart/form-data': { schema: form }, 'application/x-www-form-urlencoded': {} },
      },
      errors: writing,
    },
    PUT: {
      ...common,
      path: `${prefix}/{repository}/{workspace}/{filename}`,
      pathParameters: {
        ...common.pathParameters,
        filename: { description: 'Name of the file.', example: 'a.gpkg' },
      },
      id: 'fmePutUpload',
      summary: 'Upload one file, which is the body',
      requestBody: {
        required: true,
        content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
      },
      errors: writing,
    },
  };
}
