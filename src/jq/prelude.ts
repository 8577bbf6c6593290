/**
 * Built-ins that are said best in jq itself. Compiled when first used, each in an empty scope: they see the other
 * built-ins but nothing of the program that calls them.
 */
export const PRELUDE = `
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def isfinite: type == "number" and (isinfinite | not);

def recurse: ..;
def recurse(f; condition): recurse(f | select(condition));
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(f): . as $whole | reduce path(f) as $p (null; setpath($p; $whole | getpath($p)));
def walk(f): def walked: (if type == "array" then map(walked) elif type == "object" then map_values(walked) end) | f; walked;

def any: any(.[]; .);
def any(condition): any(.[]; condition);
def all: all(.[]; .);
def all(condition): all(.[]; condition);

def with_entries(f): to_entries | map(f) | from_entries;
def combinations: _combinations[];
def combinations($n): [range($n) as $_ | .] | combinations;
def tostream: _tostream[];
def fromstream(events): foreach events as $event ({done: false, value: null};
  if .done then {done: false, value: null} end
  | if ($event | length) > 1
    then {done: ($event[0] == []), value: (.value | setpath($event[0]; $event[1]))}
    else {done: ($event[0] | length == 1), value: .value} end;
  if .done then .value else empty end);
def truncate_stream(events): . as $depth | null | events | select(.[0] | length > $depth) | .[0] |= .[$depth:];
def debug(messages): (messages | debug | empty), .;
def inputs: empty;
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def halt_error: halt_error(5);
def date: todateiso8601;
def dateadd(unit; $n): . + $n;
def datesub(unit; $n): . - $n;

def INDEX(rows; f): reduce rows as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def IN(source): any(source == .; .);
def IN(source; wanted): any(source == wanted; .);
def JOIN($index; f): [.[] | [., $index[f]]];
def JOIN($index; rows; f): rows | [., $index[f]];
def JOIN($index; rows; f; merge): rows | [., $index[f]] | merge;
`;
