import type { Content, Operation, Parameter, Reference, Response } from '../openapi-types.ts';
import type { Html } from './html.ts';
import { html, inline, prose } from './html.ts';
import { schemaHtml, typeHtml } from './schema-html.ts';

/** One operation, closed until it is clicked on: the browser does it, there is no script. */
export function operationHtml(method: string, path: string, operation: Operation): Html {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation;
  const [needed] = security.flatMap((scheme) => Object.values(scheme).flat());
  return html`<details id="${operationId}">
<summary><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code> <span>${summary}</span></summary>
${description === undefined ? null : prose(description)}
<p>Access: ${needed === undefined ? 'open to all' : html`<code>${needed}</code>`}</p>
${parameters === undefined ? null : parametersHtml(parameters)}
${requestBody === undefined ? null : html`<h4>Body${requestBody.required ? '' : ' (may be left out)'}</h4>${contentHtml(requestBody.content)}`}
<h4>Answers</h4>
${Object.entries(responses).map(([status, response]) => responseHtml(status, response))}
</details>`;
}

function parametersHtml(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(({ name, in: place, required, description = '', schema }) => {
    return html`<tr><th><code>${name}</code>${required ? html`<b title="required">*</b>` : null}</th><td>${place}</td>
<td>${typeHtml(schema)}</td><td>${inline(description)}</td></tr>`;
  });
  return html`<h4>Parameters</h4><table>${rows}</table>`;
}

/** What is referred to stands once, at the top. */
function responseHtml(status: string, response: Response | Reference): Html | null {
  if ('$ref' in response) return null;
  const { description, content } = response;
  const isProblem = content !== undefined && 'application/problem+json' in content;
  return html`<div class="answer"><b>${status}</b>${prose(description)}${isProblem || !content ? null : contentHtml(content)}</div>`;
}

function contentHtml(content: Content): Html {
  return html`${Object.entries(content).map(([media, { schema, example }]) => {
    return html`<p><small>${media}</small></p>${schemaHtml(schema)}${example === undefined ? null : exampleHtml(example)}`;
  })}`;
}

function exampleHtml(example: unknown): Html {
  return html`<pre>${JSON.stringify(example, null, 2)}</pre>`;
}
