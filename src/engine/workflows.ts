import { fail } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import type { OutlineStep } from '../model/outline.ts';
import type { Page } from '../model/page.ts';
import type { Action, Principal } from '../model/principal.ts';
import type { DefinitionIssue, Workflow, WorkflowVersion } from '../model/workflow.ts';
import type { PutOptions, Repository } from '../repository/repository.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repository/safe-path.ts';
import { type CompiledSchema, compileSchema, secretNames } from '../schema/index.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Published } from './published.ts';

/** The workflows a caller may see, and what it may do with them. */
export interface Workflows {
  list(principal: Principal, query: WorkflowQuery): Promise<Page<Workflow>>;
  tree(principal: Principal, under?: string): Promise<WorkflowFolder>;
  get(principal: Principal, path: string): Promise<Workflow>;
  /** The path of a folder that is there and may be read; throws `not-found`. */
  folder(principal: Principal, path: string): Promise<string>;
  source(principal: Principal, path: string): Promise<{ text: string; hash: string; file: string }>;
  /** Checks the definition first: a broken one is refused with every issue and the old one goes on serving. */
  put(
    principal: Principal,
    path: string,
    source: string,
    options: PutOptions,
  ): Promise<{ workflow: Workflow; created: boolean }>;
  remove(principal: Principal, path: string, options: { ifMatch?: string }): Promise<void>;
  move(
    principal: Principal,
    from: string,
    to: string,
    options: { ifMatch?: string; overwrite?: boolean },
  ): Promise<Workflow>;
  /** What is known of workflows the caller was given that their files do not say, by path. */
  records: Published['records'];
  /** Every issue of a definition, without running or storing it. */
  validateSource(source: string, file: string): readonly DefinitionIssue[];
  /** The input with the schema's defaults filled in; throws `invalid-workflow-input`. */
  validateInput(principal: Principal, path: string, input: Json): Promise<{ input: Json }>;
  /** A workflow that can run; throws `not-found`, `forbidden`, or `invalid-definition` while no good version exists. */
  find(principal: Principal, action: Action, path: string): Workflow & { current: WorkflowVersion };
  checkInput(version: WorkflowVersion, input: Json): Json;
  /** What a version consists of, for people. */
  outline(version: WorkflowVersion): readonly OutlineStep[];
  /** Names of the parameters whose values are secret, at any depth. */
  secretNames(version: WorkflowVersion): ReadonlySet<string>;
}

export interface WorkflowQuery {
  /** Folder; default the root. */
  under?: string;
  /** With everything below; default only the folder itself. */
  deep?: boolean;
  /** Part of path or title, in any case. */
  search?: string;
  limit: number;
  cursor?: string;
}

export interface WorkflowFolder {
  path: string;
  folders: WorkflowFolder[];
  workflows: Workflow[];
}

export interface WorkflowParts {
  repository: Repository;
  access: Access;
  audit: Audit;
  published: Published;
  /** What is wrong with a definition, found by reading it. */
  checkSource(source: string, file: string): readonly DefinitionIssue[];
}

