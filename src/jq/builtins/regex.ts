import type { Builtins } from './define.ts';
export const regex: Builtins = {};
