import type { WorkflowFolder } from '../../engine/workflows.ts';
import { toIso } from '../../http/query.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Workflow } from '../../model/workflow.ts';
import { limitsWire, retryWire } from './job-wire.ts';

/** Address of a workflow: each name encoded, so that a colon in it is no verb. */
export const workflowAddress = (path: string, base: string): string =>
  `${base}/workflows${path.split('/').map(encodeURIComponent).join('/')}`;

export function workflowWire(workflow: Workflow, base: string) {
  const { current } = workflow;
  const info = current?.info;
  const self = workflowAddress(workflow.path, base);
  const limits = info === undefined ? undefined : limitsWire(info.limits);
  return {
    path: workflow.path,
    file: workflow.file,
    ...(info?.title === undefined ? {} : { title: info.title }),
    ...(info?.description === undefined ? {} : { description: info.description }),
    ...(info?.declaredVersion === undefined ? {} : { declaredVersion: info.declaredVersion }),
    tags: info?.tags ?? {},
    ...(current === undefined ? {} : { version: current.hash, runtime: current.runtime }),
    ...(info?.queue === undefined ? {} : { queue: info.queue }),
    ...(limits === undefined ? {} : { limits }),
    ...(info?.retry === undefined ? {} : { retry: retryWire(info.retry) }),
    ...(info === undefined ? {} : { onInterrupted: info.onInterrupted }),
    issues: workflow.issues,
    bytes: workflow.bytes,
    modifiedAt: toIso(workflow.modifiedAt),
    links: {
      self,
      source: `${self}:source`,
      parameters: `${self}:parameters`,
      jobs: `${self}:jobs`,
      openapi: `${self}:openapi`,
    },
  };
}

export interface FolderWire {
  path: string;
  folders: FolderWire[];
  workflows: { path: string; title?: string; broken: boolean }[];
}

export const folderWire = ({ path, folders, workflows }: WorkflowFolder): FolderWire => ({
  path,
  folders: folders.map(folderWire),
  workflows: workflows.map((workflow) => ({
    path: workflow.path,
    ...(workflow.current?.info.title === undefined ? {} : { title: workflow.current.info.title }),
    broken: workflow.current === undefined,
  })),
});

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** The parameter list of an input schema: one entry for each property of its top level. */
export function parametersWire(schema: JsonObject | undefined) {
  const properties = schema?.['properties'];
  if (!isJsonObject(properties)) return [];
  const required = Array.isArray(schema?.['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, property]) => {
    const {
      type,
      title,
      description,
      default: fallback,
      enum: values,
      examples,
    } = isJsonObject(property) ? property : {};
    const kind = Array.isArray(type) ? type.join(' or ') : text(type);
    return {
      name,
      required: required.includes(name),
      ...(kind === undefined ? {} : { type: kind }),
      ...(text(title) === undefined ? {} : { title: text(title) }),
      ...(text(description) === undefined ? {} : { description: text(description) }),
      ...(fallback === undefined ? {} : { default: fallback }),
      ...(Array.isArray(values) ? { enum: values } : {}),
      ...(Array.isArray(examples) && examples.length > 0 ? { example: examples[0] } : {}),
    };
  });
}
