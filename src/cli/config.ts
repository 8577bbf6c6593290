import { type ListedSetting, type LoadedConfig, listSettings } from '../config.ts';
import { exitCodes, type Output, show } from './output.ts';

/** Lists every setting, its value and where that comes from; secrets are masked. */
export function config(loaded: LoadedConfig, output: Output): number {
  const listed = listSettings(loaded);
  const document = listed.map((one) => ({ ...one, origin: originText(one) }));
  show(output, document, table(listed));
  return exitCodes.done;
}

const originText = ({ origin }: ListedSetting): string =>
  origin.name === undefined ? origin.source : `${origin.source} (${origin.name})`;

function table(listed: readonly ListedSetting[]): string {
  const rows = listed.map((one) => [one.name, one.value === '' ? '-' : one.value, originText(one)]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const widths = [width(0), Math.min(60, width(1))];
  return rows
    .map(([name, value, from]) => `${name!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${from}`)
    .join('\n');
}
