#include "api/docs_page.h"

namespace iot::api {

std::string_view docs_html() {
  return R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>REST API of iotplatform</title>
<link rel="stylesheet" href="/api/docs/docs.css">
<script src="/api/docs/docs.js" defer></script>
</head>
<body>
<header>
<h1>REST API of iotplatform</h1>
<p id="description"></p>
<p><label>Show what contains <input id="filter" type="search" autocomplete="off"></label>
<a href="/api/openapi.json">OpenAPI document</a></p>
</header>
<main id="operations" aria-live="polite"><p>Reading the document.</p></main>
<noscript><p>This page needs its script; the OpenAPI document can be read without it.</p></noscript>
</body>
</html>
)";
}

std::string_view docs_css() {
  return R"(:root { color-scheme: light dark; --line: #8886; --quiet: #777; --accent: #0a6cbd; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem; }
h1 { font-size: 1.6rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; text-transform: capitalize; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { border: 1px solid var(--line); border-radius: 4px; overflow-x: auto; padding: 0.6rem; }
details { border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
summary { cursor: pointer; }
summary .method { color: var(--accent); display: inline-block; font-weight: 600; min-width: 5rem; }
summary .says, .quiet { color: var(--quiet); }
table { border-collapse: collapse; }
td, th { padding: 0.2rem 1rem 0.2rem 0; text-align: left; vertical-align: top; }
input { font: inherit; padding: 0.2rem 0.4rem; }
a { color: var(--accent); }
)";
}

std::string_view docs_js() {
  return R"js('use strict';

// Everything shown is put in as text, never as markup.
function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// A schema with its references put in, so that it can be read in one place; `seen` ends what refers to itself.
function resolved(schema, api, seen) {
  if (Array.isArray(schema)) return schema.map((each) => resolved(each, api, seen));
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return seen.includes(name) ? { see: name } : resolved(api.components.schemas[name], api, [...seen, name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value, api, seen)]));
}

function shownSchema(title, holder, api) {
  const [type, media] = Object.entries((holder && holder.content) || {})[0] || [];
  if (!type) return [];
  const heading = element('h4', { textContent: `${title} (${type})` });
  if (!media.schema) return [heading];
  return [heading, element('pre', { textContent: JSON.stringify(resolved(media.schema, api, []), null, 2) })];
}

function shownParameters(parameters) {
  if (!parameters.length) return [];
  const rows = parameters.map((parameter) => element('tr', {},
    element('td', {}, element('code', { textContent: parameter.name })),
    element('td', { textContent: parameter.in }),
    element('td', { textContent: parameter.description || '' })));
  return [element('h4', { textContent: 'Parameters' }), element('table', {}, ...rows)];
}

function shownOperation(path, method, operation, api) {
  const made = element('details', { id: operation.operationId },
    element('summary', {},
      element('span', { className: 'method', textContent: method.toUpperCase() }),
      element('code', { textContent: path }),
      element('span', { className: 'says', textContent: ` ${operation.summary}` })),
    element('p', { className: 'quiet', textContent: `Operation ${operation.operationId}; role: ${operation['x-role']}` }),
    ...shownParameters(operation.parameters),
    ...shownSchema('Request', operation.requestBody, api),
    ...shownSchema('Answer', operation.responses['200'], api));
  made.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  return made;
}

function show(api) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, element('section', {}, element('h2', { textContent: tag })));
      groups.get(tag).append(shownOperation(path, method, operation, api));
    }
  }
  document.getElementById('description').textContent = api.info.description;
  document.getElementById('operations').replaceChildren(...groups.values());
}

function filter(text) {
  const word = text.trim().toLowerCase();
  for (const each of document.querySelectorAll('details')) each.hidden = !each.dataset.words.includes(word);
  for (const group of document.querySelectorAll('section')) group.hidden = !group.querySelector('details:not([hidden])');
}

document.getElementById('filter').addEventListener('input', (event) => filter(event.target.value));

fetch('/api/openapi.json')
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
  .then(show)
  .catch((error) => {
    document.getElementById('operations').replaceChildren(
      element('p', { textContent: `The document could not be read: ${error.message}` }));
  });
)js";
}

}  // namespace iot::api
