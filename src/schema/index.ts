export { checkSchema } from './check.ts';
export { type CompiledSchema, compileSchema } from './compile.ts';
export { shown } from './describe.ts';
export { didYouMean, listed, nearest } from './nearest.ts';
export { patternProblem, safePattern } from './patterns.ts';
export { pointerNames, pointerPart } from './pointer.ts';
export { followRef } from './refs.ts';
export { secretNames } from './secrecy.ts';
