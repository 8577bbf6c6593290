import type { Runtime } from '../../runtime.ts';
import { outlineOf } from './outline.ts';
import { parseDefinition, type ServerlessDefinition } from './parse.ts';
import { runWorkflow } from './run.ts';

/** The runtime of Open Workflow DSL 1.0 (until June 2026: CNCF Serverless Workflow). */
export const createServerlessRuntime = (): Runtime => ({
  name: 'serverless',
  suffixes: ['.yaml', '.yml', '.json'],
  parse: parseDefinition,
  outline: (definition) => outlineOf((definition as ServerlessDefinition).document),
  run: (definition, context) => runWorkflow(definition as ServerlessDefinition, context),
});
