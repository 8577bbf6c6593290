import type { DialectContext } from '../../dialect.ts';
import { isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Workflow, WorkflowVersion } from '../../model/workflow.ts';
import { getWorkflowItem, noItem } from './items/find-item.ts';

/**
 * A workflow that can run. Throws `not-found` in the words of its clients, and `invalid-input` for an item of another type.
 */
export async function findWorkflow(
  context: DialectContext,
  principal: Principal,
  path: string,
): Promise<Workflow & { current: WorkflowVersion }> {
  try {
    return context.engine.workflows.find(principal, 'read', path);
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') await getWorkflowItem(context, principal, path);
    if (isMillraceError(error) && (error.code === 'not-found' || error.code === 'invalid-path')) throw noItem(path);
    throw error;
  }
}
