import type { Json, JsonObject } from '../../model/json.ts';
import type { RunContext } from '../../runtime.ts';
import { shaped, validate } from './data-flow.ts';
import { runtimeDescriptor } from './descriptor.ts';
import { located, raise } from './errors.ts';
import type { Frame, Secrets } from './model.ts';
import type { ServerlessDefinition } from './parse.ts';
import { createRunList } from './run-list.ts';
import { runTask } from './run-task.ts';
import { moment } from './scope.ts';
import { checkSize } from './sizes.ts';
import { limited } from './timeouts.ts';

const runList = createRunList(runTask);

/** Runs a workflow to its output (DSL, "Data Flow"). */
export async function runWorkflow(definition: ServerlessDefinition, context: RunContext): Promise<Json> {
  try {
    const raw = context.job.input ?? {};
    let descriptor: JsonObject | undefined;
    const frame: Frame = {
      run: {
        context,
        workflow: () => (descriptor ??= workflowDescriptor(definition, context, raw)),
        runtime: runtimeDescriptor(),
        secrets: definition.secrets.length === 0 ? noSecrets : await resolveSecrets(definition.secrets, context),
        turn: { at: performance.now() },
      },
      context,
      exported: { value: {} },
      variables: {},
      key: '',
      input: raw,
    };
    validate(definition.input, raw, 'The input of the workflow');
    const input = shaped(definition.input, frame, raw);
    const body = (inner: Frame) => runList(definition.tasks, inner, input, '/do');
    const limit = definition.timeout?.(frame, input);
    const result = await (limit === undefined
      ? body(frame)
      : limited(frame, { key: '', name: 'timeout', ms: limit, what: 'The workflow' }, body));
    const output = shaped(definition.output, frame, result.output);
    validate(definition.output, output, 'The output of the workflow');
    checkSize(output, 'The output of the workflow');
    return output;
  } catch (error) {
    throw located(error, '/');
  }
}

/** `$workflow` (DSL, "Workflow Descriptor"). */
const workflowDescriptor = (definition: ServerlessDefinition, context: RunContext, input: Json): JsonObject => ({
  id: context.job.uuid,
  definition: definition.document,
  input,
  startedAt: moment(context.job.startedAt),
});

const noSecrets: Secrets = { values: {} };

async function resolveSecrets(names: readonly string[], context: RunContext): Promise<Secrets> {
  const values: JsonObject = {};
  try {
    for (const name of names) values[name] = await context.secret(name);
    return { values };
  } catch (error) {
    if (context.signal().aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { values, failure: raise('authorization', reason) };
  }
}
