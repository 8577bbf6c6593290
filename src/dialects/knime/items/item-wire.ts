import type { Engine } from '../../../engine/engine.ts';
import { toIso } from '../../../http/query.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Links } from '../links.ts';
import { type Controls, control, namespaces } from '../mason.ts';
import { templateOf } from '../parameters/inputs.ts';
import type { itemTypes } from './item-schemas.ts';
import { ownerOf } from './owner.ts';
import type { StoredItem } from './refs.ts';

const types: Record<StoredItem['kind'], (typeof itemTypes)[number]> = {
  folder: 'WorkflowGroup',
  workflow: 'Workflow',
  file: 'Data',
};

export const typeOf = (item: StoredItem): (typeof itemTypes)[number] => types[item.kind];

/** Last name of a path; the root is called as its path. */
export const nameOf = (path: string): string => (path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1));

/** What is told of every item, also within the listing of another (reference section 7.2). */
function members(item: StoredItem, links: Links): Record<string, unknown> {
  const { path, kind, workflow } = item;
  const times = { createdOn: toIso(Math.floor(item.createdAt)), lastEditedOn: toIso(Math.floor(item.modifiedAt)) };
  const common = { path, name: nameOf(path), type: typeOf(item), owner: ownerOf(path) };
  if (kind === 'folder') {
    const { children } = item;
    return {
      ...common,
      ...times,
      ...(children === undefined ? {} : { children: children.map((child) => childWire(child, links)) }),
    };
  }
  if (kind === 'file') return { ...common, size: item.bytes, ...times };
  const description = workflow?.current?.info.description;
  return {
    ...common,
    ...(description === undefined ? {} : { description }),
    ...times,
    lastUploadedOn: times.lastEditedOn,
    size: item.bytes,
    hasReport: false,
  };
}

const childWire = (item: StoredItem, links: Links): Record<string, unknown> => ({
  ...members(item, links),
  '@controls': { self: control(links.item(item.path)) },
});

/** An item as the document of its own, with all that the caller may do with it. */
export const itemWire = (
  item: StoredItem,
  links: Links,
  may: (action: 'run' | 'write') => boolean,
): Record<string, unknown> => ({
  ...members(item, links),
  '@namespaces': namespaces,
  '@controls': controlsOf(item, links, may),
});

/** What the caller may do with an item. */
export const mayDo =
  ({ items }: Engine, principal: Principal, path: string) =>
  (action: 'run' | 'write'): boolean =>
    items.may(principal, action, path);

function controlsOf(item: StoredItem, links: Links, may: (action: 'run' | 'write') => boolean): Controls {
  const self = links.item(item.path);
  const controls: Controls = { self: control(self), 'knime:download': control(`${self}:data`) };
  if (may('write')) {
    if (item.kind === 'folder') {
      const below = item.path === '/' ? self.slice(0, -1) : self;
      const raw = { accept: ['*/*'], encoding: 'Raw' } as const;
      controls['knime:upload'] = control(`${below}/{name}:data`, 'PUT', { ...raw, title: 'Upload a new item' });
      controls['knime:create'] = control(`${below}/{name}`, 'PUT', { ...raw, title: 'Create a new item' });
    }
    if (item.path !== '/') {
      controls['edit'] = control(`${self}:data`, 'PUT', {
        accept: ['*/*'],
        encoding: 'Raw',
        title: 'Upload new version',
      });
      controls['knime:delete'] = control(self, 'DELETE');
    }
  }
  if (item.kind === 'workflow') addWorkflowControls(controls, item, self, may('run'));
  return controls;
}

function addWorkflowControls(controls: Controls, item: StoredItem, self: string, mayRun: boolean): void {
  controls['knime:openapi'] = control(`${self}:openapi`);
  controls['knime:configuration'] = control(`${self}:configuration`);
  controls['knime:jobs'] = control(`${self}:jobs`);
  if (!mayRun) return;
  const schema = item.workflow?.current?.info.inputSchema;
  controls['knime:new-job'] = control(`${self}:jobs{?timeout}`, 'POST', { encoding: 'Json', template: {} });
  controls['knime:execution'] = control(`${self}:execution{?reset,timeout}`, 'POST', {
    encoding: 'Json',
    template: templateOf(schema, {}),
  });
}
