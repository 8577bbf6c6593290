import type { Builtins } from './define.ts';
export const dates: Builtins = {};
