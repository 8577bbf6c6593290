import { type FieldError, fail } from '../../model/errors.ts';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import type { DefinitionIssue } from '../../model/workflow.ts';
import type { Definition } from '../../runtime.ts';
import { parseJson, parseYaml } from '../../yaml/index.ts';
import { type At, type Check, createCheck, fields, oneOf } from './check.ts';
import { createSite } from './compile.ts';
import { compileShaping, schemaDocument } from './data-flow.ts';
import { readDocument } from './document.ts';
import { checkFunctions } from './functions.ts';
import type { DurationOf, Shaping, TaskList } from './model.ts';
import { emptyList } from './model.ts';
import { checkRecursion } from './recursion.ts';
import { createRunList } from './run-list.ts';
import { runTask } from './run-task.ts';
import { unsupported } from './unsupported.ts';
import { readUse } from './use.ts';

/** A definition ready to run. */
export interface ServerlessDefinition extends Definition {
  document: JsonObject;
  input: Shaping;
  output: Shaping;
  timeout?: DurationOf;
  tasks: TaskList;
  /** Secrets to resolve before the first task, because an expression reads `$secrets`. */
  secrets: readonly string[];
}

/**
 * Keys and values of a definition. It is read on the main thread at each change, and compiling what was read costs some
 * 5 microseconds for each; the largest workflow anybody writes by hand has a tenth of this.
 */
const MOST_NODES = 10_000;

const known = ['document', 'input', 'use', 'do', 'timeout', 'output', 'schedule', 'evaluate'];

/** Reads a definition of the DSL; throws `invalid-definition` with every issue, each with its place. */
export function parseDefinition(source: string, file: string): ServerlessDefinition {
  const read = (file.toLowerCase().endsWith('.json') ? parseJson : parseYaml)(source, MOST_NODES);
  if (read.issues.length > 0) throw invalid(read.issues);
  const { check, found } = createCheck(source, read.locate);
  const definition = compileDefinition({ value: read.value, pointer: '', check }, check);
  checkRecursion(read.value, file, check);
  if (found.length > 0) throw invalid(found);
  return definition as ServerlessDefinition;
}

function compileDefinition(at: At, check: Check): ServerlessDefinition | undefined {
  if (!isJsonObject(at.value)) {
    check.issue('', 'A workflow is an object with "document" and "do".');
    return undefined;
  }
  const read = fields(at, { what: 'the workflow', known, required: ['document', 'do'] })!;
  const { namespace, name, info } = readDocument(read.get('document'));
  const schedule = read.get('schedule');
  if (schedule) unsupported(schedule, 'A schedule within the definition ("schedule")');
  const use = readUse(read.get('use'));
  let asksSecrets = false;
  const runList = createRunList(runTask);
  const site = createSite({
    use,
    document: { namespace, name },
    loose: readEvaluate(read.get('evaluate')),
    onSecrets: () => {
      asksSecrets = true;
    },
    runList,
    runTask,
  });
  checkFunctions(site);
  const list = read.get('do');
  const tasks = list ? site.list(list, '"do"') : emptyList;
  const timeout = read.get('timeout');
  const input = read.get('input');
  const output = read.get('output');
  const inputSchema = schemaOf(input);
  const outputSchema = schemaOf(output);
  return {
    info: {
      ...info,
      ...(inputSchema ? { inputSchema } : {}),
      ...(outputSchema ? { outputSchema } : {}),
    },
    document: at.value,
    input: compileShaping(input, 'input', site),
    output: compileShaping(output, 'output', site),
    ...(timeout ? { timeout: site.timeout(timeout) } : {}),
    tasks,
    secrets: asksSecrets ? [...use.secrets] : [],
  };
}

/** The schema a client sees; its issues are reported where it is compiled. */
function schemaOf(at: At | undefined): JsonObject | undefined {
  const silent =
    at && isJsonObject(at.value) ? fields({ ...at, check: { issue() {} } }, { what: 'schema' }) : undefined;
  const schema = silent?.get('schema');
  const document = schema && schemaDocument(schema);
  return isJsonObject(document) ? document : undefined;
}

/** True for loose mode. */
function readEvaluate(at: At | undefined): boolean {
  const read = at && fields(at, { what: 'evaluate', known: ['language', 'mode'] });
  oneOf(read?.get('language'), 'evaluate.language', ['jq']);
  return oneOf(read?.get('mode'), 'evaluate.mode', ['strict', 'loose']) === 'loose';
}

function invalid(issues: readonly DefinitionIssue[]) {
  const sorted = issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const [first] = sorted;
  const place = first?.line === undefined ? '' : `Line ${first.line}, column ${first.column ?? 1}: `;
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : '';
  const errors = sorted.map((issue): FieldError => ({ in: 'definition', ...issue, pointer: issue.pointer ?? '' }));
  return fail('invalid-definition', { detail: `${place}${first?.message}${more}`, errors });
}
