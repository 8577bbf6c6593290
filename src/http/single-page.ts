import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Access } from './access.ts';
import { pagePolicy } from './docs-page.ts';
import { escapeHtml } from './pages.ts';

/**
 * Swagger UI over a document that is made for each request, such as that of one workflow. Its files are those of an API
 * page that stands already.
 */
export interface SinglePage {
  /** Answers the page. `document`: address of the document; `base`: path that stands before every path of this server. */
  send(reply: FastifyReply, page: { title: string; document: string; base: string }): FastifyReply;
}

/** @param pages path of the API page whose files are used; @param script path at which the script of these pages is put */
export function addSinglePage(
  scope: FastifyInstance,
  { pages, script, prefix, access }: { pages: string; script: string; prefix: string; access: Access },
): SinglePage {
  scope.route({
    method: 'GET',
    url: script,
    config: { access },
    handler: (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type('text/javascript; charset=utf-8').send(starter),
  });
  return {
    send(reply, { title, document, base }) {
      const file = (name: string): string => escapeHtml(`${base}${pages}/static/${name}`);
      return reply
        .header('content-security-policy', pagePolicy)
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(
          `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${file('swagger-ui.css')}"><link rel="stylesheet" href="${file('index.css')}">
<link rel="icon" href="${file('favicon-32x32.png')}"></head>
<body><div id="swagger-ui" data-document="${escapeHtml(document)}"></div>
<script src="${file('swagger-ui-bundle.js')}"></script><script src="${escapeHtml(`${base}${prefix}${script}`)}"></script></body></html>
`,
        );
    },
  };
}

const starter = `addEventListener('load', () => {
  const place = document.getElementById('swagger-ui');
  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
  });
});
`;
