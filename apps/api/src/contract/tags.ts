/** The chapters of the document, in their order. */
export const TAGS = {
  Events: 'Publish facts, and read what was published.',
  'Event types': 'What types of events an org has, and what their payloads are like.',
  Webhooks: 'Registered receivers and what they want.',
  Deliveries: 'What was sent: deliveries and their attempts, with request and response.',
  'Diverted events':
    'Deliveries set aside because retries ran out or the webhook was suspended; sent again on request.',
  Operations: 'Work on many rows that goes on after the answer.',
  Statistics: 'What was counted over the last hour and day, and what is there now.',
  Orgs: 'Tenants and their settings.',
  Keys: "API keys of an org. Takes the operator's key.",
  Audit: 'Who changed what, when.',
  Operator: "Across all orgs. Takes the operator's key.",
  Documentation: 'This page, and the document it is made of. Open to all.',
  Health: 'For supervisors and load balancers. Open to all.',
} as const;

export type Tag = keyof typeof TAGS;
