/** What the hand-rolled baseline keeps. */
export const TABLES = `
  CREATE TABLE webhooks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org text NOT NULL, url text NOT NULL, event_type text NOT NULL,
    secret text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON webhooks (org, event_type);
  CREATE TABLE events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org text NOT NULL, type text NOT NULL, payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), event_id uuid NOT NULL REFERENCES events, webhook_id uuid NOT NULL
    REFERENCES webhooks, status text NOT NULL DEFAULT 'pending', attempts int NOT NULL DEFAULT 0, delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON deliveries (webhook_id, created_at);
  CREATE TABLE attempts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), delivery_id uuid NOT NULL REFERENCES deliveries, status int,
    error text, duration_ms int NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON attempts (delivery_id)`;

/** The job of a delivery. */
export interface DeliveryJob {
  readonly deliveryId: string;
}

export const QUEUE = 'handrolled';
