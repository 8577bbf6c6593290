import { isJsonObject } from '../../model/json.ts';
import type { At } from './check.ts';
import { child } from './check.ts';

const tasks: Record<string, string> = {
  emit: 'Emitting events (the "emit" task)',
  listen: 'Listening for events (the "listen" task)',
};

const calls: Record<string, string> = {
  grpc: 'Calling gRPC services ("call: grpc")',
  asyncapi: 'Calling AsyncAPI services ("call: asyncapi")',
  mcp: 'Calling MCP servers ("call: mcp")',
  a2a: 'Calling A2A agents ("call: a2a")',
};

/** Notes a feature of the DSL that this version does not have; true when there was one. */
export function unsupported(at: At, feature: string): true {
  at.check.issue(at.pointer, `${feature} is not supported by this version.`);
  return true;
}

/** True, and noted, when a task is of a kind that this version does not have. */
export function unsupportedTask(at: At, keys: readonly string[]): boolean {
  const key = keys.find((key) => Object.hasOwn(tasks, key));
  return key !== undefined && isJsonObject(at.value) && unsupported(child(at, key, null), tasks[key]!);
}

/** True, and noted, when a call is of a kind that this version does not have. */
export function unsupportedCall(at: At, name: string): boolean {
  if (Object.hasOwn(calls, name)) return unsupported(at, calls[name]!);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return unsupported(at, 'Calling a function by its address');
  if (/^[^@]+:[^@]+@[^@]+$/.test(name) || /^[^@]+@[^@]+$/.test(name)) {
    return unsupported(at, 'Calling a function of a catalog');
  }
  return false;
}
