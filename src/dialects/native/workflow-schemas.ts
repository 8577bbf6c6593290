import * as z from 'zod';
import { JobLimits, Links, RetryPolicy } from './job-schemas.ts';

/** Shapes of workflows on the wire. */

const time = z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' });

export const DefinitionIssue = z
  .object({
    line: z.int().optional(),
    column: z.int().optional(),
    pointer: z.string().optional().meta({ description: 'JSON pointer into the definition.' }),
    message: z.string(),
  })
  .meta({ id: 'DefinitionIssue' });

export const Workflow = z
  .object({
    path: z.string(),
    file: z.string().meta({ description: 'File below the repository folder.' }),
    title: z.string().optional(),
    description: z.string().optional(),
    declaredVersion: z.string().optional().meta({ description: "The author's own version." }),
    tags: z.record(z.string(), z.string()),
    version: z
      .string()
      .optional()
      .meta({ description: 'Content hash that serves; absent while no good one was seen.' }),
    runtime: z.string().optional(),
    queue: z.string().optional(),
    limits: JobLimits.optional(),
    retry: RetryPolicy.optional(),
    onInterrupted: z.enum(['resume', 'retry', 'fail']).optional(),
    issues: z.array(DefinitionIssue).meta({ description: 'What is wrong with the file as it lies there now.' }),
    bytes: z.int(),
    modifiedAt: time,
    links: Links,
  })
  .meta({ id: 'Workflow', description: 'A definition in the repository.' });

export const WorkflowPage = z
  .object({ items: z.array(Workflow), next: z.string().optional() })
  .meta({ id: 'WorkflowPage' });

export const WorkflowFolder = z
  .object({
    path: z.string(),
    get folders() {
      return z.array(WorkflowFolder);
    },
    workflows: z.array(z.object({ path: z.string(), title: z.string().optional(), broken: z.boolean() })),
  })
  .meta({ id: 'WorkflowFolder' });

export const Parameters = z
  .object({
    path: z.string(),
    version: z.string(),
    parameters: z.array(
      z.object({
        name: z.string(),
        required: z.boolean(),
        type: z.string().optional(),
        title: z.string().optional(),
        description: z.string().optional(),
        default: z.any().optional(),
        enum: z.array(z.any()).optional(),
        example: z.any().optional(),
      }),
    ),
    schema: z.any().meta({ description: 'JSON Schema 2020-12 of the whole input.' }),
  })
  .meta({ id: 'WorkflowParameters' });

export const Validation = z
  .object({
    valid: z.boolean(),
    input: z.any().optional().meta({ description: 'The input with defaults filled in.' }),
    errors: z.array(z.any()).optional().meta({ description: 'See the schema `FieldError`.' }),
  })
  .meta({ id: 'InputValidation' });

export const SourceValidation = z
  .object({ valid: z.boolean(), issues: z.array(DefinitionIssue) })
  .meta({ id: 'SourceValidation' });

export const MoveRequest = z
  .strictObject({
    to: z.string().min(1).max(1024).meta({ description: 'New path.' }),
    overwrite: z.boolean().optional().meta({ description: 'True: what is there already goes.' }),
  })
  .meta({ id: 'MoveRequest' });

export const exampleWorkflow = {
  path: '/Tutorials/10seconds',
  file: '/Tutorials/10seconds.yaml',
  title: 'Ten seconds',
  tags: {},
  version: '5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592',
  runtime: 'serverless',
  onInterrupted: 'resume',
  issues: [],
  bytes: 812,
  modifiedAt: '2026-11-22T09:30:00.000Z',
  links: {
    self: '/workflows/Tutorials/10seconds',
    source: '/workflows/Tutorials/10seconds:source',
    parameters: '/workflows/Tutorials/10seconds:parameters',
    jobs: '/workflows/Tutorials/10seconds:jobs',
    openapi: '/workflows/Tutorials/10seconds:openapi',
  },
};

export const exampleSource = `document:
  dsl: 1.0.3
  namespace: examples
  name: hello
  version: 1.0.0
do:
  - greet:
      set:
        message: Hello
`;