interface SchemaEntry {
  compiled: CompiledSchema;
  fills: boolean;
  secrets: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

export function createWorkflows({ repository, access, audit, published, checkSource }: WorkflowParts): Workflows {
  const schemas = new WeakMap<WorkflowVersion, SchemaEntry | undefined>();

  const schemaOf = (version: WorkflowVersion) => {
    if (schemas.has(version)) return schemas.get(version);
    const { inputSchema } = version.info;
    const entry = inputSchema && {
      compiled: compileSchema(inputSchema),
      // Filling in defaults means a copy of the input; most schemas have none.
      fills: JSON.stringify(inputSchema).includes('"default":'),
      secrets: secretNames(inputSchema),
    };
    schemas.set(version, entry);
    return entry;
  };

  // The path that rights are checked for must be the very path that is used: one spelling of each.
  const absolute = (path: string): RepositoryPath => parseRepositoryPath(path.startsWith('/') ? path : `/${path}`);

  const get = (principal: Principal, action: Action, path: string): Workflow => {
    const at = absolute(path);
    access.requirePath(principal, action, at);
    return repository.get(at, (near) => access.mayPath(principal, 'read', near));
  };

  const find: Workflows['find'] = (principal, action, path) => {
    const workflow = get(principal, action, path);
    const { current } = workflow;
    if (current) return { ...workflow, current };
    throw fail('invalid-definition', {
      detail: `${workflow.path} has errors and never had a good version: ${workflow.issues[0]?.message ?? 'it cannot be read'}`,
      errors: workflow.issues.map((issue) => ({ ...issue, pointer: issue.pointer ?? '', in: 'definition' })),
    });
  };

  const checkInput = (version: WorkflowVersion, input: Json): Json => {
    const schema = schemaOf(version);
    if (!schema) return input;
    const { value, errors } = schema.fills
      ? schema.compiled.withDefaults(input)
      : { value: input, errors: schema.compiled.validate(input) };
    if (errors.length === 0) return value;
    throw fail('invalid-workflow-input', {
      detail:
        errors.length === 1 ? errors[0]!.message : `${errors.length} parameters do not fit: ${errors[0]!.message}`,
      errors: errors.map((error) => ({ ...error, in: 'input' })),
    });
  };

  const treeOf = (principal: Principal, path: string): WorkflowFolder => {
    const folder: WorkflowFolder = { path, folders: [], workflows: [] };
    for (const item of repository.list({ under: path, deep: false })) {
      if (!access.mayPath(principal, 'read', item.path)) continue;
      if (item.kind === 'folder') folder.folders.push(treeOf(principal, item.path));
      else folder.workflows.push(item.workflow);
    }
    return folder;
  };

  return {
    async list(principal, { under = '/', deep = false, search, limit, cursor }) {
      const wanted = search?.toLowerCase();
      const items: Workflow[] = [];
      for (const item of repository.list({ under: absolute(under), deep })) {
        if (item.kind === 'folder' || (cursor !== undefined && item.path <= cursor)) continue;
        if (!access.mayPath(principal, 'read', item.path)) continue;
        const { workflow } = item;
        if (wanted && !`${workflow.path} ${workflow.current?.info.title ?? ''}`.toLowerCase().includes(wanted))
          continue;
        if (items.length === limit) return { items, next: items.at(-1)!.path };
        items.push(workflow);
      }
      return { items };
    },
    tree: async (principal, under = '/') => treeOf(principal, absolute(under)),
    get: async (principal, path) => get(principal, 'read', path),
    async folder(principal, path) {
      const at = absolute(path);
      access.requirePath(principal, 'read', at);
      repository.list({ under: at });
      return at;
    },
    async source(principal, path) {
      const workflow = get(principal, 'read', path);
      const { bytes, hash, file } = await repository.source(workflow.path);
      return { text: bytes.toString('utf8'), hash, file };
    },
    async put(principal, path, source, options) {
      const at = absolute(path);
      access.requirePath(principal, 'write', at);
      const done = await repository.put(at, source, options);
      await published.note(principal, done.workflow);
      await audit(principal, done.created ? 'workflow.create' : 'workflow.update', at);
      return done;
    },
    async remove(principal, path, options) {
      const { path: at } = get(principal, 'write', path);
      await repository.remove(at, options);
      await published.forget(at);
      await audit(principal, 'workflow.delete', at);
    },
    async move(principal, from, to, options) {
      const [source, target] = [absolute(from), absolute(to)];
      access.requirePath(principal, 'write', source);
      access.requirePath(principal, 'write', target);
      // A folder of that name is not meant.
      repository.get(source);
      await repository.move(source, target, options);
      if (source !== target) await published.move(source, target);
      await audit(principal, 'workflow.move', source, `to ${target}`);
      return repository.get(target);
    },
    records: published.records,
    validateSource: checkSource,
    async validateInput(principal, path, input) {
      return { input: checkInput(find(principal, 'read', path).current, input) };
    },
    find,
    checkInput,
    outline: repository.outline,
    secretNames: (version) => schemaOf(version)?.secrets ?? none,
  };
}
