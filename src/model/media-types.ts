/** Media types of files by the ending of their names: what a browser or a table calculator must be told, no more. */
const types: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  geojson: 'application/geo+json',
  txt: 'text/plain',
  html: 'text/html',
  xml: 'application/xml',
  gml: 'application/gml+xml',
  kml: 'application/vnd.google-earth.kml+xml',
  zip: 'application/zip',
  gpkg: 'application/geopackage+sqlite3',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  tif: 'image/tiff',
  svg: 'image/svg+xml',
};

/** Unknown endings are bytes. */
export const mediaTypeOf = (name: string): string =>
  types[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';

/** The ending for a media type, whose parameters do not count; `bin` for unknown ones. */
export function endingOf(mediaType: string): string {
  const bare = mediaType.split(';', 1)[0]!.trim().toLowerCase();
  return Object.entries(types).find(([, type]) => type === bare)?.[0] ?? 'bin';
}
