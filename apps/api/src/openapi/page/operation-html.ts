import type { Content, OpenApiDocument, Operation, Parameter, Reference, Response } from '../openapi-types.ts';
import type { Html } from './html.ts';
import { html, inline, prose } from './html.ts';
import { schemaHtml, typeHtml } from './schema-html.ts';

export interface OperationInPlace {
  method: string;
  path: string;
  operation: Operation;
  /** What the responses of the operation may refer to. */
  shared: OpenApiDocument['components']['responses'];
}

/** One operation, closed until it is clicked on: the browser does it, there is no script. */
export function operationHtml({ method, path, operation, shared }: OperationInPlace): Html {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation;
  const [needed] = security.flatMap((scheme) => Object.values(scheme).flat());
  return html`<details id="${operationId}">
<summary><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code> <span>${summary}</span></summary>
${description === undefined ? null : prose(description)}
<p>Access: ${needed === undefined ? 'open to all' : html`<code>${needed}</code>`}</p>
${parameters === undefined ? null : parametersHtml(parameters)}
${requestBody === undefined ? null : html`<h4>Body${requestBody.required ? '' : ' (may be left out)'}</h4>${contentHtml(requestBody.content)}`}
<h4>Answers</h4>
${Object.entries(responses)
  .filter(([status]) => status !== 'default')
  .map(([status, response]) => responseHtml(status, referred(response, shared)))}
</details>`;
}

function parametersHtml(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(({ name, in: place, required, description = '', schema }) => {
    return html`<tr><th><code>${name}</code>${required ? html`<b title="required">*</b>` : null}</th><td>${place}</td>
<td>${typeHtml(schema)}</td><td>${inline(description)}</td></tr>`;
  });
  return html`<h4>Parameters</h4><table>${rows}</table>`;
}

function responseHtml(status: string, { description, content }: Response): Html {
  const isProblem = content !== undefined && 'application/problem+json' in content;
  return html`<div class="answer"><b>${status}</b>${prose(description)}${isProblem || !content ? null : contentHtml(content)}</div>`;
}

export function referred(response: Response | Reference, shared: OperationInPlace['shared']): Response {
  if (!('$ref' in response)) return response;
  const name = response.$ref.split('/').at(-1) ?? '';
  return shared[name] ?? { description: name };
}

function contentHtml(content: Content): Html {
  return html`${Object.entries(content).map(([media, { schema, example }]) => {
    return html`<p><small>${media}</small></p>${schemaHtml(schema)}${example === undefined ? null : exampleHtml(example)}`;
  })}`;
}

function exampleHtml(example: unknown): Html {
  return html`<pre>${JSON.stringify(example, null, 2)}</pre>`;
}
